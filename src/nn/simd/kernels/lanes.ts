// Loads and stores of a few float32 lanes. A load may read up to 28 bytes past the last number that counts (memory.ts pads
// every area for that); a store never writes past it.

/** Stores the first `count` lanes of a, 0 ... 4. */
// @ts-ignore: decorator
@inline
export function storeFew(to: usize, a: v128, count: i32): void {
  if (count >= 4) {
    v128.store(to, a)
  } else if (count & 2) {
    v128.store_lane<u64>(to, a, 0)
    if (count & 1) v128.store_lane<u32>(to, a, 2, 8)
  } else if (count & 1) {
    v128.store_lane<u32>(to, a, 0)
  }
}

/** Stores the first `count` of the eight lanes of a and b. */
// @ts-ignore: decorator
@inline
export function storeEight(to: usize, a: v128, b: v128, count: i32): void {
  if (count >= 8) {
    v128.store(to, a)
    v128.store(to, b, 16)
  } else if (count > 4) {
    v128.store(to, a)
    storeFew(to + 16, b, count - 4)
  } else {
    storeFew(to, a, count)
  }
}

/** a + b + c + d of one vector, always in the order (a + c) + (b + d). */
// @ts-ignore: decorator
@inline
export function sumLanes(a: v128): f32 {
  const halves = f32x4.add(a, v128.shuffle<i32>(a, a, 2, 3, 0, 1))
  return f32x4.extract_lane(halves, 0) + f32x4.extract_lane(halves, 1)
}

/** a + b * c: two roundings, or one in the build with relaxed SIMD (scripts/build-kernels.mjs). */
// @ts-ignore: decorator
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(b, c, a)
  return f32x4.add(a, f32x4.mul(b, c))
}

/** A number of each of four rows, `d1`, `d2` and `d3` bytes from the first. */
// @ts-ignore: decorator
@inline
export function loadLanes(at: usize, d1: usize, d2: usize, d3: usize): v128 {
  let v = v128.load32_zero(at)
  v = v128.load_lane<u32>(at + d1, v, 1)
  v = v128.load_lane<u32>(at + d2, v, 2)
  return v128.load_lane<u32>(at + d3, v, 3)
}

// @ts-ignore: decorator
@inline
export function storeLanes(at: usize, d1: usize, d2: usize, d3: usize, v: v128): void {
  v128.store_lane<u32>(at, v, 0)
  v128.store_lane<u32>(at + d1, v, 1)
  v128.store_lane<u32>(at + d2, v, 2)
  v128.store_lane<u32>(at + d3, v, 3)
}
