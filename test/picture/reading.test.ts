import { describe, expect, it } from 'vitest'
import { loudest, readingOf } from '../../src/picture/reading.ts'
import { knowingSchema, tinySchema } from '../stream/tiny-stream.ts'

const schema = knowingSchema(tinySchema(2, 2))
/** agent_0, adversary_0, guard_0, landmark_0, landmark_1 */
const reading = readingOf(schema)

function rowWith(values: Readonly<Record<string, readonly number[]>>): Float32Array {
  const row = new Float32Array(schema.size)
  for (const { name, offset, size } of schema.fields) {
    if (name === 'present') row.fill(1, offset, offset + size)
    row.set(values[name] ?? [], offset)
  }
  return row
}

describe('what a row says', () => {
  it('places everyone but those who are nowhere or have left', () => {
    const row = rowWith({ position: [1, 2, 3, 4, 5, 6, Number.NaN, 8, 9, 10], present: [1, 0, 1, 1, 1] })
    expect(schema.entities.map((_, i) => reading.place(row, i))).toEqual([
      { x: 1, y: 2 },
      null,
      { x: 5, y: 6 },
      null,
      { x: 9, y: 10 },
    ])
  })

  it('turns the index of a goal into an entity', () => {
    const row = rowWith({ goal: [1, -1] })
    expect(schema.entities.map((_, i) => reading.goal(row, i))).toEqual([4, null, null, null, null])
    expect(reading.goal(rowWith({ goal: [7, 0] }), 0)).toBeNull()
  })

  it('knows scripted agents behind the agents', () => {
    const row = rowWith({
      velocity: [0, 0, 0, 0, 5, 6],
      heading: [0, Number.NaN, 2],
      utterance: [0, 0, 0, 0, 0, 0, 0, 0, 1],
    })
    expect(reading.velocity(row, 2)).toEqual({ x: 5, y: 6 })
    expect([0, 1, 2, 3].map(i => reading.heading(row, i))).toEqual([0, null, 2, null])
    expect(reading.utterance(row, 0)).toBeNull()
    expect([...reading.utterance(row, 2)!]).toEqual([0, 0, 1])
    expect(reading.utterance(row, 4)).toBeNull()
  })

  it('says nothing of what the schema lacks', () => {
    const plain = readingOf({ ...tinySchema(), fields: [] })
    const row = new Float32Array(0)
    for (const what of ['place', 'velocity', 'heading', 'goal', 'utterance'] as const) {
      expect(plain[what](row, 0)).toBeNull()
    }
  })

  it('finds the loudest channel, of equal ones the first', () => {
    expect(loudest(Float32Array.of(0.1, 0.5, 0.5))).toBe(1)
    expect(loudest(Float32Array.of(-1, -2))).toBe(0)
  })
})
