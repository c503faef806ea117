// How threads share out a job: every thread has a queue of neighbouring chunks and helps the others when its own is empty.
import {
  ADAM, ATOMS, address, BLOCKS, CHOICE_GRADIENTS, CHOICES, COPY, FORWARD, GAIN_GRADIENT, GATHER, GRADIENT, GRU_BACKWARD, GRU_FORWARD, GUMBEL, GUMBEL_GRADIENT, INPUT_GRADIENT, LAYER_INPUT, LAYER_WEIGHTS, LIBRARY_FORWARD,
  LIBRARY_GRADIENT, LIBRARY_INPUT_GRADIENT, LIBRARY_LAYER, LIBRARY_LAYER_INPUT, LIBRARY_LAYER_WEIGHTS, LIBRARY_WEIGHTS, MIX, MIX_GRADIENT, NORMAL_GRADIENT, NORMALISE, number,
  TANGENT, WEIGHTS, word,
} from './job'
import { adam } from './adam'
import { atomRows } from './atoms'
import { gruBackwardRows, gruForwardRows } from './gru-passes'
import { choiceGradients, evaluateChoices } from './choices'
import { gumbelSoftmax, gumbelSoftmaxGradient } from './gumbel-softmax'
import {
  forwardTile, gradientTile, inputGradientTile, layerInputTile, layerTile, layerWeightTiles, parameterGradientTiles,
} from './library-passes'
import { gainGradients, layerInputRows, layerWeightPieces, normalGradientRows, normaliseRows, tangentRows } from './layer-passes'
import { mixGradientRows, mixRows } from './mixing'
import { copyBlocks, copyRows, gatherPieces } from './movement'
import { forwardRows, gradientRows, inputGradientRows, parameterGradients } from './passes'

// Places of the control block (src/nn/simd/thread-pool.ts has the same layout), each on a cache line of its own: chunks done, then
// per thread its queue (next chunk * 65536 + end) and the chunk it is at (+ 1; 0: none).
const DONE: usize = 64
const QUEUES: usize = 128
const LINE: usize = 128
const AT: usize = 64

/** All chunks of a job, on the calling thread alone. */
export function runAll(job: usize, chunks: i32): u32 {
  let result: u32 = 0
  for (let chunk = 0; chunk < chunks; chunk++) result |= runChunk(job, chunk, 0)
  return result
}

/** Chunks of the job until none is left to take. */
export function runShare(control: usize, job: usize, threads: i32, thread: i32): u32 {
  let result: u32 = 0
  const mine = control + QUEUES + (<usize>thread) * LINE + AT
  for (let i = 0; i < threads; i++) {
    let owner = thread + i
    if (owner >= threads) owner -= threads
    const queue = control + QUEUES + (<usize>owner) * LINE
    let next = atomic.load<i32>(queue)
    while (next >>> 16 < (next & 0xffff)) {
      const seen = atomic.cmpxchg<i32>(queue, next, next + 65536)
      if (seen == next) {
        // Only now may the job be read: it stays as it is until this chunk is done.
        atomic.store<i32>(mine, (next >>> 16) + 1)
        result |= runChunk(job, next >>> 16, thread)
        atomic.store<i32>(mine, 0)
        atomic.add<i32>(control + DONE, 1)
        next = atomic.load<i32>(queue)
      } else {
        next = seen
      }
    }
  }
  return result
}

