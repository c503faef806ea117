// The thread in which a user's scenario is checked or played: it may fail, loop or use up its memory without harm to the process.
import { parentPort, workerData } from 'node:worker_threads'
import { checkGame, nameOf } from '../envs/check-game.ts'
import { demandingSteps } from '../envs/demanding-game.ts'
import { demandPictures } from '../envs/frame-schema.ts'
import { type GameDefinition, knownOptions } from '../envs/game-definition.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import { createPlayer } from '../envs/recording.ts'
import { demandSound } from '../envs/sound-moment.ts'
import { watchHooks } from '../envs/watched-hooks.ts'
import { ConfigError, NonFiniteError, writtenIn } from '../errors.ts'
import { baselineSetup } from '../exhibition/baseline-setup.ts'
import { describeError, placeOf, placeOfName } from './error-place.ts'
import type { GameMessage, GameRequest } from './game-messages.ts'
import { importBundle } from './load-scenario.ts'
import { playGame } from './played-game.ts'
import { sharedFlow } from './shared-flow.ts'
import { sharedWhereabouts } from './shared-whereabouts.ts'
import { systemThread } from './thread-clock.ts'

/** Steps that a version is played unseen before anybody is shown it. */
const trialSteps = 60

const { request, memory, flow } = workerData as {
  request: GameRequest
  memory: SharedArrayBuffer
  flow: SharedArrayBuffer
}
const port = parentPort!
const say = (message: GameMessage) => port.postMessage(message)
let ids: readonly string[] = []
const where = Object.assign(sharedWhereabouts(memory), {
  agentIds(next: readonly string[]) {
    if (next.join() === ids.join()) return
    ids = next
    say({ type: 'agentIds', ids })
  },
})

const thread = systemThread()
if (thread !== undefined) say({ type: 'thread', name: thread })
try {
  const definition = await importBundle(request.bundle, where)
  const options = { ...knownOptions(definition, request.preset), ...request.options }
  if (request.task === 'check') check(definition, options)
  else play(definition, options)
} catch (error) {
  fail(error)
}

function check(definition: GameDefinition, options: Readonly<Record<string, unknown>>): void {
  demandOptions(definition, options)
  const report = checkGame(definition, { options, where, seeds: [request.seed, request.seed + 1, request.seed + 2] })
  const problems = report.problems.map(({ error, ...problem }) => ({
    ...problem,
    place: placeOf(error) ?? placeOfName(writtenIn(error) ?? problem.hook) ?? request.bundle.file,
  }))
  say({ type: 'report', report: { ...report, problems } })
}

/** Wrong options are an error of the caller, not of the game. */
function demandOptions(definition: GameDefinition, options: Readonly<Record<string, unknown>>): void {
  try {
    watchHooks(definition, where).create(options)
  } catch (error) {
    if (error instanceof ConfigError) throw error
    where.hook = ''
  }
}

function play(definition: GameDefinition, options: Readonly<Record<string, unknown>>): void {
  where.seed = request.seed
  const game = demandingSteps(watchHooks(definition, where)).create(options)
  demandPictures(game)
  trial(game)
  const { seed, exhibition, changed, number = 0 } = request
  playGame(
    {
      request: { seed, exhibition, training: false, start: { number } },
      definition,
      setup: watched => baselineSetup(watched, { ...options, ...changed }, seed, request.policy),
      inspectsAll: true,
    },
    { port, say, fail, where, flow: sharedFlow(flow) },
  )
}

/** Most slips show within two episodes; a version that has none of them replaces the one before it. */
function trial(game: MarkovGame): void {
  const player = createPlayer(game, request.seed)
  const report = (message: string, place: { hook?: string; agent?: number; step?: number } = {}) => {
    const { hook, agent = -1, step, kind } = { ...where, ...place }
    throw new NonFiniteError(`${nameOf({ hook, kind })}${agent < 0 ? '' : `, ${ids[agent]}`}, step ${step}: ${message}`)
  }
  for (let n = 0; n < trialSteps; n++) demandSound(game, player.next(), { report, where })
}

/** The hook that an error names, else the one that ran last. */
function hookOf(error: unknown): string {
  return /hook '(\w+)'/.exec(error instanceof Error ? error.message : '')?.[1] ?? where.last
}

function fail(error: unknown): void {
  const { hook, agent, step } = where
  const during =
    hook === '' || hook === 'loading' ? '' : ` (${nameOf(where)}${agent < 0 ? '' : `, ${ids[agent]}`}, step ${step})`
  say({
    type: 'failed',
    message: `${describeError(error, hookOf(error))}${during}`,
    wrongUsage: error instanceof ConfigError,
  })
}
