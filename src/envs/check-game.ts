// The conformance kit for authors: plays a game in every way that training and viewers will, and says what it does wrong.
import { GameError } from '../errors.ts'
import { checks } from './checks.ts'
import { type GameDefinition, particleDefinition } from './game-definition.ts'
import type { MarkovGame } from './markov-game.ts'
import { createPlayer } from './recording.ts'
import type { Scenario } from './scenario.ts'
import { agentsDiffer, gameFaults } from './validate-game.ts'
import { validateDefinition } from './validate-scenario.ts'
import { createWhereabouts, type Whereabouts, watchHooks } from './watched-hooks.ts'

/** Something that a game does wrong, and where. */
export interface GameProblem {
  /** Name of the check that found it. */
  readonly check: string
  /** The function of the author's that is to blame; of a game that is no scenario, what would be one in a scenario. */
  readonly hook: string
  /** Whether the author wrote the hooks of a scenario, or the methods of a game. */
  readonly kind: Whereabouts['kind']
  /** Id of the agent; null: no single one. */
  readonly agent: string | null
  /** Steps since the episode began. */
  readonly step: number
  readonly seed: number
  readonly message: string
  /** What was thrown, if anything was. */
  readonly error?: unknown
}

/** What `checkGame` found: every check with its outcome, and what is wrong, step by step. */
export interface GameReport {
  readonly id: string
  readonly agents: readonly { readonly id: string; readonly observationSize: number; readonly actionSize: number }[]
  /** Every check, in order. `skipped`: it says nothing about this game, or an earlier one had to pass first. */
  readonly checks: readonly {
    readonly name: string
    readonly sentence: string
    readonly outcome: 'passed' | 'failed' | 'skipped'
  }[]
  readonly problems: readonly GameProblem[]
  /** Steps of one game per second, everybody's observations included; 0 when it could not be measured. */
  readonly stepsPerSecond: number
}

/** With what `checkGame` plays a game. */
export interface CheckSettings {
  /** Options of the game. */
  readonly options?: Readonly<Record<string, unknown>>
  /** Seeds to play; at least two. */
  readonly seeds?: readonly number[]
  /** Steps to play per seed. */
  readonly steps?: number
  /** Kept up to date while hooks run. */
  readonly where?: Whereabouts
}

/**
 * Checks a scenario, a game definition or what makes a Markov game. Never throws for what the game does wrong.
 * `expect(checkGame(my_scenario).problems).toEqual([])` is the whole test of an author.
 */
