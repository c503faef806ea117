// Rows of logits as distributions over atoms: softmax, and what distributional critics make of it. Sums go in the order of the atoms and
// in double precision, a lane for each row, so that numbers are those of nn/atoms.ts to the bit. Rows past the end are the last row once
// more, so the same numbers are written twice.
import { expTwo, logTwo } from './fdlibm'
import { address, word } from './job'
import { loadLanes, storeLanes } from './lanes'

/** The smallest normal float32 number. */
const SMALLEST: f64 = 1.1754943508222875e-38

// The numbers of src/nn/simd/atoms.ts.
const PROJECT: i32 = 0
const CROSS_ENTROPY: i32 = 1

/**
 * Words: 8 what is done, 9 logits [rows, atoms], 10 atoms, 11 aims [rows, atoms], 12 gradient [rows, atoms], then addresses of float64
 * numbers: 13 scales or rewards [rows], 14 discounts [rows], 15 results [rows], 16 values of the atoms; float64 at 18 the lowest value, at
 * 20 atoms per value. `room`: 48 bytes per atom.
 */
export function atomRows(job: usize, from: i32, to: i32, room: usize): void {
  const what = word(job, 8)
  const atoms = word(job, 10)
  const stride = (<usize>atoms) << 2
  for (let r = from; r < to; r += 4) {
    const left = to - r
    const d1: usize = left > 1 ? 1 : 0
    const d2: usize = left > 2 ? 2 : d1
    const d3: usize = left > 3 ? 3 : d2
    const at = (<usize>r) * stride
    const wide = (<usize>r) << 3
    softmaxFour(address(job, 9) + at, d1 * stride, d2 * stride, d3 * stride, stride, room)
    const given = address(job, 13) + wide
    const result = address(job, 15) + wide
    if (what == PROJECT) {
      const discounts = address(job, 14) + wide
      const mass = room + (stride << 2)
      const aims = address(job, 11) + at
      projectTwo(job, room, 4 * d1, given, discounts, 8 * d1, mass, aims, d1 * stride, result)
      const third = d2 << 3
      projectTwo(job, room + 4 * d2, 4 * (d3 - d2), given + third, discounts + third, 8 * (d3 - d2), mass, aims + d2 * stride, (d3 - d2) * stride, result + third)
    } else if (what == CROSS_ENTROPY) {
      crossEntropyFour(room, address(job, 11) + at, address(job, 12) + at, d1, d2, d3, stride, given, result)
    } else {
      expectationFour(room, address(job, 16), address(job, 12) + at, d1, d2, d3, stride, given, result)
    }
  }
}

/** room [atoms, 4] = the softmax of four rows, a row in each lane. */
function softmaxFour(logits: usize, d1: usize, d2: usize, d3: usize, stride: usize, room: usize): void {
  let largest = f32x4.splat(-Infinity)
  let at = room
  for (let c: usize = 0; c < stride; c += 4) {
    const v = loadLanes(logits + c, d1, d2, d3)
    v128.store(at, v)
    largest = f32x4.pmax(largest, v)
    at += 16
  }
  const end = at
  const largestLow = low(largest)
  const largestHigh = high(largest)
  let sumLow = f64x2.splat(0)
  let sumHigh = sumLow
  for (at = room; at < end; at += 16) {
    const v = v128.load(at)
    const e = expTwo(f64x2.sub(low(v), largestLow))
    const f = expTwo(f64x2.sub(high(v), largestHigh))
    sumLow = f64x2.add(sumLow, e)
    sumHigh = f64x2.add(sumHigh, f)
    v128.store(at, four(e, f))
  }
  const scaleLow = f64x2.div(f64x2.splat(1), sumLow)
  const scaleHigh = f64x2.div(f64x2.splat(1), sumHigh)
  for (at = room; at < end; at += 16) {
    const v = v128.load(at)
    v128.store(at, four(f64x2.mul(low(v), scaleLow), f64x2.mul(high(v), scaleHigh)))
  }
}

/** Two rows side by side, since each addition to a mass waits for the one before. */
function projectTwo(
  job: usize, room: usize, lane: usize, rewards: usize, discounts: usize, next: usize, mass: usize, aims: usize, aimsNext: usize, outside: usize,
): void {
  const atoms = word(job, 10)
  const values = address(job, 16)
  const lowest = load<f64>(job + 72)
  const perValue = load<f64>(job + 80)
  const reward0 = load<f64>(rewards)
  const reward1 = load<f64>(rewards + next)
  const discount0 = load<f64>(discounts)
  const discount1 = load<f64>(discounts + next)
  const other = mass + ((<usize>atoms) << 3)
  const last = <f64>(atoms - 1)
  memory.fill(mass, 0, (<usize>atoms) << 4)
  let outside0: f64 = 0
  let outside1: f64 = 0
  for (let atom = 0; atom < atoms; atom++) {
    const value = load<f64>(values + ((<usize>atom) << 3))
    const p = room + ((<usize>atom) << 4)
    outside0 += share(load<f32>(p), (reward0 + discount0 * value - lowest) * perValue, last, mass)
    outside1 += share(load<f32>(p + lane), (reward1 + discount1 * value - lowest) * perValue, last, other)
  }
  for (let atom: usize = 0; atom < <usize>atoms; atom++) {
    store<f32>(aims + (atom << 2), <f32>load<f64>(mass + (atom << 3)))
    store<f32>(aims + aimsNext + (atom << 2), <f32>load<f64>(other + (atom << 3)))
  }
  store<f64>(outside, outside0)
  store<f64>(outside + next, outside1)
}

