// What an author of a grid game writes: the options, the actions, the world, and what agents see and want.
import type { Random } from '../random.ts'
import type { Option, OptionTable, OptionValues } from '../settings/option.ts'
import type { CollisionRule } from './collisions.ts'
import type { Color, GridAgentDefinition, GridAgentOf, ThingsDefinition } from './grid-entities.ts'
import type { GridSee, GridSight } from './grid-see.ts'
import type { GridWorld, GridWorldDefinition } from './grid-world.ts'

/** Options that every grid game has; one that a game declares itself takes the place of the one here. */
export type CommonGridOptions = { readonly maxCycles: Option<number>; readonly masks: Option<boolean> }

export type GridOptions<O extends OptionTable> = OptionValues<Omit<CommonGridOptions, keyof O> & O>

/** What an agent may not do. */
export interface GridMask<N extends string> {
  /** Forbids an action to the agent; an action that it has not is none of its. */
  forbid(action: N): void
}

interface Scene<O extends OptionTable, A extends GridAgentDefinition, T extends ThingsDefinition, S, N extends string> {
  readonly world: GridWorld<A, T, S, N>
  readonly options: GridOptions<O>
}
interface AgentScene<
  O extends OptionTable,
  A extends GridAgentDefinition,
  T extends ThingsDefinition,
  S,
  N extends string,
> extends Scene<O, A, T, S, N> {
  readonly agent: GridAgentOf<A, N>
}

/**
 * A grid game. Write `options` and `actions` first, `world` next and the hooks after them: so options, the names of actions, the fields
 * that agents and things add, and the world's state are known inside every hook.
 */
export interface GridDefinition<
  O extends OptionTable = OptionTable,
  A extends GridAgentDefinition = GridAgentDefinition,
  T extends ThingsDefinition = ThingsDefinition,
  S = unknown,
  N extends string = string,
> {
  readonly id: string
  /** Rises when results may change. */
  readonly version: number
  /** One sentence for lists and help. */
  readonly description: string
  readonly options: O
  /**
   * What agents can do, by name and in order. `north`, `south`, `west` and `east` step there; `forward` steps where the agent looks, `left`
   * and `right` turn it. Every other name means what the hook `act` makes of it; the first of them should be to do nothing.
   */
  readonly actions: readonly N[]
  /** Who goes where when several want the same cell; absent: `chains`. */
  readonly collisions?: CollisionRule
  /** Whether agents may wait (`agent.present = false`), come late and return; absent: no. See docs/games.md. */
  readonly absences?: boolean
  /** How cells with a letter are drawn; cells with other letters look like floor. */
  readonly legend?: Readonly<Record<string, { readonly name: string; readonly color?: Color }>>
  /** The cells, the agents, the things and what else belongs to the world; built once per game. */
  world(scene: { readonly options: GridOptions<O> }): GridWorldDefinition<A, T, S>
  /** Begins an episode: puts everything somewhere. Everything is nowhere and everybody present before; `world.state` is as it was. */
  reset(scene: Scene<O, A, T, S, N> & { readonly random: Random }): void
  /** Whether `agent` may go into a cell; asked of open cells alone. Absent: it may. A function of the world alone. */
  mayEnter?(scene: AgentScene<O, A, T, S, N> & { readonly row: number; readonly column: number }): boolean
  /** Once per step, after everybody has moved: does what the other actions mean (`agent.action`). */
  act?(scene: Scene<O, A, T, S, N> & { readonly random: Random }): void
  /** Writes what `agent` sees: the same names and sizes at every call. */
  observe(scene: AgentScene<O, A, T, S, N> & { readonly see: GridSight }): void
  /** The agent's reward of the step. `part` returns its value and makes it visible to viewers. */
  reward(scene: AgentScene<O, A, T, S, N> & { readonly part: (name: string, value: number) => number }): number
  /** Whether the episode has ended by the rules, for all agents. */
  done?(scene: Scene<O, A, T, S, N>): boolean
  /**
   * Forbids what `agent` cannot do now, beside moves into walls, edges and what blocks, which are forbidden already. Asked where the option
   * `masks` is true; a game with this hook has it true by default. A function of the world alone.
   */
  actionMask?(scene: AgentScene<O, A, T, S, N> & { readonly mask: GridMask<N> }): void
  /** Writes the world's own state, which critics may see. Default: where everything is and looks, levels and marks. */
  state?(scene: Scene<O, A, T, S, N> & { readonly see: GridSee }): void
  /** Figures of the step, by name. */
  metrics?(scene: Scene<O, A, T, S, N>): Readonly<Record<string, number>>
  /** A controller for one agent: what a good player would do, by the name of the action. */
  scripted?(scene: AgentScene<O, A, T, S, N>): N
}
