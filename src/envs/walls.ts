// Walls: segments and boxes that nothing moves, and that push and stop whatever collides.

import { hypot } from '../elementary.ts'
import { type Entity, shortWay, Vector } from './entity.ts'
import { contactForce, penetration, softReach } from './physics.ts'

type Point = readonly [x: number, y: number]

/** A straight wall between two points, `thickness` world units across (absent: 0) with round ends. */
export interface SegmentWall {
  readonly from: Point
  readonly to: Point
  readonly thickness?: number
}

/** A solid box with sides along the axes, from its lower left to its upper right corner. */
export interface BoxWall {
  readonly low: Point
  readonly high: Point
}

/** A wall, in world units. */
export type WallDefinition = SegmentWall | BoxWall

/** The straight line from (x, y) to (x + dx, y + dy). */
export interface Side {
  readonly x: number
  readonly y: number
  readonly dx: number
  readonly dy: number
}

/** A wall as physics and rays take it. */
export interface Wall {
  /** Set where the wall is a box. */
  readonly box: BoxWall | null
  /** The lines that contacts are measured from: one of a segment, four of a box. */
  readonly sides: readonly Side[]
  /** Half the thickness. */
  readonly radius: number
  /** What rays meet: lines, and the round ends of a thick segment. */
  readonly outline: readonly Side[]
  readonly caps: readonly { readonly position: Vector; readonly size: number }[]
  readonly middle: Point
}

/** @throws RangeError naming the wall, what is expected and what came. */
export function createWalls(definitions: readonly WallDefinition[]): Wall[] {
  return definitions.map((wall, i) => ('low' in wall ? createBox(wall, i) : createSegment(wall, i)))
}

/** Adds the contact forces between walls and whatever moves and collides: as between entities, away from the nearest point. */
export function addWallForces(movers: readonly Entity[], walls: readonly Wall[]): void {
  for (const mover of movers) {
    if (mover.collides && mover.present) for (const wall of walls) pushFrom(wall, mover)
  }
}

/**
 * Where along the way (x, y) -> (x + dx, y + dy) it first crosses the line of a side, 0 ... 1; infinite when it does not.
 * Thickness does not count.
 */
export function crossing(side: Side, x: number, y: number, dx: number, dy: number): number {
  const turn = dx * side.dy - dy * side.dx
  if (turn === 0) return Number.POSITIVE_INFINITY
  const toX = side.x - x
  const toY = side.y - y
  const along = (toX * side.dy - toY * side.dx) / turn
  const across = (toX * dy - toY * dx) / turn
  return along >= 0 && along <= 1 && across >= 0 && across <= 1 ? along : Number.POSITIVE_INFINITY
}

/**
 * Nobody's centre passes a wall within a step, however fast: who would is put back just before the line and loses the
 * velocity towards it. `before` holds where the movers were, [movers, 2].
 */
export function stopAtWalls(movers: readonly Entity[], walls: readonly Wall[], before: Float64Array): void {
  for (let i = 0; i < movers.length; i++) {
    const mover = movers[i]!
    if (!mover.collides || !mover.present) continue
    // A corner can turn one wall's stop into another's crossing: the second look settles it.
    for (let look = 0; look < 2; look++) if (!stopOnce(mover, walls, before[2 * i]!, before[2 * i + 1]!)) break
  }
}

function stopOnce(mover: Entity, walls: readonly Wall[], fromX: number, fromY: number): boolean {
  const { position, velocity, period } = mover
  const dx = position.x - fromX
  const dy = position.y - fromY
  let first = Number.POSITIVE_INFINITY
  let hit: Side | null = null
  for (const { sides, middle } of walls) {
    const x = image(fromX, middle[0], period)
    const y = image(fromY, middle[1], period)
    for (const side of sides) {
      const along = crossing(side, x, y, dx, dy)
      // Who begins exactly on the line may leave it to either side.
      if (along === 0 || along >= first) continue
      first = along
      hit = side
    }
  }
  if (hit === null) return false
  // A little before the line, so that the next way begins on the same side.
  const share = Math.max(0, first - 1e-6)
  position.set(fromX + dx * share, fromY + dy * share)
  const length = hypot(hit.dx, hit.dy)
  const along = (velocity.x * hit.dx + velocity.y * hit.dy) / (length * length)
  velocity.set(hit.dx * along, hit.dy * along)
  return true
}

// The nearest point of a wall and where it is away from: the answer of `measure`, for whoever called it last.
const away = new Vector()

