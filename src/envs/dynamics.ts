// Dynamics other than by force: by a commanded velocity, or differential drive.

import { cos, sin } from '../elementary.ts'
import type { Agent } from './entity.ts'
import { dt } from './physics.ts'

/** Moves every agent of dynamics 'velocity' or 'differential' by its thrust; contacts push it aside by force / mass. */
export function drive(agents: readonly Agent[]): void {
  for (const agent of agents) {
    if (!agent.present) continue
    const { position, velocity, force, thrust, mass, maxSpeed } = agent
    let x = thrust.x
    let y = thrust.y
    if (agent.dynamics === 'differential') {
      agent.heading = turned(agent.heading - clip(x) * agent.turnRate * dt)
      const speed = clip(y)
      x = speed * cos(agent.heading)
      y = speed * sin(agent.heading)
    } else {
      const length = Math.sqrt(x * x + y * y)
      if (length > 1) {
        x /= length
        y /= length
      }
    }
    velocity.set(x * maxSpeed + (force.x / mass) * dt, y * maxSpeed + (force.y / mass) * dt)
    position.set(position.x + velocity.x * dt, position.y + velocity.y * dt)
  }
}

function clip(value: number): number {
  return value < -1 ? -1 : value > 1 ? 1 : value
}

/** The same direction as an angle in -pi ... pi. */
function turned(angle: number): number {
  return Math.abs(angle) > Math.PI ? angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI)) : angle
}
