// Sets among what a network reads: where they stand, and the layer that makes one row of their pieces (deep sets: Zaheer et al. 2017).
import type { ObservationPart } from '../types.ts'
import type { Activation, LayerSpec, NetworkSpec, SetsLayer } from './layers.ts'

/** A set among the columns that a network reads: equal pieces side by side. */
export interface SetPlace {
  /** Its first column. */
  readonly from: number
  /** Pieces. */
  readonly count: number
  /** Numbers per piece, the first of which says whether the piece is there. */
  readonly piece: number
  /** Sets within every piece, by their columns behind its first number. */
  readonly sets?: readonly SetPlace[]
}

/** How the pieces of sets are read. */
export interface SetReading {
  /** Units of the layers that every piece of a set goes through. */
  readonly units: readonly number[]
  readonly activation: Activation
  readonly layerNorm?: boolean | 'before' | 'after' | undefined
  /** Gain of orthogonal weights; absent: Xavier uniform. */
  readonly orthogonal?: number | undefined
}

/** Where the sets of an observation stand, whose first part begins at column `from`. */
export function setPlacesOf(parts: readonly Pick<ObservationPart, 'size' | 'piece'>[], from = 0): SetPlace[] {
  const places: SetPlace[] = []
  let column = from
  for (const { size, piece } of parts) {
    if (piece !== undefined) places.push({ from: column, count: size / piece, piece })
    column += size
  }
  return places
}

/** Neighbouring columns that belong to no set, in order. */
export function plainColumns(inputs: number, sets: readonly SetPlace[]): { from: number; to: number }[] {
  const columns: { from: number; to: number }[] = []
  let from = 0
  for (const set of sets) {
    if (set.from > from) columns.push({ from, to: set.from })
    from = set.from + set.count * set.piece
  }
  if (inputs > from) columns.push({ from, to: inputs })
  return columns
}

/** The layer that reads sets among so many columns. */
export function setsLayer(inputs: number, places: readonly SetPlace[], reading: SetReading): SetsLayer {
  const sets = places.map(({ from, count, piece, sets: within = [] }) => ({
    from,
    count,
    piece,
    layers: [
      ...(within.length === 0 ? [] : [setsLayer(piece - 1, within, reading)]),
      ...reading.units.flatMap(size => hiddenLayers(size, reading)),
    ],
  }))
  return { kind: 'sets', size: pooledSize(inputs, sets), sets }
}

/** A hidden layer, and the layer normalisation that follows it if one does. */
export function hiddenLayers(
  size: number,
  { activation, layerNorm, orthogonal }: Omit<SetReading, 'units'>,
): LayerSpec[] {
  return [
    {
      kind: 'dense',
      size,
      activation,
      ...(layerNorm === true || layerNorm === 'before' ? { layerNorm: true } : {}),
      ...(orthogonal === undefined ? {} : { orthogonal }),
    },
    ...(layerNorm === 'after' ? [{ kind: 'layerNorm', size } as const] : []),
  ]
}

/** Columns that come out: the plain ones, then of each set the means and the largest. */
export function pooledSize(inputs: number, sets: SetsLayer['sets']): number {
  return sets.reduce((size, set) => size - set.count * set.piece + 2 * unitsOf(set), inputs)
}

/** Columns that a piece becomes before pieces are pooled. */
export function unitsOf({ piece, layers }: SetsLayer['sets'][number]): number {
  return layers[layers.length - 1]?.size ?? piece - 1
}

/** The network that every piece of a set goes through. */
export function pieceSpec({ piece, layers }: SetsLayer['sets'][number]): NetworkSpec {
  return { inputs: piece - 1, layers }
}

/**
 * @throws TypeError for a sets layer that is not the first, whose sets overlap or leave the input, whose size is not what comes out, and for
 * recurrent layers within it.
 */
export function checkSets(where: string, { inputs, layers }: NetworkSpec): void {
  layers.forEach((layer, index) => {
    if (layer.kind !== 'sets') return
    const fail = (sentence: string): never => {
      throw new TypeError(`${where}: layer ${index} ${sentence}`)
    }
    if (index > 0 && !(index === 1 && layers[0]!.kind === 'standard'))
      fail('reads sets, which the first layer alone can')
    let end = 0
    for (const set of layer.sets) {
      const { from, count, piece } = set
      const isPlaced = [from, count, piece].every(Number.isInteger) && from >= end && count >= 1 && piece >= 2
      end = from + count * piece
      if (!isPlaced || end > inputs) {
        fail(
          `has a set of ${count} pieces of ${piece} numbers from column ${from} on; expected sets in order within ${inputs} columns, pieces of at least 2 numbers`,
        )
      }
      if (set.layers.length === 0) fail('has a set whose pieces go through no layer')
      if (set.layers.some(({ kind }) => kind === 'gru')) fail('has a set whose pieces go through a recurrent layer')
      checkSets(`${where}: layer ${index}: pieces`, pieceSpec(set))
    }
    const size = pooledSize(inputs, layer.sets)
    if (layer.size !== size) fail(`must have the size ${size} of what it gives, got ${layer.size}`)
  })
}
