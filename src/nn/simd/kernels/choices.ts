// Choices over rows of logits (src/nn/choices.ts): two rows at a time, one per lane, in the order of plain JavaScript, so with its bits; but
// probabilities below e^-708 are 0 here. Where rows are odd the last one goes twice.
import { expTwo, logTwo } from './fdlibm'
import { address, word } from './job'

/** An action that is no one-hot, in the places of alternatives. */
const NO_CHOICE: i32 = -2

/** Bytes that are kept of two rows: log p, then p of each alternative, the entropies, the alternatives that were taken. */
// @ts-ignore: decorator
@inline
function keptBytes(size: i32): usize {
  return ((<usize>size) << 5) + 32
}

/**
 * Rows from ... to - 1, `from` even. Words: 8 first logit, 9 bytes of a row of them, 10 first action, 11 its stride, 12 first number of the mask or
 * 0, 13 its stride, 14 alternatives, 15 what is kept, 16 log-probabilities and 17 entropies that are added to. In short passes over all rows, since
 * one long chain of a row would leave the processor waiting for each of its exponentials.
 */
export function evaluateChoices(job: usize, from: i32, to: i32): void {
  const size = word(job, 14)
  const bytes = keptBytes(size)
  const begin = address(job, 15) + ((<usize>from) >> 1) * bytes
  const end = address(job, 15) + ((<usize>to + 1) >> 1) * bytes
  takeLogits(job, from, to, size, begin)
  for (let kept = begin; kept < end; kept += bytes) sumExponentials(kept, size)
  for (let kept = begin; kept < end; kept += bytes) probabilities(kept, size)
  addRows(job, from, to, size, begin)
}

/** Logits of two rows at a time as doubles, -Infinity where they are not allowed. */
// @ts-ignore: decorator
@inline
function takeLogits(job: usize, from: i32, to: i32, size: i32, kept: usize): void {
  const stride = address(job, 9)
  const maskStride = address(job, 13)
  const isMasked = address(job, 12) != 0
  for (let row = from; row < to; row += 2) {
    const first = <usize>row
    const next: usize = row + 1 < to ? 1 : 0
    const a = address(job, 8) + first * stride
    const b = a + next * stride
    const mask = address(job, 12) + first * maskStride
    for (let j: usize = 0; j < <usize>size; j++) {
      const at = j << 2
      let x = f64x2.promote_low_f32x4(v128.load_lane<u32>(b + at, v128.load32_zero(a + at), 1))
      if (isMasked) {
        if (load<f32>(mask + at) == 0) x = f64x2.replace_lane(x, 0, -Infinity)
        if (load<f32>(mask + next * maskStride + at) == 0) x = f64x2.replace_lane(x, 1, -Infinity)
      }
      v128.store(kept + (j << 4), x)
    }
    kept += keptBytes(size)
  }
}

/** The logarithm of the sum of the exponentials of two rows, in the place of the entropies. */
// @ts-ignore: decorator
@inline
function sumExponentials(at: usize, size: i32): void {
  const end = at + ((<usize>size) << 4)
  const none = f64x2.splat(-Infinity)
  // As in JavaScript, what is no number is not larger.
  let largest = none
  for (let p = at; p < end; p += 16) largest = f64x2.pmax(largest, v128.load(p))
  let sum = f64x2.splat(0)
  for (let p = at; p < end; p += 16) {
    const x = v128.load(p)
    sum = f64x2.add(sum, v128.and(expTwo(f64x2.sub(x, largest)), f64x2.ne(x, none)))
  }
  v128.store(end + (end - at), f64x2.add(largest, logTwo(sum)))
}

/** From logits to log p, then p, and from the logarithms of the sums to the entropies. */
// @ts-ignore: decorator
@inline
function probabilities(at: usize, size: i32): void {
  const half = (<usize>size) << 4
  const end = at + half
  const logSum = v128.load(end + half)
  let entropy = f64x2.splat(0)
  for (let p = at; p < end; p += 16) {
    const x = v128.load(p)
    const log = v128.bitselect(f64x2.sub(x, logSum), x, f64x2.ne(x, f64x2.splat(-Infinity)))
    const each = expTwo(log)
    v128.store(p, log)
    v128.store(p + half, each)
    entropy = f64x2.sub(entropy, v128.and(f64x2.mul(each, log), f64x2.ne(each, f64x2.splat(0))))
  }
  v128.store(end + half, entropy)
}

