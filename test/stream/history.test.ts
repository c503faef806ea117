import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeFrame, encodeFrame, frameBytes } from '../../src/stream/frame-codec.ts'
import { History } from '../../src/stream/history.ts'
import { createPastSender } from '../../src/stream/past-sender.ts'
import { circlingFrame, tinySchema } from './tiny-stream.ts'

const schema = tinySchema()
const bytes = frameBytes(schema)

describe('the history', () => {
  it('keeps the newest frames as they were, as many as fit', () => {
    const pushes = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 300 })
    fc.assert(
      fc.property(pushes, fc.integer({ min: 1, max: 150 }), fc.nat(900), (gaps, fits, asked) => {
        const history = new History(schema, fits * bytes)
        const numbers: number[] = []
        let number = 0
        for (const gap of gaps) {
          number += gap
          numbers.push(number)
          history.push(circlingFrame(schema, number))
        }
        const kept = numbers.slice(-fits)
        expect(history.range).toEqual(kept.length === 0 ? null : { first: kept[0], last: kept.at(-1) })
        const expected = kept.find(it => it >= asked)
        const found = history.from(asked)
        if (expected === undefined) expect(found).toBeNull()
        else expect(found).toEqual(encodeFrame(circlingFrame(schema, expected), schema))
        if (kept.length > 0) expect(history.newest).toEqual(encodeFrame(circlingFrame(schema, number), schema))
      }),
      { numRuns: 50 },
    )
  })

  it('begins anew where the numbers go back', () => {
    const history = new History(schema, 100 * bytes)
    for (const number of [...Array(150).keys(), 40, 41]) history.push(circlingFrame(schema, number))
    expect(history.range).toEqual({ first: 40, last: 41 })
    for (let number = 42; number < 200; number++) history.push(circlingFrame(schema, number))
    expect(history.range).toEqual({ first: 100, last: 199 })
  })

  it('keeps one frame, however large', () => {
    const history = new History(schema, 1)
    history.push(circlingFrame(schema, 1))
    history.push(circlingFrame(schema, 2))
    expect(history.range).toEqual({ first: 2, last: 2 })
  })

  it('takes memory as it fills', () => {
    const before = process.memoryUsage().arrayBuffers
    const history = new History(schema)
    history.push(circlingFrame(schema, 1))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6)
    expect(history.recent(1e9)).toBe(1)
  })
})

describe('the past', () => {
  it('is handed over in portions, flagged, and without what is no longer kept', () => {
    const history = new History(schema, 500 * bytes)
    for (let number = 0; number < 1000; number++) history.push(circlingFrame(schema, number))
    const past = createPastSender(history, { first: 100, last: 899 })
    const numbers: number[] = []
    for (let portion = past.next(); portion !== null; portion = past.next()) {
      expect(portion.length).toBeLessThan(40_000)
      for (let at = 0; at < portion.length; at += bytes + 4) {
        const frame = decodeFrame(portion.subarray(at + 4, at + 4 + bytes), schema)
        expect(frame).toMatchObject({ past: true, key: false })
        numbers.push(frame.number)
      }
      // Meanwhile the show goes on.
      for (let i = 0; i < 20; i++) history.push(circlingFrame(schema, history.range!.last + 1))
    }
    expect(numbers[0]).toBe(500)
    expect(numbers.at(-1)).toBe(899)
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
  })
})
