// The state value V: the return that agents of a group expect, from their own observation, the observations of all agents or the world's state.
import { mlp, type Network } from '../nn/network.ts'
import type { Rows } from '../rollout/rows.ts'
import type { Trajectory } from '../rollout/trajectory.ts'
import type { Matrix, Stateful } from '../types.ts'
import { agentSets, setColumns } from './agent-sets.ts'
import { type CriticView, presenceColumns, refuseStateless, seenSize, setsOf } from './critic-input.ts'
import { finiteLoss } from './finite-loss.ts'
import { type Group, identitiesOf, writeIdentities } from './groups.ts'
import { growingMatrix } from './growing-matrix.ts'
import { createInputStatistics } from './input-statistics.ts'
import { createOptimizer } from './optimizer.ts'
import type { OptimisationSettings } from './options.ts'

export interface StateValue {
  readonly network: Network
  readonly optimizer: Stateful
  /** Of what its network reads; null: it reads all as it is. */
  readonly statistics: Stateful | null
  /** Takes what was seen in a round that is over into the statistics. */
  endRound(trajectory: Trajectory): void
  /** [rows of the trajectory] V at what was seen, or at what was seen next, before a reset; 0 where the agent was absent. */
  of(trajectory: Trajectory, when?: 'observation' | 'nextObservation'): Float64Array
  /**
   * One step of the optimizer down mean (targets - V)^2 over the rows in which the agent was there; targets per row of `rows`. The loss is
   * that before the step.
   * @throws NonFiniteError when the loss, a gradient or a parameter is not finite.
   */
  fit(rows: Rows, targets: ArrayLike<number>): { readonly valueLoss: number }
}

/** Rows that are looked at in one pass. */
const passRows = 4096

/**
 * V of a group; weights from the first agent's stream `critic`. local: of the own observation. joint: of all agents' observations in agent
 * order, no actions (Yu et al. 2022); those must be kept, `watched` by the rollout. state: of the world's own state, which the rollout must
 * keep. set: of the own observation, then all agents by kind as sets of any number, a piece each: whether it is there, its observation;
 * `watched` too. In games whose agents may be absent joint and state end with a flag for each agent, 1 where it is there. Agents of a group
 * are told apart by their number, unless they share without.
 * @throws ConfigError for the state of a game that has none
 */
export function createStateValue(group: Group, critic: CriticView, settings: OptimisationSettings): StateValue {
  const { team, agent, criticIdentityColumns } = group
  const identities = identitiesOf(group, 'critic')
  const { backend, agents, stateParts = [] } = team
  refuseStateless(critic, stateParts)
  const seen = critic === 'joint' ? agents.map((_, index) => index) : null
  const observed = seenSize({ agents, index: group.indices[0]!, stateParts }, critic)
  const flags = presenceColumns(agents, critic)
  const { hidden, activation, orthogonal, normaliseObservations = false } = team.network
  const ends = orthogonal === undefined ? undefined : { ...orthogonal, output: 1 }
  const everybody = critic === 'set' ? agentSets(agents, observed, { actions: false }) : []
  const seenInAll = observed + setColumns(everybody) + flags
  const spec = mlp(seenInAll + criticIdentityColumns, hidden, 1, activation, {
    ...team.network,
    orthogonal: ends,
    standardised: normaliseObservations ? observed : 0,
    sets: [...setsOf({ agents, index: group.indices[0]!, stateParts }, critic), ...everybody.map(({ place }) => place)],
  })
  const network = backend.network(spec, team.random(agent.id, 'critic'))
  const statistics = createInputStatistics(network)
  const optimizer = createOptimizer(
    team,
    settings,
    network,
    [group.name, 'critic'],
    settings.criticLearningRate ?? settings.learningRate,
  )
  const mayBeAbsent = agents.some(each => each.mayBeAbsent === true)
  const inputs = growingMatrix(backend, spec.inputs)
  const gradients = growingMatrix(backend, 1)

  const inputOf = (trajectory: Trajectory, rows: Uint32Array, when: 'observation' | 'nextObservation'): Matrix => {
    const input = inputs(rows.length)
    let column = 0
    if (critic === 'local' || critic === 'set') trajectory.copy(when, rows, input)
    if (critic === 'state') trajectory.copy(when === 'observation' ? 'state' : 'nextState', rows, input)
    for (const index of seen ?? []) {
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
    writeIdentities(input, seenInAll, identities, i => trajectory.memberOf(rows[i]!))
    return input
  }

  return {
    network,
    optimizer,
    statistics,
    endRound: trajectory => statistics?.endRound(trajectory, rows => inputOf(trajectory, rows, 'observation')),
    of(trajectory, when = 'observation') {
      const values = new Float64Array(trajectory.rows)
      const { learnable } = trajectory
      for (let from = 0; from < learnable.length; from += passRows) {
        const rows = learnable.subarray(from, from + passRows)
        const { data } = network.infer(inputOf(trajectory, rows, when))
        rows.forEach((row, i) => {
          values[row] = data[i]!
        })
      }
      return values
    },
    fit({ trajectory, indices: rows, count }, targets) {
      const values = network.forward(inputOf(trajectory, rows, 'observation'))
      const gradient = gradients(rows.length)
      let sum = 0
      for (let i = 0; i < rows.length; i++) {
        const error = trajectory.present[rows[i]!] === 1 ? values.data[i]! - targets[i]! : 0
        gradient.data[i] = (2 * error) / count
        sum += error * error
      }
      const valueLoss = finiteLoss(sum / count, group.name, 'critic')
      network.backward(gradient)
      optimizer.step()
      return { valueLoss }
    },
  }
}