export function checkGame(
  source: Scenario | GameDefinition | (() => MarkovGame),
  settings: CheckSettings = {},
): GameReport {
  const where = settings.where ?? createWhereabouts()
  const seeds = settings.seeds ?? [1, 2, 3]
  where.seed = seeds[0]!
  const problems: GameProblem[] = []
  let ids: readonly string[] = []
  const tellIds = where.agentIds?.bind(where)
  where.agentIds = next => {
    ids = next
    tellIds?.(next)
  }
  let check = 'builds'
  const report = (message: string, place: Partial<Whereabouts> = {}, error?: unknown) => {
    const { hook, kind, agent, step, seed } = { ...where, ...place }
    // One sentence per kind of trouble: the same slip shows at every step and for every agent.
    if (problems.some(problem => problem.check === check && problem.hook === hook)) return
    const name = agent < 0 ? null : (ids[agent] ?? `agent ${agent}`)
    problems.push({ check, hook, kind, agent: name, step, seed, message, ...(error === undefined ? {} : { error }) })
  }
  const attempt = (work: () => void): boolean => {
    const before = problems.length
    try {
      work()
    } catch (error) {
      // A hook that is still on the board threw it; else the framework objects to what came out of the last one.
      const known = error instanceof GameError && error.cause === undefined ? error : null
      const message = known?.what ?? (error instanceof Error ? error.message : String(error))
      // Where the framework objects to what a game says, it knows of what.
      const hook = known?.place.member ?? (where.last || 'create')
      const place = { hook, ...(known?.place.member && { agent: known.place.agent ?? -1 }) }
      report(message.replace(`${definition?.id}: `, '').replace(`hook '${hook}': `, ''), place, error)
      where.hook = ''
    }
    return problems.length === before
  }

  let game: MarkovGame | undefined
  let definition: GameDefinition | undefined
  const built = attempt(() => {
    definition = definitionOf(source)
    const watched = watchHooks(definition, where)
    where.kind = definition.scenario === undefined ? 'method' : 'hook'
    if (definition.scenario === undefined) validateDefinition(definition)
    const created: unknown = watched.create(settings.options)
    const faults = gameFaults(created, definition.scenario !== undefined)
    for (const { member, agent, message } of faults) {
      report(message, { hook: where.kind === 'hook' && member === 'agents' ? 'world' : member, agent, step: 0 })
    }
    if (faults.length > 0) return
    const difference = agentsDiffer(created as MarkovGame, watched.create(settings.options))
    if (difference !== null)
      report(difference, { hook: where.kind === 'hook' ? 'world' : 'agents', agent: -1, step: 0 })
    else game = created as MarkovGame
  })
  const isScenario = definition?.scenario !== undefined
  const rest = checks.map(promise => {
    const { name, compares, run } = promise
    const sentence = isScenario ? promise.sentence : (promise.ofGame ?? promise.sentence)
    const failed = (other: string) => problems.some(problem => problem.check === other)
    if (game === undefined || (name !== 'plays' && failed('plays')) || (compares && failed('seeded'))) {
      return { name, sentence, outcome: 'skipped' as const }
    }
    check = name
    let told = true
    const passed = attempt(() => {
      told = run({
        definition: definition!,
        options: settings.options ?? {},
        seeds,
        steps: settings.steps ?? 60,
        where,
        report,
      })
    })
    return {
      name,
      sentence,
      outcome: passed ? (told ? ('passed' as const) : ('skipped' as const)) : ('failed' as const),
    }
  })
  return {
    id: game?.id ?? (source as Partial<Scenario>).id ?? 'game',
    agents: (game?.agents ?? []).map(({ id, observationSize, actionSpace }) => ({
      id,
      observationSize,
      actionSize: actionSpace.reduce((sum, part) => sum + part.size, 0),
    })),
    checks: [
      { name: 'builds', sentence: 'it is complete and can be built', outcome: built ? 'passed' : 'failed' },
      ...rest,
    ],
    problems,
    stepsPerSecond: problems.length === 0 ? measure(definition!.create(settings.options)) : 0,
  }
}

/** A problem as one sentence: what, who, when, and what is wrong. */
export function describeProblem({ hook, kind, agent, step, seed, message }: GameProblem): string {
  const who = [nameOf({ hook, kind }), ...(agent === null ? [] : [agent]), `step ${step}`, `seed ${seed}`]
  return `${who.join(', ')}: ${message}`
}

/** What runs, in the words of its author: the hook of a scenario, or what stands in its place in a game. */
export function nameOf({ hook, kind }: Pick<GameProblem, 'hook' | 'kind'>): string {
  if (hook === 'loading') return 'while the file is loaded'
  if (kind === 'hook') return `hook '${hook}'`
  return properties[hook] ?? `method '${hook === 'metrics' ? 'measure' : hook}'`
}

/** What a game says without a method. */
const properties: Readonly<Record<string, string>> = {
  reward: 'rewards',
  done: 'terminated and truncated',
  ...Object.fromEntries(
    [
      ...[
        'id',
        'agents',
        'rewards',
        'present',
        'terminated',
        'truncated',
        'absences',
        'stateParts',
        'frames',
        'handles',
      ],
    ].map(name => [name, name]),
  ),
}

/** Whatever was handed over, as a definition. */
export function definitionOf(source: Scenario | GameDefinition | (() => MarkovGame)): GameDefinition {
  if (typeof source === 'function') {
    return { id: 'game', version: 1, description: '', options: {}, create: () => source() }
  }
  return 'create' in source ? source : particleDefinition(source)
}

function measure(game: MarkovGame): number {
  const player = createPlayer(game, 1)
  const began = performance.now()
  let steps = 0
  let spent = 0
  while (spent < 100) {
    for (let i = 0; i < 50; i++) player.next()
    steps += 50
    spent = performance.now() - began
  }
  return (1000 * steps) / spent
}
