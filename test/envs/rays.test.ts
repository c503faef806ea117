// Distance sensors against geometry done by hand, and always finite.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Agent } from '../../src/envs/entity.ts'
import { World, type WorldDefinition } from '../../src/envs/world.ts'

type Definition = Partial<WorldDefinition<{ id: string }, { id: string; size: number }, unknown>>

function cast(definition: Definition, count: number, reach: number, prepare: (world: World) => void = () => {}) {
  const world = new World({ agents: [{ id: 'agent_0' }], ...definition }, 'mpe2')
  prepare(world as World)
  return [...world.rays(world.agents[0]!, { count, reach })]
}
const disc = (x: number, y: number, size = 0.25) => ({
  definition: { landmarks: [{ id: 'landmark_0', size }] },
  prepare: (world: World) => void world.landmarks[0]!.position.set(x, y),
})

describe('rays', () => {
  // Four rays: +x, +y, -x, -y. A disc of radius 0.25 at (1, 0) begins at 0.75.
  it('end at the edge of the nearest entity', () => {
    const { definition, prepare } = disc(1, 0)
    expect(cast(definition, 4, 2, prepare)).toEqual([0.75, 2, 2, 2])
  })

  // A ray at 45 degrees past a disc at (1, 0.8): nearest approach (1 - 0.8) / sqrt 2, ahead (1.8) / sqrt 2.
  it('meet a disc that is not straight ahead', () => {
    const { definition, prepare } = disc(1, 0.8)
    const [, diagonal] = cast(definition, 8, 2, prepare)
    expect(diagonal).toBeCloseTo(1.8 / Math.SQRT2 - Math.sqrt(0.25 ** 2 - 0.2 ** 2 / 2), 12)
  })

  it('are 0 inside of something, and as long as their reach where there is nothing', () => {
    const { definition, prepare } = disc(0.1, 0)
    expect(cast(definition, 3, 2, prepare)).toEqual([0, 0, 0])
    expect(cast({}, 3, 0.5)).toEqual([0.5, 0.5, 0.5])
    const far = disc(1, 0)
    expect(cast(far.definition, 4, 0.5, far.prepare)[0]).toBe(0.5)
  })

  it('begin at the heading', () => {
    const { definition, prepare } = disc(0, 1)
    const turned = cast(definition, 4, 2, world => {
      prepare(world)
      world.agents[0]!.heading = Math.PI / 2
    })
    expect(turned[0]).toBeCloseTo(0.75, 12)
  })

  it('see walls: segments, thick ones with round ends, boxes, and the edge of an arena', () => {
    expect(cast({ walls: [{ from: [0.5, -1], to: [0.5, 1] }] }, 4, 2)).toEqual([0.5, 2, 2, 2])
    expect(cast({ walls: [{ from: [0.5, -1], to: [0.5, 1], thickness: 0.2 }] }, 4, 2)[0]).toBeCloseTo(0.4, 12)
    expect(cast({ walls: [{ from: [0.5, 0], to: [1, 0], thickness: 0.2 }] }, 4, 2)[0]).toBeCloseTo(0.4, 12)
    expect(cast({ walls: [{ low: [-2, -1], high: [-0.5, 1] }] }, 4, 2)[2]).toBeCloseTo(0.5, 12)
    expect(cast({ walls: [{ low: [-1, -1], high: [1, 1] }] }, 2, 2)).toEqual([0, 0])
    const inside = cast({ arena: { half: 1, edge: 'wall' } }, 4, 3)
    for (const ray of inside) expect(ray).toBeCloseTo(1, 12)
  })

  it('go the short way round', () => {
    const { definition, prepare } = disc(-0.9, 0, 0.05)
    const rays = cast({ ...definition, arena: { half: 1, edge: 'wrap' } }, 4, 1, world => {
      prepare(world)
      world.agents[0]!.position.set(0.9, 0)
    })
    expect(rays[0]).toBeCloseTo(0.15, 12)
    const wall = cast({ arena: { half: 1, edge: 'wrap' }, walls: [{ from: [-0.8, -1], to: [-0.8, 1] }] }, 4, 1, world =>
      world.agents[0]!.position.set(0.9, 0),
    )
    expect(wall[0]).toBeCloseTo(0.3, 12)
  })

  it('see only what they are told to, and nobody who has left', () => {
    const world = new World({ agents: [{ id: 'a_0' }, { id: 'b_0' }], landmarks: [{ id: 'l_0' }] }, 'mpe2')
    const [a, b] = world.agents as [Agent, Agent]
    b.position.set(0.5, 0)
    world.landmarks[0]!.position.set(1, 0)
    const first = (entities?: readonly Agent[] | typeof world.landmarks) =>
      world.rays(a, { count: 1, reach: 2, ...(entities && { entities }) })[0]
    expect(first()).toBeCloseTo(0.45, 12)
    expect(first(world.landmarks)).toBeCloseTo(0.95, 12)
    world.leave(b)
    expect(first()).toBeCloseTo(0.95, 12)
  })

  it('are finite and within 0 ... reach, wherever everything is, by grid as one by one', () => {
    const coordinate = fc.double({ min: -2, max: 2, noNaN: true })
    const places = fc.array(fc.tuple(coordinate, coordinate), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(
        places,
        fc.integer({ min: 1, max: 9 }),
        fc.double({ min: 0.1, max: 3, noNaN: true }),
        (at, count, reach) => {
          const rays = (search: 'grid' | 'pairs') => {
            const world = new World(
              {
                agents: at.map((_, i) => ({ id: `agent_${i}`, size: 0.1 })),
                walls: [
                  { from: [0, 0], to: [1, 1] },
                  { low: [-1, -1], high: [-0.5, -0.7] },
                ],
                search,
              },
              'mpe2',
            )
            at.forEach(([x, y], i) => void world.agents[i]!.position.set(x, y))
            return world.agents.map(agent => [...world.rays(agent, { count, reach })])
          }
          const expected = rays('pairs')
          for (const ray of expected.flat()) expect(ray >= 0 && ray <= reach).toBe(true)
          expect(rays('grid')).toEqual(expected)
        },
      ),
      { numRuns: 50 },
    )
  })

  it.each([
    [{}, 0, 1],
    [{}, 1.5, 1],
    [{}, 4, 0],
    [{ arena: { half: 1, edge: 'wrap' } as const }, 4, 1.5],
  ])('are refused when they cannot be: %o, count %d, reach %d', (definition, count, reach) => {
    expect(() => cast(definition, count, reach)).toThrow(`got count ${count} and reach ${reach}`)
  })
})
