// The contract of a backend, which runs the networks: created asynchronously, all else synchronous.
import type { NoiseKey, Random } from '../random.ts'
import type { Matrix, Stateful } from '../types.ts'
import type { AtomPasses } from './atoms.ts'
import type { ChoiceEvaluation, ChoicePlace } from './choices.ts'
import type { MatrixStore } from './matrix.ts'
import type { MembersNetwork, MembersSpec } from './members.ts'
import type { MixingPasses } from './mixing.ts'
import type { Network, NetworkSpec } from './network.ts'

/** How a network's parameters step against its gradients. */
export type OptimizerConfig = OptimizerBasics & (AdamConfig | RmsPropConfig | MomentumConfig)

export interface OptimizerBasics {
  readonly learningRate: number
  /** Largest L2 norm of a gradient; null: no clipping. */
  readonly clip: number | null
  /**
   * tensor: every weight and every bias is clipped by itself, as in openai/maddpg; network: all of the gradient is scaled down
   * together, by clip / max(norm, clip) (Pascanu, Mikolov and Bengio 2013). Default: tensor.
   */
  readonly clipBy?: 'tensor' | 'network'
}

/** Adam (Kingma and Ba 2015) in TensorFlow 1's form: step = lr sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon). */
export interface AdamConfig {
  readonly rule?: 'adam'
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
}

/**
 * RMSProp (Tieleman and Hinton 2012), s <- decay s + (1 - decay) g^2. `tensorflow`: s begins at 1 and epsilon stands inside of the root,
 * m <- momentum m + lr g / sqrt(s + epsilon), step = m. `pytorch`: s begins at 0 and epsilon stands outside,
 * m <- momentum m + g / (sqrt(s) + epsilon), step = lr m. With a large epsilon these are different algorithms.
 */
export interface RmsPropConfig {
  readonly rule: 'rmsProp'
  readonly form: 'tensorflow' | 'pytorch'
  readonly decay: number
  readonly epsilon: number
  /** Default: 0. */
  readonly momentum?: number
}

/** Gradient descent with momentum (Polyak 1964): m <- momentum m + g, step = lr m. */
export interface MomentumConfig {
  readonly rule: 'sgd'
  /** Default: 0. */
  readonly momentum?: number
}

/** Takes steps along a network's gradients; its moments are saved with the run. */
export interface Optimizer extends Stateful {
  /**
   * Checks that every gradient is finite, clips, steps, and zeroes the gradients. `learningRate`: of this step, else as configured.
   * @throws NonFiniteError naming the tensor: a gradient, and parameters and moments are as before; or, which wants an absurd rate or
   * gradients that nothing clips, a parameter after the step.
   */
  step(learningRate?: number): void
}

/** Neighbouring columns of a matrix: from ... to - 1. */
export interface Columns {
  readonly from: number
  readonly to: number
}

/** Where networks live and are computed; everything that learns is written against this contract alone. */
export interface Backend extends MatrixStore {
  readonly name: string
  /** Of a backend with a memory of its own, which has an end: the bytes taken so far, and the most that there are. */
  readonly memory?: { readonly bytes: number; readonly mostBytes: number }
  /**
   * A network with weights drawn from `random` (drawParameters). Its results and gradients may lie over those of all other networks of the same
   * `workspace`, of which only one learns at a time (workspace.ts); default: they are its own.
   */
  network(spec: NetworkSpec, random: Random, workspace?: string): Network
  /** A network as members with shared parameters use it at once, products in common made once (members.ts); null or absent: not this one. */
  members?(network: Network, spec: MembersSpec): MembersNetwork | null
  optimizer(network: Network, config: OptimizerConfig): Optimizer
  /** target <- tau * online + (1 - tau) * target */
  softUpdate(target: Network, online: Network, tau: number): void
  copy(from: Network, to: Network): void
  /**
   * A sample of the Concrete distribution (Jang et al. 2017; Maddison et al. 2017) per row:
   * to[:, columns] = softmax((logits[:, columns] + g) / temperature), g = -log(-log u), u = (k + 0.5) / 2^23 strictly inside (0, 1).
   * `logits` and `to` have equal shape, and may be one matrix; other columns of `to` stay as they are. The noise of element
   * (r, c) depends on the key and e = r * logits.columns + c alone: k is the upper 23 bits of
   * mix(mix(e * 0x9e3779b9 + key.low) + key.high), all modulo 2^32, mix as in random.ts.
   */
  gumbelSoftmax(logits: Matrix, columns: Columns, temperature: number, noise: NoiseKey, to: Matrix): void
  /** The gradient with respect to the logits: to_j = s_j (g_j - sum_k g_k s_k) / temperature over the columns, s the sample. */
  gumbelSoftmaxGradient(sample: Matrix, columns: Columns, temperature: number, gradient: Matrix, to: Matrix): void
  /** The evaluation of a choice that stands at a place, for many rows at once; absent: in JavaScript. */
  choiceEvaluation?(place: ChoicePlace): ChoiceEvaluation
  /** What critics do that learn distributions. */
  readonly atoms: AtomPasses
  /** What mixers of values do. */
  readonly mixing: MixingPasses
  /** Leaves the cores to others until there is work again; absent: it has no threads that look out for work. */
  rest?(): void
  dispose(): void
}
