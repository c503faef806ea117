// The replay buffer on disk: rows written once, whatever the ring forgets, whatever a run goes back to, whatever is damaged.
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { FileError } from '../../src/errors.ts'
import { createSegments, rowsBetween, rowsPerSegment, type Segment, storedRows } from '../../src/experiment/segments.ts'
import type { SavedRows } from '../../src/types.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** Wide rows, so that few make a segment: row n is full of n, or of another number where the run took another turn. */
const columns = 512 * 1024
const capacity = 9
const perSegment = 2

function rowsUpTo(end: number, turn = 0): SavedRows {
  const first = Math.max(0, end - capacity)
  const row = (n: number) => new Float32Array(columns).fill(n + turn)
  const pieces = Array.from({ length: end - first }, (_, i) => row(first + i))
  return { first, end, columns, capacity, pieces }
}

function restOf(rows: SavedRows, segments: readonly Segment[]): Float32Array {
  const rest = rowsBetween(rows, segments.at(-1)?.end ?? rows.first, rows.end)
  const data = new Float32Array(rest.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of rest) {
    data.set(piece, at)
    at += piece.length
  }
  return data
}

/** The first number of every row. */
const numbers = (rows: SavedRows) =>
  [...rows.pieces].flatMap(piece => Array.from({ length: piece.length / columns }, (_, i) => piece[i * columns]!))

function read(folder: string, rows: SavedRows, segments: readonly Segment[]): number[] {
  return numbers(storedRows(folder, segments, restOf(rows, segments), rows))
}

/** Segments that checkpoints need. */
let named: readonly Segment[] = []
beforeEach(() => {
  named = []
})

describe('segments of a replay buffer', () => {
  it('hold four mebibytes, and none of a small buffer', () => {
    expect(rowsPerSegment({ capacity, columns })).toBe(perSegment)
    expect(rowsPerSegment({ capacity: 1e6, columns: 133 })).toBe(7884)
    expect(rowsPerSegment({ capacity: 3, columns: 2e6 })).toBe(1)
    expect(rowsPerSegment({ capacity: 1000, columns: 133 })).toBe(Number.POSITIVE_INFINITY)
  })

  it('are written as they fill, once, and hold what a full ring still has', () => {
    const folder = join(tempFolder(), 'replay')
    const segments = createSegments(folder, () => named)
    segments.follow(rowsUpTo(1))
    expect(segments.settle(rowsUpTo(1))).toEqual([])
    segments.follow(rowsUpTo(5))
    const times = readdirSync(folder).map(name => statSync(join(folder, name)).mtimeMs)
    const found = segments.settle(rowsUpTo(5))
    expect(found.map(({ first, end }) => [first, end])).toEqual([
      [0, 2],
      [2, 4],
    ])
    expect(readdirSync(folder)).toEqual(found.map(({ file }) => file))
    expect(readdirSync(folder).map(name => statSync(join(folder, name)).mtimeMs)).toEqual(times)
    segments.follow(rowsUpTo(10))
    const full = rowsUpTo(14)
    const later = segments.settle(full)
    expect(later.map(({ first }) => first)).toEqual([4, 6, 8, 10, 12])
    expect(read(folder, full, later)).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13])
  })

  it('stay while a checkpoint needs them; those that none came to name go when the ring has passed them', () => {
    const folder = join(tempFolder(), 'replay')
    const segments = createSegments(folder, () => named)
    const older = rowsUpTo(6)
    const kept = segments.settle(older)
    named = kept
    segments.removeUnneeded()
    for (let end = 7; end <= 40; end++) segments.follow(rowsUpTo(end))
    // Three of the checkpoint, five of the ring.
    expect(readdirSync(folder)).toHaveLength(8)
    expect(read(folder, older, kept)).toEqual([0, 1, 2, 3, 4, 5])
    const newer = segments.settle(rowsUpTo(40))
    named = newer
    segments.removeUnneeded()
    expect(readdirSync(folder)).toEqual(newer.map(({ file }) => file))
  })

  it('of a run that went back do not overwrite what the way before had written', () => {
    const folder = join(tempFolder(), 'replay')
    const segments = createSegments(folder, () => named)
    const point = segments.settle(rowsUpTo(3))
    const before = rowsUpTo(8)
    const ahead = segments.settle(before)
    named = [...point, ...ahead]
    segments.removeUnneeded()
    segments.goOnFrom(point)
    const after: SavedRows = {
      ...rowsUpTo(8),
      pieces: [...rowsUpTo(3).pieces, ...[...rowsUpTo(8, 100).pieces].slice(3)],
    }
    const behind = segments.settle(after)
    expect(read(folder, after, behind)).toEqual([0, 1, 2, 103, 104, 105, 106, 107])
    expect(read(folder, before, ahead)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  it('give back what the ring held, however often it was written, resumed and forgotten', () => {
    const step = fc.record({
      rows: fc.integer({ min: 0, max: 5 }),
      what: fc.constantFrom('follow', 'settle', 'resume'),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), steps => {
        const folder = join(tempFolder(), 'replay')
        named = []
        let segments = createSegments(folder, () => named)
        let saved: readonly Segment[] = []
        let end = 0
        let savedEnd = 0
        for (const { rows, what } of steps) {
          end += rows
          if (what === 'follow') segments.follow(rowsUpTo(end))
          else if (what === 'settle') {
            saved = segments.settle(rowsUpTo(end))
            savedEnd = end
            named = saved
            segments.removeUnneeded()
          } else {
            segments = createSegments(folder, () => named)
            segments.goOnFrom(saved)
            end = savedEnd
          }
          const there = rowsUpTo(savedEnd)
          expect(read(folder, there, saved)).toEqual(numbers(there))
        }
      }),
      { numRuns: 12 },
    )
  })

  it('that are missing, cut off, changed or exchanged are named', () => {
    const folder = join(tempFolder(), 'replay')
    const rows = rowsUpTo(4)
    const found = createSegments(folder, () => []).settle(rows)
    const file = join(folder, found[1]!.file)
    const bytes = readFileSync(file)
    const damage: Record<string, () => void> = {
      'cut off': () => truncateSync(file, bytes.length - 1),
      "damaged: tensor 'rows' is not what was written": () => {
        bytes[bytes.length - 5]! ^= 4
        writeFileSync(file, bytes)
      },
      'damaged: not the rows 2 to 3': () => writeFileSync(file, readFileSync(join(folder, found[0]!.file))),
      'cannot be read': () => rmSync(file),
    }
    for (const [sentence, harm] of Object.entries(damage)) {
      harm()
      expect(() => read(folder, rows, found)).toThrow(FileError)
      expect(() => read(folder, rows, found)).toThrow(`${file}: ${sentence}`)
    }
  })
})
