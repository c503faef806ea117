// Notes which of the author's functions is running, so that an error or an endless loop can be named.
import { type GameDefinition, particleDefinition } from './game-definition.ts'
import type { MarkovGame } from './markov-game.ts'
import type { Scenario } from './scenario.ts'
import { hookNames, validateScenario } from './validate-scenario.ts'

const methods = ['reset', 'step', 'observe', 'script', 'actionMask', 'state', 'measure', 'save', 'restore'] as const
/** Methods whose first argument is an agent. */
const ofAgents: readonly string[] = ['observe', 'script', 'actionMask']
const handles = ['steer', 'drag', 'watchRewards', 'rewardParts', 'sees'] as const

/** The functions of a game that is no particle world. */
export const gameMethods: readonly string[] = [...methods, 'frames.write', ...handles.map(name => `handles.${name}`)]

/** Where a game is. After an error the hook that threw still stands there, unless `failed` is asked what becomes of it. */
export interface Whereabouts {
  /** The function of the author's that is running; empty: none. */
  hook: string
  /** Index of the agent that it runs for; -1: for no single one. */
  agent: number
  /** Steps since the episode began, the present one included. */
  step: number
  seed: number
  /** The hook that ran last, or still runs. */
  last: string
  /** What its functions are called: hooks of a scenario, methods of any other game. */
  kind: 'hook' | 'method'
  /** What says that a function of the author's begins, for an agent: made once for each, to cost little. It tells what ran before. */
  readonly entering: (hook: string) => (agent: number) => string | number
  /** The function has come back; what ran before it runs on. */
  readonly leave: (before: string | number) => void
  /** A step begins. */
  readonly reach: (step: number) => void
  /** Told the ids of the agents as soon as they are known: a hook may get stuck right after. */
  agentIds?(ids: readonly string[]): void
  /** What is thrown in place of an error that came from the game; `agent`: its id, where there is one. Absent: the error itself. */
  failed?(error: unknown, agent: string | undefined): unknown
}

/** Nowhere yet. */
export function createWhereabouts(): Whereabouts {
  const where: Whereabouts = {
    hook: '',
    agent: -1,
    step: 0,
    seed: 0,
    last: '',
    kind: 'hook',
    entering: name => agent => {
      const before = where.hook
      where.agent = agent
      where.last = name
      where.hook = name
      return before
    },
    leave(before) {
      where.hook = String(before)
    },
    reach(step) {
      where.step = step
    },
  }
  return where
}

/** The same game, its whereabouts kept up to date in `where`. Hooks of scenarios, methods of other games. */
export function watchHooks(definition: GameDefinition, where: Whereabouts): GameDefinition {
  const { scenario } = definition
  const known: KnownAgents = { ids: [], acting: 0 }
  const watched = scenario === undefined ? definition : particleDefinition(watchScenario(scenario, where, known))
  const createOther = watchFunction(where, known, 'create', false, 'create', definition.create, definition)
  return {
    ...watched,
    create(given) {
      where.step = 0
      where.kind = scenario === undefined ? 'method' : 'hook'
      if (scenario !== undefined) {
        // Before the hooks are wrapped: a misspelt one would hide behind them.
        validateScenario(scenario)
        return countSteps(watched.create(given), where)
      }
      const game = createOther(given) as MarkovGame
      // What is no game at all is for its caller to refuse.
      if (typeof game !== 'object' || game === null) return game
      known.ids = idsOf(game)
      where.agentIds?.(known.ids)
      return countSteps(watchMethods(game, where, known), where)
    },
  }
}

/** The agents, as far as they are known. */
interface KnownAgents {
  /** Those that act, then those that a scenario moves. */
  ids: readonly string[]
  /** How many act. */
  acting: number
}

// biome-ignore lint/suspicious/noExplicitAny: functions of authors take what each of them takes.
type AuthorFunction = (...args: any[]) => unknown

function watchScenario(scenario: Scenario, where: Whereabouts, known: KnownAgents): Scenario {
  const hooks: Record<string, unknown> = {}
  for (const name of hookNames) {
    const hook = scenario[name] as AuthorFunction | undefined
    if (typeof hook !== 'function') continue
    const enter = where.entering(name)
    const { leave } = where
    hooks[name] = (scene: { agent?: { index: number } }) => {
      const index = scene.agent === undefined ? -1 : scene.agent.index
      const before = enter(name === 'controls' ? known.acting + index : index)
      let result: unknown
      try {
        result = hook.call(scenario, scene)
        if (typeof result === 'object') refusePromise(result, 'a hook')
      } catch (error) {
        throw failed(where, known, error)
      }
      leave(before)
      if (name === 'world') {
        const acting = idsOf(result)
        known.acting = acting.length
        known.ids = [...acting, ...idsOf(result, 'scriptedAgents')]
        where.agentIds?.(known.ids)
      }
      return result
    }
  }
  return Object.assign(Object.create(scenario) as Scenario, hooks)
}

