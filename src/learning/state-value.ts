// The state value V: the return that agents of a group expect, from their own observation or from the observations of all agents.
import { mlp, type Network } from '../nn/network.ts'
import { setPlacesOf } from '../nn/sets.ts'
import type { Rows } from '../rollout/rows.ts'
import type { Trajectory } from '../rollout/trajectory.ts'
import type { Matrix, Stateful } from '../types.ts'
import { finiteLoss } from './finite-loss.ts'
import { type Group, writeIdentities } from './groups.ts'
import { growingMatrix } from './growing-matrix.ts'
import { createOptimizer } from './optimizer.ts'
import type { OptimisationSettings } from './options.ts'

export interface StateValue {
  readonly network: Network
  readonly optimizer: Stateful
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
 * order, no actions (Yu et al. 2022); those must be kept, `watched` by the rollout. Agents of a group are told apart by their number.
 */
export function createStateValue(group: Group, critic: 'local' | 'joint', settings: OptimisationSettings): StateValue {
  const { team, agent, identityColumns } = group
  const { backend, agents } = team
  const seen = critic === 'joint' ? agents.map((_, index) => index) : null
  const observed = seen === null ? agent.observationSize : agents.reduce((sum, each) => sum + each.observationSize, 0)
  const { hidden, activation, orthogonal } = team.network
  const sets = seen === null ? setPlacesOf(agent.observationParts) : []
  const ends = orthogonal === undefined ? undefined : { ...orthogonal, output: 1 }
  const layers = { ...team.network, orthogonal: ends, sets }
  const spec = mlp(observed + identityColumns, hidden, 1, activation, layers)
  const network = backend.network(spec, team.random(agent.id, 'critic'))
  const optimizer = createOptimizer(
    team,
    settings,
    network,
    [group.name, 'critic'],
    settings.criticLearningRate ?? settings.learningRate,
  )
  const inputs = growingMatrix(backend, spec.inputs)
  const gradients = growingMatrix(backend, 1)

  const inputOf = (trajectory: Trajectory, rows: Uint32Array, when: string): Matrix => {
    const input = inputs(rows.length)
    let column = 0
    if (seen === null) trajectory.copy(when, rows, input)
    for (const index of seen ?? []) {
      trajectory.copy(when, rows, input, column, index)
      column += agents[index]!.observationSize
    }
    writeIdentities(input, observed, group, i => trajectory.memberOf(rows[i]!))
    return input
  }

  return {
    network,
    optimizer,
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
