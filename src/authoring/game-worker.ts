// The thread in which a user's scenario is checked or played: it may fail, loop or eat all memory without hurting anybody else.
import { parentPort, workerData } from 'node:worker_threads'
import { filter, Subject } from 'rxjs'
import { createNoOpPolicy, createRandomPolicy, createScriptedPolicy } from '../agents/baseline-policies.ts'
import type { Policy } from '../agents/policy.ts'
import { checkGame } from '../envs/check-game.ts'
import { type GameDefinition, knownOptions } from '../envs/game-definition.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import { createPlayer, type Moment } from '../envs/recording.ts'
import { demandSound } from '../envs/sound-moment.ts'
import { watchHooks } from '../envs/watched-hooks.ts'
import { ConfigError, NonFiniteError } from '../errors.ts'
import { exhibit } from '../experiment/exhibition.ts'
import { createSession, type SessionState } from '../experiment/session.ts'
import { createRandom } from '../random.ts'
import { describeError, placeOf } from './error-place.ts'
import type { GameCommand, GameMessage, GameRequest } from './game-messages.ts'
import { importBundle } from './load-scenario.ts'
import { sharedWhereabouts } from './shared-whereabouts.ts'

/** Steps that a version is played unseen before anybody is shown it. */
const trialSteps = 60

const { request, memory } = workerData as { request: GameRequest; memory: SharedArrayBuffer }
const port = parentPort!
const say = (message: GameMessage) => port.postMessage(message)
let ids: readonly string[] = []
const where = Object.assign(sharedWhereabouts(memory), {
  cast(next: readonly string[]) {
    if (next.join() === ids.join()) return
    ids = next
    say({ type: 'cast', ids })
  },
})

try {
  where.hook = 'loading'
  const definition = await importBundle(request.bundle)
  where.hook = ''
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
    place: placeOf(error) ?? request.bundle.file,
  }))
  say({ type: 'report', report: { ...report, problems } })
}

/** Wrong options are the caller's slip, no problem of the game's. */
function demandOptions(definition: GameDefinition, options: Readonly<Record<string, unknown>>): void {
  try {
    definition.create(options)
  } catch (error) {
    if (error instanceof ConfigError) throw error
  }
}

function play(definition: GameDefinition, options: Readonly<Record<string, unknown>>): void {
  const watched = watchHooks(definition, where)
  where.seed = request.seed
  trial(watched.create(options))
  const game = watched.create(options)
  const who = request.policy ?? (game.script === undefined ? 'random' : 'scripted')
  const session = createSession({ exhibition: request.exhibition } as SessionState)
  const commands$ = new Subject<GameCommand>()
  port.on('message', (command: GameCommand) => {
    session.dispatch(command)
    commands$.next(command)
  })
  const steps$ = commands$.pipe(filter(command => command.type === 'step'))
  const { schema, frames$ } = exhibit(
    game,
    policies(who, game),
    createRandom(request.seed, 'exhibition'),
    session,
    steps$,
  )
  const roster = game.agents.map(({ id, team }) => ({ id, team }))
  say({ type: 'ready', id: game.id, who, schema, roster })
  frames$.subscribe({ next: frame => say({ type: 'frame', frame }), error: fail })
}

/** Most slips show within two episodes; a version that has none of them replaces the one before it. */
function trial(game: MarkovGame): void {
  const player = createPlayer(game, request.seed)
  const report = (message: string, place: { hook?: string; agent?: number; step?: number } = {}) => {
    const { hook, agent = -1, step } = { ...where, ...place }
    throw new NonFiniteError(`hook '${hook}'${agent < 0 ? '' : `, ${ids[agent]}`}, step ${step}: ${message}`)
  }
  let before: Moment | undefined
  for (let n = 0; n < trialSteps; n++) {
    const moment = player.next()
    demandSound(game, moment, before, { report })
    before = moment
  }
}

function policies(who: 'scripted' | 'random' | 'noop', game: MarkovGame): Policy[] {
  const { seed } = request
  if (who === 'noop') return game.agents.map(agent => createNoOpPolicy(agent.actionSpace))
  if (who === 'random')
    return game.agents.map(a => createRandomPolicy(a.actionSpace, createRandom(seed, 'random', a.id)))
  if (game.script === undefined) throw new ConfigError('policy', `${game.id} ships no scripted controller`)
  return game.agents.map((_, agent) => createScriptedPolicy((_game, { actions }) => game.script!(agent, actions, 0)))
}

function fail(error: unknown): void {
  const { hook, agent, step } = where
  const during =
    hook === '' || hook === 'loading' ? '' : ` (hook '${hook}'${agent < 0 ? '' : `, ${ids[agent]}`}, step ${step})`
  say({ type: 'failed', message: `${describeError(error)}${during}`, wrongUsage: error instanceof ConfigError })
}
