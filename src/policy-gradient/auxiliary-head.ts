// An auxiliary value head on the body of a policy: while it learns to tell returns, the policy is held to what it said (Cobbe et al. 2020).
import { finiteLoss } from '../learning/finite-loss.ts'
import type { Group } from '../learning/groups.ts'
import { growingMatrix } from '../learning/growing-matrix.ts'
import { createOptimizer } from '../learning/optimizer.ts'
import type { OptimisationSettings } from '../learning/options.ts'
import type { StochasticPolicy } from '../learning/stochastic-policy.ts'
import type { UpdateFigures } from '../learning/team-learner.ts'
import type { ValueLoss } from '../learning/value-loss.ts'
import type { DenseLayer, Network, NetworkSpec } from '../nn/network.ts'
import { drawParameters, tensorsOf } from '../nn/network.ts'
import type { Rows } from '../rollout/rows.ts'
import type { Schedule } from '../settings/schedule.ts'
import type { Matrix, Stateful } from '../types.ts'

export interface AuxiliaryHead {
  /** The policy's network with one output more, its parameters those of the policy: nobody acts by it, and it is saved with the policy. */
  readonly network: Network
  /** [rows, distribution.outputs] What the policy says, to the bit as `gradient` sees it. Until the next call. */
  outputsAt(rows: Rows): Matrix
  /**
   * Adds the gradient of mean h(V_aux - target) + cloneWeight mean KL(pi_old || pi) over the rows in which the agent was there; targets per
   * row, in the units of the loss. `auxiliaryLoss`: the first part; `cloneDivergence`: the mean KL.
   * @throws NonFiniteError when the loss is not finite.
   */
  gradient(rows: Rows, targets: ArrayLike<number>, old: Matrix): UpdateFigures
  /** One step of its optimizer; the policy moves too. @throws NonFiniteError when a gradient or a parameter is not finite. */
  step(): void
  /** What has to be saved beside the policy's network. */
  readonly parts: Readonly<Record<string, Stateful>>
}

export interface AuxiliaryHeadConfig {
  readonly cloneWeight: number
  readonly loss: ValueLoss
  readonly learningRate: Schedule
}

/** Its weights are drawn from the first agent's stream `auxiliary`. It reads what the policy reads, and no more. */
export function createAuxiliaryHead(
  { team, agent, name }: Group,
  policy: StochasticPolicy,
  settings: OptimisationSettings,
  { cloneWeight, loss, learningRate }: AuxiliaryHeadConfig,
): AuxiliaryHead {
  const { backend } = team
  const { outputs } = policy.distribution
  const random = team.random(agent.id, 'auxiliary')
  const { head, features } = drawHead(policy.network.spec, random)
  const network = backend.network(withOneMore(policy.network.spec), random)
  const optimizer = createOptimizer(team, settings, network, [name, 'actor'], learningRate)
  const { read, write } = parameterBridge(policy.network, network, head, features)
  const [ofPolicy, slopes] = [growingMatrix(backend, outputs), growingMatrix(backend, outputs)]
  const atOutputs = growingMatrix(backend, outputs + 1)

  /** [rows, outputs + 1], and of them what the policy says. */
  const forward = (rows: Rows) => {
    read()
    const all = policy.forward(rows, network)
    const own = ofPolicy(all.rows)
    for (let row = 0; row < all.rows; row++) {
      for (let c = 0; c < outputs; c++) own.data[row * outputs + c] = all.data[row * all.columns + c]!
    }
    return { all, own }
  }

  return {
    network,
    outputsAt: rows => forward(rows).own,
    gradient(rows, targets, old) {
      const { trajectory, indices, count } = rows
      const present = Float64Array.from(indices, row => trajectory.present[row]!)
      const { all, own } = forward(rows)
      const mask = policy.maskOf(rows)
      const divergences = new Float32Array(indices.length)
      policy.distribution.divergence(old, own, divergences, mask)
      const each = present.map(there => (there * cloneWeight) / count)
      const ofClone = slopes(indices.length)
      policy.distribution.divergenceGradient(old, own, each, ofClone, mask)
      const gradient = atOutputs(indices.length)
      let [sum, divergence] = [0, 0]
      for (let i = 0; i < indices.length; i++) {
        const at = i * (outputs + 1)
        for (let c = 0; c < outputs; c++) gradient.data[at + c] = ofClone.data[i * outputs + c]!
        gradient.data[at + outputs] = 0
        if (present[i] === 0) continue
        const value = all.data[at + outputs]!
        gradient.data[at + outputs] = loss.slope(value, targets[i]!, 0) / count
        sum += loss.of(value, targets[i]!, 0)
        divergence += divergences[i]!
      }
      finiteLoss((sum + cloneWeight * divergence) / count, name, 'actor')
      network.backward(gradient)
      return { auxiliaryLoss: sum / count, cloneDivergence: divergence / count }
    },
    step() {
      optimizer.step()
      write()
    },
    parts: {
      auxiliaryHead: {
        save: () => head,
        restore: saved => void head.set(saved as Float32Array),
      },
      auxiliaryOptimizer: optimizer,
    },
  }
}

function lastLayer({ layers }: NetworkSpec): DenseLayer {
  const last = layers.at(-1)
  if (last?.kind === 'dense') return last
  throw new TypeError(`auxiliary head: expected a policy whose last layer is dense, got ${last?.kind ?? 'none'}`)
}

/** The same with one output more. */
function withOneMore(spec: NetworkSpec): NetworkSpec {
  const { orthogonal: _, constant = 0, ...last } = lastLayer(spec)
  const { size } = last
  // Outputs that are biases alone are given by their places: the last one is another now.
  const places = typeof constant === 'number' ? [{ from: size - constant, to: size }] : constant
  return { ...spec, layers: [...spec.layers.slice(0, -1), { ...last, size: size + 1, constant: places }] }
}

/** [features + 1] The weights of the head, then its bias; as a value's last layer is drawn. */
function drawHead(spec: NetworkSpec, random: Parameters<typeof drawParameters>[1]) {
  const features = spec.layers.at(-2)?.size ?? spec.inputs
  const orthogonal = lastLayer(spec).orthogonal === undefined ? {} : { orthogonal: 1 }
  const tensors = tensorsOf({
    inputs: features,
    layers: [{ kind: 'dense', size: 1, activation: 'identity', ...orthogonal }],
  })
  const head = new Float32Array(features + 1)
  drawParameters(tensors, random, head)
  return { head, features }
}

/** Moves parameters between a policy's network and the head, and the network that has both: column by column of the last layer. */
function parameterBridge(policy: Network, both: Network, head: Float32Array, features: number) {
  const { offset } = policy.tensors.at(-2)!
  const outputs = policy.tensors.at(-1)!.shape[0]!
  return {
    read() {
      both.parameters.set(policy.parameters.subarray(0, offset))
      // The bias stands behind the weights as one row more.
      for (let row = 0; row <= features; row++) {
        const [from, to] = [offset + row * outputs, offset + row * (outputs + 1)]
        both.parameters.set(policy.parameters.subarray(from, from + outputs), to)
        both.parameters[to + outputs] = head[row]!
      }
    },
    write() {
      policy.parameters.set(both.parameters.subarray(0, offset))
      for (let row = 0; row <= features; row++) {
        const [to, from] = [offset + row * outputs, offset + row * (outputs + 1)]
        policy.parameters.set(both.parameters.subarray(from, from + outputs), to)
        head[row] = both.parameters[from + outputs]!
      }
    },
  }
}
