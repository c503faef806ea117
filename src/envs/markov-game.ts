// The contract of every game: N agents, simultaneous moves, partial observations (a Markov game, Littman 1994).
import type { Random } from '../random.ts'
import type { AgentSpec, Matrix, ObservationPart, Stateful } from '../types.ts'
import type { PictureSchema } from './frame.ts'
import type { GameHandles } from './game-handles.ts'

/**
 * One game. `reset` begins an episode; `step` moves all agents at once; then `rewards`, `terminated`, `truncated` and
 * `observe` tell what came of it. The arrays are the game's own and are overwritten by its next call.
 */
export interface MarkovGame extends Stateful {
  readonly id: string
  readonly agents: readonly AgentSpec[]
  /** [agents] of the last step. */
  readonly rewards: Float64Array
  /** [agents]; 1: the agent acts in the next step; 0: it waits, has left, or has not come yet. */
  readonly present: Uint8Array
  /** [agents]; the agent's episode ended by the rules: no value beyond it. */
  readonly terminated: Uint8Array
  /**
   * The episode was cut by a time limit: values beyond it are bootstrapped. Never together with `terminated`, except of
   * agents that have left.
   */
  readonly truncated: boolean
  /** Begins an episode; every random choice of it comes from `random`, which the game keeps until the next reset. */
  reset(random: Random): void
  /**
   * Moves all agents by row `row` of their action matrices.
   * @throws TypeError or RangeError naming agent, expected and got.
   */
  step(actions: readonly Matrix[], row: number): void
  /** Writes the observation of an agent, in double precision, into `row` (`observationSize` numbers). */
  observe(agent: number, row: Float64Array): void
  /** Writes the action of the agent's scripted controller into row `row` of `actions`; absent when the game ships none. */
  script?(agent: number, actions: Matrix, row: number): void
  /**
   * Whether agents may be absent otherwise than by leaving for good: wait, come late, return. Default: no; then an agent that is absent
   * without having terminated, or that returns, is an error.
   */
  readonly absences?: boolean
  /**
   * Writes which alternatives an agent may choose now into `row` (`actionSize` numbers, all 1 when it is called): 0 forbids one. At least
   * one alternative of each choice stays allowed; the numbers of boxes are not looked at. A function of the state of the game alone.
   * Asked of present agents only. Absent: everything is allowed.
   */
  actionMask?(agent: number, row: Uint8Array): void
  /** The named pieces of the world's own state, in order, for critics; absent: there is none. */
  readonly stateParts?: readonly ObservationPart[]
  /** Writes the world's own state into `row` (as many numbers as the `stateParts` have); there if they are. */
  state?(row: Float64Array): void
  /** Figures of the step, by name, as papers report them (`collisions`); absent when the game has none. */
  measure?(): Readonly<Record<string, number>>
  /** What viewers can do by hand; absent: nothing, they watch. */
  readonly handles?: GameHandles
  /** How the game is drawn; absent when it cannot be. */
  readonly frames?: { readonly schema: PictureSchema; write(row: Float32Array): void }
}
