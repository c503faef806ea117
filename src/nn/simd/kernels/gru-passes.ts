// A gated recurrent layer over whole windows, some rows of the batch at a time: a thread keeps its rows over all steps, so that what a step
// leaves is still in its cache at the next, and weights are packed once per window.
import { IDENTITY } from './activation'
import { gruBackward, gruForward, keepRows } from './gru'
import { address, word } from './job'
import { addBias, times, timesTransposed, transpose } from './library'
import { TRANSPOSED_ROWS } from './library-passes'
import { copyRows } from './movement'
import { packColumns, packRows } from './pack'
import { isFirstChunk } from './passes'
import { productDerive, productDirect, productForward } from './product'

// Fewer rows are multiplied by the weights as they stand; packing them first would cost more than it saves.
const PACKED_ROWS: i32 = 4

/**
 * Rows from ... to - 1 of the batch through all steps. Words: 8 inputs, 9 size, 10 steps, 11 batch, 12 x, 13 W and 14 b, 15 U and 16 c,
 * 17 gates, 18 h U + c, 19 h before, 20 h after, 21 keep or 0, 22 first state, 23 bytes from one state to the next, 24 last state or 0.
 * Rows of all but the states are ordered step * batch + row. Where 17 is 0 nothing of 17 to 19 is kept. Room: W and U packed, and what is
 * not kept. 25: whether products are a native library's.
 */
export function gruForwardRows(job: usize, from: i32, to: i32, room: usize): void {
  const inputs = word(job, 8)
  const size = word(job, 9)
  const steps = word(job, 10)
  const batch = word(job, 11)
  const keep = address(job, 21)
  const few = batch < PACKED_ROWS
  const gateBytes = (<usize>size) * 12
  const ofInput = room + 64
  const ofState = ofInput + packedBytes(inputs, 3 * size)
  const library = !ASC_FEATURE_RELAXED_SIMD && word(job, 25) != 0
  if (!few && !library && isFirstChunk(job, room)) {
    packColumns(address(job, 13), gateBytes, inputs, 3 * size, ofInput)
    packColumns(address(job, 15), gateBytes, size, 3 * size, ofState)
  }
  const rows = to - from
  const width = (<usize>size) << 2
  const ownGates = ofState + packedBytes(size, 3 * size)
  const ownRecurrent = ownGates + 64 + (<usize>rows) * gateBytes
  const ownBefore = ownRecurrent + 64 + (<usize>rows) * gateBytes
  const isKept = address(job, 17) != 0
  const inputBytes = (<usize>inputs) << 2
  const stateBytes = address(job, 23)
  let last = address(job, 22) + (<usize>from) * stateBytes
  let lastBytes = stateBytes
  for (let t = 0; t < steps; t++) {
    const row = <usize>(t * batch + from)
    const x = address(job, 12) + row * inputBytes
    const gates = isKept ? address(job, 17) + row * gateBytes : ownGates
    const recurrent = isKept ? address(job, 18) + row * gateBytes : ownRecurrent
    const before = isKept ? address(job, 19) + row * width : ownBefore
    const after = address(job, 20) + row * width
    keepRows(last, lastBytes, 0, keep == 0 ? 0 : keep + (row << 2), before, rows, size)
    if (library) {
      times(x, address(job, 13), gates, rows, inputs, 3 * size)
      addBias(gates, address(job, 14), rows, 3 * size, IDENTITY)
      times(before, address(job, 15), recurrent, rows, size, 3 * size)
      addBias(recurrent, address(job, 16), rows, 3 * size, IDENTITY)
    } else if (few) {
      productDirect(x, inputBytes, address(job, 13), gateBytes, address(job, 14), gates, gateBytes, rows, inputs, 3 * size, 0)
      productDirect(before, width, address(job, 15), gateBytes, address(job, 16), recurrent, gateBytes, rows, size, 3 * size, 0)
    } else {
      productForward(x, inputBytes, ofInput, address(job, 14), gates, gateBytes, rows, inputs, 3 * size, 0)
      productForward(before, width, ofState, address(job, 16), recurrent, gateBytes, rows, size, 3 * size, 0)
    }
    gruForward(gates, recurrent, before, after, rows, size)
    last = after
    lastBytes = width
  }
  if (address(job, 24) != 0) copyRows(last, width, address(job, 24) + (<usize>from) * stateBytes, stateBytes, rows, width)
}

