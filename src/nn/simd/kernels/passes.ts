// Whole passes of a network over some rows of a batch: forward, the gradients at every layer, the gradient at the input. And
// the parameter gradients, shared out by parameter.
import { activateAll, deriveAll, IDENTITY, RELU } from './activation'
import { address, BLOCK, word } from './job'
import {
  activationGradientOf, activationOf, biasGradientOf, biasOf, gainGradientOf, gainOf, inputsOf, isNormalised, layerAt,
  normalOf, packedOf, planAt, resultsOf, scaleOf, shiftGradientOf, shiftOf, sizeOf, sumGradientOf, weightGradientOf, weightOf,
} from './layers'
import { gainGradient, normalGradient, normalise } from './normalisation'
import { packColumns, packRows } from './pack'
import { productColumn, productDerive, productDirect, productForward } from './product'
import { biasGradient, weightGradient, weightGradientColumn } from './weight-gradient'

// Fewer rows are multiplied by the weights as they stand; packing them first would cost more than it saves.
const PACKED_ROWS: i32 = 4
// Numbers between two rooms that are read past their end.
const GAP: usize = 64

/**
 * Rows from ... to - 1 through all layers. Words: 8 layers, 9 their number, 10 plan or 0 (keep nothing), 11 input, 12 output,
 * 13 offset of the rooms between layers, 14 bytes of one.
 */
export function forwardRows(job: usize, from: i32, to: i32, room: usize): void {
  const layers = address(job, 8)
  const count = word(job, 9)
  const plan = address(job, 10)
  const few = word(job, 2) < PACKED_ROWS
  if (!few && isFirstChunk(job, room)) {
    for (let l = 0; l < count; l++) {
      const layer = layerAt(layers, l)
      const size = sizeOf(layer)
      if (size > 1) packColumns(weightOf(layer), (<usize>size) << 2, inputsOf(layer), size, packedOf(layer, room))
    }
  }
  const rooms = room + address(job, 13)
  const bytes = address(job, 14)
  const inputStride = (<usize>inputsOf(layers)) << 2
  for (let r = from; r < to; r += BLOCK) {
    const rows = min(BLOCK, to - r)
    let x = address(job, 11) + (<usize>r) * inputStride
    for (let l = 0; l < count; l++) {
      const layer = layerAt(layers, l)
      const at = (<usize>r) * ((<usize>sizeOf(layer)) << 2)
      let y = rooms + (<usize>(l & 1)) * bytes
      let normal = rooms + 2 * bytes
      let scale = normal + bytes
      if (plan != 0) {
        const kept = planAt(plan, l)
        y = resultsOf(kept) + at
        normal = normalOf(kept) + at
        scale = scaleOf(kept) + ((<usize>r) << 2)
      } else if (l == count - 1) {
        y = address(job, 12) + at
      }
      denseRows(layer, rows, x, y, normal, scale, packedOf(layer, room), few)
      x = y
    }
  }
}

/** One layer over a block of rows. */
function denseRows(
  layer: usize, rows: i32, x: usize, y: usize, normal: usize, scale: usize, packed: usize, few: bool,
): void {
  const inputs = inputsOf(layer)
  const size = sizeOf(layer)
  const activation = activationOf(layer)
  const normalised = isNormalised(layer)
  const xStride = (<usize>inputs) << 2
  const stride = (<usize>size) << 2
  const sums = normalised ? normal : y
  const fused = normalised ? IDENTITY : activation
  if (size == 1) productColumn(x, xStride, weightOf(layer), biasOf(layer), sums, 4, rows, inputs, fused)
  else if (few) productDirect(x, xStride, weightOf(layer), stride, biasOf(layer), sums, stride, rows, inputs, size, fused)
  else productForward(x, xStride, packed, biasOf(layer), sums, stride, rows, inputs, size, fused)
  if (normalised) normalise(normal, normal, scale, gainOf(layer), shiftOf(layer), y, rows, size)
  if (normalised || activation != RELU) activateAll(y, rows * size, activation)
}

/**
 * The gradients at the sums of every layer, rows from ... to - 1, kept in the plan's places. Words: 8 layers, 9 their number,
 * 10 plan, 11 output gradient.
 */
export function gradientRows(job: usize, from: i32, to: i32, room: usize): void {
  const layers = address(job, 8)
  const count = word(job, 9)
  const plan = address(job, 10)
  if (isFirstChunk(job, room)) packTransposes(layers, count, room)
  for (let r = from; r < to; r += BLOCK) {
    const rows = min(BLOCK, to - r)
    for (let l = count - 1; l >= 0; l--) {
      const layer = layerAt(layers, l)
      const kept = planAt(plan, l)
      const size = sizeOf(layer)
      const at = (<usize>r) * ((<usize>size) << 2)
      const before = activationGradientOf(kept) + at
      const sums = sumGradientOf(kept) + at
      if (l == count - 1) {
        const given = address(job, 11) + at
        if (before != given) deriveAll(given, resultsOf(kept) + at, before, rows * size, activationOf(layer))
      }
      if (isNormalised(layer)) {
        normalGradient(before, normalOf(kept) + at, scaleOf(kept) + ((<usize>r) << 2), gainOf(layer), sums, rows, size)
      }
      if (l > 0) {
        const below = planAt(plan, l - 1)
        const belowAt = (<usize>r) * ((<usize>inputsOf(layer)) << 2)
        backThrough(layer, layerAt(layers, l - 1), rows, sums, packedOf(layer, room), resultsOf(below) + belowAt, activationGradientOf(below) + belowAt)
      }
    }
  }
}

