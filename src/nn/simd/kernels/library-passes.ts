// The passes of passes.ts with products by a native library: the same words, but chunks are tiles of rows that go through all layers
// together, weights are read as they stand, and what follows a product is a pass of its own over the tile.
import { activateAll, deriveAll, IDENTITY, RELU } from './activation'
import { address, word } from './job'
import {
  activationGradientOf, activationOf, biasOf, gainOf, inputsOf, isNormalised, layerAt, normalOf, packedOf, planAt, resultsOf, scaleOf,
  shiftOf, sizeOf, sumGradientOf, weightGradientOf, weightOf,
} from './layers'
import { addBias, addGradient, deriveColumn, times, timesTransposed, transpose } from './library'
import { normalGradient, normalise } from './normalisation'
import { addOthers, isFirstChunk } from './passes'
import { productColumn } from './product'
import { biasGradient, weightGradientColumn } from './weight-gradient'

// Libraries multiply by a transpose at two thirds of their speed: from so many rows on it is written down first.
export const TRANSPOSED_ROWS: i32 = 32

/** Words as of forwardRows. */
export function forwardTile(job: usize, from: i32, to: i32, room: usize): void {
  const layers = address(job, 8)
  const count = word(job, 9)
  const plan = address(job, 10)
  const rooms = room + address(job, 13)
  const bytes = address(job, 14)
  const rows = to - from
  const first = <usize>from
  let x = address(job, 11) + first * ((<usize>inputsOf(layers)) << 2)
  for (let l = 0; l < count; l++) {
    const layer = layerAt(layers, l)
    const at = first * ((<usize>sizeOf(layer)) << 2)
    let y = rooms + (<usize>(l & 1)) * bytes
    let normal = rooms + 2 * bytes
    let scale = normal + bytes
    if (plan != 0) {
      const kept = planAt(plan, l)
      y = resultsOf(kept) + at
      normal = normalOf(kept) + at
      scale = scaleOf(kept) + (first << 2)
    } else if (l == count - 1) {
      y = address(job, 12) + at
    }
    const size = sizeOf(layer)
    const activation = activationOf(layer)
    const normalised = isNormalised(layer)
    const sums = normalised ? normal : y
    denseTile(x, weightOf(layer), biasOf(layer), sums, rows, inputsOf(layer), size, normalised ? IDENTITY : activation)
    if (normalised) {
      normalise(normal, normal, scale, gainOf(layer), shiftOf(layer), y, rows, size)
      activateAll(y, rows * size, activation)
    }
    x = y
  }
}

/** y = activation(x W + bias), x [rows, inputs]. */
function denseTile(x: usize, w: usize, bias: usize, y: usize, rows: i32, inputs: i32, size: i32, activation: i32): void {
  if (size == 1) {
    productColumn(x, (<usize>inputs) << 2, w, bias, y, 4, rows, inputs, activation)
  } else {
    times(x, w, y, rows, inputs, size)
    addBias(y, bias, rows, size, activation)
  }
  if (activation != RELU) activateAll(y, rows * size, activation)
}

/** Words as of gradientRows. */
export function gradientTile(job: usize, from: i32, to: i32, room: usize): void {
  const layers = address(job, 8)
  const count = word(job, 9)
  const plan = address(job, 10)
  const rows = to - from
  const first = <usize>from
  const transposed = writeTransposes(job, layers, count, room)
  for (let l = count - 1; l >= 0; l--) {
    const layer = layerAt(layers, l)
    const kept = planAt(plan, l)
    const size = sizeOf(layer)
    const at = first * ((<usize>size) << 2)
    const before = activationGradientOf(kept) + at
    const sums = sumGradientOf(kept) + at
    if (l == count - 1) {
      const given = address(job, 11) + at
      if (before != given) deriveAll(given, resultsOf(kept) + at, before, rows * size, activationOf(layer))
    }
    if (isNormalised(layer)) {
      normalGradient(before, normalOf(kept) + at, scaleOf(kept) + (first << 2), gainOf(layer), sums, rows, size)
    }
    if (l > 0) {
      const below = planAt(plan, l - 1)
      const belowAt = first * ((<usize>inputsOf(layer)) << 2)
      backThrough(layer, layers, l, rows, sums, room, transposed, resultsOf(below) + belowAt, activationGradientOf(below) + belowAt)
    }
  }
}