/** What it returns means nothing (gatherPieces). Words: 0 kind, 2 items, 3 items per chunk, 4 rooms of the threads, 5 bytes of one. */
function runChunk(job: usize, chunk: i32, thread: i32): u32 {
  const kind = word(job, 0)
  const from = chunk * word(job, 3)
  const to = min(word(job, 2), from + word(job, 3))
  const room = address(job, 4) + (<usize>thread) * address(job, 5)
  if (kind == FORWARD) forwardRows(job, from, to, room)
  else if (kind == GRADIENT) gradientRows(job, from, to, room)
  else if (kind == INPUT_GRADIENT) inputGradientRows(job, from, to, room)
  else if (kind == WEIGHTS) parameterGradients(job, from, to)
  else if (kind == GATHER) return gatherPieces(job, from, to)
  else if (kind == COPY) copyPieces(job, from, to)
  else if (kind == BLOCKS) copyBlocks(job, from, to)
  else if (kind == CHOICES) evaluateChoices(job, from, to)
  else if (kind == CHOICE_GRADIENTS) choiceGradients(job, from, to)
  else if (kind == GUMBEL) gumbelRows(job, from, to, room)
  else if (kind == GUMBEL_GRADIENT) gumbelGradientRows(job, from, to)
  else if (kind == ADAM) adamPieces(job, from, to)
  else if (kind == NORMALISE) normaliseRows(job, from, to)
  else if (kind == NORMAL_GRADIENT) normalGradientRows(job, from, to)
  else if (kind == GAIN_GRADIENT) gainGradients(job, from, to)
  else if (kind == LAYER_INPUT) layerInputRows(job, from, to)
  else if (kind == LAYER_WEIGHTS) layerWeightPieces(job, from, to)
  else if (kind == TANGENT) tangentRows(job, from, to, room + 64)
  else if (kind == ATOMS) atomRows(job, from, to, room + 64)
  else if (kind == GRU_FORWARD) gruForwardRows(job, from, to, room)
  else if (kind == GRU_BACKWARD) gruBackwardRows(job, from, to, room)
  else if (kind == MIX) mixRows(job, from, to)
  else if (kind == MIX_GRADIENT) mixGradientRows(job, from, to)
  else if (!ASC_FEATURE_RELAXED_SIMD) runTiles(kind, job, from, to, room)
  return 0
}

/** With products by a native library, beside the standard kernels alone. */
function runTiles(kind: i32, job: usize, from: i32, to: i32, room: usize): void {
  if (kind == LIBRARY_FORWARD) forwardTile(job, from, to, room)
  else if (kind == LIBRARY_GRADIENT) gradientTile(job, from, to, room)
  else if (kind == LIBRARY_INPUT_GRADIENT) inputGradientTile(job, from, to, room)
  else if (kind == LIBRARY_WEIGHTS) parameterGradientTiles(job, from, to)
  else if (kind == LIBRARY_LAYER) layerTile(job, from, to)
  else if (kind == LIBRARY_LAYER_INPUT) layerInputTile(job, from, to, room)
  else if (kind == LIBRARY_LAYER_WEIGHTS) layerWeightTiles(job, from, to)
}

/** Words: 8 pieces, 9 their number. A piece is five words: from, its stride, to, its stride, bytes of a row. */
function copyPieces(job: usize, from: i32, to: i32): void {
  let piece = address(job, 8)
  for (let p = 0; p < word(job, 9); p++) {
    const fromStride = address(piece, 1)
    const toStride = address(piece, 3)
    const row = <usize>from
    copyRows(address(piece, 0) + row * fromStride, fromStride, address(piece, 2) + row * toStride, toStride, to - from, address(piece, 4))
    piece += 20
  }
}

/** Words: 8 logits, 9 result, 10 stride, 11 columns of the noise, 12 first column, 13 end, 14 and 15 the key, 16 temperature. */
function gumbelRows(job: usize, from: i32, to: i32, room: usize): void {
  const stride = address(job, 10)
  const at = (<usize>from) * stride
  gumbelSoftmax(
    address(job, 8) + at, address(job, 9) + at, stride, to - from, from, word(job, 11), word(job, 12), word(job, 13),
    word(job, 14), word(job, 15), number(job, 16), room + 64,
  )
}

/** Words: 8 sample, 9 gradient, 10 result, 11 stride, 12 first column, 13 end, 14 temperature. */
function gumbelGradientRows(job: usize, from: i32, to: i32): void {
  const stride = address(job, 11)
  const at = (<usize>from) * stride
  gumbelSoftmaxGradient(
    address(job, 8) + at, address(job, 9) + at, address(job, 10) + at, stride, to - from, word(job, 12), word(job, 13),
    number(job, 14),
  )
}

/**
 * Words: 8 pieces, 9 scales (f64 per tensor), 10 beta1 and 12 beta2 (f64), 14 epsilon, 15 rate. A piece is six words:
 * parameters, gradients, first and second moments, count, tensor.
 */
function adamPieces(job: usize, from: i32, to: i32): void {
  for (let p = from; p < to; p++) {
    const piece = address(job, 8) + (<usize>p) * 24
    const scale = load<f64>(address(job, 9) + ((<usize>word(piece, 5)) << 3))
    adam(
      address(piece, 0), address(piece, 1), address(piece, 2), address(piece, 3), word(piece, 4),
      <f32>scale, load<f64>(job + 40), load<f64>(job + 48), number(job, 14), number(job, 15),
    )
  }
}
