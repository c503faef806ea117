// A joint step becomes rows: matrix by matrix, one game after the other in each.
import { columnNamed } from '../columns.ts'
import { episodeOver } from '../episode-over.ts'
import type { JointStep, Matrix } from '../types.ts'
import type { RowLayout } from './row-layout.ts'

/** Per game, the numbers among which its row lies, their bits as words, and where in them the row begins. */
export interface RowTargets {
  readonly data: Float32Array[]
  readonly words: Int32Array[]
  readonly offsets: Uint32Array
}

/** A matrix of a joint step, and the column of a row in which its numbers begin. */
interface Piece {
  readonly column: number
  readonly from: Matrix
}

/** What agents see before the step, and after it. */
export function sightsOf(layout: RowLayout, { observations, states }: JointStep): Piece[] {
  return [...piecesOf(layout.observations, layout.masks, observations), ...piece(layout.states, states)]
}

export function nextSightsOf(layout: RowLayout, { nextObservations, nextStates }: JointStep): Piece[] {
  return [
    ...piecesOf(layout.nextObservations, layout.nextMasks, nextObservations),
    ...piece(layout.nextStates, nextStates),
  ]
}

function piecesOf(
  columns: readonly number[],
  masks: readonly (number | null)[],
  observations: JointStep['observations'],
): Piece[] {
  return observations.flatMap((from, agent) => [{ column: columns[agent]!, from }, ...piece(masks[agent]!, from.mask)])
}

function piece(column: number | null, from: Matrix | undefined): Piece[] {
  return column === null ? [] : [{ column, from: from! }]
}

/** Sets `stands` to 0 for each game whose row does not hold these numbers, bit by bit. */
export function compare(pieces: readonly Piece[], { words, offsets }: RowTargets, stands: Uint8Array): void {
  for (const { column, from } of pieces) {
    const numbers = wordsOf(from.data)
    for (let game = 0, first = 0; game < stands.length; game++, first += from.columns) {
      if (stands[game] === 0) continue
      if (differ(numbers, first, from.columns, words[game]!, offsets[game]! + column)) stands[game] = 0
    }
  }
}

/** Writes the rows of the games for which `wanted` is 1. */
export function writeSights(pieces: readonly Piece[], { words, offsets }: RowTargets, wanted: Uint8Array): void {
  for (const { column, from } of pieces) {
    const numbers = wordsOf(from.data)
    for (let game = 0; game < wanted.length; game++) {
      if (wanted[game] === 1) copy(numbers, game * from.columns, from.columns, words[game]!, offsets[game]! + column)
    }
  }
}

/** Writes what came of a step into the rows of all games: all but what was seen before it. */
export function writeOutcomes(layout: RowLayout, step: JointStep, targets: RowTargets): void {
  layout.actions.forEach((column, agent) => void write(column, step.actions[agent]!, targets))
  // Columns that nobody learns from here, as those of a rollout, are left out.
  layout.extras.forEach((columns, agent) => {
    for (const { name, column } of columns) write(column, columnNamed(step.extras[agent], name)!, targets)
  })
  for (const { column, from } of nextSightsOf(layout, step)) write(column, from, targets)
  write(layout.rewards, step.rewards, targets)
  const { data, offsets } = targets
  for (let game = 0; game < data.length; game++) writeEnd(layout, step, game, data[game]!, offsets[game]!)
}

function write(column: number, { data, columns }: Matrix, { words, offsets }: RowTargets): void {
  const numbers = wordsOf(data)
  for (let game = 0, first = 0; game < words.length; game++, first += columns) {
    copy(numbers, first, columns, words[game]!, offsets[game]! + column)
  }
}

/** The same memory: bits compare and move faster than numbers. */
function wordsOf({ buffer, byteOffset, length }: Float32Array): Int32Array {
  return new Int32Array(buffer, byteOffset, length)
}

function copy(from: Int32Array, first: number, count: number, to: Int32Array, at: number): void {
  const end = first + count
  let i = first
  let o = at
  for (; i + 3 < end; i += 4, o += 4) {
    to[o] = from[i]!
    to[o + 1] = from[i + 1]!
    to[o + 2] = from[i + 2]!
    to[o + 3] = from[i + 3]!
  }
  for (; i < end; i++, o++) to[o] = from[i]!
}

function differ(from: Int32Array, first: number, count: number, to: Int32Array, at: number): boolean {
  const end = first + count
  let i = first
  let o = at
  let bits = 0
  for (; i + 3 < end; i += 4, o += 4) {
    bits |= from[i]! ^ to[o]!
    bits |= from[i + 1]! ^ to[o + 1]!
    bits |= from[i + 2]! ^ to[o + 2]!
    bits |= from[i + 3]! ^ to[o + 3]!
  }
  for (; i < end; i++, o++) bits |= from[i]! ^ to[o]!
  return bits !== 0
}

/** Who was there, and who plays on. */
function writeEnd(layout: RowLayout, step: JointStep, game: number, to: Float32Array, row: number): void {
  const agents = step.rewards.columns
  const first = game * agents
  for (let agent = 0; agent < agents; agent++) {
    to[row + layout.present + agent] = step.present[first + agent]!
    to[row + layout.terminated + agent] = step.terminated[first + agent]!
  }
  to[row + layout.over] = episodeOver(step, game) ? 1 : 0
  if (layout.game !== null) to[row + layout.game] = ((step.first ?? 0) + game + 1) * (step.afterGap === true ? -1 : 1)
  if (layout.follows === null) return
  const cut = step.truncated[game] === 1 ? 2 : 0
  for (let agent = 0, from = first; agent < agents; agent++, from++) {
    to[row + layout.follows + agent] = step.nextPresent![from] === 1 ? 1 : step.waiting![from] === 1 ? cut : 0
  }
}
