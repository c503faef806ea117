// Rounds: the groups of a team learn one after the other, each in minibatches of what it did, slice by slice, so that any update is about a tick's work.
import type { Network } from '../nn/network.ts'
import type { Random } from '../random.ts'
import { createMinibatches, type MinibatchConfig } from '../rollout/minibatches.ts'
import { everyNth, type Grouping, type Rows, rowsOf, stepsOf, unitsOf } from '../rollout/rows.ts'
import type { Trajectory } from '../rollout/trajectory.ts'
import type { Saved, Stateful } from '../types.ts'
import type { Group } from './groups.ts'
import { createSlices } from './slices.ts'
import type { Update, UpdateFigures } from './team-learner.ts'

/** What was computed when a round began, by name: a number, or a block of them, per row of the trajectory. Saved with the round. */
export type Prepared = Readonly<Record<string, Float64Array>>

/** How one group learns from what it did. */
export interface RoundLearner<P extends Prepared = Prepared> {
  /** Whether a network remembers: minibatches are of whole sequences then, or of chunks of so many steps; else of rows. */
  readonly isRecurrent: Grouping
  /** Told once when a round begins, before anything is learnt from it: returns, advantages, old log-probabilities. */
  prepare(trajectory: Trajectory): P
  /** What comes before the first minibatch, which is learnt from in slices. Absent: nothing. */
  readonly passes?: Passes<P>
  /**
   * Learns from one minibatch; `epoch`: how often the round went through all rows before. Where there are `slices`, see there. Absent: the round
   * is over with its passes.
   */
  update?(rows: Rows, prepared: P, epoch: number, minibatch: Rows): UpdateFigures
  /** How it learns from minibatches in slices of so many rows that one is about a tick's work; absent: each is learnt from at once. */
  readonly slices?: SlicedLearning<P>
  /** Told when its round is over. */
  endRound?(trajectory: Trajectory): void
}

/** `update` is given one slice after the other, adds it to the gradients, and says figures of which the sum is that of the minibatch. */
export interface SlicedLearning<P extends Prepared = Prepared> {
  /** Whose gradients are added up. */
  readonly networks: readonly Network[]
  /** Before the first slice of a minibatch: all of its rows. */
  begin?(minibatch: Rows, prepared: P, epoch: number): void
  /** After the last one, a tick's work at a time, before `end`: whether there is more. What it has done it saves by itself. Default: nothing. */
  work?(): boolean
  /** After the last one: a step along the gradients. `sums`: the figures. Gives further ones, or null: no step was made, and the round is over. */
  end(sums: UpdateFigures, prepared: P, epoch: number): UpdateFigures | null
}

/**
 * Passes over all rows, in slices too: gradients and what else is summed over them, for steps that no minibatch tells, as of a trust region.
 * What they have come to stands in what the round began with, whose numbers they may change: it is saved with the round.
 */
export interface Passes<P extends Prepared = Prepared> {
  /** Whose gradients are added up. */
  readonly networks: readonly Network[]
  /** The next pass looks at every so manieth unit; default: at all. */
  every?(prepared: P): number
  /** Is given one slice after the other; `all`: the rows of the pass. */
  update(rows: Rows, prepared: P, all: Rows): UpdateFigures
  /** After the last slice. `sums`: the figures. Gives what is to be told, and whether there is a further pass. */
  end(sums: UpdateFigures, prepared: P): { readonly figures: UpdateFigures; readonly goesOn: boolean }
}

/** What is learnt from: the rollout, or several that were kept. */
export interface RoundSource {
  /** `turn`: the place of the group among all. */
  trajectory(members: readonly number[], turn: number): Trajectory
  /** All groups have learnt from it. */
  forget(): void
}

export interface GroupRounds extends Stateful {
  /** Which agent the next update is of, by index; of a group the first. */
  readonly turn: number
  /** On to the next group that was in the game at all; after the last one the source is forgotten, and the first has its turn again. */
  settle(): void
  /** One update. @throws NonFiniteError when a loss, a gradient or a parameter is not finite. */
  advance(): Omit<Update, 'endsRound'>
}

