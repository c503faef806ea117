// A game that says which of its author's functions is running: so that an error or an endless loop can be named.
import { type GameDefinition, particleDefinition } from './game-definition.ts'
import type { MarkovGame } from './markov-game.ts'
import type { Scenario } from './scenario.ts'
import { hookNames, validateScenario } from './validate-scenario.ts'

/** The functions of a game that is no particle world. */
export const gameMethods: readonly string[] = ['reset', 'step', 'observe', 'script', 'measure', 'save', 'restore']

/** Where a game is. After an error the hook that threw still stands there. */
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
  /** Told the ids of the agents as soon as they are known: a hook may get stuck right after. */
  cast?(ids: readonly string[]): void
}

/** Nowhere yet. */
export function createWhereabouts(): Whereabouts {
  return { hook: '', agent: -1, step: 0, seed: 0, last: '' }
}

/** The same game, its whereabouts kept up to date in `where`. Hooks of scenarios, methods of other games. */
export function watchHooks(definition: GameDefinition, where: Whereabouts): GameDefinition {
  const { scenario } = definition
  const watched = scenario === undefined ? definition : particleDefinition(watchScenario(scenario, where))
  return {
    ...watched,
    create(given) {
      where.step = 0
      // Before the hooks are wrapped: a misspelt one would hide behind them.
      if (scenario !== undefined) validateScenario(scenario)
      if (scenario !== undefined) return countSteps(watched.create(given), where)
      enter(where, 'create', -1)
      const game = watched.create(given)
      where.hook = ''
      where.cast?.(game.agents.map(agent => agent.id))
      return countSteps(watchMethods(game, where), where)
    },
  }
}

function watchScenario(scenario: Scenario, where: Whereabouts): Scenario {
  const hooks: Record<string, unknown> = {}
  for (const name of hookNames) {
    const hook = scenario[name] as ((scene: { agent?: { index: number } }) => unknown) | undefined
    if (typeof hook !== 'function') continue
    hooks[name] = (scene: { agent?: { index: number } }) => {
      enter(where, name, scene.agent?.index ?? -1)
      const result = hook.call(scenario, scene)
      if (result instanceof Promise)
        throw new TypeError('a hook cannot be async: nobody waits for it; take `async` away')
      where.hook = ''
      if (name === 'world') where.cast?.(idsOf(result))
      return result
    }
  }
  return Object.assign(Object.create(scenario) as Scenario, hooks)
}

function watchMethods(game: MarkovGame, where: Whereabouts): MarkovGame {
  const methods = game as unknown as Record<string, ((...args: unknown[]) => unknown) | undefined>
  for (const name of gameMethods) {
    const method = methods[name]?.bind(game)
    if (method === undefined) continue
    methods[name] = (...args) => {
      enter(where, name, name === 'observe' || name === 'script' ? (args[0] as number) : -1)
      const result = method(...args)
      where.hook = ''
      return result
    }
  }
  return game
}

function countSteps(game: MarkovGame, where: Whereabouts): MarkovGame {
  const reset = game.reset.bind(game)
  const step = game.step.bind(game)
  game.reset = random => {
    where.step = 0
    reset(random)
  }
  game.step = (actions, row) => {
    where.step++
    step(actions, row)
  }
  return game
}

/** What the hook `world` returned has not been looked at yet. */
function idsOf(world: unknown): string[] {
  const { agents } = (world ?? {}) as { agents?: unknown }
  return Array.isArray(agents) ? agents.map(agent => String(agent?.id)) : []
}

function enter(where: Whereabouts, hook: string, agent: number): void {
  where.agent = agent
  where.last = hook
  where.hook = hook
}
