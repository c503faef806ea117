// Learning from rollouts: what a team does is recorded until there is enough, learnt from in minibatches, group by group, and forgotten.

import { memoryColumn, subPolicyColumn } from '../columns.ts'
import type { MinibatchConfig } from '../rollout/minibatches.ts'
import { createRollout, type Rollout, type RolloutLength } from '../rollout/rollout.ts'
import type { RolloutDiscount } from '../rollout/row-places.ts'
import type { TrajectorySource } from '../rollout/trajectory.ts'
import type { Column, Saved, Stateful } from '../types.ts'
import type { TeamContext } from './algorithm.ts'
import { createGroupRounds, type GroupRounds, type Prepared, type RoundLearner } from './group-rounds.ts'
import { type Group, groupsOf } from './groups.ts'
import type { Member } from './member.ts'
import type { TeamLearner } from './team-learner.ts'

/** How one group learns from what it did. */
export interface GroupLearner<P extends Prepared = Prepared> extends Omit<RoundLearner<P>, 'endRound'> {
  /** Its agents, in order. */
  readonly members: readonly Member[]
}

/** How much is played before a round of updates, and what of it is kept for learning. */
export interface RolloutUpdatesConfig extends MinibatchConfig {
  readonly length: RolloutLength
  /** Whether critics see the observations of all agents of the game. */
  readonly isJoint: boolean
  /** Whether critics see the world's own state; default: no. */
  readonly readsState?: boolean
  /** How rewards are discounted that come while an agent waits; default: not at all, discounts count own steps. */
  readonly discount?: RolloutDiscount
}

/** What a team has beside its groups: it is told of rounds, and saved with the learner. */
export interface RoundPart extends Stateful {
  /** A rollout is complete, and nothing was learnt from it. */
  begin?(source: TrajectorySource): void
  /** All of it was learnt from. */
  end?(): void
}

/** The learner of a team over its rollout. */
export interface RolloutLearner extends TeamLearner {
  readonly rollout: Rollout
}

/**
 * The learner of a team that learns from rollouts. A group has one loss and one step of each optimizer per minibatch, over the rows of all
 * of its agents (policy gradients with shared parameters: Yu et al. 2022). Groups learn one after the other, each through all of its epochs.
 * `part`: what else belongs to the team.
 * @example
 * ```ts
 * import { createRun, createStateValue, createStochasticPolicy, defineAlgorithm, gae } from 'marlstrom'
 * import { learningMembers, optionGroups, standardised, train, updatesOverRollouts } from 'marlstrom'
 * import { lastValueFrom } from 'rxjs'
 *
 * const { boxActions, critics, optimisation, optimizerRules, sharing } = optionGroups
 * const actor_critic = defineAlgorithm({
 *   id: 'actor_critic',
 *   description: 'one step along the gradient of the policy after every 25 steps of the games',
 *   options: { ...optimisation, ...optimizerRules, ...boxActions, ...critics, ...sharing },
 *   acts: 'oneHot',
 *   createLearner: (team, settings) =>
 *     updatesOverRollouts(team, { length: { steps: 25 }, epochs: 1, minibatches: 1, isJoint: true }, group => {
 *       const policy = createStochasticPolicy(group, settings)
 *       const value = createStateValue(group, 'joint', settings)
 *       return {
 *         members: learningMembers(policy, value),
 *         isRecurrent: false,
 *         prepare(trajectory) {
 *           const { values, nextValues } = value.both(trajectory)
 *           const { advantages, targets } = gae(trajectory, values, nextValues, { gamma: 0.95, lambda: 0.9 })
 *           return { advantages: standardised(advantages, trajectory.learnable), targets }
 *         },
 *         update: (rows, { advantages, targets }) => ({
 *           ...policy.at(rows).climb(rows.of(advantages), 0.01),
 *           ...value.fit(rows, rows.of(targets)),
 *         }),
 *       }
 *     }),
 * })
 * const run = await createRun({
 *   algorithms: { actor_critic },
 *   scenario: { id: 'simple' },
 *   learner: { algorithm: 'actor_critic' },
 *   run: { seed: 1, threads: 1, episodes: 20 },
 * })
 * await lastValueFrom(train(run))
 * console.log(run.rounds.finished > 0) // true
 * run.dispose()
 * ```
 */