/** Words as of inputGradientRows. */
export function inputGradientTile(job: usize, from: i32, to: i32, room: usize): void {
  const layers = address(job, 8)
  const count = word(job, 9)
  const plan = address(job, 10)
  const rooms = room + address(job, 13)
  const bytes = address(job, 14)
  const column = word(job, 15)
  const columns = word(job, 16) - column
  const rows = to - from
  const first = <usize>from
  const transposed = writeTransposes(job, layers, count, room)
  let gradient: usize = 0
  for (let l = count - 1; l >= 0; l--) {
    const layer = layerAt(layers, l)
    const kept = planAt(plan, l)
    const size = sizeOf(layer)
    const at = first * ((<usize>size) << 2)
    const here = rooms + (<usize>(l & 1)) * bytes
    if (l == count - 1) {
      gradient = address(job, 11) + at
      if (activationOf(layer) != IDENTITY) {
        deriveAll(gradient, resultsOf(kept) + at, here, rows * size, activationOf(layer))
        gradient = here
      }
    }
    if (isNormalised(layer)) {
      normalGradient(gradient, normalOf(kept) + at, scaleOf(kept) + (first << 2), gainOf(layer), here, rows, size)
      gradient = here
    }
    if (l > 0) {
      const below = rooms + (<usize>((l - 1) & 1)) * bytes
      const belowAt = first * ((<usize>inputsOf(layer)) << 2)
      backThrough(layer, layers, l, rows, gradient, room, transposed, resultsOf(planAt(plan, l - 1)) + belowAt, below)
      gradient = below
    }
  }
  const lowest = sizeOf(layers)
  const w = weightOf(layers) + (<usize>column) * ((<usize>lowest) << 2)
  timesTransposed(gradient, w, address(job, 12) + first * ((<usize>columns) << 2), rows, lowest, columns)
}

/** From the gradient at the sums of layer l to the one before the activation of the layer below, whose results are h. */
// @ts-ignore: decorator
@inline
function backThrough(
  layer: usize, layers: usize, l: i32, rows: i32, g: usize, room: usize, transposed: bool, h: usize, to: usize,
): void {
  const inputs = inputsOf(layer)
  const size = sizeOf(layer)
  const activation = activationOf(layerAt(layers, l - 1))
  if (size == 1) {
    deriveColumn(g, weightOf(layer), h, to, rows, inputs, activation)
    return
  }
  if (transposed) times(g, packedOf(layer, room), to, rows, size, inputs)
  else timesTransposed(g, weightOf(layer), to, rows, size, inputs)
  if (activation != IDENTITY) deriveAll(to, h, to, rows * inputs, activation)
}

/** The transposes of all weights but the lowest ones, once per job and thread; false: of so few rows that none are. */
function writeTransposes(job: usize, layers: usize, count: i32, room: usize): bool {
  if (word(job, 2) < TRANSPOSED_ROWS) return false
  if (!isFirstChunk(job, room)) return true
  for (let l = 1; l < count; l++) {
    const layer = layerAt(layers, l)
    const size = sizeOf(layer)
    if (size > 1) transpose(weightOf(layer), packedOf(layer, room), inputsOf(layer), size)
  }
  return true
}