/** Adds a probability to the two atoms that a place lies between; gives it back where the place is beyond the ends. */
// @ts-ignore: decorator
@inline
function share(probability: f32, place: f64, last: f64, mass: usize): f64 {
  const p = <f64>probability
  const within = min<f64>(last, max<f64>(0, place))
  const below = min<f64>(last - 1, floor<f64>(within))
  const at = mass + ((<usize>(<i32>below)) << 3)
  store<f64>(at, load<f64>(at) + p * (1 - within + below))
  store<f64>(at + 8, load<f64>(at + 8) + p * (within - below))
  return place < -1e-9 || place > last + 1e-9 ? p : 0
}

function crossEntropyFour(
  room: usize, aims: usize, gradient: usize, r1: usize, r2: usize, r3: usize, stride: usize, scales: usize, results: usize,
): void {
  const d1 = r1 * stride
  const d2 = r2 * stride
  const d3 = r3 * stride
  const scaleLow = loadTwo(scales, r1)
  const scaleHigh = loadTwo(scales + (r2 << 3), r3 - r2)
  let sumLow = f64x2.splat(0)
  let sumHigh = sumLow
  for (let c: usize = 0; c < stride; c += 4) {
    const p = v128.load(room + (c << 2))
    const m = loadLanes(aims + c, d1, d2, d3)
    const pLow = low(p)
    const pHigh = high(p)
    const mLow = low(m)
    const mHigh = high(m)
    const g = four(f64x2.mul(scaleLow, f64x2.sub(pLow, mLow)), f64x2.mul(scaleHigh, f64x2.sub(pHigh, mHigh)))
    storeLanes(gradient + c, d1, d2, d3, g)
    // Beyond where the aims reach, as many atoms are, there is nothing to add.
    if (!v128.any_true(f32x4.ne(m, f32x4.splat(0)))) continue
    sumLow = f64x2.add(sumLow, divergence(pLow, mLow))
    sumHigh = f64x2.add(sumHigh, divergence(pHigh, mHigh))
  }
  storeTwo(results, r1, sumLow)
  storeTwo(results + (r2 << 3), r3 - r2, sumHigh)
}

/** m log(m / p), 0 where m is 0. */
// @ts-ignore: decorator
@inline
function divergence(p: v128, m: v128): v128 {
  const ratio = f64x2.div(m, f64x2.max(p, f64x2.splat(SMALLEST)))
  return v128.and(f64x2.mul(m, logTwo(ratio)), f64x2.ne(m, f64x2.splat(0)))
}

function expectationFour(
  room: usize, values: usize, gradient: usize, r1: usize, r2: usize, r3: usize, stride: usize, scales: usize, results: usize,
): void {
  let meanLow = f64x2.splat(0)
  let meanHigh = meanLow
  for (let c: usize = 0; c < stride; c += 4) {
    const p = v128.load(room + (c << 2))
    const value = v128.load64_splat(values + (c << 1))
    meanLow = f64x2.add(meanLow, f64x2.mul(low(p), value))
    meanHigh = f64x2.add(meanHigh, f64x2.mul(high(p), value))
  }
  const scaleLow = loadTwo(scales, r1)
  const scaleHigh = loadTwo(scales + (r2 << 3), r3 - r2)
  for (let c: usize = 0; c < stride; c += 4) {
    const p = v128.load(room + (c << 2))
    const value = v128.load64_splat(values + (c << 1))
    const gLow = f64x2.mul(f64x2.mul(scaleLow, low(p)), f64x2.sub(value, meanLow))
    const gHigh = f64x2.mul(f64x2.mul(scaleHigh, high(p)), f64x2.sub(value, meanHigh))
    storeLanes(gradient + c, r1 * stride, r2 * stride, r3 * stride, four(gLow, gHigh))
  }
  storeTwo(results, r1, meanLow)
  storeTwo(results + (r2 << 3), r3 - r2, meanHigh)
}

// @ts-ignore: decorator
@inline
function low(v: v128): v128 {
  return f64x2.promote_low_f32x4(v)
}

// @ts-ignore: decorator
@inline
function high(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 0))
}

// @ts-ignore: decorator
@inline
function four(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 2)
}

// @ts-ignore: decorator
@inline
function loadTwo(at: usize, next: usize): v128 {
  return v128.load64_lane(at + (next << 3), v128.load64_zero(at), 1)
}

// @ts-ignore: decorator
@inline
function storeTwo(at: usize, next: usize, v: v128): void {
  v128.store64_lane(at, v, 0)
  v128.store64_lane(at + (next << 3), v, 1)
}
