// Rows of values mixed into one by weights of their own, and back: the bilinear layers of QMIX (src/nn/mixing.ts says what is computed).
// Every row is computed by itself, always in the same order.
import { derive, ELU, elu4 } from './activation'
import { address, word } from './job'
import { multiplyAdd, sumLanes } from './lanes'

/**
 * Words: 8 values [rows, count], 9 count, 10 units, 11 first [rows, count * units], 12 bias, 13 second [rows, units], 14 base [rows], 15 hidden
 * [rows, units], written, 16 total [rows], written.
 */
export function mixRows(job: usize, from: i32, to: i32): void {
  const count = word(job, 9)
  const units = word(job, 10)
  const stride = (<usize>units) << 2
  const whole = (<usize>(units & ~3)) << 2
  for (let r = <usize>from; r < <usize>to; r++) {
    const values = address(job, 8) + r * ((<usize>count) << 2)
    const first = address(job, 11) + r * (<usize>count) * stride
    const bias = address(job, 12) + r * stride
    const second = address(job, 13) + r * stride
    const hidden = address(job, 15) + r * stride
    let sums = f32x4.splat(0)
    let at: usize = 0
    for (; at < whole; at += 16) {
      let x = v128.load(bias + at)
      let weight = first + at
      for (let i = 0; i < count; i++) {
        x = multiplyAdd(x, v128.load32_splat(values + ((<usize>i) << 2)), f32x4.abs(v128.load(weight)))
        weight += stride
      }
      const h = elu4(x)
      v128.store(hidden + at, h)
      sums = multiplyAdd(sums, h, f32x4.abs(v128.load(second + at)))
    }
    let sum = load<f32>(address(job, 14) + (r << 2)) + sumLanes(sums)
    for (; at < stride; at += 4) {
      let x = load<f32>(bias + at)
      for (let i = 0; i < count; i++) {
        x += load<f32>(values + ((<usize>i) << 2)) * abs<f32>(load<f32>(first + (<usize>i) * stride + at))
      }
      const h = f32x4.extract_lane(elu4(f32x4.splat(x)), 0)
      store<f32>(hidden + at, h)
      sum += h * abs<f32>(load<f32>(second + at))
    }
    store<f32>(address(job, 16) + (r << 2), sum)
  }
}

/**
 * Words: 8 ... 11, 13 and 15 as above, read; 14 the gradient at the totals [rows]; written: 16 at first, 17 at bias, 18 at second, 19 at base,
 * 20 at the values.
 */
export function mixGradientRows(job: usize, from: i32, to: i32): void {
  const count = word(job, 9)
  const units = word(job, 10)
  const stride = (<usize>units) << 2
  const whole = (<usize>(units & ~3)) << 2
  for (let r = <usize>from; r < <usize>to; r++) {
    const second = address(job, 13) + r * stride
    const hidden = address(job, 15) + r * stride
    const atBias = address(job, 17) + r * stride
    const atSecond = address(job, 18) + r * stride
    const g = load<f32>(address(job, 14) + (r << 2))
    const g4 = f32x4.splat(g)
    store<f32>(address(job, 19) + (r << 2), g)
    let at: usize = 0
    for (; at < whole; at += 16) {
      const h = v128.load(hidden + at)
      const v = v128.load(second + at)
      v128.store(atSecond + at, signed(f32x4.mul(g4, h), v))
      v128.store(atBias + at, derive(f32x4.mul(g4, f32x4.abs(v)), h, ELU))
    }
    for (; at < stride; at += 4) {
      const h = v128.load32_splat(hidden + at)
      const v = v128.load32_splat(second + at)
      v128.store_lane<u32>(atSecond + at, signed(f32x4.mul(g4, h), v), 0)
      v128.store_lane<u32>(atBias + at, derive(f32x4.mul(g4, f32x4.abs(v)), h, ELU), 0)
    }
    for (let i = <usize>0; i < <usize>count; i++) {
      const place = (r * (<usize>count) + i) * stride
      const weight = address(job, 11) + place
      const atWeight = address(job, 16) + place
      const value = v128.load32_splat(address(job, 8) + ((r * (<usize>count) + i) << 2))
      let sums = f32x4.splat(0)
      for (at = 0; at < whole; at += 16) {
        const w = v128.load(weight + at)
        const slope = v128.load(atBias + at)
        sums = multiplyAdd(sums, slope, f32x4.abs(w))
        v128.store(atWeight + at, signed(f32x4.mul(slope, value), w))
      }
      let sum = sumLanes(sums)
      for (; at < stride; at += 4) {
        const w = v128.load32_splat(weight + at)
        const slope = v128.load32_splat(atBias + at)
        sum += f32x4.extract_lane(f32x4.mul(slope, f32x4.abs(w)), 0)
        v128.store_lane<u32>(atWeight + at, signed(f32x4.mul(slope, value), w), 0)
      }
      store<f32>(address(job, 20) + ((r * (<usize>count) + i) << 2), sum)
    }
  }
}

/** x times the sign of w, 0 where w is 0. */
// @ts-ignore: decorator
@inline
function signed(x: v128, w: v128): v128 {
  const turned = v128.xor(x, v128.and(w, i32x4.splat(0x80000000)))
  return v128.and(turned, f32x4.ne(w, f32x4.splat(0)))
}