/** Puts functions that say when they run in place of a game's own; a game that takes none is put behind one that does. */
function watchMethods(game: MarkovGame, where: Whereabouts, known: KnownAgents): MarkovGame {
  const watched = takesMethods(game) ? game : behind(game)
  const put = (owner: object, into: object, key: string, name: string) => {
    const method = (owner as Readonly<Record<string, AuthorFunction | undefined>>)[key]
    if (typeof method !== 'function') return
    const ofAgent = ofAgents.includes(key) || name.startsWith('handles.')
    const value = watchFunction(where, known, name, ofAgent, 'a method of a game', method, owner)
    Object.defineProperty(into, key, { value, enumerable: true, writable: true, configurable: true })
  }
  for (const name of methods) put(game, watched, name, name)
  const within = (member: 'frames' | 'handles', keys: readonly string[]) => {
    const owner: unknown = game[member]
    if (typeof owner !== 'object' || owner === null) return
    const value = Object.create(owner) as object
    for (const key of keys) put(owner, value, key, `${member}.${key}`)
    Object.defineProperty(watched, member, { value, enumerable: true, configurable: true })
  }
  within('frames', ['write'])
  within('handles', handles)
  return watched
}

/** Whether a game lets its methods be replaced: it is not frozen, nor are they. */
function takesMethods(game: MarkovGame): boolean {
  if (!Object.isExtensible(game)) return false
  return [...methods, 'frames', 'handles'].every(
    name => Object.getOwnPropertyDescriptor(game, name)?.configurable !== false,
  )
}

/** A game that stands for another one. */
function behind(game: MarkovGame): MarkovGame {
  const names = ['id', 'agents', 'rewards', 'present', 'terminated', 'truncated', 'absences', 'stateParts'] as const
  const own = names.map(name => [name, { get: () => game[name], enumerable: true }] as const)
  return Object.create(game, Object.fromEntries(own)) as MarkovGame
}

/** A function of the author's that says when it runs. `ofAgent`: its first argument is the agent that it runs for. */
function watchFunction(
  where: Whereabouts,
  known: KnownAgents,
  name: string,
  ofAgent: boolean,
  noun: string,
  run: AuthorFunction,
  owner: object,
): AuthorFunction {
  const enter = where.entering(name)
  const { leave } = where
  // No method takes more; a list of arguments would be made anew for every call.
  return (a, b, c, d) => {
    const before = enter(ofAgent && typeof a === 'number' ? a : -1)
    let result: unknown
    try {
      result = run.call(owner, a, b, c, d)
      if (typeof result === 'object') refusePromise(result, noun)
    } catch (error) {
      throw failed(where, known, error)
    }
    leave(before)
    return result
  }
}

/** Nobody waits for a promise. */
function refusePromise(result: unknown, who: string): void {
  if (result === null || typeof (result as { readonly then?: unknown }).then !== 'function') return
  // It may be refused later, when nobody asks any more.
  Promise.resolve(result).catch(() => {})
  throw new TypeError(`${who} cannot be async: nobody waits for it; take \`async\` away`)
}

/** Notes the step of the episode. */
function countSteps(game: MarkovGame, where: Whereabouts): MarkovGame {
  const { reset, step } = game
  const { reach } = where
  let steps = 0
  if (typeof reset === 'function') {
    game.reset = random => {
      steps = 0
      reach(steps)
      reset.call(game, random)
    }
  }
  if (typeof step === 'function') {
    game.step = (actions, row) => {
      steps++
      reach(steps)
      step.call(game, actions, row)
    }
  }
  return game
}

/** What the hook `world` returned, or the game that was created, has not been looked at yet. */
function idsOf(owner: unknown, list: 'agents' | 'scriptedAgents' = 'agents'): string[] {
  const agents = ((owner ?? {}) as Readonly<Record<string, unknown>>)[list]
  return Array.isArray(agents) ? agents.map(agent => String(agent?.id)) : []
}

/** What becomes of an error of the game's. */
function failed(where: Whereabouts, known: KnownAgents, error: unknown): unknown {
  if (where.failed === undefined) return error
  const thrown = where.failed(error, known.ids[where.agent])
  where.hook = ''
  return thrown
}