/** Notes what was taken, and adds log p of it and the entropy. */
// @ts-ignore: decorator
@inline
function addRows(job: usize, from: i32, to: i32, size: i32, begin: usize): void {
  const bytes = keptBytes(size)
  const half = (<usize>size) << 4
  for (let row = from; row < to; row++) {
    const at = <usize>row
    const lane = at & 1
    const kept = begin + ((<usize>(row - from)) >> 1) * bytes
    const chosen = alternative(address(job, 10) + at * address(job, 11), size)
    store<i32>(kept + 2 * half + 16 + (lane << 2), chosen)
    const h = load<f64>(kept + 2 * half + (lane << 3))
    const entropy = address(job, 17) + (at << 2)
    store<f32>(entropy, <f32>(<f64>load<f32>(entropy) + h))
    if (chosen < 0) continue
    const log = load<f64>(kept + ((<usize>chosen) << 4) + (lane << 3))
    const to = address(job, 16) + (at << 2)
    store<f32>(to, <f32>(<f64>load<f32>(to) + log))
  }
}

/** Which number of a one-hot is 1; -1: none. */
// @ts-ignore: decorator
@inline
function alternative(action: usize, size: i32): i32 {
  let chosen = -1
  for (let j = 0; j < size; j++) {
    const a = load<f32>(action + ((<usize>j) << 2))
    if (a == 0) continue
    if (a != 1 || chosen >= 0) return NO_CHOICE
    chosen = j
  }
  return chosen
}

/**
 * scale ([j = k] - p_j) - entropyScale p_j (log p_j + H). Words: 8 first number of the result, 9 its stride, 14 and 15 as above, 16 scales and 17 entropy
 * scales or 0 (f64 [rows], rounded up to even).
 */
export function choiceGradients(job: usize, from: i32, to: i32): void {
  const stride = address(job, 9)
  const size = word(job, 14)
  const bytes = keptBytes(size)
  const half = (<usize>size) << 4
  const zero = f64x2.splat(0)
  const none = f64x2.splat(-Infinity)
  for (let row = from; row < to; row += 2) {
    const first = <usize>row
    const kept = address(job, 15) + (first >> 1) * bytes
    const result = address(job, 8) + first * stride
    const isPair = row + 1 < to
    const scale = v128.load(address(job, 16) + (first << 3))
    const chosenOfA = load<i32>(kept + 2 * half + 16)
    const chosenOfB = load<i32>(kept + 2 * half + 20)
    const chosen = f64x2.replace_lane(f64x2.splat(<f64>chosenOfA), 1, <f64>chosenOfB)
    const done = f64x2.ge(chosen, zero)
    const entropy = v128.load(kept + 2 * half)
    const weight = address(job, 17) == 0 ? zero : f64x2.neg(v128.load(address(job, 17) + (first << 3)))
    for (let j: usize = 0; j < <usize>size; j++) {
      const log = v128.load(kept + (j << 4))
      const p = v128.load(kept + half + (j << 4))
      const one = v128.and(f64x2.eq(chosen, f64x2.splat(<f64>(<i32>j))), f64x2.splat(1))
      const counts = v128.and(done, f64x2.ne(log, none))
      let g = f32x4.demote_f64x2_zero(v128.and(f64x2.mul(scale, f64x2.sub(one, p)), counts))
      if (address(job, 17) != 0) {
        const spread = f64x2.mul(f64x2.mul(weight, p), f64x2.add(log, entropy))
        g = f32x4.add(g, f32x4.demote_f64x2_zero(v128.and(spread, f64x2.ne(p, zero))))
      }
      v128.store_lane<u32>(result + (j << 2), g, 0)
      if (isPair) v128.store_lane<u32>(result + stride + (j << 2), g, 1)
    }
  }
}
