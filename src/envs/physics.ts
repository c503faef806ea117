// How bodies push each other and move, formula by formula as the published particle worlds do, in double precision.

import { exp, log1p } from '../elementary.ts'
import { type Agent, type Entity, shortWay } from './entity.ts'

/** Seconds per step. */
export const dt = 0.1
/** Share of the velocity lost per step. */
export const damping = 0.25
/** Force per world unit of overlap. */
export const contactForce = 100
/** World units over which a contact sets in softly. */
export const contactMargin = 0.001

/** Which published version of the particle worlds is followed. */
export type Rules = 'mpe2' | 'openai'

/** Two entities that can push each other, in the order of the world's entities. */
export interface Pair {
  readonly a: Entity
  readonly b: Entity
}

/** All pairs of entities that collide and of which at least one can be moved. */
export function collidingPairs(entities: readonly Entity[]): Pair[] {
  return entities.flatMap((a, i) =>
    entities
      .slice(i + 1)
      .filter(b => a.collides && b.collides && (a.moves || b.moves))
      .map(b => ({ a, b })),
  )
}

/** Every agent of `agents` that moves is pushed by its own thrust, and by nothing else yet. */
export function applyActions(movers: readonly Entity[], agents: readonly Agent[]): void {
  for (const mover of movers) mover.force.set(0, 0)
  for (const agent of agents) {
    if (!agent.moves) continue
    agent.force.set(agent.thrust.x * agent.acceleration, agent.thrust.y * agent.acceleration)
  }
}

// exp(-746) is 0 in doubles, so the force of a pair that is farther apart than this many margins is exactly zero.
export const softReach = 746 * contactMargin

/** Adds the contact forces of all pairs; the force also acts a little outside of contact (a soft penetration). */
export function addContactForces(pairs: readonly Pair[]): void {
  for (const { a, b } of pairs) pushApart(a, b, softReach)
}

/** Adds the contact force of one pair; beyond `reach` world units outside of contact it counts as zero. */
export function pushApart(a: Entity, b: Entity, reach: number): void {
  let x = a.position.x - b.position.x
  let y = a.position.y - b.position.y
  if (a.wraps) {
    x = shortWay(x, a.period)
    y = shortWay(y, a.period)
  }
  const contact = a.size + b.size
  const squared = x * x + y * y
  if (squared > (contact + reach) * (contact + reach) || !a.present || !b.present) return
  const apart = Math.sqrt(squared)
  const depth = penetration(apart, contact)
  // At exactly the same point there is no direction, and both references give NaN. Here the earlier entity is pushed
  // to the right and the later one to the left.
  if (apart === 0) addForce(a, b, contactForce * depth, 0)
  else addForce(a, b, ((contactForce * x) / apart) * depth, ((contactForce * y) / apart) * depth)
}

/** Moves every mover by one step of semi-implicit ('openai') or explicit ('mpe2') Euler. */
export function integrate(movers: readonly Entity[], rules: Rules): void {
  for (const mover of movers) {
    const { position, velocity } = mover
    // MPE2 moves with the velocity from before the step: an action shows in the position one step later.
    if (rules === 'mpe2') position.set(position.x + velocity.x * dt, position.y + velocity.y * dt)
    accelerate(mover)
    if (rules === 'openai') position.set(position.x + velocity.x * dt, position.y + velocity.y * dt)
  }
}

function accelerate({ velocity, force, mass, maxSpeed }: Entity): void {
  let x = velocity.x * (1 - damping) + (force.x / mass) * dt
  let y = velocity.y * (1 - damping) + (force.y / mass) * dt
  if (maxSpeed !== Number.POSITIVE_INFINITY) {
    const speed = Math.sqrt(x * x + y * y)
    if (speed > maxSpeed) {
      x = (x / speed) * maxSpeed
      y = (y / speed) * maxSpeed
    }
  }
  velocity.set(x, y)
}

/** How deep something is inside that touches from `reach` on: k * log(1 + exp((reach - apart) / k)), without overflow. */
export function penetration(apart: number, reach: number): number {
  const overlap = -(apart - reach) / contactMargin
  const soft = overlap > 0 ? overlap + log1p(exp(-overlap)) : log1p(exp(overlap))
  return soft * contactMargin
}

function addForce(a: Entity, b: Entity, x: number, y: number): void {
  if (a.moves) a.force.set(x + a.force.x, y + a.force.y)
  if (b.moves) b.force.set(b.force.x - x, b.force.y - y)
}