/**
 * Back through time, rows from ... to - 1 of the batch. Words: 8 inputs, 9 size, 10 steps, 11 batch, 12 gradient at the outputs, 13 W and
 * 15 U, 16 columns of the input whose gradient is wanted, from 14 on, 17 gates, 18 h U + c, 19 h before, 21 keep or 0, 20 gradient at h U + c
 * and 22 at x W + b, 23 at the first state, 24 at the input, or 0. Room: W and U transposed and packed, and what passes from step to step. 25: as above.
 */
export function gruBackwardRows(job: usize, from: i32, to: i32, room: usize): void {
  const size = word(job, 9)
  const batch = word(job, 11)
  const keep = address(job, 21)
  const columns = word(job, 16)
  const gateBytes = (<usize>size) * 12
  const ofState = room + 64
  const ofInput = ofState + packedBytes(3 * size, size)
  const library = !ASC_FEATURE_RELAXED_SIMD && word(job, 25) != 0
  const transposed = library && batch >= TRANSPOSED_ROWS
  const w = address(job, 13) + address(job, 14) * gateBytes
  if (transposed) {
    if (isFirstChunk(job, room)) {
      transpose(address(job, 15), ofState, size, 3 * size)
      if (address(job, 24) != 0) transpose(w, ofInput, columns, 3 * size)
    }
  } else if (!library && isFirstChunk(job, room)) {
    packRows(address(job, 15), gateBytes, 3 * size, size, ofState)
    if (address(job, 24) != 0) packRows(w, gateBytes, 3 * size, columns, ofInput)
  }
  const rows = to - from
  const width = (<usize>size) << 2
  const inputBytes = (<usize>columns) << 2
  const through = ofInput + packedBytes(3 * size, columns)
  const direct = through + 64 + (<usize>rows) * width
  const later = address(job, 23) + (<usize>from) * width
  for (let t = word(job, 10) - 1; t >= 0; t--) {
    const row = <usize>(t * batch + from)
    const gates = row * gateBytes
    const before = row * width
    const ofGates = address(job, 22) + gates
    const ofRecurrent = address(job, 20) + gates
    gruBackward(
      address(job, 17) + gates, address(job, 18) + gates, address(job, 19) + before, address(job, 12) + before,
      t == word(job, 10) - 1 ? 0 : later, ofGates, ofRecurrent, direct, rows, size,
    )
    if (transposed) times(ofRecurrent, ofState, through, rows, 3 * size, size)
    else if (library) timesTransposed(ofRecurrent, address(job, 15), through, rows, 3 * size, size)
    else productDerive(ofRecurrent, gateBytes, ofState, 0, 0, through, width, rows, 3 * size, size, 0)
    // Nothing goes back past the beginning of an episode: there h was zero, whatever the step before had left.
    keepRows(direct, width, through, keep == 0 ? 0 : keep + (row << 2), later, rows, size)
    if (address(job, 24) == 0) continue
    const toInput = address(job, 24) + row * inputBytes
    if (transposed) times(ofGates, ofInput, toInput, rows, 3 * size, columns)
    else if (library) timesTransposed(ofGates, w, toInput, rows, 3 * size, columns)
    else productDerive(ofGates, gateBytes, ofInput, 0, 0, toInput, inputBytes, rows, 3 * size, columns, 0)
  }
}

/** As src/nn/simd/gru.ts counts them. */
function packedBytes(inner: i32, columns: i32): usize {
  return 64 + (((<usize>inner) * <usize>((columns + 7) >> 3)) << 5)
}
