// The sets of an observation in a LayersModel: Keras's layers neither cut columns nor divide, so fixed Dense layers do both.
import type { ExportedLayer, ExportedNorm, ExportedSet, ExportedSets } from './exported-actor.ts'
import { columnsFrom, lowered, pickColumns } from './layers-model-columns.ts'

/** What a model is built with; each gives the name of the layer that it ends in. */
export interface ModelBuilder {
  add(kind: string, name: string, config: object, from: readonly string[]): string
  dense(name: string, from: string, layer: ExportedLayer): string
  normalise(name: string, from: string, norm: ExportedNorm): string
}

/** From the layer `seen`, the observation, to the columns of no set, then of each set the means and the largest. Pieces that are there say 1, others 0. */
export function poolSets({ plain, sets }: ExportedSets, seen: string, inputs: number, build: ModelBuilder): string {
  const columns = plain.flatMap(({ from, to }) => columnsFrom(from, to))
  const kept = columns.length === 0 ? [] : [build.dense('plain', seen, pickColumns(inputs, columns))]
  const pooled = sets.flatMap((set, s) => poolSet(set, `set${s}`, seen, inputs, build))
  return build.add('Concatenate', 'pooled', { axis: -1 }, [...kept, ...pooled])
}

function poolSet(
  { from, count, piece, layers, norm }: ExportedSet,
  name: string,
  seen: string,
  inputs: number,
  build: ModelBuilder,
) {
  const { add, dense, normalise } = build
  const units = layers[layers.length - 1]!.size
  const pieces = Array.from({ length: count }, (_, p) => from + p * piece)
  const numbers = pieces.flatMap(at => columnsFrom(at + 1, at + piece))
  const flags = dense(`${name}_flags`, seen, pickColumns(inputs, pieces))
  const flat = dense(`${name}_numbers`, seen, pickColumns(inputs, numbers))
  let results = add('Reshape', `${name}_pieces`, { target_shape: [count, piece - 1] }, [flat])
  layers.forEach((layer, l) => {
    results = dense(`${name}_hidden${l}`, results, layer)
  })
  if (norm !== undefined) results = normalise(`${name}_norm`, results, norm)
  /** [count] -> [count, units] */
  const forUnits = (what: string, input: string) => {
    const repeated = add('RepeatVector', `${name}_${what}_repeated`, { n: units }, [input])
    return add('Permute', `${name}_${what}_units`, { dims: [2, 1] }, [repeated])
  }
  const counted = add('Multiply', `${name}_counted`, {}, [results, forUnits('flags', flags)])
  const share = add('GlobalAveragePooling1D', `${name}_share`, {}, [counted])
  const low = dense(`${name}_low`, flags, pickColumns(count, columnsFrom(0, count), lowered, -lowered))
  const lowest = add('Add', `${name}_lowered`, {}, [results, forUnits('low', low)])
  const top = add('GlobalMaxPooling1D', `${name}_top`, {}, [lowest])
  // n pieces are there: in column k of n - 1, n - 2, ... one is exactly 1, from which follow count / n and whether n > 0.
  const steps = dense(`${name}_steps`, flags, {
    ...filled(count, count + 2, () => 1),
    bias: Float32Array.from({ length: count + 2 }, (_, j) => -j),
    activation: 'relu',
  })
  const hat = [1, -2, 1]
  const number = dense(
    `${name}_number`,
    steps,
    filled(count + 2, count, (j, k) => hat[j - k] ?? 0),
  )
  const scale = dense(
    `${name}_scale`,
    number,
    filled(count, units, k => count / (k + 1)),
  )
  const any = dense(
    `${name}_any`,
    number,
    filled(count, units, () => 1),
  )
  return [add('Multiply', `${name}_mean`, {}, [share, scale]), add('Multiply', `${name}_largest`, {}, [top, any])]
}

/** y = x W without an activation. */
function filled(inputs: number, size: number, weightOf: (input: number, output: number) => number): ExportedLayer {
  const weight = Float32Array.from({ length: inputs * size }, (_, i) => weightOf(Math.floor(i / size), i % size))
  return { inputs, size, activation: 'identity', weight, bias: new Float32Array(size) }
}
