// The commands of Slurm: arrays of jobs are submitted, and the queue is asked who is in it.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { ConfigError } from '../index.ts'

const run = promisify(execFile)

/** A member of an array, by its number; `state` as squeue says: PENDING, RUNNING. */
export type Queued = ReadonlyMap<number, string>

/** @throws ConfigError where Slurm is not there, or does not answer */
export async function queuedJobs(name: string): Promise<Queued> {
  const lines = (await slurm('squeue', ['--noheader', '--array', `--name=${name}`, '--format=%K %T']))
    .trim()
    .split('\n')
  return new Map(
    lines.flatMap(line => {
      const [number, state] = line.trim().split(' ')
      return /^\d+$/.test(number!) ? [[Number(number), state!] as const] : []
    }),
  )
}

/** Submits one array. @throws ConfigError with what sbatch says */
export async function submitArray(
  numbers: readonly number[],
  limit: number | undefined,
  args: readonly string[],
): Promise<void> {
  const array = `${rangesOf(numbers)}${limit === undefined ? '' : `%${limit}`}`
  await slurm('sbatch', ['--parsable', `--array=${array}`, ...args])
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
