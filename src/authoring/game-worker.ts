// The thread in which a user's scenario is checked or played: it may fail, loop or eat all memory without hurting anybody else.
import { parentPort, workerData } from 'node:worker_threads'
import { map, skip } from 'rxjs'
import { checkGame } from '../envs/check-game.ts'
import { type GameDefinition, knownOptions } from '../envs/game-definition.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import { createPlayer, type Moment } from '../envs/recording.ts'
import { demandSound } from '../envs/sound-moment.ts'
import { watchHooks } from '../envs/watched-hooks.ts'
import { ConfigError, NonFiniteError } from '../errors.ts'
import { baselineStage } from '../exhibition/baseline-stage.ts'
import { createExhibition, type Exhibition } from '../exhibition/exhibition.ts'
import { initialSession } from '../experiment/initial-session.ts'
import { createSession, type ExhibitionState, type SessionState } from '../experiment/session.ts'
import type { Inspection } from '../experiment/show.ts'
import { describeError, placeOf } from './error-place.ts'
import type { GameCommand, GameMessage, GameRequest } from './game-messages.ts'
import { importBundle } from './load-scenario.ts'
import { sharedWhereabouts } from './shared-whereabouts.ts'

/** Steps that a version is played unseen before anybody is shown it. */
const trialSteps = 60
/** Inspections per second, while the game plays faster than that. */
const inspectionRate = 30
const mostInspected = 64

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
  const stage = baselineStage(watched, options, request.seed, request.policy)
  const session = createSession(sessionState())
  const exhibition = createExhibition(stage, session, { number: request.number ?? 0 })
  const { agents } = exhibition.scene.play.game
  say({
    type: 'ready',
    id: definition.id,
    who: whoPlays(exhibition.scene.company.players),
    schema: exhibition.scene.schema,
    roster: agents.map(({ id, team }) => ({ id, team })),
  })
  port.on('message', (command: GameCommand) => {
    if (command.type === 'left') exhibition.left(command.viewer)
    else
      say({
        type: 'answer',
        id: command.id,
        refusal: refusalOf(() => exhibition.command(command.command, command.viewer)),
      })
  })
  let told: Partial<ExhibitionState> = {}
  session.changes$.subscribe({
    next({ state: { exhibition: now, timeline } }) {
      const keys = Object.keys(now) as (keyof ExhibitionState)[]
      const change = Object.fromEntries(keys.filter(key => now[key] !== told[key]).map(key => [key, now[key]]))
      told = now
      say({ type: 'exhibition', change, timeline })
    },
    error: fail,
  })
  exhibition.schema$.pipe(skip(1)).subscribe({ next: schema => say({ type: 'schema', schema }), error: fail })
  const inspectionsNow = inspectionsOf(exhibition)
  exhibition.moments$
    .pipe(
      map(({ frame, opening, fingerprint }): GameMessage => {
        const inspections = inspectionsNow(frame.at, session.state.exhibition.paused)
        return { type: 'moment', moment: { frame, opening, fingerprint: fingerprint()!, inspections } }
      }),
    )
    .subscribe({ next: say, error: fail })
}

/** What there is to know about the agents: whenever somebody may look at it. */
function inspectionsOf(exhibition: Exhibition): (now: number, paused: boolean) => readonly Inspection[] | null {
  let last = Number.NEGATIVE_INFINITY
  return (now, paused) => {
    if (!paused && now - last < 1000 / inspectionRate) return null
    last = now
    const { agents } = exhibition.scene.play.game
    return agents.slice(0, mostInspected).map((_, agent) => exhibition.inspect(agent)!)
  }
}

/** Why a command was not done, as a sentence; null: it was. */
function refusalOf(command: () => void): string | null {
  try {
    command()
    return null
  } catch (error) {
    // A hook that threw for a command has come back: the game before it plays on.
    where.hook = ''
    return describeError(error)
  }
}

function sessionState(): SessionState {
  const run = { scenario: '', algorithm: '', seed: request.seed, preset: '', folder: null }
  const state = initialSession(run, 'playing', { agents: [] }, null)
  return { ...state, exhibition: { ...state.exhibition, ...request.exhibition } }
}

/** In words: the one player, or team by team. */
function whoPlays(players: Readonly<Record<string, string>>): string {
  const names = [...new Set(Object.values(players))]
  return names.length === 1
    ? names[0]!
    : Object.entries(players)
        .map(([team, who]) => `${team}: ${who}`)
        .join(', ')
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

function fail(error: unknown): void {
  const { hook, agent, step } = where
  const during =
    hook === '' || hook === 'loading' ? '' : ` (hook '${hook}'${agent < 0 ? '' : `, ${ids[agent]}`}, step ${step})`
  say({ type: 'failed', message: `${describeError(error)}${during}`, wrongUsage: error instanceof ConfigError })
}
