import { describe, expect, it } from 'vitest'
import { recordReplay } from '../../src/report/replay.ts'
import { pictures, schema } from './measured.ts'

const numbers = (text: string) => {
  const bytes = Buffer.from(text, 'base64')
  return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i))
}

describe('recordReplay', () => {
  it('keeps whole episodes, number by number', () => {
    const { episodes } = recordReplay(schema, ['agent_0'], pictures(2), 3)
    expect(episodes.map(({ frames, cut }) => [frames, cut])).toEqual([
      [3, false],
      [3, false],
      [3, false],
    ])
    expect(numbers(episodes[1]!.rows)).toEqual([0, Number.NaN, 1, Number.NaN, 2, Number.NaN])
    expect(numbers(episodes[1]!.returns)).toEqual([-0, -1, -2])
  })

  it('cuts an endless episode where the page would grow too large, and drops one that would not fit', () => {
    const [endless, ...none] = recordReplay(schema, ['agent_0'], pictures(1e9), 3).episodes
    expect(none).toEqual([])
    expect(endless!.cut).toBe(true)
    expect(endless!.rows.length + endless!.returns.length).toBeLessThan(900_000)
    const { episodes } = recordReplay(schema, ['agent_0'], pictures(30_000), 3)
    expect(episodes.map(({ cut }) => cut)).toEqual([false])
  })
})
