// The second backend: the same contract on TensorFlow.js tensors, and networks of the user's own that TensorFlow.js differentiates.
import type { Tensor2D, Variable } from '@tensorflow/tfjs-core'
import type { Random } from '../../random.ts'
import { heapAtoms } from '../atoms.ts'
import type { Backend } from '../backend.ts'
import { heapMixing } from '../mixing.ts'
import {
  drawParameters,
  type Network,
  type NetworkSpec,
  outputSize,
  type TensorSpec,
  tensorLength,
  tensorsOf,
} from '../network.ts'
import { createHeapOptimizer } from '../optimizers/heap-optimizer.ts'
import { checkSets, pieceSpec } from '../sets.ts'
import { checkActivation, checkCount, checkLayerNorms } from '../shapes.ts'
import { checkStandards } from '../standard.ts'
import { heapGumbel } from './gumbel.ts'
import { createHeapStore } from './heap-store.ts'
import { TfjsNetwork } from './network.ts'
import { setsLayer } from './sets-layer.ts'
import {
  automaticLayer,
  denseLayer,
  layerNormLayer,
  normalisedLayer,
  standardLayer,
  type TensorLayer,
} from './tensor-layer.ts'
import { activate, type Carrier, loadTensorFlow, type TensorFlow } from './tensorflow.ts'

/** A network that marlstrom knows nothing about but its variables and the way forward. */
export interface CustomNetwork {
  readonly inputs: number
  readonly outputs: number
  /** By name, in the order they stand in `parameters`. They stay the caller's: the backend does not dispose them. */
  readonly variables: Readonly<Record<string, Variable>>
  /**
   * [batch, inputs] -> [batch, outputs], from TensorFlow.js operations that have gradients; the same numbers for the same
   * input and variables, since going backward calls it again. Runs within tf.tidy.
   */
  readonly apply: (input: Tensor2D) => Tensor2D
}

/** A backend on TensorFlow.js, for which custom networks can be written. */
export interface TfjsBackend extends Backend {
  /** The TensorFlow.js that the backend computes with: write custom networks with this one. */
  readonly tf: TensorFlow
  readonly carrier: Carrier
  /** Why a better carrier is not used; null when there is nothing to say. */
  readonly notice: string | null
  /**
   * A network under the contract from any variables and a differentiable function. Its parameters begin as the variables'
   * numbers; from then on `parameters` leads and the variables follow. Its `spec` has no layers: they are the caller's own.
   */
  custom(network: CustomNetwork): Network
}

/** Which TensorFlow.js computes, and who is told. */
export interface TfjsOptions {
  /** `auto` (the default): native TensorFlow when it loads, else wasm, else cpu. */
  readonly carrier?: Carrier | 'auto'
  /** Hears why a better carrier is not used; the default writes to stderr. */
  readonly notify?: (sentence: string) => void
}

