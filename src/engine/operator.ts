// Operators of one's own: what happens to joint steps between the simulation and those who learn from them, as data and functions.
import type { MonoTypeOperatorFunction } from 'rxjs'
import type { Random } from '../random.ts'
import type { AgentSpec, JointStep, Matrix, Saved } from '../types.ts'

/** What an operator is built for. */
export interface OperatorContext<O = Readonly<Record<string, unknown>>> {
  readonly agents: readonly AgentSpec[]
  /** Games side by side: rows of everything in a joint step. */
  readonly games: number
  /** The operator's own options. */
  readonly options: O
  /** A stream of random numbers that follows from the run's seed, the operator's name and this one; it is saved and restored with the run. */
  random(name: string): Random
}

/** A built operator. What it keeps from one step to the next is given by `save`. */
export interface OperatorParts {
  /**
   * One joint step out for each that came in, at once, with the same arrays but for `rewards`: see docs/engine.md. Operators of rxjs that
   * keep something themselves (`scan`, `pairwise`, ...) would forget it when the run is resumed.
   */
  readonly operator: MonoTypeOperatorFunction<JointStep>
  /** Everything that outlives a step; given together with `restore`. */
  save?(): Saved
  restore?(saved: Saved): void
  /** Numbers for the metrics line, as `operator/<name>/<key>`: a function of what `save` gives. Those that are not finite are left out. */
  figures?(): Readonly<Record<string, number>>
  /** Options of the game that episodes beginning after the step have, in place of the run's own: a function of what `save` gives. */
  gameOptions?(): Readonly<Record<string, unknown>>
}

/** An operator that can be registered with a run. */
export interface OperatorDefinition {
  /** What it is called in checkpoints and errors: letters, digits, - and _. */
  readonly name: string
  /** Plain data. A run goes on only with the same. */
  readonly options: Readonly<Record<string, unknown>>
  create(context: OperatorContext): OperatorParts
}

/**
 * Types an operator: `train(run, { operators: [...] })`. `create` builds it anew for each run.
 * @see docs/engine.md
 * @throws TypeError for a name that cannot be one, or without `create`
 */
export function defineOperator<
  const O extends Readonly<Record<string, unknown>> = Readonly<Record<string, never>>,
>(operator: {
  readonly name: string
  readonly options?: O
  create(context: OperatorContext<O>): OperatorParts
}): OperatorDefinition {
  const { name, options = {}, create } = operator
  if (typeof name !== 'string' || !/^[A-Za-z][\w-]*$/.test(name)) {
    throw new TypeError(
      `defineOperator: name must be a letter, then letters, digits, - and _, got ${JSON.stringify(name)}`,
    )
  }
  if (typeof create !== 'function') {
    throw new TypeError(
      `defineOperator: '${name}' must have a function create that gives { operator }, got ${typeof create}`,
    )
  }
  return { name, options, create: context => create(context as OperatorContext<O>) }
}

/** Of one reward of a joint step. */
export interface RewardPlace {
  readonly game: number
  /** By index. */
  readonly agent: number
}

/**
 * The same joint step with other rewards: of every agent that acts in it, what `change` makes of its reward. The step that came is left as
 * it is.
 */
export function withRewards(step: JointStep, change: (reward: number, place: RewardPlace) => number): JointStep {
  const { rows, columns, data } = step.rewards
  const rewards: Matrix = { rows, columns, data: data.slice() }
  for (let game = 0, at = 0; game < rows; game++) {
    for (let agent = 0; agent < columns; agent++, at++) {
      if (step.present[at] === 1) rewards.data[at] = change(data[at]!, { game, agent })
    }
  }
  return { ...step, rewards }
}