/** Between two rounds it holds nothing but the stream that minibatches are drawn from. */
export function createGroupRounds<P extends Prepared>(
  source: RoundSource,
  groups: readonly Group[],
  learners: readonly RoundLearner<P>[],
  random: Random,
  config: MinibatchConfig,
): GroupRounds {
  const minibatches = createMinibatches(random, config)
  const slices = createSlices(() => (isPassing ? learners[turn]!.passes : learners[turn]!.slices)!.networks)
  /** The group that learns, or learns next. */
  let turn = 0
  /** What the round of the group that learns began with; null: it has not begun. */
  let prepared: P | null = null
  /** Of the group that learns; made anew after a restore. */
  let trajectory: Trajectory | null = null
  /** Whether its passes are not over. */
  let isPassing = false
  /** The same of the minibatch that is learnt from in slices, or of the pass, and the places of the latter. */
  let minibatch: Rows | null = null
  let passed: Uint32Array | null = null

  const trajectoryNow = () => (trajectory ??= source.trajectory(groups[turn]!.indices, turn))
  const units = () => unitsOf(trajectoryNow(), learners[turn]!.isRecurrent).length
  const toGroup = (group: number) => {
    turn = group
    prepared = null
    trajectory = null
    isPassing = false
    minibatch = null
    passed = null
  }
  const settle = () => {
    while (turn < groups.length && units() === 0) toGroup(turn + 1)
    if (turn < groups.length) return
    source.forget()
    toGroup(0)
  }
  const endRound = () => {
    learners[turn]!.endRound?.(trajectoryNow())
    toGroup(turn + 1)
    settle()
  }

  /** A slice of the pass under way, or of the next one. */
  const updatePass = ({ isRecurrent, passes, update: afterwards }: RoundLearner<P>, prepared: P) => {
    const { every, update, end } = passes!
    slices.putBack()
    passed ??= everyNth(trajectoryNow(), isRecurrent, every?.(prepared) ?? 1)
    minibatch ??= rowsOf(trajectoryNow(), passed, isRecurrent)
    const places = slices.next(passed, stepsOf(trajectoryNow(), isRecurrent))
    slices.add(update(rowsOf(trajectoryNow(), places, isRecurrent, minibatch), prepared, minibatch))
    if (!slices.areComplete) return {}
    const { figures, goesOn } = end(slices.takeSums(), prepared)
    minibatch = null
    passed = null
    isPassing = goesOn
    if (!goesOn && afterwards === undefined) endRound()
    return figures
  }

  /** A slice of the minibatch under way, or of the next one. */
  const updateSlice = (
    { isRecurrent, update, slices: { networks, begin, work, end } }: SlicedLearner<P>,
    prepared: P,
  ) => {
    slices.putBack()
    if (!slices.areComplete) {
      const isFirst = !slices.areUnderWay
      if (isFirst) minibatches.next()
      minibatch ??= rowsOf(trajectoryNow(), minibatches.latest, isRecurrent)
      if (isFirst) begin?.(minibatch, prepared, minibatches.epoch)
      const places = slices.next(minibatches.latest, stepsOf(trajectoryNow(), isRecurrent))
      const rows = rowsOf(trajectoryNow(), places, isRecurrent, minibatch)
      slices.add(update(rows, prepared, minibatches.epoch, minibatch))
    }
    if (!slices.areComplete || work?.() === true) return {}
    const { epoch } = minibatches
    const sums = slices.takeSums()
    const further = end(sums, prepared, epoch)
    minibatch = null
    if (further === null) for (const { gradients } of networks) gradients.fill(0)
    if (minibatches.isOver || further === null) endRound()
    return { ...sums, ...further }
  }

  return {
    settle,
    get turn() {
      return groups[turn]!.indices[0]!
    },
    advance() {
      const { name: of } = groups[turn]!
      const learner = learners[turn]!
      if (prepared === null) {
        prepared = learner.prepare(trajectoryNow())
        minibatches.begin(units())
        isPassing = learner.passes !== undefined
      }
      if (isPassing) return { of, figures: updatePass(learner, prepared) }
      if (isSliced(learner)) return { of, figures: updateSlice(learner, prepared) }
      const rows = rowsOf(trajectoryNow(), minibatches.next(), learner.isRecurrent)
      const figures = learner.update!(rows, prepared, minibatches.epoch, rows)
      if (minibatches.isOver) endRound()
      return { of, figures }
    },
    save: () => ({
      minibatches: minibatches.save(),
      turn,
      prepared,
      ...(isPassing ? { isPassing } : {}),
      ...(slices.areUnderWay ? { slices: slices.save() } : {}),
    }),
    restore(saved) {
      const state = saved as {
        minibatches: Saved
        turn: number
        prepared: P | null
        isPassing?: boolean
        slices?: Saved
      }
      minibatches.restore(state.minibatches)
      toGroup(state.turn)
      isPassing = state.isPassing ?? false
      slices.restore(state.slices ?? null)
      if (state.prepared === null) return
      const copies = Object.entries(state.prepared).map(([name, values]) => [name, Float64Array.from(values)])
      prepared = Object.fromEntries(copies) as P
    },
  }
}

type SlicedLearner<P extends Prepared> = RoundLearner<P> & Required<Pick<RoundLearner<P>, 'slices' | 'update'>>

function isSliced<P extends Prepared>(learner: RoundLearner<P>): learner is SlicedLearner<P> {
  return learner.slices !== undefined
}
