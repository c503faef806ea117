// What an author writes: the options, the world, and what agents see and want. Everything a scenario file needs is here.
import { ConfigError } from '../errors.ts'
import type { Random } from '../random.ts'
import { choice, count, type OptionTable, type OptionValues, resolveTable } from '../settings/option.ts'
import type { AgentDefinition, Entity, Landmark, LandmarkDefinition } from './entity.ts'
import type { See, SeePiece } from './observation.ts'
import type { ParticleAct } from './particle-actions.ts'
import type { AgentOf, World, WorldDefinition } from './world.ts'

export { choice, count, flag, type OptionTable, optionalCount, ratio, real } from '../settings/option.ts'
export type { ArenaDefinition } from './arena.ts'
export { assign } from './assignment.ts'
export {
  type Agent,
  type Color,
  type Dynamics,
  distance,
  type Entity,
  type Landmark,
  shortWay,
  touching,
  type Vector,
} from './entity.ts'
export type { See, SeePiece } from './observation.ts'
export type { RayOptions } from './rays.ts'
export type { WallDefinition } from './walls.ts'
export type { World, WorldDefinition } from './world.ts'

/** Options that every particle scenario has; of `maxCycles` it may declare another default, by `count` with a `min` of at least 1. */
export const commonOptions = {
  rules: choice(
    ['mpe2', 'openai'],
    'published version of the particle worlds that is followed: MPE2 1.1.0 or the original',
  ),
  actions: choice(
    ['discrete', 'continuous'],
    'one-hot choices (any probabilities under the openai rules) or boxes [0, 1]',
  ),
  maxCycles: count(25, { min: 1 }, 'steps after which an episode is truncated'),
  worldState: choice(
    ['all', 'sets'],
    "how the world's own state is written for critics, where the scenario does not write it itself: all, one after the other; sets, of any number of agents and landmarks",
  ),
}

/** All options of a scenario, its own first. `maxCycles` is the common one unless it declares another default. */
export function allOptions({ options }: { readonly options: OptionTable }): OptionTable {
  const { maxCycles = commonOptions.maxCycles, ...own } = options
  return { ...own, ...commonOptions, maxCycles }
}

/** The values that the hooks of a scenario get: of its own options and of those that every scenario has. */
export type ScenarioOptions<O extends OptionTable> = OptionValues<O & typeof commonOptions>

/** What an agent may not do, alternative by alternative. */
export interface ActionMask {
  /** Forbids a direction to an agent that moves; `none` is to stay without thrust. */
  forbidMove(direction: 'none' | 'left' | 'right' | 'down' | 'up'): void
  /** Forbids a channel, from 0, to an agent that speaks. */
  forbidSay(channel: number): void
}

/** What a world's state is written with. */
export interface SeeState extends Pick<See, 'number' | 'numbers' | 'vector'> {
  /** As in observations. */
  set<E extends Entity>(
    name: string,
    entities: readonly (E | null)[],
    write: (piece: StatePiece, entity: E) => void,
  ): void
}

/** What the numbers of a piece of a set in the state are written with: nothing there is seen from an agent. */
export type StatePiece = Pick<SeePiece, 'number' | 'numbers' | 'vector'>

interface Scene<
  O extends OptionTable,
  A extends AgentDefinition,
  L extends LandmarkDefinition,
  S,
  C extends AgentDefinition,
> {
  readonly world: World<A, L, S, C>
  readonly options: ScenarioOptions<O>
}
interface AgentScene<
  O extends OptionTable,
  A extends AgentDefinition,
  L extends LandmarkDefinition,
  S,
  C extends AgentDefinition,
> extends Scene<O, A, L, S, C> {
  readonly agent: AgentOf<A>
}

/**
 * A particle scenario. Write `options` first, `world` second and the hooks after them: so the options, the fields that
 * agents and landmarks add, and the world's state are known inside every hook.
 */
export interface Scenario<
  O extends OptionTable = OptionTable,
  A extends AgentDefinition = AgentDefinition,
  L extends LandmarkDefinition = LandmarkDefinition,
  S = unknown,
  C extends AgentDefinition = AgentDefinition,
