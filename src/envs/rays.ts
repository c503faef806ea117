// Distance sensors: how far it is to the nearest thing along rays around an agent.

import { cos, sin } from '../elementary.ts'
import type { ArenaDefinition } from './arena.ts'
import { type Agent, type Entity, shortWay, type Vector } from './entity.ts'
import { crossing, distanceTo, type Side, type Wall } from './walls.ts'

/** How `see.rays` looks around: how many rays, how far, at what. */
export interface RayOptions {
  /** Number of rays, evenly around the agent, counterclockwise from its heading (+x for agents without). */
  readonly count: number
  /** World units beyond which a ray sees nothing; at most half the side of a wrapped arena. */
  readonly reach: number
  /** What the rays see besides walls; absent: every other entity. */
  readonly entities?: readonly Entity[]
}

/** What rays are cast in. */
export interface RayScene {
  readonly entities: readonly Entity[]
  readonly walls: readonly Wall[]
  readonly arena: ArenaDefinition
}

/** Calls `visit` for every entity but the asker whose edge is within `reach`. */
type Around = (
  agent: Agent,
  entities: readonly Entity[],
  reach: number,
  visit: (entity: { readonly position: Vector; readonly size: number }) => void,
) => void

/** Casts the rays of one agent after another in one world. */
export class RayCaster {
  readonly #scene: RayScene
  readonly #around: Around
  readonly #edges: readonly Side[]
  #distances = new Float64Array(0)
  /** [count] Directions of the present agent's rays. */
  #cosines = new Float64Array(0)
  #sines = new Float64Array(0)
  #agent!: Agent

  constructor(scene: RayScene, around: Around) {
    this.#scene = scene
    this.#around = around
    const { half, edge } = scene.arena
    const line = (x: number, y: number, dx: number, dy: number): Side => ({ x, y, dx, dy })
    this.#edges =
      edge === 'wall'
        ? [
            line(-half, -half, 2 * half, 0),
            line(half, -half, 0, 2 * half),
            line(half, half, -2 * half, 0),
            line(-half, half, 0, -2 * half),
          ]
        : []
  }

  /**
   * [count] World units from the agent's centre to the nearest edge of something along each ray: 0 inside of it, `reach`
   * where there is nothing. Overwritten by the next call. @throws RangeError for a wrong count or reach.
   */
  cast(agent: Agent, { count, reach, entities }: RayOptions): Float64Array {
    if (!(count >= 1) || !Number.isInteger(count) || !(reach > 0) || reach > agent.period / 2) refuse(count, reach)
    this.#aim(agent, count)
    this.#distances.fill(reach)
    this.#around(agent, entities ?? this.#scene.entities, reach, this.#see)
    for (const wall of this.#scene.walls) {
      if (distanceTo(wall, agent) <= 0) this.#distances.fill(0)
      for (const side of wall.outline) this.#cross(side, reach)
      for (const cap of wall.caps) this.#see(cap)
    }
    for (const side of this.#edges) this.#cross(side, reach)
    return this.#distances
  }

  #aim(agent: Agent, count: number): void {
    this.#agent = agent
    if (this.#distances.length !== count) {
      this.#distances = new Float64Array(count)
      this.#cosines = new Float64Array(count)
      this.#sines = new Float64Array(count)
    }
    for (let ray = 0; ray < count; ray++) {
      const angle = agent.heading + (2 * Math.PI * ray) / count
      this.#cosines[ray] = cos(angle)
      this.#sines[ray] = sin(angle)
    }
  }

  /** Shortens the rays that meet a disc. A field, so that no function is made per call. */
  readonly #see = ({ position, size }: { readonly position: Vector; readonly size: number }): void => {
    const { position: eye, period } = this.#agent
    let x = position.x - eye.x
    let y = position.y - eye.y
    if (period > 0) {
      x = shortWay(x, period)
      y = shortWay(y, period)
    }
    // |t d - p|^2 = size^2 for a ray t d: t = p.d - sqrt((p.d)^2 - |p|^2 + size^2).
    const outside = x * x + y * y - size * size
    for (let ray = 0; ray < this.#distances.length; ray++) {
      const ahead = x * this.#cosines[ray]! + y * this.#sines[ray]!
      const under = ahead * ahead - outside
      if (outside <= 0) this.#distances[ray] = 0
      else if (ahead > 0 && under >= 0) this.#shorten(ray, ahead - Math.sqrt(under))
    }
  }

  /** Shortens the rays that meet a straight line; in a wrapped arena any copy of it. */
  #cross(side: Side, reach: number): void {
    const { position, period } = this.#agent
    const copies = period > 0 ? 1 : 0
    for (let ray = 0; ray < this.#distances.length; ray++) {
      const dx = reach * this.#cosines[ray]!
      const dy = reach * this.#sines[ray]!
      for (let i = -copies; i <= copies; i++) {
        for (let j = -copies; j <= copies; j++) {
          const x = copies === 0 ? position.x : position.x + i * period
          const y = copies === 0 ? position.y : position.y + j * period
          this.#shorten(ray, reach * crossing(side, x, y, dx, dy))
        }
      }
    }
  }

  #shorten(ray: number, distance: number): void {
    if (distance < this.#distances[ray]!) this.#distances[ray] = distance
  }
}

function refuse(count: number, reach: number): never {
  throw new RangeError(
    'see.rays: count must be a whole number of at least 1 and reach above 0, in a wrapped arena at most half its side;' +
      ` got count ${count} and reach ${reach}`,
  )
}
