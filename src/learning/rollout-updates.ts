// Learning from rollouts: what a team does is recorded until there is enough, learnt from in minibatches, group by group, and forgotten.

import type { Network } from '../nn/network.ts'
import { createMinibatches, type MinibatchConfig } from '../rollout/minibatches.ts'
import { createRollout, type RolloutLength } from '../rollout/rollout.ts'
import type { RolloutDiscount } from '../rollout/row-places.ts'
import { type Grouping, type Rows, rowsOf, stepsOf, unitsOf } from '../rollout/rows.ts'
import type { Trajectory } from '../rollout/trajectory.ts'
import type { Saved } from '../types.ts'
import type { TeamContext } from './algorithm.ts'
import { type Group, groupsOf } from './groups.ts'
import type { Member } from './member.ts'
import { createSlices } from './slices.ts'
import type { TeamLearner, UpdateFigures } from './team-learner.ts'

/** What was computed when a round began, by name: a number, or a block of them, per row of the trajectory. Saved with the round. */
export type Prepared = Readonly<Record<string, Float64Array>>

/** How one group learns from what it did. */
export interface GroupLearner<P extends Prepared = Prepared> {
  /** Its agents, in order. */
  readonly members: readonly Member[]
  /** Whether a network remembers: minibatches are of whole sequences then, or of chunks of so many steps; else of rows. */
  readonly isRecurrent: Grouping
  /** Told once when a round begins, before anything is learnt from it: returns, advantages, old log-probabilities. */
  prepare(trajectory: Trajectory): P
  /** Learns from one minibatch; `epoch`: how often the round went through all rows before. Where there are `slices`, see there. */
  update(rows: Rows, prepared: P, epoch: number, minibatch: Rows): UpdateFigures
  /** How it learns from minibatches in slices of so many rows that one is about a tick's work; absent: each is learnt from at once. */
  readonly slices?: SlicedLearning<P>
}

/** `update` is given one slice after the other, adds it to the gradients, and says figures of which the sum is that of the minibatch. */
export interface SlicedLearning<P extends Prepared = Prepared> {
  /** Whose gradients are added up. */
  readonly networks: readonly Network[]
  /** Before the first slice of a minibatch: all of its rows. */
  begin?(minibatch: Rows, prepared: P): void
  /** After the last one: a step along the gradients. `sums`: the figures. Gives further ones, or null: no step was made, and the round is over. */
  end(sums: UpdateFigures, prepared: P, epoch: number): UpdateFigures | null
}

export interface RolloutUpdatesConfig extends MinibatchConfig {
  readonly length: RolloutLength
  /** Whether critics see the observations of all agents of the game. */
  readonly isJoint: boolean
  /** Whether critics see the world's own state; default: no. */
  readonly readsState?: boolean
  /** How rewards are discounted that come while an agent waits; default: not at all, discounts count own steps. */
  readonly discount?: RolloutDiscount
}

/**
 * The learner of a team that learns from rollouts. A group has one loss and one step of each optimizer per minibatch, over the rows of all
 * of its agents (policy gradients with shared parameters: Yu et al. 2022). Groups learn one after the other, each through all of its epochs.
 */
