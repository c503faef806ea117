// Counter-based noise and the Gumbel-softmax. Four rows at a time, one per lane; rows past the end are the last row once
// more, so the same numbers are written twice.
import { loadLanes, storeLanes } from './lanes'
import { exp4, log4 } from './transcendental'

/** 32 bits for each element of a key's draw: two keyed rounds of an avalanche ("lowbias32", Wellons 2018). */
// @ts-ignore: decorator
@inline
function hash4(element: v128, low: v128, high: v128): v128 {
  const keyed = i32x4.add(i32x4.mul(element, i32x4.splat(0x9e3779b9)), low)
  return mix4(i32x4.add(mix4(keyed), high))
}

// @ts-ignore: decorator
@inline
function mix4(x: v128): v128 {
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 16)), i32x4.splat(0x7feb352d))
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 15)), i32x4.splat(0x846ca68b))
  return v128.xor(x, i32x4.shr_u(x, 16))
}

/** (k + 0.5) / 2^23 of the upper 23 bits: exact in float32, never 0 or 1. */
// @ts-ignore: decorator
@inline
function uniform4(bits: v128): v128 {
  const k = f32x4.convert_i32x4_s(i32x4.shr_u(bits, 9))
  return f32x4.mul(f32x4.add(k, f32x4.splat(0.5)), f32x4.splat(1.0 / 8388608.0))
}

/** to[e] = u of element e, for e in [from, to). */
export function uniforms(to: usize, from: i32, count: i32, low: i32, high: i32): void {
  for (let i = 0; i < count; i++) {
    const u = uniform4(hash4(i32x4.splat(from + i), i32x4.splat(low), i32x4.splat(high)))
    v128.store_lane<u32>(to + ((<usize>i) << 2), u, 0)
  }
}

/**
 * to[:, columns] = softmax((logits[:, columns] + g) / temperature); the noise of element (r, c) is that of
 * (row + r) * noiseColumns + c. `room`: 16 bytes per column. In short passes, since one long chain of logarithms per
 * element would leave the processor waiting for each to end.
 */
export function gumbelSoftmax(
  logits: usize, to: usize, stride: usize, rows: i32, row: i32, noiseColumns: i32, from: i32, end: i32,
  low: i32, high: i32, temperature: f32, room: usize,
): void {
  const lows = i32x4.splat(low)
  const highs = i32x4.splat(high)
  const scale = f32x4.splat(1 / temperature)
  const first = (<usize>from) << 2
  const last = (<usize>end) << 2
  for (let r = 0; r < rows; r += 4) {
    const left = rows - r
    const d1: usize = left > 1 ? stride : 0
    const d2: usize = left > 2 ? 2 * stride : d1
    const d3: usize = left > 3 ? 3 * stride : d2
    const source = logits + (<usize>r) * stride
    const target = to + (<usize>r) * stride
    let element = i32x4.splat((row + r) * noiseColumns + from)
    element = i32x4.add(element, i32x4.mul(i32x4.splat(noiseColumns), i32x4.min_s(i32x4(0, 1, 2, 3), i32x4.splat(left - 1))))
    let at = room
    for (let c = first; c < last; c += 4) {
      v128.store(at, f32x4.neg(log4(uniform4(hash4(element, lows, highs)))))
      element = i32x4.add(element, i32x4.splat(1))
      at += 16
    }
    let largest = f32x4.splat(-Infinity)
    at = room
    for (let c = first; c < last; c += 4) {
      const z = f32x4.mul(f32x4.sub(loadLanes(source + c, d1, d2, d3), log4(v128.load(at))), scale)
      v128.store(at, z)
      largest = f32x4.pmax(largest, z)
      at += 16
    }
    let sum = f32x4.splat(0)
    at = room
    for (let c = first; c < last; c += 4) {
      const e = exp4(f32x4.sub(v128.load(at), largest))
      v128.store(at, e)
      sum = f32x4.add(sum, e)
      at += 16
    }
    const share = f32x4.div(f32x4.splat(1), sum)
    at = room
    for (let c = first; c < last; c += 4) {
      storeLanes(target + c, d1, d2, d3, f32x4.mul(v128.load(at), share))
      at += 16
    }
  }
}

/** to_j = s_j (g_j - sum_k g_k s_k) / temperature over the columns [from, end) of each row. */
export function gumbelSoftmaxGradient(
  sample: usize, gradient: usize, to: usize, stride: usize, rows: i32, from: i32, end: i32, temperature: f32,
): void {
  const scale = f32x4.splat(temperature)
  const first = (<usize>from) << 2
  const last = (<usize>end) << 2
  for (let r = 0; r < rows; r += 4) {
    const left = rows - r
    const d1: usize = left > 1 ? stride : 0
    const d2: usize = left > 2 ? 2 * stride : d1
    const d3: usize = left > 3 ? 3 * stride : d2
    const at = (<usize>r) * stride
    let mean = f32x4.splat(0)
    for (let c = first; c < last; c += 4) {
      const s = loadLanes(sample + at + c, d1, d2, d3)
      mean = f32x4.add(mean, f32x4.mul(s, loadLanes(gradient + at + c, d1, d2, d3)))
    }
    for (let c = first; c < last; c += 4) {
      const s = loadLanes(sample + at + c, d1, d2, d3)
      const g = loadLanes(gradient + at + c, d1, d2, d3)
      storeLanes(to + at + c, d1, d2, d3, f32x4.div(f32x4.mul(s, f32x4.sub(g, mean)), scale))
    }
  }
}
