// One JavaScript module without dependencies: the forward pass as plain loops, weights inside, for browsers and everything else.
import { compiledFile, packageFolder } from '../installation/package-folder.ts'
import {
  allArrays,
  describe,
  type ExportedActor,
  forbiddenLogit,
  leakySlope,
  littleEndian,
  normEpsilon,
  partsOf,
} from './exported-actor.ts'

/** The module's source text. */
export async function javascriptModule(actor: ExportedActor): Promise<string> {
  const { agent, standard, sets, layers, origin } = actor
  const hasSets = sets !== undefined
  const seen = standard === undefined ? 'observation' : 'standardised(observation)'
  const decoded = standard === undefined ? '' : 'mean, scale, limit, '
  const isMasked = agent.isMasked === true
  const mask = isMasked ? ', mask' : ''
  const about = describe(actor)
  const bytes = littleEndian(allArrays(actor).map(({ data }) => data))
  const data = (value: unknown) => JSON.stringify(value, null, 2)
  const from = Object.entries(origin)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ')
  return `// ${oneLine(agent.id)}, an actor trained with marlstrom (${oneLine(from)}). No dependencies; works in browsers and Node.

/** What this policy is and where it comes from. */
export const about = ${data(about)}

/** Numbers in an observation, and what they are, in order. */
export const observationSize = ${agent.observationSize}
export const observationParts = about.observationParts

/** Numbers in an action row, and its parts in order: 'choice' takes 'size' columns, one for each alternative. */
export const actionSize = ${layers[layers.length - 1]!.size}
export const actionSpace = about.actionSpace

/**
 * The best action for an observation (${agent.observationSize} numbers)${isMasked ? ' and a mask (a 1 or 0 for each number of an action: 0 forbids an alternative)' : ''}: per part the softmax of the logits where soft actions
 * are legal, else the one-hot of the largest. @throws RangeError for another number of numbers${isMasked ? ', and where no alternative is allowed' : ''}.
 */
export function act(observation${mask}) {
  const action = logits(observation${mask})
  for (const { from, to, greedy } of parts) {
    let largest = from
    for (let c = from + 1; c < to; c++) if (action[c] > action[largest]) largest = c
    const top = action[largest]
    let sum = 0
    for (let c = from; c < to; c++) sum += action[c] = greedy === 'softmax' ? exp(action[c] - top) : Number(c === largest)
    for (let c = from; c < to; c++) action[c] /= sum
  }
  return action
}

/** The network's outputs for an observation, [actionSize]: before any softmax${isMasked ? `; ${forbiddenLogit} at alternatives that are not allowed` : ''}. */
export function logits(observation${mask}) {
  if (observation.length !== observationSize)
    throw new RangeError('act: expected ' + observationSize + ' numbers, got ' + observation.length)
  const x = forward(network.layers, ${hasSets ? `pooled(${seen})` : seen})
  return ${isMasked ? 'allow(Float32Array.from(x), mask)' : 'Float32Array.from(x)'}
}
${standard === undefined ? '' : standardisedFunction}${hasSets ? pooledFunction : ''}
function forward(layers, x) {
  for (const { inputs, size, activation, weight, bias, gain, shift, inputGain, inputShift } of layers) {
    if (inputGain) normalise((x = Float64Array.from(x)), inputGain, inputShift)
    const y = Float64Array.from(bias)
    for (let i = 0; i < inputs; i++) for (let j = 0; j < size; j++) y[j] += x[i] * weight[i * size + j]
    if (gain) normalise(y, gain, shift)
    for (let j = 0; j < size; j++) y[j] = activations[activation](y[j])
    x = y
  }
  return x
}
${isMasked ? allowFunction : ''}
const activations = {
  identity: x => x,
  relu: x => (x < 0 ? 0 : x),
  leakyRelu: x => (x < 0 ? ${leakySlope} * x : x),
  elu: x => (x < 0 ? expm1(x) : x),
  tanh,
}

function normalise(y, gain, shift) {
  const mean = y.reduce((sum, value) => sum + value, 0) / y.length
  const variance = y.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / y.length
  const scale = 1 / Math.sqrt(variance + ${normEpsilon})
  for (let j = 0; j < y.length; j++) y[j] = (y[j] - mean) * scale * gain[j] + shift[j]
}

const parts = ${data(partsOf(agent).map(({ from, to, greedy }) => ({ from, to, greedy })))}

/** Per layer y = activation(x W + b), W row by row: little-endian float32 numbers in base64. */
const network = decode(
  '${bytes.toString('base64')}',
)

function decode(text) {
  const view = new DataView(Uint8Array.from(atob(text), character => character.charCodeAt(0)).buffer)
  let at = 0
  const take = count => Float32Array.from({ length: count }, () => view.getFloat32((at += 4) - 4, true))
  const decodeLayers = layers => layers.map(layer => {
    const dense = { ...layer, weight: take(layer.inputs * layer.size), bias: take(layer.size) }
    const norm = layer.layerNorm ? { gain: take(layer.size), shift: take(layer.size) } : {}
    const inputNorm = layer.inputNorm ? { inputGain: take(layer.inputs), inputShift: take(layer.inputs) } : {}
    return { ...dense, ...norm, ...inputNorm }
  })
  ${standard === undefined ? '' : decodeStandard}${hasSets ? decodeSets(decoded) : `return { ${decoded}layers: decodeLayers(about.layers) }`}
}

${await elementaryFunctions()}`
}