/**
 * The gradient at columns [from, end) of the input. Words: 8 layers, 9 their number, 10 plan, 11 output gradient, 12 result,
 * 13 offset of the rooms between layers, 14 bytes of one, 15 first column, 16 end.
 */
export function inputGradientRows(job: usize, from: i32, to: i32, room: usize): void {
  const layers = address(job, 8)
  const count = word(job, 9)
  const plan = address(job, 10)
  const first = word(job, 15)
  const columns = word(job, 16) - first
  const lowest = sizeOf(layers)
  if (isFirstChunk(job, room)) {
    packTransposes(layers, count, room)
    const stride = (<usize>lowest) << 2
    packRows(weightOf(layers) + (<usize>first) * stride, stride, lowest, columns, packedOf(layers, room))
  }
  const rooms = room + address(job, 13)
  const bytes = address(job, 14)
  for (let r = from; r < to; r += BLOCK) {
    const rows = min(BLOCK, to - r)
    let gradient: usize = 0
    for (let l = count - 1; l >= 0; l--) {
      const layer = layerAt(layers, l)
      const kept = planAt(plan, l)
      const size = sizeOf(layer)
      const at = (<usize>r) * ((<usize>size) << 2)
      const here = rooms + (<usize>(l & 1)) * bytes
      if (l == count - 1) {
        gradient = address(job, 11) + at
        if (activationOf(layer) != IDENTITY) {
          deriveAll(gradient, resultsOf(kept) + at, here, rows * size, activationOf(layer))
          gradient = here
        }
      }
      if (isNormalised(layer)) {
        normalGradient(gradient, normalOf(kept) + at, scaleOf(kept) + ((<usize>r) << 2), gainOf(layer), here, rows, size)
        gradient = here
      }
      if (l > 0) {
        const below = rooms + (<usize>((l - 1) & 1)) * bytes
        const belowAt = (<usize>r) * ((<usize>inputsOf(layer)) << 2)
        backThrough(layer, layerAt(layers, l - 1), rows, gradient, packedOf(layer, room), resultsOf(planAt(plan, l - 1)) + belowAt, below)
        gradient = below
      }
    }
    const stride = (<usize>columns) << 2
    productDerive(
      gradient, (<usize>lowest) << 2, packedOf(layers, room), 0, 0, address(job, 12) + (<usize>r) * stride, stride,
      rows, lowest, columns, IDENTITY,
    )
  }
}

/** From the gradient at a layer's sums to the one before the activation of the layer below, whose results are h. */
// @ts-ignore: decorator
@inline
function backThrough(layer: usize, below: usize, rows: i32, g: usize, packed: usize, h: usize, to: usize): void {
  const inputs = inputsOf(layer)
  const size = sizeOf(layer)
  const stride = (<usize>inputs) << 2
  productDerive(g, (<usize>size) << 2, packed, h, stride, to, stride, rows, size, inputs, activationOf(below))
}

function packTransposes(layers: usize, count: i32, room: usize): void {
  for (let l = 1; l < count; l++) {
    const layer = layerAt(layers, l)
    const size = sizeOf(layer)
    packRows(weightOf(layer), (<usize>size) << 2, size, inputsOf(layer), packedOf(layer, room))
  }
}

/** Whether the thread whose room this is has not packed the weights of this job yet. */
// @ts-ignore: decorator
@inline
export function isFirstChunk(job: usize, room: usize): bool {
  if (word(room, 0) == word(job, 1)) return false
  store<i32>(room, word(job, 1))
  return true
}

/**
 * Adds to the gradients of some parameters, over all rows. Words: 8 layers, 10 plan, 11 input, 12 pieces, 13 rows. A piece is
 * four words: layer, kind (0 weight, 1 bias, 2 gain and shift), and for weights the first input and their number.
 */
export function parameterGradients(job: usize, from: i32, to: i32): void {
  const layers = address(job, 8)
  const plan = address(job, 10)
  const rows = word(job, 13)
  for (let piece = from; piece < to; piece++) {
    const at = address(job, 12) + ((<usize>piece) << 4)
    const l = word(at, 0)
    const layer = layerAt(layers, l)
    const kept = planAt(plan, l)
    const size = sizeOf(layer)
    const stride = (<usize>size) << 2
    const g = sumGradientOf(kept)
    if (word(at, 1) == 0) {
      const k = word(at, 2)
      const x = (l == 0 ? address(job, 11) : resultsOf(planAt(plan, l - 1))) + ((<usize>k) << 2)
      const dw = weightGradientOf(layer) + (<usize>k) * stride
      const xStride = (<usize>inputsOf(layer)) << 2
      if (size == 1) weightGradientColumn(x, xStride, g, 4, dw, rows, word(at, 3))
      else weightGradient(x, xStride, g, stride, dw, stride, rows, word(at, 3), size)
    } else {
      addOthers(word(at, 1), layer, kept, rows)
    }
  }
}

/** The gradients of a bias (kind 1), or of gain and shift. */
export function addOthers(kind: i32, layer: usize, kept: usize, rows: i32): void {
  const size = sizeOf(layer)
  const stride = (<usize>size) << 2
  if (kind == 1) {
    biasGradient(sumGradientOf(kept), stride, biasGradientOf(layer), rows, size)
    return
  }
  const before = activationGradientOf(kept)
  biasGradient(before, stride, shiftGradientOf(layer), rows, size)
  gainGradient(before, normalOf(kept), gainGradientOf(layer), rows, size)
}
