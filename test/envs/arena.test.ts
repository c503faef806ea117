// Arenas and walls: what holds, what wraps, and that nobody passes through.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ArenaDefinition } from '../../src/envs/arena.ts'
import { type Agent, distance, touching } from '../../src/envs/entity.ts'
import { contactForce, dt, type Rules } from '../../src/envs/physics.ts'
import type { WallDefinition } from '../../src/envs/walls.ts'
import { World } from '../../src/envs/world.ts'

const coordinate = fc.double({ min: -1, max: 1, noNaN: true })
const place = fc.tuple(coordinate, coordinate)
/** Doubles are drawn by their bits, so most are nearly 0: these lie anywhere. */
const evenCoordinate = fc.integer({ min: -1e6, max: 1e6 }).map(n => n / 1e6)
const evenPlace = fc.tuple(evenCoordinate, evenCoordinate)

interface Setting {
  readonly arena?: ArenaDefinition
  readonly walls?: readonly WallDefinition[]
}
function pair(setting: Setting, at: readonly (readonly [number, number])[], rules: Rules = 'mpe2') {
  const world = new World({ agents: at.map((_, i) => ({ id: `agent_${i}`, size: 0.1 })), ...setting }, rules)
  at.forEach(([x, y], i) => void world.agents[i]!.position.set(x, y))
  return { world, agents: world.agents as readonly Agent[] }
}
/** The force on one agent in a step, from its change of velocity: mass 1, at rest before. */
function pushAt(setting: Setting, x: number, y: number): { x: number; y: number } {
  const { world, agents } = pair(setting, [[x, y]])
  world.step()
  return { x: agents[0]!.velocity.x / dt, y: agents[0]!.velocity.y / dt }
}

describe('an arena with walls', () => {
  const arena = { half: 1, edge: 'wall' } as const

  // As between entities: pen = k * logaddexp(0, (reach - apart) / k), here apart = 1 - 0.95, reach = 0.1: 100 * 0.05 = 5.
  it('pushes back by 100 per unit of overlap, at all four sides', () => {
    expect(pushAt({ arena }, 0.95, 0).x).toBeCloseTo(-5, 9)
    expect(pushAt({ arena }, -0.95, 0).x).toBeCloseTo(5, 9)
    expect(pushAt({ arena }, 0, 0.95).y).toBeCloseTo(-5, 9)
    expect(pushAt({ arena }, 0, -0.95).y).toBeCloseTo(5, 9)
    expect(Math.hypot(pushAt({ arena }, 0.3, -0.2).x, pushAt({ arena }, 0.3, -0.2).y)).toBeLessThan(1e-200)
  })

  it('brings back who is outside', () => {
    expect(pushAt({ arena }, 1.5, 0).x).toBeCloseTo(-contactForce * 0.6, 9)
  })

  it.each(['mpe2', 'openai'] as const)('holds everyone who pushes against it: %s', rules => {
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 5 }), place, (places, [x, y]) => {
        const { world, agents } = pair({ arena }, places, rules)
        for (let step = 0; step < 60; step++) {
          for (const agent of agents) agent.thrust.set(x, y)
          world.step()
        }
        for (const { position } of agents) {
          expect(Math.abs(position.x)).toBeLessThanOrEqual(1)
          expect(Math.abs(position.y)).toBeLessThanOrEqual(1)
        }
        // Nobody swings higher and higher: 2 units per second is as fast as a full action gets in the open.
        const speeds = agents.map(({ velocity }) => Math.hypot(velocity.x, velocity.y))
        expect(Math.max(...speeds)).toBeLessThan(30)
      }),
      { numRuns: 30 },
    )
  })
})

describe('a wrapped arena', () => {
  const arena = { half: 1, edge: 'wrap' } as const

  it('brings who leaves at one side back at the other', () => {
    const { world, agents } = pair({ arena }, [[0.95, -0.98]])
    agents[0]!.velocity.set(1, -0.5)
    world.step()
    expect(agents[0]!.position.x).toBeCloseTo(-0.95, 12)
    expect(agents[0]!.position.y).toBeCloseTo(0.97, 12)
  })

  it('measures, touches and pushes the short way round', () => {
    const { world, agents } = pair({ arena }, [
      [0.95, 0],
      [-0.95, 0],
    ])
    const [a, b] = agents as [Agent, Agent]
    expect(distance(a, b)).toBeCloseTo(0.1, 12)
    expect(touching(a, b)).toBe(true)
    world.step()
    expect(a.velocity.x / dt).toBeCloseTo(-10, 9)
    expect(b.velocity.x / dt).toBeCloseTo(10, 9)
  })

  it('has no middle: moving everybody by the same way changes no force', () => {
    fc.assert(
      fc.property(fc.noBias(fc.array(evenPlace, { minLength: 2, maxLength: 4 })), place, (places, [dx, dy]) => {
        const velocities = (x: number, y: number) => {
          const { world, agents } = pair(
            { arena },
            places.map(([px, py]) => [px + x, py + y] as const),
          )
          world.step()
          return agents.flatMap(agent => [agent.velocity.x, agent.velocity.y])
        }
        // At the same point or exactly opposite there is no short way; rounding decides.
        fc.pre(
          places.every(([x, y], i) =>
            places
              .slice(i + 1)
              .every(([u, v]) => Math.hypot(x - u, y - v) > 1e-3 && distinct(x - u) && distinct(y - v)),
          ),
        )
        const here = velocities(0, 0)
        velocities(dx, dy).forEach((v, i) => void expect(v).toBeCloseTo(here[i]!, 6))
      }),
    )
  })
})

