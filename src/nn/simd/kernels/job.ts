// A job: what all threads work on together, as a block of words that the calling thread writes (src/nn/simd/job.ts has the same
// layout). Its items (rows, pieces) are cut into chunks; a chunk writes outputs of its own, always with the same bits.

// The numbers of src/nn/simd/job.ts.
export const FORWARD: i32 = 1
export const GRADIENT: i32 = 2
export const INPUT_GRADIENT: i32 = 3
export const WEIGHTS: i32 = 4
export const GATHER: i32 = 5
export const COPY: i32 = 6
export const GUMBEL: i32 = 7
export const GUMBEL_GRADIENT: i32 = 8
export const ADAM: i32 = 9
export const NORMALISE: i32 = 10
export const NORMAL_GRADIENT: i32 = 11
export const GAIN_GRADIENT: i32 = 12
export const LAYER_INPUT: i32 = 13
export const LAYER_WEIGHTS: i32 = 14
export const TANGENT: i32 = 15
// Products by a native library (library-passes.ts).
export const LIBRARY_FORWARD: i32 = 32
export const LIBRARY_GRADIENT: i32 = 33
export const LIBRARY_INPUT_GRADIENT: i32 = 34
export const LIBRARY_WEIGHTS: i32 = 35
export const LIBRARY_LAYER: i32 = 36
export const LIBRARY_LAYER_INPUT: i32 = 37
export const LIBRARY_LAYER_WEIGHTS: i32 = 38
export const ATOMS: i32 = 20
export const GRU_FORWARD: i32 = 21
export const GRU_BACKWARD: i32 = 22
export const MIX: i32 = 23
export const MIX_GRADIENT: i32 = 24
export const BLOCKS: i32 = 25
export const CHOICES: i32 = 26
export const CHOICE_GRADIENTS: i32 = 27

/** Word `index` of a job or a table. */
// @ts-ignore: decorator
@inline
export function word(at: usize, index: i32): i32 {
  return load<i32>(at + ((<usize>index) << 2))
}

/** An address among the words. */
// @ts-ignore: decorator
@inline
export function address(at: usize, index: i32): usize {
  return load<usize>(at + ((<usize>index) << 2))
}

// @ts-ignore: decorator
@inline
export function number(at: usize, index: i32): f32 {
  return load<f32>(at + ((<usize>index) << 2))
}

/** Rows that go through all layers together, so that what lies between two layers stays in the first-level cache. */
export const BLOCK: i32 = 32
