// Standardisation of what a network reads, by running means and deviations that are set from outside and not learnt.
import type { NetworkSpec, StandardLayer } from './layers.ts'

/** How far from 0 a standardised number may be; beyond that it is clipped (openai/baselines, VecNormalize). */
export const standardLimit = 10

/** The columns that a layer standardises, one by one, in the order of its tensors. */
export function standardColumns({ columns }: Pick<StandardLayer, 'columns'>): Uint32Array {
  return Uint32Array.from(columns.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i)))
}

/** Where a layer's numbers stand. */
export interface Standards {
  readonly columns: Uint32Array
  /** [columns] */
  readonly mean: ArrayLike<number>
  readonly scale: ArrayLike<number>
}

/** y = clip((x - mean) scale) in place, in rows of `width` numbers; other columns stay as they are. */
export function standardise(rows: Float32Array, width: number, { columns, mean, scale }: Standards): void {
  for (let row = 0; row < rows.length; row += width) {
    for (let j = 0; j < columns.length; j++) {
      const at = row + columns[j]!
      rows[at] = Math.min(standardLimit, Math.max(-standardLimit, (rows[at]! - mean[j]!) * scale[j]!))
    }
  }
}

/** A gradient at its results y becomes that at what came in, in place. */
export function standardiseBack(
  gradient: Float32Array,
  y: Float32Array,
  width: number,
  { columns, scale }: Pick<Standards, 'columns' | 'scale'>,
): void {
  for (let row = 0; row < y.length; row += width) {
    for (let j = 0; j < columns.length; j++) {
      const at = row + columns[j]!
      gradient[at] = Math.abs(y[at]!) < standardLimit ? gradient[at]! * scale[j]! : 0
    }
  }
}

/** @throws TypeError for a layer that is not the first, of another size than what comes in, or whose columns are no columns in order. */
export function checkStandards(where: string, { inputs, layers }: NetworkSpec): void {
  layers.forEach((layer, index) => {
    if (layer.kind !== 'standard') return
    let end = 0
    const isFine = layer.columns.every(({ from, to }) => {
      const isPlaced = Number.isInteger(from) && Number.isInteger(to) && from >= end && to > from && to <= inputs
      end = to
      return isPlaced
    })
    if (index === 0 && layer.size === inputs && end > 0 && isFine) return
    throw new TypeError(
      `${where}: layer ${index} standardises; expected it to be the first, of size ${inputs}, with columns in order within it`,
    )
  })
}
