// The space that a world lies in: open, held by four walls, or closed to a ring in both directions.
import { type Entity, shortWay } from './entity.ts'
import { contactForce, penetration } from './physics.ts'

/** A square arena, centred at 0. */
export interface ArenaDefinition {
  /** Half its side, in world units. */
  readonly half: number
  /**
   * 'none': nothing stops anyone, as published. 'wall': everything that moves is pushed back as softly as by a contact, and
   * no centre gets outside. 'wrap': who leaves at one side comes back at the other, and distances, relative positions, contacts and rays take
   * the short way round.
   */
  readonly edge: 'none' | 'wall' | 'wrap'
}

/** The arena of a world, made known to its entities. @throws RangeError naming what is expected and what came. */
export function createArena(definition: ArenaDefinition | undefined, entities: readonly Entity[]): ArenaDefinition {
  if (definition === undefined) return { half: Number.POSITIVE_INFINITY, edge: 'none' }
  const { half, edge } = definition
  if (!(half > 0) || half === Number.POSITIVE_INFINITY) throw new RangeError(`arena: half must be above 0, got ${half}`)
  if (!['none', 'wall', 'wrap'].includes(edge)) {
    throw new RangeError(`arena: edge must be one of none, wall, wrap, got ${edge}`)
  }
  for (const entity of entities) {
    entity.wraps = edge === 'wrap'
    if (entity.wraps) entity.period = 2 * half
  }
  return definition
}

/** Adds the forces of the arena's four walls. */
export function addEdgeForces(movers: readonly Entity[], half: number): void {
  for (const mover of movers) {
    if (!mover.present) continue
    const { position, force, size } = mover
    force.set(force.x + inward(position.x, half, size), force.y + inward(position.y, half, size))
  }
}

/**
 * Puts centres that got outside onto the edge, without the velocity that brought them there. The push alone does not hold:
 * at this stiffness and step length (100 * 0.1^2 = 1) explicit Euler swings higher with every step spent in a wall.
 */
export function holdInside(movers: readonly Entity[], half: number): void {
  for (const { position, velocity } of movers) {
    const x = Math.max(-half, Math.min(half, position.x))
    const y = Math.max(-half, Math.min(half, position.y))
    if (x === position.x && y === position.y) continue
    // An entity that has turned back already keeps its velocity.
    const stopsX = (position.x - x) * velocity.x > 0
    const stopsY = (position.y - y) * velocity.y > 0
    velocity.set(stopsX ? 0 : velocity.x, stopsY ? 0 : velocity.y)
    position.set(x, y)
  }
}

/** Brings everyone back to -half ... half, by whole turns. */
export function wrapPositions(movers: readonly Entity[], half: number): void {
  for (const { position } of movers) {
    if (Math.abs(position.x) > half || Math.abs(position.y) > half) {
      position.set(shortWay(position.x, 2 * half), shortWay(position.y, 2 * half))
    }
  }
}

/** The right wall pushes to the left and the left one to the right, also those who are already behind it. */
function inward(coordinate: number, half: number, size: number): number {
  return contactForce * (penetration(half + coordinate, size) - penetration(half - coordinate, size))
}
