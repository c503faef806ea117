// Networks as tables: what a pass needs to know of each layer, written once by src/nn/simd/layer-table.ts (same layout).
import { address, word } from './job'

/** Bytes of a layer in the network's table, and in the table of one batch size. */
const LAYER: usize = 64
const PLAN: usize = 32

// @ts-ignore: decorator
@inline
export function layerAt(layers: usize, l: i32): usize {
  return layers + (<usize>l) * LAYER
}

// @ts-ignore: decorator
@inline
export function planAt(plan: usize, l: i32): usize {
  return plan + (<usize>l) * PLAN
}

// @ts-ignore: decorator
@inline
export function inputsOf(layer: usize): i32 {
  return word(layer, 0)
}
// @ts-ignore: decorator
@inline
export function sizeOf(layer: usize): i32 {
  return word(layer, 1)
}
// @ts-ignore: decorator
@inline
export function activationOf(layer: usize): i32 {
  return word(layer, 2)
}
/** Whether the layer is normalised before its activation. */
// @ts-ignore: decorator
@inline
export function isNormalised(layer: usize): bool {
  return word(layer, 3) != 0
}
// @ts-ignore: decorator
@inline
export function weightOf(layer: usize): usize {
  return address(layer, 4)
}
// @ts-ignore: decorator
@inline
export function biasOf(layer: usize): usize {
  return address(layer, 5)
}
// @ts-ignore: decorator
@inline
export function gainOf(layer: usize): usize {
  return address(layer, 6)
}
// @ts-ignore: decorator
@inline
export function shiftOf(layer: usize): usize {
  return address(layer, 7)
}
// @ts-ignore: decorator
@inline
export function weightGradientOf(layer: usize): usize {
  return address(layer, 8)
}
// @ts-ignore: decorator
@inline
export function biasGradientOf(layer: usize): usize {
  return address(layer, 9)
}
// @ts-ignore: decorator
@inline
export function gainGradientOf(layer: usize): usize {
  return address(layer, 10)
}
// @ts-ignore: decorator
@inline
export function shiftGradientOf(layer: usize): usize {
  return address(layer, 11)
}
/** Where the layer's packed weights stand in a thread's room. */
// @ts-ignore: decorator
@inline
export function packedOf(layer: usize, room: usize): usize {
  return room + address(layer, 12)
}

/** [rows, size] of a batch: results; normalised sums and [rows] their reciprocal deviations; gradients before and after the normalisation. */
// @ts-ignore: decorator
@inline
export function resultsOf(plan: usize): usize {
  return address(plan, 0)
}
// @ts-ignore: decorator
@inline
export function normalOf(plan: usize): usize {
  return address(plan, 1)
}
// @ts-ignore: decorator
@inline
export function scaleOf(plan: usize): usize {
  return address(plan, 2)
}
/** The gradient at the sums x W + b. */
// @ts-ignore: decorator
@inline
export function sumGradientOf(plan: usize): usize {
  return address(plan, 3)
}
/** The gradient before the activation: the same place, where nothing is normalised in between. */
// @ts-ignore: decorator
@inline
export function activationGradientOf(plan: usize): usize {
  return address(plan, 4)
}
