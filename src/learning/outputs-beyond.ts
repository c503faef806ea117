// What a policy says of what follows a cut: of observations that stand in no row of their own, one step beyond what it remembers there.
import { memoryColumn } from '../columns.ts'
import type { Backend } from '../nn/backend.ts'
import type { Network } from '../nn/network.ts'
import { stateSize, withSequence } from '../nn/recurrence.ts'
import type { Trajectory } from '../rollout/trajectory.ts'
import type { Matrix } from '../types.ts'
import { growingMatrix } from './growing-matrix.ts'

/** What its network reads of some rows. */
export type PolicyInput = (trajectory: Trajectory, rows: Uint32Array, when: 'observation' | 'nextObservation') => Matrix

/** Rows that are looked at in one pass. */
const passRows = 4096

/** [rows of the trajectory * outputs] The outputs at what is seen next after some rows, ascending; 0 elsewhere. */
export type OutputsBeyond = (trajectory: Trajectory, rows: Uint32Array) => Float64Array

/** One that remembers goes through all steps from what it carried into the first; what is beyond a cut it forgets again. */
export function createOutputsBeyond(backend: Backend, network: Network, inputOf: PolicyInput): OutputsBeyond {
  const outputs = network.spec.layers.at(-1)!.size
  const write = (to: Float64Array, rows: Uint32Array, { data }: Matrix) => {
    rows.forEach((row, i) => {
      for (let c = 0; c < outputs; c++) to[row * outputs + c] = data[i * outputs + c]!
    })
  }
  const size = stateSize(network.spec)
  if (size === 0) {
    return (trajectory, rows) => {
      const all = new Float64Array(trajectory.rows * outputs)
      for (let from = 0; from < rows.length; from += passRows) {
        const some = rows.subarray(from, from + passRows)
        write(all, some, network.infer(inputOf(trajectory, some, 'nextObservation')))
      }
      return all
    }
  }
  const recurrent = withSequence(network)
  const [states, afters, chosen] = [growingMatrix(backend, size), growingMatrix(backend, size), growingMatrix(backend, size)] // biome-ignore format: one line
  return (trajectory, rows) => {
    const { steps, sequences, present, restarted } = trajectory
    const all = new Float64Array(trajectory.rows * outputs)
    const state = states(sequences)
    trajectory.copyCarried(
      memoryColumn,
      Uint32Array.from({ length: sequences }, (_, i) => i),
      state,
    )
    for (let step = 0, ahead = 0; step < steps && ahead < rows.length; step++) {
      const first = step * sequences
      const own = Uint32Array.from({ length: sequences }, (_, i) => first + i)
      const next = afters(sequences)
      const memory = { state, restarted: restarted.subarray(first, first + sequences), next }
      recurrent.infer(inputOf(trajectory, own, 'observation'), memory)
      for (let i = 0; i < sequences; i++) {
        if (present[first + i] === 1) state.data.set(next.data.subarray(i * size, (i + 1) * size), i * size)
      }
      const from = ahead
      while (ahead < rows.length && rows[ahead]! < first + sequences) ahead++
      if (ahead === from) continue
      const cut = rows.subarray(from, ahead)
      const ofCut = chosen(cut.length)
      cut.forEach((row, i) => {
        const at = (row - first) * size
        ofCut.data.set(state.data.subarray(at, at + size), i * size)
      })
      write(all, cut, recurrent.infer(inputOf(trajectory, cut, 'nextObservation'), { state: ofCut }))
    }
    return all
  }
}
