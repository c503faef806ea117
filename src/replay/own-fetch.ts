// Rows become the batch of one agent in games whose agents may be absent: what is next is what was there at its next own step.
import type { Batch, Matrix, ObservationWindow } from '../types.ts'
import type { BatchPieces } from './batch-pieces.ts'
import { fetchNextActions } from './latest.ts'
import { createOwnWalk, followsCut, followsPresent, type OwnStepsConfig } from './own-steps.ts'
import { findOwnWindows, lastOwnStep } from './own-windows.ts'
import type { Transitions } from './transitions.ts'

/** `memorySteps`: steps of a window; 0: none. */
export function createOwnFetch(
  transitions: Transitions,
  pieces: BatchPieces,
  config: OwnStepsConfig & { readonly memorySteps: number },
): (slots: Uint32Array, agent: number, into: Batch) => void {
  const { layout } = transitions
  const { memorySteps } = config
  const walk = createOwnWalk(transitions, config)
  let windows = new Uint32Array(0)
  let restarted = new Uint8Array(0)

  const extraPieces = (agent: number, extras: readonly Matrix[]) =>
    extras.map((to, i) => ({ column: layout.extras[agent]![i]!.column, to }))

  /** Of the row after each, where it is there and of the same episode: what a policy declared at the next own step. */
  const rowsAfter = (last: Uint32Array, agent: number) =>
    last.map(slot => {
      const isOver = transitions.dataOf(slot)[transitions.offsetOf(slot) + layout.over] !== 0
      const after = isOver ? -1 : transitions.following(slot)
      if (after >= 0) return after
      const own = lastOwnStep(transitions, slot, agent)
      return own < 0 ? slot : own
    })

  /** The windows up to these rows, into the steps that `past` begins with; one step more is left to be written. */
  const fetchPast = (agent: number, slots: ArrayLike<number>, past: ObservationWindow) => {
    const rows = slots.length
    const longest = (memorySteps + 1) * rows
    if (windows.length !== longest) {
      windows = new Uint32Array(longest)
      restarted = new Uint8Array(longest)
    }
    windows.fill(slots[0]!, memorySteps * rows)
    findOwnWindows(transitions, agent, memorySteps, slots, windows, restarted)
    const all = past.observations.rows
    transitions.gather(windows.subarray(0, all), [{ column: layout.observations[agent]!, to: past.observations }])
    past.restarted.set(restarted.subarray(0, all))
    transitions.gather(windows.subarray(0, rows), extraPieces(agent, past.extras))
  }

  /** Its own steps of the life that it is in then, then what it sees then. */
  const fetchNextPast = (agent: number, last: Uint32Array, batch: Batch) => {
    const next = batch.nextObservations[agent]!
    const past = next.past!
    const rows = last.length
    const own = Array.from(last, slot => lastOwnStep(transitions, slot, agent))
    fetchPast(
      agent,
      own.map((slot, row) => (slot < 0 ? last[row]! : slot)),
      past,
    )
    past.observations.data.set(next.data, memorySteps * rows * next.columns)
    for (let row = 0; row < rows; row++) {
      const begins = own[row]! < 0 ? 1 : 0
      past.restarted[memorySteps * rows + row] = begins
      for (let step = 0; begins === 1 && step < memorySteps; step++) past.restarted[step * rows + row] = 1
    }
  }

  /** Of others nothing is seen where they wait; the agent itself is valued by what it sees then. */
  const settleNext = (agent: number, { nextPresent, nextObservations }: Batch) => {
    const { data, columns: agents, rows } = nextPresent!
    for (let row = 0, at = 0; row < rows; row++) {
      for (let other = 0; other < agents; other++, at++) {
        if (data[at] !== followsCut) continue
        data[at] = other === agent ? followsPresent : 0
        if (other === agent) continue
        const { columns } = nextObservations[other]!
        nextObservations[other]!.data.fill(0, row * columns, (row + 1) * columns)
      }
    }
  }

  return (slots, agent, into) => {
    const last = walk(slots, agent, into)
    transitions.gather(slots, pieces.before(into))
    transitions.gather(last, [...pieces.after(into), { column: layout.follows!, to: into.nextPresent! }])
    settleNext(agent, into)
    fetchNextActions(transitions, last, into)
    into.nextObservations.forEach(({ extras = [] }, other) => {
      if (extras.length === 0) return
      transitions.gather(rowsAfter(last, other), extraPieces(other, extras))
    })
    if (memorySteps === 0) return
    into.observations.forEach(({ past }, other) => {
      if (past === undefined) return
      fetchPast(other, slots, past)
      fetchNextPast(other, last, into)
    })
  }
}