/** A backend that computes by TensorFlow.js, which is loaded by this call: native where it is installed, else WebAssembly, else plain JavaScript. @throws ConfigError when the carrier asked for does not work. */
export async function createTfjsBackend({
  carrier: choice = 'auto',
  notify = console.warn,
}: TfjsOptions = {}): Promise<TfjsBackend> {
  const { tf, carrier, notice } = await loadTensorFlow(choice)
  if (notice !== null) notify(notice)
  const store = createHeapStore()
  const networks: TfjsNetwork[] = []
  const variables: Variable[] = []
  const surroundings = { tf, carrier, closed: false }

  const own = (where: string, network: Network): TfjsNetwork => {
    if (network instanceof TfjsNetwork && network.surroundings === surroundings) return network
    throw new TypeError(`${where} must be a network of this backend`)
  }
  const add = (network: TfjsNetwork) => {
    networks.push(network)
    return network
  }
  const open = (where: string) => {
    if (surroundings.closed) throw new Error(`${where}: the backend was disposed`)
    activate(tf, carrier)
  }
  const variable = (tensor: TensorSpec, parameters: Float32Array): Variable => {
    const numbers = parameters.slice(tensor.offset, tensor.offset + tensorLength(tensor))
    const made = tf.tidy(() => tf.variable(tf.tensor(numbers, [...tensor.shape])))
    variables.push(made)
    return made
  }

  return {
    name: `tfjs-${carrier}`,
    tf,
    carrier,
    notice,
    matrix: store.matrix,
    gather: store.gather,
    gatherAll: store.gatherAll,
    copyBlocks: store.copyBlocks,
    copyColumns: store.copyColumns,
    joinColumns: store.joinColumns,
    ...heapGumbel,
    atoms: heapAtoms(),
    mixing: heapMixing,

    network(spec: NetworkSpec, random: Random) {
      open('network')
      checkSpec(spec)
      const tensors = tensorsOf(spec)
      const parameters = new Float32Array(lengthOf(tensors))
      drawParameters(tensors, random, parameters)
      const layersOf = ({ inputs, layers }: NetworkSpec, prefix: string): TensorLayer[] =>
        layers.map((layer, l) => {
          const name = `${prefix}layer${l}.`
          const own = (rest: string) => variable(tensors.find(t => t.name === name + rest)!, parameters)
          if (layer.kind === 'layerNorm') return layerNormLayer(tf, own('gain'), own('shift'))
          if (layer.kind === 'standard') return standardLayer(tf, layer, own('mean'), own('scale'))
          if (layer.kind === 'sets') {
            return setsLayer(
              tf,
              inputs,
              layer.sets.map((set, s) => ({ ...set, layers: layersOf(pieceSpec(set), `${name}set${s}.`) })),
            )
          }
          if (layer.kind !== 'dense') throw unsupported(layer.kind, l)
          const [weight, bias] = [own('weight'), own('bias')]
          return layer.layerNorm
            ? normalisedLayer(tf, layer, weight, bias, own('gain'), own('shift'))
            : denseLayer(tf, carrier, layer, weight, bias)
        })
      const layers = layersOf(spec, '')
      return add(new TfjsNetwork(surroundings, spec, tensors, parameters, layers, outputSize(spec)))
    },

    custom({ inputs, outputs, variables, apply }) {
      open('custom')
      checkCount('custom: inputs', inputs, 1)
      checkCount('custom: outputs', outputs, 1)
      let offset = 0
      const tensors = Object.entries(variables).map(([name, { shape, size, dtype }]): TensorSpec => {
        if (dtype !== 'float32') throw new TypeError(`custom: variable ${name} must be float32, got ${dtype}`)
        offset += size
        return { name, shape, offset: offset - size }
      })
      const parameters = new Float32Array(offset)
      const all = Object.values(variables)
      all.forEach((variable, i) => {
        parameters.set(variable.dataSync() as Float32Array, tensors[i]!.offset)
      })
      const spec: NetworkSpec = { inputs, layers: [] }
      return add(new TfjsNetwork(surroundings, spec, tensors, parameters, [automaticLayer(tf, all, apply)], outputs))
    },

    optimizer: (network, config) => createHeapOptimizer(own('optimizer: network', network), config),

    softUpdate(target, online, tau) {
      const to = own('softUpdate: target', target)
      const from = own('softUpdate: online', online)
      checkAlike('softUpdate', to, from)
      if (!(tau >= 0 && tau <= 1)) throw new RangeError(`softUpdate: tau must be in [0, 1], got ${tau}`)
      const [parameters, others] = [to.parameters, from.parameters]
      for (let i = 0; i < parameters.length; i++) parameters[i] = tau * others[i]! + (1 - tau) * parameters[i]!
    },

    copy(from, to) {
      const source = own('copy: from', from)
      const target = own('copy: to', to)
      checkAlike('copy', source, target)
      target.parameters.set(source.parameters)
    },

    dispose() {
      surroundings.closed = true
      store.close()
      for (const network of networks) network.dispose()
      for (const variable of variables) variable.dispose()
    },
  }
}

function checkSpec(spec: NetworkSpec): void {
  checkCount('tfjs: network inputs', spec.inputs, 1)
  checkCount('tfjs: number of layers', spec.layers.length, 1)
  spec.layers.forEach((layer, index) => {
    checkCount(`tfjs: size of layer ${index}`, layer.size, 1)
    if (layer.kind === 'gru') throw unsupported(layer.kind, index)
    if (layer.kind === 'dense') checkActivation('tfjs', layer.activation, index)
  })
  checkLayerNorms('tfjs', spec)
  checkSets('tfjs', spec)
  checkStandards('tfjs', spec)
}

function unsupported(kind: string, index: number): TypeError {
  return new TypeError(
    `tfjs: layer ${index} is of kind ${kind}; the tfjs backend has dense layers, layer normalisations and sets, use the backend 'simd'`,
  )
}

function checkAlike(where: string, a: TfjsNetwork, b: TfjsNetwork): void {
  const shape = (network: TfjsNetwork) => network.tensors.map(tensor => tensor.shape.join('x')).join(' ')
  if (shape(a) !== shape(b))
    throw new TypeError(`${where}: networks must have the same tensors, got ${shape(a)} and ${shape(b)}`)
}

function lengthOf(tensors: readonly TensorSpec[]): number {
  return tensors.reduce((sum, tensor) => sum + tensorLength(tensor), 0)
}
