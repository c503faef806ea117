// Sequential updates: the agents of a team learn one after the other in random order, each allowing for what those before it became, V last (Kuba et al. 2022).
import { exp } from '../elementary.ts'
import { ConfigError } from '../errors.ts'
import type { Random } from '../random.ts'
import type { Trajectory } from '../rollout/trajectory.ts'
import type { Saved, Stateful } from '../types.ts'
import type { TeamContext } from './algorithm.ts'
import { createGroupRounds, type Prepared, type RoundLearner } from './group-rounds.ts'
import { type Group, groupsOf, teamGroupOf } from './groups.ts'
import { logRatio } from './log-ratio.ts'
import type { Member } from './member.ts'
import { type RolloutUpdatesConfig, rolloutOf } from './rollout-updates.ts'
import type { TeamLearner } from './team-learner.ts'

/** What the turn of an agent begins with, per row of its trajectory. */
export interface AgentTurn {
  /** A of the team. */
  readonly advantages: Float64Array
  /** M, the product of pi / pi_old of the agents that had their turn before and acted at the same step. */
  readonly compoundRatios: Float64Array
}

/** How an agent learns its policy. */
export interface SequentialPolicy<P extends Prepared = Prepared> extends Omit<RoundLearner<P>, 'prepare'> {
  readonly member: Member
  /** Told once when its turn begins. */
  prepare(trajectory: Trajectory, turn: AgentTurn): P
  /** [rows of the trajectory] log pi(a | o) of what was done, as the policy is now. */
  logProbabilitiesOf(trajectory: Trajectory): Float64Array
}

/** How the team learns its V, of the rows of all of its agents. */
export interface SequentialValue<R extends TeamRound = TeamRound> extends Omit<RoundLearner<R>, 'prepare'> {
  /** Told once when a round begins, before anything is learnt from it. */
  prepare(trajectory: Trajectory): R
}

/** What a round begins with, per row of the trajectory of all agents. */
export interface TeamRound extends Prepared {
  readonly advantages: Float64Array
}

export interface SequentialLearner<P extends Prepared = Prepared, R extends TeamRound = TeamRound> {
  /** In agent order. */
  readonly policies: readonly SequentialPolicy<P>[]
  readonly value: SequentialValue<R>
}

/**
 * A round: A once, by V as it is; the agents in an order drawn anew (stream `order` of the first), each through all of its epochs; V. After
 * each agent M <- M pi_new / pi_old, per step of every game. Each agent draws minibatches of its own, V those of the first.
 */