/** Distance of an entity's centre from a wall's surface, negative inside of it; in a wrapped arena from its nearest copy. */
export function distanceTo({ box, sides, middle, radius }: Wall, { position, period }: Entity): number {
  const x = image(position.x, middle[0], period)
  const y = image(position.y, middle[1], period)
  const apart = measure(sides, x, y) - radius
  return box !== null && isInside(box, x, y) ? -apart : apart
}

function pushFrom({ box, sides, middle, radius }: Wall, mover: Entity): void {
  const { position, force, period, size } = mover
  const x = image(position.x, middle[0], period)
  const y = image(position.y, middle[1], period)
  if (box !== null && isInside(box, x, y)) {
    pushOut(box, mover, x, y)
    return
  }
  const apart = measure(sides, x, y)
  const contact = size + radius
  if (apart > contact + softReach) return
  const push = contactForce * penetration(apart, contact)
  // Exactly on the line there is no direction: to the left of it, seen from its beginning.
  if (apart === 0) away.set(-sides[0]!.dy, sides[0]!.dx)
  const length = hypot(away.x, away.y)
  if (length === 0) force.set(force.x + push, force.y)
  else force.set(force.x + (push * away.x) / length, force.y + (push * away.y) / length)
}

/** Distance to the nearest of these lines; `away` points from there to (x, y). */
function measure(sides: readonly Side[], x: number, y: number): number {
  let nearest = Number.POSITIVE_INFINITY
  for (const { x: fromX, y: fromY, dx, dy } of sides) {
    const length = dx * dx + dy * dy
    const share = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - fromX) * dx + (y - fromY) * dy) / length))
    const toX = x - fromX - share * dx
    const toY = y - fromY - share * dy
    const apart = Math.sqrt(toX * toX + toY * toY)
    if (apart >= nearest) continue
    nearest = apart
    away.set(toX, toY)
  }
  return nearest
}

function isInside({ low, high }: BoxWall, x: number, y: number): boolean {
  return x > low[0] && x < high[0] && y > low[1] && y < high[1]
}

/** An entity inside a box leaves it by the nearest side. */
function pushOut({ low, high }: BoxWall, { force, size }: Entity, x: number, y: number): void {
  const sideways = Math.min(x - low[0], high[0] - x)
  const upright = Math.min(y - low[1], high[1] - y)
  const push = contactForce * penetration(-Math.min(sideways, upright), size)
  if (sideways <= upright) force.set(force.x + (x - low[0] <= high[0] - x ? -push : push), force.y)
  else force.set(force.x, force.y + (y - low[1] <= high[1] - y ? -push : push))
}

/** In a wrapped arena, the copy of a coordinate that is nearest to a wall's middle. */
function image(coordinate: number, middle: number, period: number): number {
  return period > 0 ? middle + shortWay(coordinate - middle, period) : coordinate
}

function createBox(box: BoxWall, index: number): Wall {
  const { low, high } = box
  demandFinite(index, 'low', low)
  demandFinite(index, 'high', high)
  if (!(low[0] < high[0] && low[1] < high[1])) {
    throw new RangeError(`walls[${index}]: low must be left of and below high, got [${low}] and [${high}]`)
  }
  const corners: readonly Point[] = [low, [high[0], low[1]], high, [low[0], high[1]]]
  const sides = corners.map((corner, c) => side(corner, corners[(c + 1) % 4]!))
  return { box, sides, radius: 0, outline: sides, caps: [], middle: middleOf(low, high) }
}

function createSegment({ from, to, thickness = 0 }: SegmentWall, index: number): Wall {
  demandFinite(index, 'from', from)
  demandFinite(index, 'to', to)
  if (!(thickness >= 0)) throw new RangeError(`walls[${index}]: thickness must be at least 0, got ${thickness}`)
  const line = side(from, to)
  const wall = { box: null, sides: [line], radius: thickness / 2, middle: middleOf(from, to) }
  if (thickness === 0) return { ...wall, outline: [line], caps: [] }
  const length = hypot(line.dx, line.dy) || 1
  const x = (-line.dy / length) * wall.radius
  const y = (line.dx / length) * wall.radius
  return {
    ...wall,
    outline: [
      { ...line, x: line.x + x, y: line.y + y },
      { ...line, x: line.x - x, y: line.y - y },
    ],
    caps: [from, to].map(([x, y]) => ({ position: new Vector(x, y), size: wall.radius })),
  }
}

function side([x, y]: Point, [toX, toY]: Point): Side {
  return { x, y, dx: toX - x, dy: toY - y }
}

function middleOf(a: Point, b: Point): Point {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]
}

function demandFinite(index: number, name: string, point: Point): void {
  if (Number.isFinite(point[0]) && Number.isFinite(point[1])) return
  throw new RangeError(`walls[${index}]: ${name} must be two finite numbers, got [${point}]`)
}
