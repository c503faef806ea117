// One step of the world: contact forces, integration, speech, and what can be asked of a world.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Agent, Landmark } from '../../src/envs/entity.ts'
import { addContactForces, collidingPairs, contactForce, contactMargin, type Rules } from '../../src/envs/physics.ts'
import { World } from '../../src/envs/world.ts'

const coordinate = fc.double({ min: -0.5, max: 0.5, noNaN: true })
const place = fc.tuple(coordinate, coordinate)
const ids = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `agent_${i}`, size: 0.15 }))

function pushed(places: readonly (readonly [number, number])[]): Agent[] {
  const agents = places.map(([x, y], i) => {
    const agent = new Agent({ id: `agent_${i}`, size: 0.15 }, i, 0)
    agent.position.set(x, y)
    return agent
  })
  addContactForces(collidingPairs(agents))
  return agents
}

describe('contact forces', () => {
  // conformance: pen = k * logaddexp(0, (0.3 - 0.2) / k) is 0.1 to double precision, f = 100 * d / r * pen.
  it('push overlapping agents apart by 100 per unit of overlap', () => {
    const [a, b] = pushed([
      [0.1, 0],
      [-0.1, 0],
    ])
    expect(a!.force.x).toBeCloseTo(10, 12)
    expect(b!.force.x).toBeCloseTo(-10, 12)
  })

  it('act softly just outside of contact', () => {
    const [a] = pushed([
      [0.301, 0],
      [0, 0],
    ])
    expect(a!.force.x).toBeCloseTo(contactForce * contactMargin * Math.log1p(Math.exp(-1)), 9)
  })

  it('are exactly zero where they are not computed', () => {
    const [a] = pushed([
      [0.3 + 745.9 * contactMargin, 0],
      [0, 0],
    ])
    expect(a!.force.x).toBe(0)
  })

  it('are computed as long as they are not zero, however small', () => {
    const [a] = pushed([
      [0.3 + 700 * contactMargin, 0],
      [0, 0],
    ])
    expect(a!.force.x).toBeGreaterThan(0)
  })

  it('are symmetric: a pair of movers keeps its momentum', () => {
    fc.assert(
      fc.property(place, place, (p, q) => {
        const [a, b] = pushed([p, q])
        expect(a!.force.x).toBe(0 - b!.force.x)
        expect(a!.force.y).toBe(0 - b!.force.y)
      }),
    )
  })

  it('keep the momentum of a crowd', () => {
    fc.assert(
      fc.property(fc.array(place, { minLength: 2, maxLength: 6 }), places => {
        const agents = pushed(places)
        expect(agents.reduce((sum, agent) => sum + agent.force.x, 0)).toBeCloseTo(0, 9)
        expect(agents.reduce((sum, agent) => sum + agent.force.y, 0)).toBeCloseTo(0, 9)
      }),
    )
  })

  it('are finite and apart for entities at exactly the same point, the same at every call', () => {
    fc.assert(
      fc.property(place, fc.integer({ min: 2, max: 5 }), (point, count) => {
        const agents = pushed(Array.from({ length: count }, () => point))
        for (const { force } of agents) expect(Number.isFinite(force.x) && Number.isFinite(force.y)).toBe(true)
        expect(agents[0]!.force.x).toBeGreaterThan(0)
        expect(agents.at(-1)!.force.x).toBeLessThan(0)
        expect(pushed(Array.from({ length: count }, () => point)).map(agent => agent.force)).toEqual(
          agents.map(agent => agent.force),
        )
      }),
    )
  })

  it('are finite for points that are almost the same', () => {
    const [a] = pushed([
      [Number.MIN_VALUE, 0],
      [0, 0],
    ])
    expect(Number.isFinite(a!.force.x)).toBe(true)
  })

  it('leave what cannot move alone, and entities that do not collide out', () => {
    const agent = new Agent({ id: 'agent_0' }, 0, 0)
    const obstacle = new Landmark({ id: 'obstacle_0', size: 0.2, collides: true }, 0)
    const goal = new Landmark({ id: 'goal_0' }, 1)
    agent.position.set(0.1, 0)
    const pairs = collidingPairs([agent, obstacle, goal])
    addContactForces(pairs)
    expect(pairs).toHaveLength(1)
    expect(agent.force.x).toBeGreaterThan(0)
    expect(obstacle.force).toMatchObject({ x: 0, y: 0 })
  })
})

describe('a step', () => {
  const moved = (rules: Rules, definition = {}) => {
    const world = new World({ agents: [{ ...ids(1)[0]!, ...definition }] }, rules)
    world.agents[0]!.velocity.set(1, 0)
    world.agents[0]!.thrust.set(0, 1)
    world.step()
    return world.agents[0]!
  }

  it('moves by the old velocity under the mpe2 rules', () => {
    expect(moved('mpe2').position).toMatchObject({ x: 0.1, y: 0 })
    expect(moved('mpe2').velocity).toMatchObject({ x: 0.75, y: 0.5 })
  })

  it('moves by the new velocity under the openai rules', () => {
    expect(moved('openai').position).toMatchObject({ x: 0.75 * 0.1, y: 0.5 * 0.1 })
  })

  it('scales thrust by acceleration and mass, and limits the speed', () => {
    expect(moved('mpe2', { acceleration: 3, mass: 2 }).velocity.y).toBeCloseTo(0.15, 12)
    const { velocity } = moved('openai', { maxSpeed: 0.5 })
    expect(Math.hypot(velocity.x, velocity.y)).toBeCloseTo(0.5, 12)
    expect(velocity.y / velocity.x).toBeCloseTo(0.5 / 0.75, 12)
  })

  it('lets speakers be heard and keeps the silent ones at zero', () => {
    const world = new World({ agents: [{ id: 'a_0', speaks: true }, { id: 'b_0' }], channels: 2 }, 'mpe2')
    for (const agent of world.agents) agent.speech.set([0.25, 0.5])
    world.step()
    expect([...world.agents[0]!.utterance]).toEqual([0.25, 0.5])
    expect([...world.agents[1]!.utterance]).toEqual([0, 0])
  })

  it('nearest gives the nearest first, filled up with null', () => {
    const world = new World({ agents: ids(3) }, 'mpe2')
    world.agents[1]!.position.set(2, 0)
    world.agents[2]!.position.set(1, 0)
    const [self, far, near] = world.agents as [Agent, Agent, Agent]
    expect(world.nearest(self, world.others(self), 1)).toEqual([near])
    expect(world.nearest(self, world.others(self), 3)).toEqual([near, far, null])
    expect(world.nearest(self, world.others(self), null)).toEqual([far, near])
  })
})