> {
  /** The literature's id; the file has the same name. */
  readonly id: string
  /** Rises when results may change. */
  readonly version: number
  /** The version in which results with these options last changed, where that was an earlier one for some. Default: `version`. */
  changedIn?(scene: { readonly options: ScenarioOptions<O> }): number
  /** One sentence for lists and help. */
  readonly description: string
  /** Under the openai rules every agent is paid the sum of all agents' rewards. */
  readonly collaborative?: boolean
  /**
   * Whether agents may be absent otherwise than by leaving for good: wait (`agent.present = false`), come late, return
   * (`agent.present = true`). Default: no; see docs/games.md.
   */
  readonly absences?: boolean
  /** Half the side, in world units, of the square that viewers show; absent: a little more than the arena, or 1.3. */
  readonly extent?: number
  readonly options: O
  /** The agents, the landmarks and what else belongs to the world; built once per game. */
  world(scene: { readonly options: ScenarioOptions<O> }): WorldDefinition<A, L, S, C>
  /** Begins an episode: places everything, draws goals. Everything is at rest and silent already. */
  reset(scene: Scene<O, A, L, S, C> & { readonly random: Random }): void
  /** Writes what `agent` sees: the same names and sizes at every call. */
  observe(scene: AgentScene<O, A, L, S, C> & { readonly see: See }): void
  /**
   * Moves one of the world's `scriptedAgents` before everything else does: sets its `thrust`, as an action would, and its
   * `speech` if it speaks; both are zero before. Asked for each of them at every step; without it they wish for nothing.
   */
  controls?(scene: Scene<O, A, L, S, C> & { readonly agent: AgentOf<C>; readonly random: Random }): void
  /** Computes what rewards, `done` and `metrics` share: once per step after everything moved, and after a reset. */
  beforeRewards?(scene: Scene<O, A, L, S, C> & { readonly random: Random }): void
  /** The agent's reward of the step. `part` returns its value and makes it visible to viewers. */
  reward(scene: AgentScene<O, A, L, S, C> & { readonly part: (name: string, value: number) => number }): number
  /** Whether the episode has ended by the rules, for all agents. They win over the clock: what ends in the time limit's own step is not cut. */
  done?(scene: Scene<O, A, L, S, C>): boolean
  /**
   * Forbids what `agent` may not do now: everything else is allowed, and one move and one channel must stay so. A function of the world
   * alone. Continuous actions have no alternatives: nothing is forbidden then.
   */
  actionMask?(scene: AgentScene<O, A, L, S, C> & { readonly mask: ActionMask }): void
  /**
   * Writes the world's own state, which critics may see: the same names and sizes at every call. Default: positions, velocities,
   * utterances and goals. Write it where chance decides something that those do not show, as a secret key.
   */
  state?(scene: Scene<O, A, L, S, C> & { readonly see: SeeState }): void
  /** Figures of the step, by name, as papers report them. */
  metrics?(scene: Scene<O, A, L, S, C>): Readonly<Record<string, number>>
  /**
   * The landmark that the agent is to reach, of its own knowledge or by what it is told; null where there is none, or where
   * it has to guess. Asked for pictures and for the world's state.
   */
  goal?(scene: AgentScene<O, A, L, S, C>): Landmark | null
  /** A controller for one agent: what a good player would do. */
  scripted?(scene: AgentScene<O, A, L, S, C> & { readonly act: ParticleAct }): void
  /** Sets choices that positions do not show (goals), as the conformance traces name them. */
  impose?(scene: Scene<O, A, L, S, C> & { readonly hidden: Readonly<Record<string, unknown>> }): void
}

/**
 * Types a scenario; returns it as it is.
 * @see docs/authoring.md
 */
export function defineScenario<
  const O extends OptionTable,
  A extends AgentDefinition,
  L extends LandmarkDefinition,
  S,
  C extends AgentDefinition = AgentDefinition,
>(scenario: Scenario<O, A, L, S, C>): Scenario<O, A, L, S, C> {
  return scenario
}

/**
 * All options of a scenario: the given ones checked, the others at their defaults.
 * @throws ConfigError naming `scenario.<option>`, what is expected and what came.
 */
export function resolveOptions<O extends OptionTable>(
  scenario: { readonly options: O },
  given: Readonly<Record<string, unknown>> = {},
): ScenarioOptions<O> {
  const options = resolveTable(allOptions(scenario), given) as ScenarioOptions<O>
  const { rules, actions } = options as OptionValues<typeof commonOptions>
  if (rules === 'openai' && actions === 'continuous') {
    throw new ConfigError(
      'scenario.actions',
      "the openai rules know no continuous actions; their 'discrete' ones may be any probabilities",
    )
  }
  return options
}

/** `length` things, each made from its index. */
export function many<T>(length: number, create: (index: number) => T): T[] {
  return Array.from({ length }, (_, index) => create(index))
}
