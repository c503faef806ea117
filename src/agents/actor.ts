// An actor: a network from one agent's observation to its action, with the head that makes the action.
import type { Backend } from '../nn/backend.ts'
import { type Activation, mlp, type Network } from '../nn/network.ts'
import type { NoiseKey, Random } from '../random.ts'
import type { AgentSpec, Matrix, Observations } from '../types.ts'
import { createHead } from './head.ts'

export interface ActorConfig {
  readonly hidden: readonly number[]
  readonly activation: Activation
  /** Whether hidden layers are normalised before their activation; default: no. */
  readonly layerNorm?: boolean
  /** Temperature of the Gumbel-softmax; a function where it changes. */
  readonly temperature: number | (() => number)
}

/** What acts: all agents may read it. */
export interface Actor {
  /** What it carries from step to step, block by block of columns; its policy declares them. */
  readonly carries: readonly Carried[]
  /** Sampled actions [batch, actionSize]; keeps nothing. */
  sample(observations: Observations, noise: NoiseKey): Matrix
  /** The best guess, without chance. */
  greedy(observations: Observations): Matrix
  /** What it is made of: one network, or one per sub-policy. */
  readonly networks: readonly Network[]
}

/** Numbers that an actor carries through an episode, one row per game. */
export interface Carried {
  readonly size: number
  /** Writes what an episode begins with, into one row. */
  begin(row: Float32Array, random: Random): void
  /** [rows, size] What the last `sample` or `greedy` leaves for the next step; absent: the numbers stay through the episode. */
  after?(): Matrix
}

/** An actor with one network, which learns. */
export interface LearningActor extends Actor {
  readonly network: Network
  /** Sampled actions; keeps what `backward` needs. */
  forward(observations: Observations, noise: NoiseKey): Matrix
  /**
   * Leads the gradient at the actions of the last `forward` into the network's gradients, and adds the gradient of
   * penalty * mean(outputs^2) over all that the head reads, to which rows where `present` is 0 add nothing.
   */
  backward(actionGradient: Matrix, penalty: number, present: Float32Array): void
}

/** A new actor for an agent. */
export function createActor(
  backend: Backend,
  agent: Pick<AgentSpec, 'observationSize' | 'actionSpace'>,
  config: ActorConfig,
  random: Random,
): LearningActor {
  const head = createHead(backend, agent.actionSpace, config.temperature)
  const learningHead = createHead(backend, agent.actionSpace, config.temperature)
  const { hidden, activation, layerNorm } = config
  const network = backend.network(mlp(agent.observationSize, hidden, head.inputs, activation, layerNorm), random)
  let outputs: Matrix
  return {
    carries: [],
    network,
    networks: [network],
    sample: (observations, noise) => head.sample(network.infer(observations), noise),
    greedy: observations => head.greedy(network.infer(observations)),
    forward(observations, noise) {
      outputs = network.forward(observations)
      return learningHead.sample(outputs, noise)
    },
    backward(actionGradient, penalty, present) {
      const gradient = learningHead.gradient(actionGradient)
      const scale = (2 * penalty) / outputs.data.length
      for (let row = 0, i = 0; row < outputs.rows; row++) {
        for (let c = 0; c < outputs.columns; c++, i++) gradient.data[i]! += scale * present[row]! * outputs.data[i]!
      }
      network.backward(gradient)
    },
  }
}
