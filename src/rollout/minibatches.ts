// Minibatches: everything once per epoch, in an order drawn anew for each.
import type { Random } from '../random.ts'
import type { Stateful } from '../types.ts'

/** Stands between two minibatches of a round; saved there, it goes on with the same ones. */
export interface Minibatches extends Stateful {
  /** Begins a round over so many units: rows, or sequences. */
  begin(units: number): void
  /** Whether all epochs of the round were handed out. */
  readonly isOver: boolean
  /** The epoch of the minibatch that was handed out last, from 0. */
  readonly epoch: number
  /** The places of the next minibatch among all units. @throws Error when the round is over. */
  next(): Uint32Array
  /** Those that were handed out last. */
  readonly latest: Uint32Array
}

export interface MinibatchConfig {
  readonly epochs: number
  /** Parts of equal size, to within one unit; fewer where there are fewer units. Each is in order. */
  readonly minibatches: number
}

/** Shuffled without replacement; each minibatch in ascending order. */
export function createMinibatches(random: Random, { epochs, minibatches }: MinibatchConfig): Minibatches {
  let order = new Uint32Array(0)
  /** Minibatches handed out of the round. */
  let taken = 0
  let parts = 0
  const isOver = () => taken >= parts * epochs
  const latest = () => {
    const part = (taken - 1) % parts
    const from = Math.floor((part * order.length) / parts)
    return order.subarray(from, Math.floor(((part + 1) * order.length) / parts))
  }
  return {
    get isOver() {
      return isOver()
    },
    get epoch() {
      return Math.floor((taken - 1) / parts)
    },
    begin(units) {
      order = new Uint32Array(units)
      for (let i = 0; i < units; i++) order[i] = i
      parts = Math.min(minibatches, units)
      taken = 0
    },
    next() {
      if (isOver()) throw new Error('minibatches: the round is over; begin another')
      const part = taken % parts
      if (part === 0 && parts > 1) shuffle(order, random)
      taken++
      // In order, what lies side by side in memory is read side by side.
      const places = latest()
      if (parts > 1) sort(places, order.length)
      return places
    },
    get latest() {
      return latest()
    },
    save: () => ({ order, taken, parts, random: random.save() }),
    restore(saved) {
      const state = saved as { order: Uint32Array; taken: number; parts: number; random: Int32Array }
      order = Uint32Array.from(state.order)
      ;({ taken, parts } = state)
      random.restore(state.random)
    },
  }
}

/** Fisher and Yates, in Durstenfeld's form (1964). */
function shuffle(order: Uint32Array, random: Random): void {
  for (let last = order.length - 1; last > 0; last--) {
    const other = random.integer(last + 1)
    const kept = order[last]!
    order[last] = order[other]!
    order[other] = kept
  }
}

/** Some of the places below `count`, put in ascending order: where they are not few, marking all of them is faster than comparing them. */
function sort(places: Uint32Array, count: number): void {
  if (count > 32 * places.length) {
    places.sort()
    return
  }
  const isThere = new Uint8Array(count)
  for (let i = 0; i < places.length; i++) isThere[places[i]!] = 1
  for (let place = 0, i = 0; place < count; place++) {
    places[i] = place
    i += isThere[place]!
    if (i === places.length) break
  }
}
