// What the critic of a group reads of rows of a trajectory: its own observation, those of all agents or the world's state, and who asks.
import type { SetPlace } from '../nn/sets.ts'
import type { Trajectory } from '../rollout/trajectory.ts'
import { actionSize } from '../spaces.ts'
import type { Matrix } from '../types.ts'
import { agentSets, setColumns } from './agent-sets.ts'
import {
  type CriticMoment,
  type CriticView,
  presenceColumns,
  refuseStateless,
  seenSize,
  setsOf,
} from './critic-input.ts'
import { type Group, identitiesOf, writeIdentities } from './groups.ts'
import { growingMatrix } from './growing-matrix.ts'

export interface TrajectoryInput {
  /** Columns of the input, and the first ones among them that are observations or the state. */
  readonly size: number
  readonly observed: number
  /** The sets among them. */
  readonly sets: readonly SetPlace[]
  /** [rows, size] Of some rows of a trajectory; until the next call. With actions it is asked of observations alone. */
  of(trajectory: Trajectory, rows: Uint32Array, when: 'observation' | 'nextObservation'): Matrix
  /** [1, size] The same of an agent, by its position in the group, as a game stands; not with sets of agents. */
  at(member: number, moment: CriticMoment, actions: readonly Matrix[]): Matrix
}

/**
 * local: the own observation. joint: all agents' observations in agent order; those must be kept, `watched` by the rollout. state: the world's
 * own state, which the rollout must keep. set: the own observation, then all agents by kind as sets of any number, a piece each: whether it
 * is there, its observation; `watched` too. In games whose agents may be absent joint and state go on with a flag for each agent, 1 where it
 * is there. `actions`: then come those of the team in agent order, the own one as zeros. Agents of a group are told apart by their number,
 * unless they share without.
 * @throws ConfigError for the state of a game that has none
 */
export function createTrajectoryInput(
  group: Group,
  critic: CriticView,
  { actions }: { readonly actions: boolean },
): TrajectoryInput {
  const { team, indices, criticIdentityColumns } = group
  const { backend, agents, stateParts = [] } = team
  const identities = identitiesOf(group, 'critic')
  refuseStateless(critic, stateParts)
  const owner = { agents, index: indices[0]!, stateParts }
  const seen = critic === 'joint' ? agents.map((_, index) => index) : []
  const observed = seenSize(owner, critic)
  const everybody = critic === 'set' ? agentSets(agents, observed, { actions: false }) : []
  const flags = presenceColumns(agents, critic)
  const actionsAt = observed + setColumns(everybody) + flags
  let identityAt = actionsAt
  const acting = (actions ? team.indices : []).map(agent => {
    const at = identityAt
    const size = actionSize(agents[agent]!.actionSpace)
    identityAt += size
    return { agent, at, size }
  })
  const size = identityAt + criticIdentityColumns
  const mayBeAbsent = agents.some(each => each.mayBeAbsent === true)
  const inputs = growingMatrix(backend, size)

  /** Zeros in place of the own action. */
  const hideOwn = ({ columns, data }: Matrix, row: number, agent: number) => {
    for (const each of acting) {
      if (each.agent === agent) data.fill(0, row * columns + each.at, row * columns + each.at + each.size)
    }
  }

  return {
    size,
    observed,
    sets: [...setsOf(owner, critic), ...everybody.map(({ place }) => place)],
    of(trajectory, rows, when) {
      const input = inputs(rows.length)
      let column = 0
      if (critic === 'local' || critic === 'set') trajectory.copy(when, rows, input)
      if (critic === 'state') trajectory.copy(when === 'observation' ? 'state' : 'nextState', rows, input)
      for (const index of seen) {
        trajectory.copy(when, rows, input, column, index)
        column += agents[index]!.observationSize
      }
      const present = when === 'observation' ? 'present' : 'nextPresent'
      for (const { members, place } of everybody) {
        members.forEach((index, i) => {
          const flagAt = place.from + i * place.piece
          trajectory.copy(when, rows, input, flagAt + 1, index)
          if (mayBeAbsent) trajectory.copy(present, rows, input, flagAt, index)
          else for (let at = flagAt; at < input.data.length; at += input.columns) input.data[at] = 1
        })
      }
      for (let index = 0; index < flags; index++) {
        trajectory.copy(present, rows, input, observed + index, index)
      }
      for (const { agent, at } of acting) trajectory.copy('action', rows, input, at, agent)
      const { members, memberOf } = trajectory
      if (acting.length > 0) rows.forEach((row, i) => void hideOwn(input, i, members[memberOf(row)]!))
      writeIdentities(input, identityAt, identities, i => memberOf(rows[i]!))
      return input
    },
    at(member, { observations, state, present }, actions) {
      const input = inputs(1)
      const { data } = input
      const parts =
        critic === 'state'
          ? [state!]
          : (critic === 'joint' ? seen : [indices[member]!]).map(index => observations[index]!)
      let column = 0
      for (const part of parts) {
        data.set(part.data, column)
        column += part.columns
      }
      if (flags > 0) data.set(present!.data, observed)
      for (const { agent, at } of acting) data.set(actions[agent]!.data, at)
      hideOwn(input, 0, indices[member]!)
      writeIdentities(input, identityAt, identities, () => member)
      return input
    },
  }
}
