// A TensorFlow.js LayersModel: model.json and one file of weights. Observation in, and `action_mask` of agents whose game masks actions;
// `logits` and `probabilities` out. Keras's layers know no largest-of, so where actions must be one-hot the reader takes the largest of each part.
import { createHash } from 'node:crypto'
import {
  describe,
  type ExportedActor,
  type ExportedLayer,
  type ExportedNorm,
  type ExportedStandard,
  leakySlope,
  littleEndian,
  normEpsilon,
  partsOf,
} from './exported-actor.ts'
import { columnsFrom, lowered, pickColumns } from './layers-model-columns.ts'
import { poolSets } from './layers-model-sets.ts'

export interface LayersModel {
  /** What model.json holds. */
  readonly model: { readonly modelTopology: object; readonly weightsManifest: readonly object[] }
  readonly weights: Uint8Array
  /** Named after its content, so that an older model.json never meets newer weights. */
  readonly weightsFile: string
}

export function layersModel(actor: ExportedActor): LayersModel {
  const { agent, standard, sets, layers } = actor
  const parts = partsOf(agent)
  const last = layers[layers.length - 1]!
  const graph: object[] = [
    layer('InputLayer', 'observation', { batch_input_shape: [null, agent.observationSize], dtype: 'float32' }, []),
  ]
  const tensors: { name: string; shape: number[]; data: Float32Array }[] = []
  const add = (kind: string, name: string, config: object, from: readonly string[]) => {
    graph.push(layer(kind, name, config, from))
    return name
  }
  const normalise = (name: string, from: string, { gain, shift }: ExportedNorm) => {
    add('LayerNormalization', name, { axis: -1, epsilon: normEpsilon, center: true, scale: true }, [from])
    tensors.push({ name: `${name}/gamma`, shape: [gain.length], data: gain })
    tensors.push({ name: `${name}/beta`, shape: [shift.length], data: shift })
    return name
  }
  /** A Dense layer and what is around it: normalisations and activation are layers of their own. Gives the name of the last. */
  const dense = (name: string, from: string, layer: ExportedLayer) => {
    const { inputs, size, activation, weight, bias, norm, inputNorm } = layer
    const input = inputNorm === undefined ? from : normalise(`${name}_input`, from, inputNorm)
    let last = add('Dense', name, { units: size, activation: 'linear', use_bias: true }, [input])
    tensors.push({ name: `${name}/kernel`, shape: [inputs, size], data: weight })
    tensors.push({ name: `${name}/bias`, shape: [size], data: bias })
    if (norm !== undefined) last = normalise(`${name}_norm`, last, norm)
    if (activation === 'identity') return last
    const after = `${name}_${activation}`
    return activation === 'leakyRelu'
      ? add('LeakyReLU', after, { alpha: leakySlope }, [last])
      : add('Activation', after, { activation }, [last])
  }
  /** (x - mean) scale, between minus and plus the limit, which are the biases of layers without weights. */
  const standardise = ({ mean, scale, limit }: ExportedStandard) => {
    const size = mean.length
    add('BatchNormalization', 'standard', { axis: -1, epsilon: 0, center: false, scale: true }, ['observation'])
    const fixed = { gamma: scale, moving_mean: mean, moving_variance: new Float32Array(size).fill(1) }
    for (const [name, data] of Object.entries(fixed)) tensors.push({ name: `standard/${name}`, shape: [size], data })
    const nothing = { inputs: size, size, activation: 'identity', weight: new Float32Array(size * size) } as const
    const least = dense('standard_least', 'observation', { ...nothing, bias: limit.map(x => -x) })
    const most = dense('standard_most', 'observation', { ...nothing, bias: limit })
    return add('Minimum', 'standard_clipped', {}, [add('Maximum', 'standard_raised', {}, ['standard', least]), most])
  }
  const seen = standard === undefined ? 'observation' : standardise(standard)
  let input = sets === undefined ? seen : poolSets(sets, seen, agent.observationSize, { add, dense, normalise })
  layers.slice(0, -1).forEach((hidden, l) => {
    input = dense(`hidden${l}`, input, hidden)
  })
  // Each part has an output layer of its own, since there is no layer that cuts columns apart.
  const many = parts.length > 1
  const isMasked = agent.isMasked === true
  const names = parts.map((_, p) => (many ? `logits${p}` : 'logits'))
  const probabilities = parts.map((_, p) => (many ? `probabilities${p}` : 'probabilities'))
  if (isMasked) {
    graph.push(layer('InputLayer', 'action_mask', { batch_input_shape: [null, last.size], dtype: 'float32' }, []))
  }
  parts.forEach(({ from, to }, p) => {
    const own = columnsOf(last, from, to)
    if (!isMasked) {
      dense(names[p]!, input, own)
      add('Activation', probabilities[p]!, { activation: 'softmax' }, [names[p]!])
      return
    }
    // There is no choosing layer either: what is forbidden is lowered by `lowered`, and multiplied by 0 to be exactly that.
    const all = dense(`${names[p]}_all`, input, own)
    const lowering = dense(
      `${names[p]}_lowering`,
      'action_mask',
      pickColumns(last.size, columnsFrom(from, to), lowered, -lowered),
    )
    const allowed = dense(`${names[p]}_allowed`, 'action_mask', pickColumns(last.size, columnsFrom(from, to)))
    add('Add', names[p]!, {}, [all, lowering])
    const soft = add('Activation', `${probabilities[p]}_all`, { activation: 'softmax' }, [names[p]!])
    add('Multiply', probabilities[p]!, {}, [soft, allowed])
  })
  if (many) {
    add('Concatenate', 'logits', { axis: -1 }, names)
    add('Concatenate', 'probabilities', { axis: -1 }, probabilities)
  }
  const weights = littleEndian(tensors.map(tensor => tensor.data))
  const weightsFile = `weights.${createHash('sha256').update(weights).digest('hex').slice(0, 8)}.bin`
  const model = {
    format: 'layers-model',
    generatedBy: 'marlstrom',
    convertedBy: null,
    userDefinedMetadata: describe(actor),
    modelTopology: {
      class_name: 'Model',
      config: {
        name: agent.id.replace(/\W/g, '_'),
        layers: graph,
        input_layers: [['observation', 0, 0], ...(isMasked ? [['action_mask', 0, 0]] : [])],
        output_layers: [
          ['logits', 0, 0],
          ['probabilities', 0, 0],
        ],
      },
      keras_version: 'tfjs-layers 4.22.0',
      backend: 'tensor_flow.js',
    },
    weightsManifest: [
      { paths: [weightsFile], weights: tensors.map(({ name, shape }) => ({ name, shape, dtype: 'float32' })) },
    ],
  }
  return { model, weights, weightsFile }
}

/** A layer of the topology; `from` names the layers whose outputs go in. */
function layer(kind: string, name: string, config: object, from: readonly string[]): object {
  const inbound = from.length === 0 ? [] : [from.map(source => [source, 0, 0, {}])]
  return { class_name: kind, name, config: { name, trainable: true, ...config }, inbound_nodes: inbound }
}

function columnsOf(layer: ExportedLayer, from: number, to: number): ExportedLayer {
  const { inputs, size, weight, bias } = layer
  const count = to - from
  const columns = new Float32Array(inputs * count)
  for (let r = 0; r < inputs; r++) columns.set(weight.subarray(r * size + from, r * size + to), r * count)
  return { ...layer, size: count, weight: columns, bias: bias.slice(from, to) }
}