describe('walls', () => {
  const segment: WallDefinition = { from: [0, -0.5], to: [0, 0.5] }
  const thick: WallDefinition = { from: [0, -0.5], to: [0, 0.5], thickness: 0.2 }
  const box: WallDefinition = { low: [-0.2, -0.5], high: [0.2, 0.5] }

  // Overlap 0.05 in each case, as in the arena above.
  it.each<[string, WallDefinition, number, number, number, number]>([
    ['a segment, from the right', segment, 0.05, 0, 5, 0],
    ['a segment, from the left', segment, -0.05, 0.3, -5, 0],
    ['the end of a segment', segment, 0, 0.55, 0, 5],
    ['a thick segment', thick, 0.15, 0, 5, 0],
    ['a box, at its side', box, 0.25, 0, 5, 0],
    ['a box, from above', box, 0.1, 0.55, 0, 5],
    ['a box, at its corner', box, 0.23, 0.54, 3, 4],
    ['a box, from inside: 0.05 deep and its radius', box, 0.15, 0, 15, 0],
  ])('push: %s', (_, wall, x, y, forceX, forceY) => {
    const push = pushAt({ walls: [wall] }, x, y)
    expect(push.x).toBeCloseTo(forceX, 6)
    expect(push.y).toBeCloseTo(forceY, 6)
  })

  it('push nobody who does not collide, and have a direction even for who stands on the line', () => {
    const world = new World({ agents: [{ id: 'ghost_0', collides: false }], walls: [segment] }, 'mpe2')
    world.agents[0]!.position.set(0.01, 0)
    world.step()
    expect(world.agents[0]!.velocity).toMatchObject({ x: 0, y: 0 })
    expect(pushAt({ walls: [segment] }, 0, 0)).toEqual({ x: expect.closeTo(-10, 9), y: 0 })
    expect(Number.isFinite(pushAt({ walls: [{ from: [0, 0], to: [0, 0] }] }, 0, 0).x)).toBe(true)
  })

  it.each([segment, box])('let nobody through, however fast: %o', wall => {
    const speed = fc.double({ min: 0, max: 60, noNaN: true })
    fc.assert(
      fc.property(coordinate, speed, fc.double({ min: -0.45, max: 0.45, noNaN: true }), (x, vx, y) => {
        const { world, agents } = pair({ walls: [wall] }, [[-1.5 + x / 4, y]])
        const [agent] = agents as [Agent]
        agent.velocity.set(vx, 0)
        for (let step = 0; step < 30; step++) {
          agent.thrust.set(1, 0)
          world.step()
          expect(agent.position.x).toBeLessThan(0)
        }
      }),
    )
  })

  it('let go who was put exactly onto the line', () => {
    const { world, agents } = pair({ walls: [segment] }, [[0, 0]])
    for (let step = 0; step < 5; step++) world.step()
    expect(agents[0]!.position.x).toBeLessThan(-0.1)
  })

  it('lie across the seam of a wrapped arena too', () => {
    const setting: Setting = { arena: { half: 1, edge: 'wrap' }, walls: [{ from: [0.98, -0.5], to: [0.98, 0.5] }] }
    expect(pushAt(setting, -0.97, 0).x).toBeCloseTo(5, 6)
  })

  it.each<[Setting, string]>([
    [{ walls: [{ low: [1, 0], high: [0, 1] }] }, 'walls[0]: low must be left of and below high, got [1,0] and [0,1]'],
    [{ walls: [{ from: [Number.NaN, 0], to: [0, 1] }] }, 'walls[0]: from must be two finite numbers, got [NaN,0]'],
    [{ walls: [{ ...thick, thickness: -1 }] }, 'walls[0]: thickness must be at least 0, got -1'],
    [{ arena: { half: 0, edge: 'wall' } }, 'arena: half must be above 0, got 0'],
    [{ arena: { half: 1, edge: 'warp' as 'wrap' } }, 'arena: edge must be one of none, wall, wrap, got warp'],
  ])('are refused when wrong: %o', (setting, message) => {
    expect(() => new World({ agents: [{ id: 'agent_0' }], ...setting }, 'mpe2')).toThrow(message)
  })
})

/** Not half the arena apart, where both ways are equally short. */
function distinct(difference: number): boolean {
  return Math.abs(Math.abs(difference) - 1) > 1e-3
}
