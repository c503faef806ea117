// How actions move agents of each dynamics, worked out by hand.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AgentDefinition } from '../../src/envs/entity.ts'
import { ActionReader } from '../../src/envs/particle-actions.ts'
import type { Rules } from '../../src/envs/physics.ts'
import { World } from '../../src/envs/world.ts'

/** One agent after so many steps of a five-way move, by its place in a row of the mpe2 rules. */
function moved(definition: Partial<AgentDefinition>, moves: readonly number[], rules: Rules = 'mpe2', heading = 0) {
  const world = new World({ agents: [{ id: 'agent_0', ...definition }] }, rules)
  const [agent] = world.agents
  agent!.heading = heading
  const reader = new ActionReader('test', agent!, 'mpe2', false)
  for (const move of moves) {
    const data = new Float32Array(5)
    data[move] = 1
    reader.read({ rows: 1, columns: 5, data }, 0)
    world.step()
  }
  return agent!
}
const [none, left, right, down, up] = [0, 1, 2, 3, 4]

describe('velocity', () => {
  // x = 0.1 s * 2 units/s, in the same step, and it stands when it wishes for nothing.
  it.each<Rules>(['mpe2', 'openai'])('moves by its wish in the same step, without inertia: %s', rules => {
    const agent = moved({ dynamics: 'velocity', maxSpeed: 2 }, [right], rules)
    expect(agent.position).toMatchObject({ x: 0.2, y: 0 })
    expect(agent.velocity).toMatchObject({ x: 2, y: 0 })
    expect(moved({ dynamics: 'velocity', maxSpeed: 2 }, [right, none], rules).position.x).toBeCloseTo(0.2, 12)
  })

  it('is one unit per second where no speed is said, in every direction at most', () => {
    expect(moved({ dynamics: 'velocity' }, [down]).position).toMatchObject({ x: 0, y: -0.1 })
    const world = new World({ agents: [{ id: 'agent_0', dynamics: 'velocity' }] }, 'mpe2')
    world.agents[0]!.thrust.set(1, -1)
    world.step()
    expect(Math.hypot(world.agents[0]!.velocity.x, world.agents[0]!.velocity.y)).toBeCloseTo(1, 12)
  })

  // Contact: force 10 at an overlap of 0.1 (see physics.test), mass 2, dt 0.1: 0.5 units per second.
  it('is pushed aside by contacts', () => {
    const agents = [0, 1].map(i => ({ id: `agent_${i}`, size: 0.15, mass: 2, dynamics: 'velocity' as const }))
    const world = new World({ agents }, 'mpe2')
    world.agents[0]!.position.set(0.2, 0)
    world.step()
    expect(world.agents[0]!.velocity.x).toBeCloseTo(0.5, 9)
    expect(world.agents[1]!.velocity.x).toBeCloseTo(-0.5, 9)
  })
})

describe('differential drive', () => {
  const robot = { dynamics: 'differential', maxSpeed: 2, turnRate: 3 } as const

  it('drives along its heading: up forwards, down backwards', () => {
    const agent = moved(robot, [up], 'mpe2', Math.PI / 2)
    expect(agent.position.x).toBeCloseTo(0, 12)
    expect(agent.position.y).toBeCloseTo(0.2, 12)
    expect(moved(robot, [down]).position.x).toBeCloseTo(-0.2, 12)
  })

  // 3 rad/s for 0.1 s.
  it('turns on the spot: left counterclockwise, right clockwise', () => {
    expect(moved(robot, [left]).heading).toBeCloseTo(0.3, 12)
    expect(moved(robot, [right]).heading).toBeCloseTo(-0.3, 12)
    expect(moved(robot, [left]).position).toMatchObject({ x: 0, y: 0 })
    expect(moved(robot, [left, up]).position.y).toBeCloseTo(0.2 * Math.sin(0.3), 12)
  })

  it('keeps its heading within a turn, whatever it does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 60 }), moves => {
        const { heading, velocity } = moved(robot, moves)
        expect(Math.abs(heading)).toBeLessThanOrEqual(Math.PI)
        expect(Math.hypot(velocity.x, velocity.y)).toBeLessThanOrEqual(2 + 1e-12)
      }),
    )
  })

  it('begins an episode along +x', () => {
    const world = new World({ agents: [{ id: 'agent_0', ...robot }] }, 'mpe2')
    world.agents[0]!.heading = 2
    world.rest()
    expect(world.agents[0]!.heading).toBe(0)
  })
})

it('worlds may mix dynamics, and who is pushed by force moves as if alone', () => {
  const world = new World({ agents: [{ id: 'a_0' }, { id: 'b_0', dynamics: 'velocity' }] }, 'mpe2')
  world.agents[1]!.position.set(9, 9)
  world.agents[0]!.thrust.set(0, 1)
  world.step()
  expect(world.agents[0]!.velocity).toMatchObject(moved({}, [up]).velocity)
})
