// Room for rows: what lies where never overlaps, and never takes more than was foretold.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesOfRows, chunkSizes, createRowChunks } from '../../src/replay/row-chunks.ts'
import { rowLayout } from '../../src/replay/row-layout.ts'
import { agentsOf } from '../support/joint-steps.ts'

const shape = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 3 }),
  games: fc.integer({ min: 1, max: 6 }),
  capacity: fc.integer({ min: 1, max: 300 }),
  /** Whether a game's episode ends, row by row. */
  ends: fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }),
  isLong: fc.boolean(),
})

describe('the room of rows', () => {
  it('holds all that is needed side by side, in no more blocks than were foretold', () => {
    fc.assert(
      fc.property(shape, ({ sizes, games, capacity, ends, isLong }) => {
        const layout = rowLayout(agentsOf(sizes))
        const { columns, seen } = layout
        const { chunk, block } = chunkSizes(layout, capacity, games)
        const { usual, most } = bytesOfRows(layout, capacity, games)
        const chunks = createRowChunks({ chunk, block })
        const places: number[] = []
        const heads: number[] = []
        for (let row = 0; row < 3 * capacity + games; row++) {
          const game = row % games
          if (row >= capacity) chunks.drop(places[row % capacity]!)
          const head = heads[game]
          let place = head ?? -1
          const goesOn = head !== undefined && (isLong || !ends[row % ends.length])
          if (!goesOn || !chunks.hasRoom(place, columns + seen)) {
            place = chunks.open(head === undefined ? -1 : head + seen, columns + seen)
            chunks.hold(place)
            if (head !== undefined) chunks.drop(head)
          }
          chunks.hold(place)
          places[row % capacity] = place
          heads[game] = place + columns
          expect(place % chunk).toBeLessThanOrEqual(chunk - columns - seen)
        }
        // Where a row ends, what was seen next begins: it may be the row after, and nothing else.
        const taken = [...new Set(places)].sort((a, b) => a - b)
        expect(taken.length).toBe(Math.min(capacity, 3 * capacity + games))
        taken.forEach((place, i) => {
          const next = taken[i + 1]
          if (next !== undefined && next !== place + columns)
            expect(next).toBeGreaterThanOrEqual(place + columns + seen)
        })
        expect(4 * block * chunks.blocks).toBeLessThanOrEqual(isLong ? usual : most)
      }),
      { numRuns: 200 },
    )
  })

  it('is little more than the rows themselves in games of the usual size', () => {
    const layout = rowLayout(agentsOf([18, 18, 18]))
    for (const games of [1, 32, 256]) {
      const { usual, most } = bytesOfRows(layout, 1_000_000, games)
      expect(usual / 1e6).toBeLessThan(1.15 * 4 * layout.columns)
      expect(most / 1e6).toBeLessThan(1.15 * 4 * (layout.columns + layout.seen))
    }
  })
})
