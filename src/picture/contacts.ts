// Contacts in a picture: pairs of things that collide and whose discs overlap.
import type { PictureSchema } from '../envs/frame.ts'
import type { Point } from './camera.ts'
import { readingOf } from './reading.ts'

/** Two entities by their index, the lower first, and the point between their edges. */
export interface Contact extends Point {
  readonly a: number
  readonly b: number
}

/** How much farther apart than their edges two discs may be and still touch, as a part of their radii: contact forces keep a gap. */
const SLACK = 0.02

/** Landmarks do not touch each other. Swept along x, so that a thousand discs take no million comparisons. */
export function contactsOf(schema: PictureSchema, row: Float32Array): Contact[] {
  const { entities } = schema
  const reading = readingOf(schema)
  const discs = entities.flatMap(({ size, collides, kind }, entity) => {
    const place = collides ? reading.place(row, entity) : null
    return place === null ? [] : [{ entity, size, moves: kind === 'agent', ...place }]
  })
  discs.sort((one, other) => one.x - one.size - (other.x - other.size))
  const contacts: Contact[] = []
  discs.forEach((one, i) => {
    const right = one.x + one.size
    for (let j = i + 1; j < discs.length; j++) {
      const other = discs[j]!
      const reach = (one.size + other.size) * (1 + SLACK)
      if (other.x - other.size > right + SLACK * reach) break
      if (!one.moves && !other.moves) continue
      const [dx, dy] = [other.x - one.x, other.y - one.y]
      const away = Math.hypot(dx, dy)
      if (away > reach) continue
      const part = away === 0 ? 0 : Math.max(0, Math.min(1, (one.size + (away - one.size - other.size) / 2) / away))
      const [a, b] = one.entity < other.entity ? [one.entity, other.entity] : [other.entity, one.entity]
      contacts.push({ a, b, x: one.x + part * dx, y: one.y + part * dy })
    }
  })
  return contacts
}