export function sequentialUpdates<P extends Prepared, R extends TeamRound>(
  team: TeamContext,
  { epochs, minibatches, ...config }: RolloutUpdatesConfig,
  { policies, value }: SequentialLearner<P, R>,
): TeamLearner {
  const { indices } = team
  const members = policies.map(({ member }) => member)
  const policyOf = (agent: number) => policies[indices.indexOf(agent)]!
  const rollout = rolloutOf(team, config, members, agent => typeof policyOf(agent).isRecurrent === 'number')
  const random = (agent: number, name: string) => team.random(team.agents[agent]!.id, name)
  const order = createOrder(random(indices[0]!, 'order'), indices.length)
  /** Whose turn it is, by the place in the order; the last is that of V. */
  let place = 0
  /** What the round began with; null: it has not. */
  let round: R | null = null
  /** [moments of the rollout] M */
  let compound = new Float64Array(0)
  /** Whether the turn under way is over. */
  let isOver = false

  const inTurn = (policy: SequentialPolicy<P>, position: number): RoundLearner<P> => ({
    ...policy,
    prepare(trajectory) {
      const compoundRatios = new Float64Array(trajectory.rows)
      for (const row of trajectory.learnable) compoundRatios[row] = compound[trajectory.momentOf(row)]!
      const advantages = ofMember(round!.advantages, position, indices.length, trajectory)
      return policy.prepare(trajectory, { advantages, compoundRatios })
    },
    endRound(trajectory) {
      if (place + 1 < indices.length) multiply(compound, trajectory, policy.logProbabilitiesOf(trajectory))
      policy.endRound?.(trajectory)
    },
  })
  const turnOf = <Q extends Prepared>(group: Group, learner: RoundLearner<Q>) => {
    const forget = () => {
      isOver = true
    }
    const source = { trajectory: rollout.trajectory, forget }
    const minibatchesOf = random(group.indices[0]!, 'minibatches')
    return createGroupRounds(source, [group], [learner], minibatchesOf, { epochs, minibatches })
  }
  const turns = groupsOf(team).map((group, position) => turnOf(group, inTurn(policies[position]!, position)))
  const lastTurn = turnOf(teamGroupOf(team), { ...value, prepare: () => round! })
  const isLast = () => place === indices.length
  const turnNow = () => (isLast() ? lastTurn : turns[order.at(place)]!)

  /** From a turn that is over to the next, of somebody who was in the game at all; after the last the rollout is forgotten. */
  const passOn = () => {
    while (isOver) {
      isOver = false
      if (isLast()) {
        rollout.forget()
        place = 0
        round = null
        return
      }
      place++
      turnNow().settle()
    }
  }

  return {
    members,
    take(step) {
      rollout.add(step)
      if (!rollout.isComplete) return
      order.draw()
      turnNow().settle()
      passOn()
    },
    get due() {
      return rollout.isComplete
    },
    get turn() {
      return indices[isLast() ? 0 : order.at(place)]!
    },
    advance() {
      if (round === null) {
        const trajectory = rollout.trajectory(indices)
        round = value.prepare(trajectory)
        compound = new Float64Array(trajectory.moments).fill(1)
      }
      const update = turnNow().advance()
      passOn()
      return { ...update, endsRound: !rollout.isComplete }
    },
    save: (): Saved => ({
      rollout: rollout.save(),
      order: order.save(),
      place,
      round,
      compound: round === null ? null : compound,
      turns: turns.map(turn => turn.save()),
      lastTurn: lastTurn.save(),
    }),
    restore(saved) {
      const state = saved as {
        rollout: Saved
        order: Saved
        place: number
        round: R | null
        compound: Float64Array | null
        turns: readonly Saved[]
        lastTurn: Saved
      }
      rollout.restore(state.rollout)
      order.restore(state.order)
      place = state.place
      const copies = Object.entries(state.round ?? {}).map(([name, values]) => [name, Float64Array.from(values)])
      round = state.round && (Object.fromEntries(copies) as R)
      compound = Float64Array.from(state.compound ?? [])
      turns.forEach((turn, i) => void turn.restore(state.turns[i]!))
      lastTurn.restore(state.lastTurn)
      isOver = false
    },
  }
}

/**
 * @throws ConfigError where agents have networks in common, of which an update of one would be an update of all. `id`: the algorithm's, and
 * `instead` one that shares.
 */
export function refuseSharing({ agents, sharing, indices }: TeamContext, id: string, instead: string): void {
  if (indices.every(index => sharing[index]!.members === 1)) return
  const why = `${id} updates one agent after the other, each allowing for what those before it became, so that each has networks of its own`
  const [team, other] = new Set(indices.map(index => agents[index]!.team))
  if (other !== undefined) {
    throw new ConfigError(
      `team.${other}`,
      `expected a player of its own, got the policies of ${team}: ${why}; past:${team} plays earlier copies of them, and ` +
        `team.${team}=${instead} learns from what both teams do`,
    )
  }
  throw new ConfigError(
    'learner.shareParameters',
    `expected false, got true: ${why}; learner.algorithm=${instead} shares them`,
  )
}

interface Order extends Stateful {
  /** Anew. */
  draw(): void
  at(place: number): number
}

/** 0 ... count - 1, each permutation as likely as any other (Fisher and Yates). */
function createOrder(random: Random, count: number): Order {
  let order = Uint32Array.from({ length: count }, (_, i) => i)
  return {
    draw() {
      for (let last = count - 1; last > 0; last--) {
        const other = random.integer(last + 1)
        ;[order[last], order[other]] = [order[other]!, order[last]!]
      }
    },
    at: place => order[place]!,
    save: () => ({ order, random: random.save() }),
    restore(saved) {
      const state = saved as { order: Uint32Array; random: Saved }
      order = Uint32Array.from(state.order)
      random.restore(state.random)
    },
  }
}

/** Numbers of the rows of one of `count` agents, out of those of the rows of all of them. */
function ofMember(all: Float64Array, position: number, count: number, { rows, lanes }: Trajectory): Float64Array {
  const own = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    const [step, lane] = [Math.floor(row / lanes), row % lanes]
    own[row] = all[(step * count + position) * lanes + lane]!
  }
  return own
}

/** M <- M pi_new / pi_old at the steps at which the agent acted. */
function multiply(compound: Float64Array, trajectory: Trajectory, now: Float64Array): void {
  const old = trajectory.numbers('logProbability')
  for (const row of trajectory.learnable) compound[trajectory.momentOf(row)]! *= exp(logRatio(now[row]!, old[row]!))
}
