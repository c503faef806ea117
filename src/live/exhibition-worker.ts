// The thread in which viewers' game of a run, or of a scenario by name, is played: the training is in another one.
import { parentPort, workerData } from 'node:worker_threads'
import { describeError } from '../authoring/error-place.ts'
import type { GameMessage, ThreadCommand } from '../authoring/game-messages.ts'
import { type PlayedGame, playGame } from '../authoring/played-game.ts'
import { sharedFlow } from '../authoring/shared-flow.ts'
import { sharedWhereabouts } from '../authoring/shared-whereabouts.ts'
import { systemThread } from '../authoring/thread-clock.ts'
import type { ThreadSource } from '../authoring/thread-show.ts'
import { ConfigError, GameError } from '../errors.ts'
import { baselineSetup } from '../exhibition/baseline-setup.ts'
import type { CheckpointChoice } from '../experiment/checkpoint-files.ts'
import { openRunFolder } from '../experiment/run-folder.ts'
import { type ActingRun, createActingRun } from '../run/acting-run.ts'
import type { Overrides } from '../run/config/config.ts'
import { findGame } from '../run/run.ts'
import { checkpointsOf, runSetup } from '../run/run-setup.ts'
import type { Saved } from '../types.ts'

/** Whose game is played. */
export type ExhibitionSource =
  /** `checkpoint` plays; null: the learners that the trainer hands over. `options`: of the game, where others than the run's own are meant. */
  | {
      readonly kind: 'run'
      readonly folder: string
      readonly checkpoint: CheckpointChoice | null
      readonly options?: Readonly<Record<string, unknown>>
    }
  | {
      readonly kind: 'scenario'
      readonly id: string
      readonly options: Readonly<Record<string, unknown>>
      readonly policy: 'scripted' | 'random' | 'noop' | undefined
    }

/** Milliseconds between two looks at learners that are trained meanwhile. */
const followEvery = 500
/** The part of the time that these looks may take. */
const followShare = 0.05

const { request, memory, flow } = workerData as {
  request: ThreadSource<ExhibitionSource>
  memory: SharedArrayBuffer
  flow: SharedArrayBuffer
}
const port = parentPort!
const say = (message: GameMessage) => port.postMessage(message)
const where = Object.assign(sharedWhereabouts(memory), {
  agentIds: (ids: readonly string[]) => say({ type: 'agentIds', ids }),
})

const thread = systemThread()
if (thread !== undefined) say({ type: 'thread', name: thread })
try {
  playGame(await gameOf(request), { port, say, fail, where, flow: sharedFlow(flow) })
} catch (error) {
  fail(error)
}

async function gameOf({ source, play, options }: ThreadSource<ExhibitionSource>): Promise<PlayedGame> {
  const { seed } = play
  if (source.kind === 'scenario') {
    const { definition } = await findGame(source.id)
    const first = options ?? source.options
    const setup: PlayedGame['setup'] = watched => baselineSetup(watched, first, seed, source.policy)
    return { request: play, definition, setup, inspectsAll: false }
  }
  const { folder, config } = openRunFolder(source.folder)
  const run = await createActingRun(config as Overrides, folder)
  if (source.checkpoint !== null) {
    run.restore(folder.readCheckpoint(name => name.startsWith('learners/'), source.checkpoint))
  }
  const { id: _, ...trained } = run.settings.scenario!
  const own = { ...trained, ...source.options }
  return {
    request: play,
    definition: run.definition,
    setup: watched => ({
      ...runSetup({ ...run, definition: watched }, checkpointsOf(folder), seed),
      options: options ?? own,
    }),
    inspectsAll: false,
    hear: createFollower(run),
  }
}

/** Brings the run to where its training is, again and again: what lies in shared memory needs no message. */
function createFollower(run: ActingRun): (command: ThreadCommand) => void {
  const learners = new Map<number, Saved>()
  const look = () => {
    const began = performance.now()
    for (const [agent, saved] of learners) run.follow(agent, saved)
    setTimeout(look, Math.max(followEvery, (performance.now() - began) / followShare))
  }
  setTimeout(look, followEvery)
  return command => {
    if (command.type === 'reached') run.reached(command.envSteps)
    if (command.type !== 'learner') return
    learners.set(command.agent, command.saved)
    run.follow(command.agent, command.saved)
  }
}

function fail(error: unknown): void {
  const { hook, agent, step } = where
  const during =
    hook === '' || error instanceof GameError
      ? ''
      : ` (hook '${hook}'${agent < 0 ? '' : `, agent ${agent}`}, step ${step})`
  say({ type: 'failed', message: `${describeError(error)}${during}`, wrongUsage: error instanceof ConfigError })
}
