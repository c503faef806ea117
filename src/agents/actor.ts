// An actor: a network from one agent's observation to its action, with the head that makes the action.
import type { Backend } from '../nn/backend.ts'
import { type Activation, mlp, type Network } from '../nn/network.ts'
import type { Noise, NoiseKey, Random } from '../random.ts'
import type { AgentSpec, Matrix, Saved } from '../types.ts'
import { createHead } from './head.ts'
import type { Policy } from './policy.ts'

export interface ActorConfig {
  readonly hidden: readonly number[]
  readonly activation: Activation
  /** Whether hidden layers are normalised before their activation; default: no. */
  readonly layerNorm?: boolean
  /** Temperature of the Gumbel-softmax. */
  readonly temperature: number
}

export interface Actor {
  readonly network: Network
  /** Sampled actions [batch, actionSize]; keeps nothing. */
  sample(observations: Matrix, noise: NoiseKey): Matrix
  /** The best guess, without chance. */
  greedy(observations: Matrix): Matrix
  /** Sampled actions; keeps what `backward` needs. */
  forward(observations: Matrix, noise: NoiseKey): Matrix
  /**
   * Leads the gradient at the actions of the last `forward` into the network's gradients, and adds the gradient of
   * penalty * mean(outputs^2) over all that the head reads, to which rows where `present` is 0 add nothing.
   */
  backward(actionGradient: Matrix, penalty: number, present: Float32Array): void
}

/** A new actor for an agent. */
export function createActor(backend: Backend, agent: AgentSpec, config: ActorConfig, random: Random): Actor {
  const head = createHead(backend, agent.actionSpace, config.temperature)
  const learningHead = createHead(backend, agent.actionSpace, config.temperature)
  const { hidden, activation, layerNorm } = config
  const network = backend.network(mlp(agent.observationSize, hidden, head.inputs, activation, layerNorm), random)
  let outputs: Matrix
  return {
    network,
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

/** The policy of an actor; its exploration draws from `noise`. */
export function createActorPolicy(actor: Actor, noise: Noise): Policy {
  return {
    act({ observations, explore, actions }) {
      const chosen = explore ? actor.sample(observations, noise.next()) : actor.greedy(observations)
      actions.data.set(chosen.data)
    },
    save: (): Saved => noise.save(),
    restore: saved => noise.restore(saved),
  }
}
