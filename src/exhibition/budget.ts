// Limits for games that viewers ask for, counted while a game is built, so that one that is too large is never finished.
import { type GameDefinition, particleDefinition } from '../envs/game-definition.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import type { ObservationWriter } from '../envs/observation.ts'
import { createPlayer } from '../envs/recording.ts'
import type { Scenario } from '../envs/scenario.ts'
import { ConfigError } from '../errors.ts'

export interface Budget {
  /** Agents and landmarks. */
  readonly entities: number
  /** Numbers that all agents together observe in one step. */
  readonly observed: number
  /** Milliseconds of one step with all observations. */
  readonly stepMilliseconds: number
  /** Seconds within which a function of the scenario has to come back. */
  readonly seconds: number
  /** Megabytes of JavaScript objects. */
  readonly megabytes: number
}

/** What viewers may ask for. A game that is larger as its owner started it sets its own limits. */
export const viewersBudget: Budget = {
  entities: 2000,
  observed: 2_000_000,
  stepMilliseconds: 100,
  seconds: 3,
  megabytes: 1024,
}

export type GameSize = Pick<Budget, 'entities' | 'observed'>

/** Steps that a game is tried for before it is shown. */
const trialSteps = 8
const trialMilliseconds = 500

export function sizeOf({ agents, frames }: Pick<MarkovGame, 'agents' | 'frames'>): GameSize {
  return {
    entities: Math.max(agents.length, frames?.schema.entities.length ?? 0),
    observed: agents.reduce((sum, { observationSize }) => sum + observationSize, 0),
  }
}

/** The budget for viewers of a game that its owner started with this size. */
export function budgetBeside(own: GameSize, budget: Budget = viewersBudget): Budget {
  return {
    ...budget,
    entities: Math.max(budget.entities, own.entities),
    observed: Math.max(budget.observed, own.observed),
  }
}

/**
 * The same definition; its `create` refuses a game that is over the budget as soon as that is known: of particle worlds when the
 * hook `world` has come back, and after each observation; of other games when they are made.
 */
export function withinBudget<D extends Pick<GameDefinition, 'create' | 'scenario'>>(definition: D, budget: Budget): D {
  const { scenario } = definition
  if (scenario !== undefined) return { ...definition, ...particleDefinition(countedScenario(scenario, budget)) }
  return {
    ...definition,
    create(given) {
      const game = definition.create(given)
      const { entities, observed } = sizeOf(game)
      refuseOver('entities', entities, budget.entities)
      refuseOver('observed numbers', observed, budget.observed)
      return game
    },
  }
}

/** Plays the first steps of a game by chance. @throws ConfigError where a step takes too long */
export function demandPace(game: MarkovGame, seed: number, budget: Budget): void {
  const player = createPlayer(game, seed)
  const began = performance.now()
  let least = Number.POSITIVE_INFINITY
  player.next()
  for (let step = 0; step < trialSteps && performance.now() - began < trialMilliseconds; step++) {
    const before = performance.now()
    player.next()
    least = Math.min(least, performance.now() - before)
  }
  if (Number.isFinite(least)) refuseOver('milliseconds for a step', Math.ceil(least), budget.stepMilliseconds)
}

/** Where a viewer's request ended the game: what it was given at most, as a sentence. */
export function describeBudget({ entities, observed, stepMilliseconds, seconds, megabytes }: Budget): string {
  return (
    `the budget for viewers is ${words(entities)} entities, ${words(observed)} observed numbers, ${stepMilliseconds} ms for a step, ` +
    `${seconds} s for a function of the scenario and ${words(megabytes)} MB`
  )
}

/** A scenario whose hooks `world` and `observe` are counted; each game is counted from its `world` on. */
function countedScenario(scenario: Scenario, budget: Budget): Scenario {
  let agents = 0
  let asked = 0
  let observed = 0
  const hooks: Pick<Scenario, 'world' | 'observe'> = {
    world(scene) {
      const world = scenario.world(scene)
      const lengthOf = (list: unknown) => (Array.isArray(list) ? list.length : 0)
      agents = lengthOf(world?.agents)
      asked = 0
      observed = 0
      refuseOver('entities', agents + lengthOf(world?.scriptedAgents) + lengthOf(world?.landmarks), budget.entities)
      return world
    },
    observe(scene) {
      scenario.observe(scene)
      // The first call for each agent tells how much it sees; later ones see as much.
      if (asked >= agents) return
      asked++
      observed += (scene.see as ObservationWriter).written
      refuseOver('observed numbers or more', observed, budget.observed)
    },
  }
  return Object.assign(Object.create(scenario) as Scenario, hooks)
}

function refuseOver(what: string, got: number, most: number): void {
  if (got <= most) return
  throw new ConfigError(
    'options',
    `over the budget for viewers: the game would need ${words(got)} ${what}, the budget is ${words(most)}; ` +
      'choose smaller options, or start a run with them yourself',
  )
}

function words(count: number): string {
  return count.toLocaleString('en-US')
}
