import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameMemory } from '../../../viewer/time/frame-memory.ts'
import { circlingFrame, tinySchema } from '../../stream/tiny-stream.ts'

const schema = tinySchema()
const frame = (number: number) => circlingFrame(schema, number)
const { row, rewards, returns, actions } = frame(0)
const bytes = 500 + 4 * (row.length + rewards.length + returns.length + actions.length)

/** A past of these frames, taken in this order. */
function pastOf(numbers: readonly number[], most?: number): FrameMemory {
  const past = new FrameMemory(most)
  for (const number of numbers) past.add(frame(number))
  return past
}

describe('the past', () => {
  it('knows nothing at first', () => {
    const past = new FrameMemory()
    expect([past.length, past.first, past.last, past.at(3), past.episode(3)]).toEqual([
      0,
      undefined,
      undefined,
      undefined,
      null,
    ])
  })

  it('is in order whatever came first, and holds each frame once', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(60)), fc.nat(60), (numbers, asked) => {
        const past = pastOf(numbers)
        const sorted = [...new Set(numbers)].sort((a, b) => a - b)
        expect([...past.between({ from: 0, to: 60 })].map(({ number }) => number)).toEqual(sorted)
        const before = sorted.findLast(number => number <= asked) ?? sorted[0]
        expect(past.at(asked)?.number).toBe(before)
        expect(past.after(asked)?.number).toBe(before === undefined ? sorted[0] : sorted[sorted.indexOf(before) + 1])
      }),
    )
  })

  it('forgets the oldest when it is full, and takes nothing older then', () => {
    const past = pastOf([...Array(5000).keys()], 100 * bytes)
    expect([past.length, past.first?.number, past.last?.number]).toEqual([100, 4900, 4999])
    past.add(frame(10))
    expect(past.first?.number).toBe(4900)
    expect(past.at(0)?.number).toBe(4900)
  })

  it('knows where an episode begins and ends', () => {
    const past = pastOf([...Array(60).keys()])
    expect(past.episode(30)).toEqual({ from: 25, to: 49 })
    expect(past.episode(55)).toEqual({ from: 50, to: 59 })
    expect(past.trail(27).map(({ number }) => number)).toEqual([25, 26, 27])
    expect(past.trail(49)).toHaveLength(25)
  })
})
