// The commands of Slurm: arrays of jobs are submitted, and the queue is asked who is in it.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ConfigError } from '../../errors.ts'

const run = promisify(execFile)

/** Jobs by their numbers; `state` as squeue says: PENDING, RUNNING. */
export type Queued = ReadonlyMap<number, string>

/** Members of an array: clusters allow numbers up to 1,000 unless they are told otherwise, so higher ones are counted in blocks. */
export const blockSize = 1000

/** The user's jobs in the arrays of this name. @throws ConfigError where Slurm is not there, or does not answer */
export async function queuedJobs(name: string): Promise<Queued> {
  const lines = (await slurm('squeue', ['--noheader', '--array', '--me', '--format=%j %K %T'])).split('\n')
  return new Map(
    lines.flatMap(line => {
      const [array = '', member = '', state = ''] = line.trim().split(/\s+/)
      if (!array.startsWith(`${name}.`) || !/^\d+$/.test(member)) return []
      return [[Number(array.slice(name.length + 1)) * blockSize + Number(member), state] as const]
    }),
  )
}

/** The file that a job's output goes to, in a folder. */
export function logFile(folder: string, number: number): string {
  return join(folder, `${Math.floor(number / blockSize)}-${number % blockSize}.log`)
}

export interface Arrays {
  readonly name: string
  /** Members of each that run at a time; undefined: as many as there is room for. */
  readonly limit: number | undefined
  /** Where their output goes. */
  readonly folder: string
  /** Is run for each job, with the number of its first argument added to SLURM_ARRAY_TASK_ID. */
  readonly script: string
  /** Further options of sbatch. */
  readonly options: readonly string[]
}

/** Submits jobs as arrays. @throws ConfigError with what sbatch says */
export async function submitJobs(
  numbers: readonly number[],
  { name, limit, folder, script, options }: Arrays,
): Promise<void> {
  for (const block of new Set(numbers.map(number => Math.floor(number / blockSize)))) {
    const members = numbers
      .map(number => number - block * blockSize)
      .filter(member => member >= 0 && member < blockSize)
    await slurm('sbatch', [
      `--array=${rangesOf(members)}${limit === undefined ? '' : `%${limit}`}`,
      `--job-name=${name}.${block}`,
      `--output=${join(folder, `${block}-%a.log`)}`,
      ...options,
      script,
      String(block * blockSize),
    ])
  }
}

/** Takes all jobs of these arrays out of the queue, running or not; nothing where there are none. @throws ConfigError where Slurm does not answer */
export async function cancelJobs(name: string, blocks: number): Promise<void> {
  for (let block = 0; block < blocks; block++) await slurm('scancel', ['--quiet', '--me', `--name=${name}.${block}`])
}

/** `1-3,7` */
export function rangesOf(numbers: readonly number[]): string {
  const sorted = numbers.toSorted((a, b) => a - b)
  const ranges: [number, number][] = []
  for (const number of sorted) {
    const last = ranges.at(-1)
    if (last !== undefined && number === last[1] + 1) last[1] = number
    else ranges.push([number, number])
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',')
}

async function slurm(command: string, args: readonly string[]): Promise<string> {
  try {
    return (await run(command, [...args], { timeout: 60_000 })).stdout
  } catch (error) {
    const { code, stderr, message } = error as Error & { code?: unknown; stderr?: string }
    if (code === 'ENOENT')
      throw new ConfigError(
        '--launcher',
        `slurm needs the command ${command}, which is not there; run this where jobs are submitted`,
      )
    throw new ConfigError('--launcher', `${command} failed: ${stderr?.trim() || message}`)
  }
}
