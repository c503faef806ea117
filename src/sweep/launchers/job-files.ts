// Jobs as numbered files in the folder of a sweep, for clusters whose jobs know a number and see the folder.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, FileError } from '../../errors.ts'
import { writeFileAtomic } from '../../experiment/atomic-file.ts'
import type { TrainJob } from '../../jobs/train-job.ts'

export interface JobFailure {
  readonly reason: string
  readonly wrong: boolean
}

export interface JobFiles {
  /** Where they lie. */
  readonly folder: string
  /** The number of a job: the one that it had before, or the next one. */
  numberOf(job: TrainJob): number
  /** What the job said when it failed; undefined: it did not, or has not yet. */
  failureOf(number: number): JobFailure | undefined
  forgetFailure(number: number): void
}

/** The jobs of a sweep. Numbers begin with 0. */
export function openJobFiles(sweep: string): JobFiles {
  const folder = jobFolder(sweep)
  mkdirSync(folder, { recursive: true })
  const numbers = new Map<string, number>()
  for (const name of readdirSync(folder)) {
    const number = /^(\d+)\.json$/.exec(name)?.[1]
    if (number !== undefined) numbers.set(keyOf(readJob(sweep, Number(number))), Number(number))
  }
  let next = Math.max(-1, ...numbers.values()) + 1
  return {
    folder,
    numberOf(job) {
      const known = numbers.get(keyOf(job))
      if (known !== undefined) return known
      writeFileAtomic(join(folder, `${next}.json`), [Buffer.from(`${JSON.stringify(job, null, 2)}\n`)])
      numbers.set(keyOf(job), next)
      return next++
    },
    failureOf(number) {
      const file = failureFile(folder, number)
      return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as JobFailure) : undefined
    },
    forgetFailure: number => rmSync(failureFile(folder, number), { force: true }),
  }
}

/** @throws ConfigError where a sweep has no such job, FileError where its file is damaged */
export function readJob(sweep: string, number: number): TrainJob {
  const file = join(jobFolder(sweep), `${number}.json`)
  if (!existsSync(file))
    throw new ConfigError(
      '--job',
      `${file} is not there; expected the folder of a sweep and the number of one of its jobs`,
    )
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as TrainJob
  } catch (error) {
    throw new FileError(file, `damaged: ${(error as Error).message}`)
  }
}

/** Writes down why a job failed, for the process that waits for it. */
export function noteFailure(sweep: string, number: number, failure: JobFailure): void {
  writeFileAtomic(failureFile(jobFolder(sweep), number), [Buffer.from(JSON.stringify(failure))])
}

function jobFolder(sweep: string): string {
  return join(sweep, 'jobs')
}

function failureFile(folder: string, number: number): string {
  return join(folder, `${number}.failed`)
}

function keyOf({ folder, config }: TrainJob): string {
  return `${folder} ${config.run.episodes}`
}