export function updatesOverRollouts<P extends Prepared>(
  team: TeamContext,
  { length, isJoint, readsState = false, discount, ...minibatchConfig }: RolloutUpdatesConfig,
  createLearner: (group: Group) => GroupLearner<P>,
): TeamLearner {
  const { agents, indices, games, stateParts = [] } = team
  const groups = groupsOf(team)
  const learners = groups.map(createLearner)
  const members = indices.map(index => memberOf(groups, learners, index))
  const memberAt = (agent: number) => members[indices.indexOf(agent)]!
  // Critics that read the world's state also read who is there.
  const watchesAll = isJoint || (readsState && agents.some(({ mayBeAbsent }) => mayBeAbsent === true))
  /** Chunks begin with what was carried into them. */
  const keepsMemory = (agent: number) =>
    typeof learnerOf(groups, learners, agent).isRecurrent === 'number' && memberAt(agent).actor.carries.length > 0
  const rollout = createRollout({
    agents,
    games,
    members: indices,
    watched: watchesAll ? agents.map((_, index) => index) : [],
    records: agent => [...(memberAt(agent).records ?? []), ...(keepsMemory(agent) ? memoryOf(memberAt(agent)) : [])],
    carries: agent => (memberAt(agent).actor.carries.length > 0 ? memoryOf(memberAt(agent)) : []),
    stateSize: readsState ? stateParts.reduce((sum, { size }) => sum + size, 0) : 0,
    ...(discount === undefined ? {} : { discount }),
    length,
  })
  const minibatches = createMinibatches(team.random(agents[indices[0]!]!.id, 'minibatches'), minibatchConfig)
  const slices = createSlices(() => learners[turn]!.slices!.networks)
  /** The group that learns, or learns next. */
  let turn = 0
  /** What the round of the group that learns began with; null: it has not begun. */
  let prepared: P | null = null
  /** Of the group that learns; made anew after a restore. */
  let trajectory: Trajectory | null = null
  /** The same of the minibatch that is learnt from in slices. */
  let minibatch: Rows | null = null

  const trajectoryNow = () => (trajectory ??= rollout.trajectory(groups[turn]!.indices))
  const units = () => unitsOf(trajectoryNow(), learners[turn]!.isRecurrent).length
  const toGroup = (group: number) => {
    turn = group
    prepared = null
    trajectory = null
    minibatch = null
  }
  /** On to the next group that was in the game at all; after the last one the rollout begins again. */
  const settle = () => {
    while (turn < groups.length && units() === 0) toGroup(turn + 1)
    if (turn < groups.length) return
    rollout.forget()
    toGroup(0)
  }
  const endRound = () => {
    learners[turn]!.members[0]!.endRound?.(trajectoryNow())
    toGroup(turn + 1)
    settle()
  }

  /** A slice of the minibatch under way, or of the next one. */
  const updateSlice = ({ isRecurrent, update, slices: { networks, begin, end } }: SlicedLearner<P>, prepared: P) => {
    const isFirst = !slices.areUnderWay
    if (isFirst) minibatches.next()
    minibatch ??= rowsOf(trajectoryNow(), minibatches.latest, isRecurrent)
    if (isFirst) begin?.(minibatch, prepared)
    const places = slices.next(minibatches.latest, stepsOf(trajectoryNow(), isRecurrent))
    const { epoch } = minibatches
    slices.add(update(rowsOf(trajectoryNow(), places, isRecurrent, minibatch), prepared, epoch, minibatch))
    if (slices.areUnderWay) return {}
    const sums = slices.takeSums()
    const further = end(sums, prepared, epoch)
    minibatch = null
    if (further === null) for (const { gradients } of networks) gradients.fill(0)
    if (minibatches.isOver || further === null) endRound()
    return { ...sums, ...further }
  }

  return {
    members,
    take(step) {
      rollout.add(step)
      if (rollout.isComplete) settle()
    },
    get due() {
      return rollout.isComplete
    },
    get turn() {
      return groups[turn]!.indices[0]!
    },
    advance() {
      const { name: of } = groups[turn]!
      const learner = learners[turn]!
      if (prepared === null) {
        prepared = learner.prepare(trajectoryNow())
        minibatches.begin(units())
      }
      if (isSliced(learner)) {
        const figures = updateSlice(learner, prepared)
        return { of, figures, endsRound: !rollout.isComplete }
      }
      const rows = rowsOf(trajectoryNow(), minibatches.next(), learner.isRecurrent)
      const figures = learner.update(rows, prepared, minibatches.epoch, rows)
      if (minibatches.isOver) endRound()
      return { of, figures, endsRound: !rollout.isComplete }
    },
    save: (): Saved => ({
      rollout: rollout.save(),
      minibatches: minibatches.save(),
      turn,
      prepared,
      ...(slices.areUnderWay ? { slices: slices.save() } : {}),
    }),
    restore(saved) {
      const state = saved as { rollout: Saved; minibatches: Saved; turn: number; prepared: P | null; slices?: Saved }
      rollout.restore(state.rollout)
      minibatches.restore(state.minibatches)
      toGroup(state.turn)
      slices.restore(state.slices ?? null)
      if (state.prepared === null) return
      const copies = Object.entries(state.prepared).map(([name, values]) => [name, Float64Array.from(values)])
      prepared = Object.fromEntries(copies) as P
    },
  }
}

type SlicedLearner<P extends Prepared> = GroupLearner<P> & Required<Pick<GroupLearner<P>, 'slices'>>

function isSliced<P extends Prepared>(learner: GroupLearner<P>): learner is SlicedLearner<P> {
  return learner.slices !== undefined
}

function learnerOf(groups: readonly Group[], learners: readonly GroupLearner[], index: number): GroupLearner {
  return learners[groups.findIndex(({ indices }) => indices.includes(index))]!
}

function memberOf(groups: readonly Group[], learners: readonly GroupLearner[], index: number): Member {
  const { indices } = groups.find(({ indices }) => indices.includes(index))!
  return learnerOf(groups, learners, index).members[indices.indexOf(index)]!
}

/** The state of an actor that remembers. */
function memoryOf({ actor }: Member) {
  return [{ name: 'memory', size: actor.carries[0]!.size }]
}
