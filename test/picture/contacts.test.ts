import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FrameEntity, FrameSchema } from '../../src/envs/frame.ts'
import { contactsOf } from '../../src/picture/contacts.ts'
import { tinySchema } from '../stream/tiny-stream.ts'

function schemaOf(entities: readonly Pick<FrameEntity, 'kind' | 'size' | 'collides'>[]): FrameSchema {
  const [pattern] = tinySchema().entities
  const size = 2 * entities.length
  return {
    ...tinySchema(),
    entities: entities.map(entity => ({ ...pattern!, ...entity })),
    fields: [{ name: 'position', offset: 0, size }],
    size,
  }
}

describe('contacts', () => {
  it('are between the edges of two discs that overlap', () => {
    const agent = { kind: 'agent', size: 1, collides: true } as const
    const row = Float32Array.of(0, 0, 1.9, 0, 5, 5)
    expect(contactsOf(schemaOf([agent, agent, agent]), row)).toEqual([{ a: 0, b: 1, x: expect.closeTo(0.95), y: 0 }])
  })

  it('are the pairs that comparing each with each finds', () => {
    const entity = fc.record({
      kind: fc.constantFrom('agent' as const, 'landmark' as const),
      size: fc.double({ min: 0.01, max: 0.5, noNaN: true }),
      collides: fc.boolean(),
    })
    const place = fc.oneof(
      { arbitrary: fc.double({ min: -1, max: 1, noNaN: true }), weight: 9 },
      fc.constant(Number.NaN),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(entity, place, place), { maxLength: 20 }), things => {
        const entities = things.map(([entity]) => entity)
        const row = Float32Array.from(things.flatMap(([, x, y]) => [x, y]))
        const pairs: string[] = []
        entities.forEach((one, a) => {
          entities.slice(a + 1).forEach((other, i) => {
            const b = a + 1 + i
            const away = Math.hypot(row[2 * b]! - row[2 * a]!, row[2 * b + 1]! - row[2 * a + 1]!)
            const moves = one.kind === 'agent' || other.kind === 'agent'
            const reach = (one.size + other.size) * 1.02
            if (one.collides && other.collides && moves && away <= reach) pairs.push(`${a} ${b}`)
          })
        })
        const found = contactsOf(schemaOf(entities), row).map(({ a, b }) => `${a} ${b}`)
        expect(found.sort()).toEqual(pairs.sort())
      }),
    )
  })
})
