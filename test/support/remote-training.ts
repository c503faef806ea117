// A training whose actors are processes of their own over Redis: a test starts them, stops them and kills them, and looks what the run came to.
import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom, type Random } from '../../src/random.ts'
import { entry, marlstrom, type Running, startAs, temporaryFolder } from './command.ts'
import { outcomeOf } from './killable.ts'

export interface RemoteRunOptions {
  /** Scenario and options of `train`, but for where it lies and who plays. */
  readonly train: readonly string[]
  readonly redis: string
  /** Seconds after which a silent actor process has lost its actors. */
  readonly lease?: number
}

export interface ProcessOptions {
  readonly redis?: string
  /** Before the command: `ip netns exec ...`. */
  readonly inside?: readonly string[]
  /** Options of node. */
  readonly node?: readonly string[]
}

export interface RemoteRun {
  readonly folder: string
  /** Begins it, or goes on from its newest checkpoint where it has begun. */
  learner(options?: ProcessOptions): Running
  /** Resolves when the process is started; it waits for a learner by itself. */
  actor(name: string, options?: ProcessOptions): Promise<Running>
  /** What all its learners have said. */
  said(): string
  outcome(): ReturnType<typeof outcomeOf>
}

export function createRemoteRun({ train, redis, lease = 1 }: RemoteRunOptions): RemoteRun {
  const folder = join(temporaryFolder(), 'run')
  const learners: Running[] = []
  const command = ({ inside = [], node = [] }: ProcessOptions, ...args: readonly string[]) =>
    startAs([...inside, process.execPath, ...node, entry, ...args])
  const publicKey = async () => {
    for (;;) {
      try {
        const key = createPublicKey(readFileSync(join(folder, 'run-key.pem')))
        return key.export({ format: 'jwk' }).x!
      } catch {
        await sleep(50)
      }
    }
  }
  return {
    folder,
    learner(options = {}) {
      const how = learners.length === 0 ? [...train, '--out', folder] : ['--resume', folder]
      const running = command(options, 'train', ...how, '--redis', options.redis ?? redis, '--json')
      learners.push(running)
      return running
    },
    async actor(name, options = {}) {
      const how = ['--redis', options.redis ?? redis, '--run-key', await publicKey(), '--lease', String(lease)]
      return command(options, 'actor', ...how, '--name', name)
    },
    said: () => learners.map(({ said }) => said()).join(''),
    outcome: () => outcomeOf(folder),
  }
}

/** What a run comes to whose learner plays all of it itself, undisturbed. */
export async function playedAlone(train: readonly string[]): Promise<ReturnType<typeof outcomeOf>> {
  const folder = join(temporaryFolder(), 'alone')
  const { code, stderr } = await marlstrom('train', ...train, '--threads', '1', '--out', folder, '--json')
  if (code !== 0) throw new Error(stderr)
  return outcomeOf(folder)
}

/** Settings of a training that takes some seconds, with a checkpoint every half second or so. */
export const quick = (algorithm: string, episodes: number, scenario = 'simple_spread'): readonly string[] => [
  scenario,
  ...['--algorithm', algorithm, '--actors', '4', '--games', '4', '--episodes', String(episodes)],
  ...[
    'network.hidden=[8]',
    'run.checkpointEvery=100',
    'run.logEvery=100',
    'run.summaryEpisodes=0',
    'run.threads=1',
  ].flatMap(setting => ['--set', setting]),
  ...(algorithm === 'maddpg' ? ['learner.batch=32', 'learner.updateAfter=250'] : []).flatMap(setting => [
    '--set',
    setting,
  ]),
]

/** Until the learner ends: waits so many milliseconds, then does it, again and again. How often it was done. */
export async function whileItLearns(
  learner: () => Running,
  pause: () => number,
  fault: (count: number) => Promise<unknown>,
): Promise<number> {
  for (let count = 0; ; count++) {
    const waited = sleep(pause(), 'waited')
    const first = await Promise.race([waited, learner().finished])
    if (first !== 'waited') return count
    await fault(count)
  }
}

/** A process of the run ends well. Where it takes too long, an error says what was said: only against hanging. */
export async function endsWell(run: Pick<RemoteRun, 'said'>, running: Running, minutes = 5): Promise<void> {
  const limit = new AbortController()
  const late = sleep(minutes * 60_000, null, { signal: limit.signal }).catch(() => null)
  const ended = await Promise.race([running.finished, late])
  limit.abort()
  const notes = [...`${running.said()}\n${run.said()}`.matchAll(/^(?!{).+$/gm)].join('\n')
  if (ended?.code === 0) return
  throw new Error(
    `${ended === null ? `not done after ${minutes} minutes` : `ended with ${ended.code}`}: ${notes.slice(-4000)}`,
  )
}

/** Chance of this run of the tests: another with FAULTS_SEED, which is printed. */
export function chance(name: string): Random {
  const seed = Number(process.env.FAULTS_SEED ?? 1)
  console.log(`${name}: FAULTS_SEED=${seed}`)
  return createRandom(seed, 'faults', name)
}