export function updatesOverRollouts<P extends Prepared>(
  team: TeamContext,
  { length, isJoint, readsState = false, discount, ...minibatchConfig }: RolloutUpdatesConfig,
  createLearner: (group: Group) => GroupLearner<P>,
  part?: RoundPart,
): RolloutLearner {
  const { agents, indices } = team
  const groups = groupsOf(team)
  const learners = groups.map(createLearner)
  const members = indices.map(index => memberOf(groups, learners, index))
  const rollout = rolloutOf(
    team,
    { length, isJoint, readsState, ...(discount === undefined ? {} : { discount }) },
    members,
    agent => typeof learnerOf(groups, learners, agent).isRecurrent === 'number',
  )
  const random = team.random(agents[indices[0]!]!.id, 'minibatches')
  const rounds = createGroupRounds(rollout, groups, learners.map(endingRounds), random, minibatchConfig)
  return learnerOver(rollout, rounds, members, part)
}

/** The learner of a team whose rounds are over one rollout. */
export function learnerOver(
  rollout: Rollout,
  rounds: GroupRounds,
  members: readonly Member[],
  part?: RoundPart,
): RolloutLearner {
  return {
    members,
    rollout,
    take(step) {
      rollout.add(step)
      if (!rollout.isComplete) return
      rounds.settle()
      if (rollout.isComplete) part?.begin?.(rollout.source)
    },
    get due() {
      return rollout.isComplete
    },
    get turn() {
      return rounds.turn
    },
    advance() {
      const update = rounds.advance()
      if (!rollout.isComplete) part?.end?.()
      return { ...update, endsRound: !rollout.isComplete }
    },
    save: () => ({
      rollout: rollout.save(),
      ...(rounds.save() as object),
      ...(part === undefined ? {} : { part: part.save() }),
    }),
    restore(saved) {
      const state = saved as { rollout: Saved; part?: Saved }
      rollout.restore(state.rollout)
      rounds.restore(saved)
      part?.restore(state.part!)
    },
  }
}

/** The rollout that members of a team are recorded in. `inChunks`: whether an agent learns from chunks, which begin with what was carried into them. */
export function rolloutOf(
  { backend, agents, indices, games, stateParts = [] }: TeamContext,
  { length, isJoint, readsState = false, discount }: Omit<RolloutUpdatesConfig, keyof MinibatchConfig>,
  members: readonly Member[],
  inChunks: (agent: number) => boolean,
): Rollout {
  const memberAt = (agent: number) => members[indices.indexOf(agent)]!
  // Critics that read the world's state also read who is there.
  const watchesAll = isJoint || (readsState && agents.some(({ mayBeAbsent }) => mayBeAbsent === true))
  return createRollout({
    agents,
    games,
    members: indices,
    watched: watchesAll ? agents.map((_, index) => index) : [],
    records: agent => [
      ...(memberAt(agent).records ?? []),
      ...carriedAs(memberAt(agent), subPolicyColumn),
      ...(inChunks(agent) ? memoryOf(memberAt(agent)) : []),
    ],
    carries: agent => memoryOf(memberAt(agent)),
    stateSize: readsState ? stateParts.reduce((sum, { size }) => sum + size, 0) : 0,
    ...(discount === undefined ? {} : { discount }),
    length,
    store: backend,
  })
}

/** The same learner, which tells its first member when a round is over. */
function endingRounds<P extends Prepared>(learner: GroupLearner<P>): RoundLearner<P> {
  return { ...learner, endRound: trajectory => learner.members[0]!.endRound?.(trajectory) }
}

function learnerOf(groups: readonly Group[], learners: readonly GroupLearner[], index: number): GroupLearner {
  return learners[groups.findIndex(({ indices }) => indices.includes(index))]!
}

function memberOf(groups: readonly Group[], learners: readonly GroupLearner[], index: number): Member {
  const { indices } = groups.find(({ indices }) => indices.includes(index))!
  return learnerOf(groups, learners, index).members[indices.indexOf(index)]!
}

/** The state of an actor that remembers. */
function memoryOf(member: Member): Column[] {
  return carriedAs(member, memoryColumn)
}

/** What its actor carries under a name. */
function carriedAs({ actor }: Member, name: string): Column[] {
  return actor.carries.filter(column => column.name === name).map(({ size }) => ({ name, size }))
}
