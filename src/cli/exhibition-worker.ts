// The thread in which viewers' game of a run, or of a scenario by name, is played: the training is in another one.
import { parentPort, workerData } from 'node:worker_threads'
import { type ActingRun, createActingRun } from '../acting-run.ts'
import { describeError } from '../authoring/error-place.ts'
import type { GameCommand, GameMessage } from '../authoring/game-messages.ts'
import { type PlayedGame, playGame } from '../authoring/played-game.ts'
import { sharedFlow } from '../authoring/shared-flow.ts'
import { sharedWhereabouts } from '../authoring/shared-whereabouts.ts'
import { systemThread } from '../authoring/thread-clock.ts'
import type { ThreadSource } from '../authoring/thread-show.ts'
import { GameError } from '../errors.ts'
import {
  baselineStage,
  type Choice,
  ConfigError,
  checkpointsOf,
  findGame,
  type Overrides,
  openRunFolder,
  runStage,
} from '../index.ts'
import type { Saved } from '../types.ts'

/** Whose game is played. */
export type ExhibitionSource =
  /** `checkpoint` plays; null: the learners that the trainer hands over. */
  | { readonly kind: 'run'; readonly folder: string; readonly checkpoint: Choice | null }
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
  cast: (ids: readonly string[]) => say({ type: 'cast', ids }),
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
    const stage: PlayedGame['stage'] = watched => baselineStage(watched, first, seed, source.policy)
    return { request: play, definition, stage, inspectsAll: false }
  }
  const { folder, config } = openRunFolder(source.folder)
  const run = await createActingRun(config as Overrides, folder)
  if (source.checkpoint !== null) {
    run.restore(folder.readCheckpoint(name => name.startsWith('learners/'), source.checkpoint))
  }
  const { id: _, ...own } = run.settings.scenario!
  return {
    request: play,
    definition: run.definition,
    stage: watched => ({
      ...runStage({ ...run, definition: watched }, checkpointsOf(folder), seed),
      options: options ?? own,
    }),
    inspectsAll: false,
    hear: createFollower(run),
  }
}

/** Brings the run to where its training is, again and again: what lies in shared memory needs no message. */
function createFollower(run: ActingRun): (command: GameCommand) => void {
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
