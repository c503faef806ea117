// Rows become a batch: what they hold is gathered, agent by agent, in as few passes over the store as there are rows to read.
import type { GatherPiece, MatrixStore } from '../nn/matrix.ts'
import type { Batch, ObservationWindow } from '../types.ts'
import { type BatchPieces, batchPieces } from './batch-pieces.ts'
import { fetchNextActions } from './latest.ts'
import { createWalk } from './n-step.ts'
import { createOwnFetch } from './own-fetch.ts'
import type { OwnStepsConfig } from './own-steps.ts'
import type { Transitions } from './transitions.ts'
import { findWindows } from './window.ts'

export interface FetchConfig extends OwnStepsConfig {
  /** Steps of a window; 0: none. */
  readonly memorySteps: number
}

/**
 * What writes rows into a batch: all but its weights and its TD errors. `agent`: whose transitions they are, where agents may be absent; in
 * other games it says nothing. It throws a RangeError where that must be known and is not.
 */
export function createFetch(
  store: MatrixStore,
  transitions: Transitions,
  config: FetchConfig,
): (slots: Uint32Array, into: Batch, agent: number | null) => void {
  const pieces = batchPieces(transitions.layout)
  if (transitions.layout.follows === null) return createJointFetch(store, transitions, pieces, config)
  const fetch = createOwnFetch(transitions, pieces, config)
  return (slots, into, agent) => {
    if (agent === null)
      throw new RangeError('replay: expected the agent whose transitions are drawn, as it may be absent')
    fetch(slots, agent, into)
  }
}

/** Of whole joint steps: one row, or as many as lead on. */
function createJointFetch(
  store: MatrixStore,
  transitions: Transitions,
  { before, after }: BatchPieces,
  { steps, gamma, memorySteps }: FetchConfig,
): (slots: Uint32Array, into: Batch) => void {
  const { layout } = transitions
  const walk = createWalk(store, transitions, steps, gamma)
  let windows = new Uint32Array(0)
  let restarted = new Uint8Array(0)

  const outcome = ({ rewards, present, terminated }: Batch): GatherPiece[] => [
    { column: layout.rewards, to: rewards },
    { column: layout.present, to: present },
    { column: layout.terminated, to: terminated },
  ]

  /** The windows that end at these rows, into the steps that each `past` begins with. */
  const fetchPast = (slots: Uint32Array, pasts: readonly (ObservationWindow | undefined)[]) => {
    findWindows(transitions, memorySteps, slots, windows, restarted)
    pasts.forEach((past, agent) => {
      if (past === undefined) return
      const rows = past.observations.rows
      transitions.gather(windows.subarray(0, rows), [{ column: layout.observations[agent]!, to: past.observations }])
      past.restarted.set(restarted.subarray(0, rows))
      const extras = past.extras.map((to, i) => ({ column: layout.extras[agent]![i]!.column, to }))
      transitions.gather(windows.subarray(0, slots.length), extras)
    })
  }

  /** The windows of the next observations: those that end at the last row of each transition, then what comes after it. */
  const fetchPasts = (slots: Uint32Array, last: Uint32Array, { observations, nextObservations }: Batch) => {
    const longest = (memorySteps + 1) * slots.length
    if (windows.length !== longest) {
      windows = new Uint32Array(longest)
      restarted = new Uint8Array(longest)
    }
    const pasts = observations.map(({ past }) => past)
    const nextPasts = nextObservations.map(({ past }) => past)
    fetchPast(slots, pasts)
    if (steps > 1) fetchPast(last, nextPasts)
    nextPasts.forEach((next, agent) => {
      if (next === undefined) return
      if (steps === 1) copyPast(pasts[agent]!, next)
      next.observations.data.set(nextObservations[agent]!.data, memorySteps * slots.length * next.observations.columns)
      next.restarted.fill(0, memorySteps * slots.length)
    })
  }

  return (slots, into) => {
    let last = slots
    if (steps === 1) {
      into.discounts.fill(gamma)
      transitions.gather(slots, [...before(into), ...after(into), ...outcome(into)])
    } else {
      last = walk(slots, into)
      transitions.gather(slots, before(into))
      transitions.gather(last, after(into))
    }
    fetchNextActions(transitions, last, into)
    if (memorySteps > 0) fetchPasts(slots, last, into)
  }
}

/** The first steps of a longer way. */
function copyPast(from: ObservationWindow, to: ObservationWindow): void {
  to.observations.data.set(from.observations.data)
  to.restarted.set(from.restarted)
  from.extras.forEach(({ data }, i) => void to.extras[i]!.data.set(data))
}