/** exp, expm1 and tanh as this package has them, so that the module gives the same bits in every browser. */
async function elementaryFunctions(): Promise<string> {
  const { build } = await import('esbuild')
  const from = (file: string) => JSON.stringify(compiledFile(`elementary/${file}.js`))
  const contents = `export { exp, expm1 } from ${from('exponentials')}\nexport { tanh } from ${from('hyperbolic')}`
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: packageFolder() },
    absWorkingDir: packageFolder(),
    bundle: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    logLevel: 'silent',
  })
  const notice = `// exp, expm1 and tanh are adapted from fdlibm.
// Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved.
// Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
`
  return notice + outputFiles[0]!.text.replace(/^export \{[^}]*\};?\n/m, '')
}

const decodeStandard = `const [mean, scale, limit] = [1, 2, 3].map(() => take(observationSize))
  `

/** How a module reads an observation that is standardised. */
const standardisedFunction = `
function standardised(observation) {
  const { mean, scale, limit } = network
  return Array.from(observation, (x, i) => Math.min(limit[i], Math.max(-limit[i], (x - mean[i]) * scale[i])))
}
`

/** Sets come first, each with the normalisation of its results. */
const decodeSets = (decoded: string) => `const sets = about.sets.map(set => {
    const layers = decodeLayers(set.layers)
    const { size } = layers[layers.length - 1]
    return { ...set, layers, ...(set.layerNorm ? { gain: take(size), shift: take(size) } : {}) }
  })
  return { ${decoded}sets, layers: decodeLayers(about.layers) }`

/** How a module reads the sets of an observation. */
const pooledFunction = `
/** The columns of no set, then of each set the mean and the largest over what its pieces become whose first number is not 0. */
function pooled(observation) {
  const x = about.plainColumns.flatMap(({ from, to }) => [...observation.slice(from, to)])
  for (const { from, count, piece, layers, gain, shift } of network.sets) {
    const { size } = layers[layers.length - 1]
    const sums = new Float64Array(size)
    const largest = new Float64Array(size).fill(-Infinity)
    let there = 0
    for (let at = from; at < from + count * piece; at += piece) {
      if (observation[at] === 0) continue
      there++
      const y = forward(layers, observation.slice(at + 1, at + piece))
      if (gain) normalise(y, gain, shift)
      for (let j = 0; j < size; j++) {
        sums[j] += y[j]
        largest[j] = Math.max(largest[j], y[j])
      }
    }
    for (let j = 0; j < size; j++) x.push(there === 0 ? 0 : sums[j] / there)
    for (let j = 0; j < size; j++) x.push(there === 0 ? 0 : largest[j])
  }
  return x
}
`

/** What a module of a masked agent does to its logits. */
const allowFunction = `
function allow(logits, mask) {
  if (mask?.length !== logits.length)
    throw new RangeError('act: expected a mask of ' + logits.length + ' numbers, got ' + (mask?.length ?? 'none'))
  for (const { from, to } of parts) {
    let count = 0
    for (let c = from; c < to; c++) if (mask[c]) count++
    if (count === 0) throw new RangeError('act: expected a mask that allows an alternative of numbers ' + from + ' to ' + (to - 1))
  }
  return logits.map((logit, c) => (mask[c] ? logit : ${forbiddenLogit}))
}
`

/** Text that cannot end the comment it stands in. */
function oneLine(text: string): string {
  return text.replace(/[\r\n\u2028\u2029]/g, ' ')
}