/** Words as of parameterGradients, and 14: the most rows of one product. */
export function parameterGradientTiles(job: usize, from: i32, to: i32): void {
  const layers = address(job, 8)
  const plan = address(job, 10)
  for (let piece = from; piece < to; piece++) {
    const at = address(job, 12) + ((<usize>piece) << 4)
    const l = word(at, 0)
    const layer = layerAt(layers, l)
    const kept = planAt(plan, l)
    if (word(at, 1) != 0) {
      addOthers(word(at, 1), layer, kept, word(job, 13))
      continue
    }
    const k = word(at, 2)
    const size = sizeOf(layer)
    const x = (l == 0 ? address(job, 11) : resultsOf(planAt(plan, l - 1))) + ((<usize>k) << 2)
    const dw = weightGradientOf(layer) + (<usize>k) * ((<usize>size) << 2)
    weightTiles(x, inputsOf(layer), sumGradientOf(kept), dw, word(job, 13), word(at, 3), size, word(job, 14))
  }
}

/** dw [count, columns] += x^T g, tile of rows by tile of rows. */
function weightTiles(x: usize, inputs: i32, g: usize, dw: usize, rows: i32, count: i32, columns: i32, tile: i32): void {
  const xStride = (<usize>inputs) << 2
  const gStride = (<usize>columns) << 2
  if (columns == 1) {
    weightGradientColumn(x, xStride, g, 4, dw, rows, count)
    return
  }
  for (let r = 0; r < rows; r += tile) {
    addGradient(x + (<usize>r) * xStride, inputs, g + (<usize>r) * gStride, dw, min(tile, rows - r), count, columns)
  }
}

/** One layer by itself. Words: 8 input, 9 weight, 10 bias, 11 result, 12 inputs, 13 size, 14 activation. */
export function layerTile(job: usize, from: i32, to: i32): void {
  const inputs = word(job, 12)
  const size = word(job, 13)
  const x = address(job, 8) + (<usize>from) * ((<usize>inputs) << 2)
  const y = address(job, 11) + (<usize>from) * ((<usize>size) << 2)
  denseTile(x, address(job, 9), address(job, 10), y, to - from, inputs, size, word(job, 14))
}

/** to [rows, columns] = g W^T * activation'(h). Words: 8 gradient, 9 weight [columns, size], 10 h or 0, 11 to, 12 columns, 13 size, 14 activation. */
export function layerInputTile(job: usize, from: i32, to: i32, room: usize): void {
  const columns = word(job, 12)
  const size = word(job, 13)
  const rows = to - from
  const at = (<usize>from) * ((<usize>columns) << 2)
  const g = address(job, 8) + (<usize>from) * ((<usize>size) << 2)
  if (word(job, 2) >= TRANSPOSED_ROWS) {
    if (isFirstChunk(job, room)) transpose(address(job, 9), room + 64, columns, size)
    times(g, room + 64, address(job, 11) + at, rows, size, columns)
  } else {
    timesTransposed(g, address(job, 9), address(job, 11) + at, rows, size, columns)
  }
  const h = address(job, 10)
  if (h != 0) deriveAll(address(job, 11) + at, h + at, address(job, 11) + at, rows * columns, word(job, 14))
}

/**
 * The gradients of one layer, by pieces of its inputs; the last item is the bias. Words: 8 input, 9 gradient, 10 of the weight, 11 of the
 * bias, 12 inputs, 13 size, 14 rows, 15 inputs of a piece, 16 the most rows of one product.
 */
export function layerWeightTiles(job: usize, from: i32, to: i32): void {
  const inputs = word(job, 12)
  const size = word(job, 13)
  const rows = word(job, 14)
  const stride = (<usize>size) << 2
  const g = address(job, 9)
  for (let piece = from; piece < to; piece++) {
    const k = piece * word(job, 15)
    if (k >= inputs) {
      biasGradient(g, stride, address(job, 11), rows, size)
      continue
    }
    const count = min(word(job, 15), inputs - k)
    const dw = address(job, 10) + (<usize>k) * stride
    weightTiles(address(job, 8) + ((<usize>k) << 2), inputs, g, dw, rows, count, size, word(job, 16))
  }
}
