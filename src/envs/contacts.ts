// Contact forces: all pairs in small worlds, a grid in large ones, with the same results.
import type { Entity } from './entity.ts'
import { IndexSet } from './index-set.ts'
import { addContactForces, collidingPairs, contactMargin, pushApart, softReach } from './physics.ts'
import { SpatialGrid } from './spatial-grid.ts'

/** How a world finds who is near: 'auto' by size, 'pairs' everyone with everyone, 'grid' at any size. */
export type Search = 'auto' | 'pairs' | 'grid'

/** From this many entities on, a grid is searched: below it, everyone with everyone is as fast. */
export const gridFrom = 48

/**
 * How far outside of contact the grid looks. The force there is contactForce * contactMargin * log(1 + exp(-gap / margin))
 * < 0.1 * exp(-40) = 4.3e-19: a hundred thousand such pairs together change a force by less than 5e-14, and a force of
 * 1e-3 (an agent's own is 5) not in its last bit by one of them. All nearer pairs are added in the order of all pairs.
 */
export const gridReach = 40 * contactMargin

/** What adds the contact forces of a world, at every step. */
export function createContacts(entities: readonly Entity[], search: Search): () => void {
  const colliders = entities.filter(entity => entity.collides)
  if (search === 'grid' || (search === 'auto' && colliders.length >= gridFrom)) return gridContacts(colliders)
  if (colliders.length < gridFrom) {
    const pairs = collidingPairs(entities)
    return () => addContactForces(pairs)
  }
  return () => addAllContacts(colliders)
}

/** As `addContactForces`, for so many that a list of the pairs would be too long. */
function addAllContacts(colliders: readonly Entity[]): void {
  for (let i = 0; i < colliders.length; i++) {
    const a = colliders[i]!
    for (let j = i + 1; j < colliders.length; j++) {
      const b = colliders[j]!
      if (a.moves || b.moves) pushApart(a, b, softReach)
    }
  }
}

/**
 * A force is a sum over the others in ascending order, as all pairs give it: each entity in turn meets those before it,
 * first to last. So the same numbers are added in the same order, and the sums have the same bits.
 */
function gridContacts(colliders: readonly Entity[]): () => void {
  const grid = new SpatialGrid()
  const earlier = new IndexSet(colliders.length)
  const order = new Int32Array(colliders.length)
  return () => {
    grid.fill(colliders)
    for (let j = 0; j < colliders.length; j++) {
      const b = colliders[j]!
      if (!b.present) continue
      const reach = b.size + gridReach
      const { x, y } = b.position
      const count = grid.gather(b.position, reach + grid.largest)
      let met = 0
      for (let k = 0; k < count; k++) {
        const i = grid.found[k]!
        if (i >= j) continue
        const a = colliders[i]!
        if (!a.moves && !b.moves) continue
        if (!b.wraps) {
          // Most of what the cells hold is out of reach; told here, before it is put in order.
          const apartX = a.position.x - x
          const apartY = a.position.y - y
          if (apartX * apartX + apartY * apartY > (a.size + reach) * (a.size + reach)) continue
        }
        earlier.add(i)
        met++
      }
      if (met === 0) continue
      const ordered = earlier.drain(order)
      for (let k = 0; k < ordered; k++) pushApart(colliders[order[k]!]!, b, gridReach)
    }
  }
}
