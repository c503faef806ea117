// Who is near whom, by grid and one by one, against sorting everybody.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Agent, distance, type Entity, touching } from '../../src/envs/entity.ts'
import { World } from '../../src/envs/world.ts'

// Whole tenths: many are equally near, so that ties show.
const tenth = fc.integer({ min: -15, max: 15 }).map(n => n / 10)
const crowd = fc.array(fc.record({ x: tenth, y: tenth, size: fc.constantFrom(0.05, 0.2), gone: fc.boolean() }), {
  minLength: 1,
  maxLength: 70,
})
type Crowd = typeof crowd extends fc.Arbitrary<infer T> ? T : never

const spaces = [
  { search: 'grid', edge: 'none' },
  { search: 'pairs', edge: 'none' },
  { search: 'grid', edge: 'wrap' },
  { search: 'pairs', edge: 'wrap' },
] as const

function populated(bodies: Crowd, { search, edge }: (typeof spaces)[number]) {
  const world = new World(
    {
      agents: bodies.map(({ size }, i) => ({ id: `agent_${i}`, size })),
      landmarks: [{ id: 'landmark_0', size: 0.1 }],
      search,
      arena: { half: 1.6, edge },
    },
    'mpe2',
  )
  bodies.forEach(({ x, y, gone }, i) => {
    world.agents[i]!.position.set(x, y)
    world.agents[i]!.present = !gone || i === 0
  })
  world.moved()
  return world
}

function sorted(agent: Entity, entities: readonly Entity[], radius = Number.POSITIVE_INFINITY): Entity[] {
  return entities
    .filter(entity => entity.present && distance(agent, entity) <= radius)
    .sort((a, b) => distance(agent, a) - distance(agent, b))
}
const padded = (entities: readonly Entity[], count: number) =>
  Array.from({ length: count }, (_, i) => entities[i]?.id ?? null)
const ids = (entities: readonly (Entity | null)[]) => entities.map(entity => entity?.id ?? null)

describe.each(spaces)('%o', space => {
  it('the nearest are the first of all, sorted stably', () => {
    fc.assert(
      fc.property(crowd, fc.integer({ min: 0, max: 6 }), (bodies, count) => {
        const world = populated(bodies, space)
        for (const agent of world.agents) {
          const others = world.others(agent)
          const expected = padded(sorted(agent, others), count)
          expect(ids(world.nearest(agent, others, count))).toEqual(expected)
          expect(ids(world.nearestOthers(agent, count))).toEqual(expected)
          expect(ids(world.nearest(agent, world.entities, count))).toEqual(padded(sorted(agent, world.entities), count))
        }
      }),
      { numRuns: 40 },
    )
  })

  it('within a radius are all that are not farther, and of more than there is room for the nearest', () => {
    fc.assert(
      fc.property(crowd, fc.integer({ min: 0, max: 4 }), fc.constantFrom(0, 0.1, 0.3, 1), (bodies, count, radius) => {
        const world = populated(bodies, space)
        for (const agent of world.agents) {
          const near = sorted(agent, world.others(agent), radius)
          expect(ids(world.within(agent, world.agents, radius, count))).toEqual(padded(near, count))
        }
      }),
      { numRuns: 40 },
    )
  })

  it('contacts are counted, and the shortest distance is the shortest', () => {
    fc.assert(
      fc.property(crowd, bodies => {
        const world = populated(bodies, space)
        const landmark = world.landmarks[0]!
        for (const agent of world.agents.filter(({ present }) => present)) {
          const others = world.others(agent).filter(({ present }) => present)
          expect(world.contacts(agent, world.agents)).toBe(others.filter(other => touching(agent, other)).length)
          expect(world.nearestDistance(agent, world.agents)).toBe(Math.min(...others.map(o => distance(agent, o))))
        }
        const present = world.agents.filter(agent => agent.present)
        // Asked several times: the first answers come without a grid.
        for (let k = 0; k < 4; k++) {
          expect(world.nearestDistance(landmark, world.agents)).toBe(
            Math.min(...present.map(agent => distance(landmark, agent))),
          )
        }
      }),
      { numRuns: 40 },
    )
  })
})

describe('answers', () => {
  const world = () =>
    populated(
      Array.from({ length: 60 }, (_, i) => ({ x: i / 60, y: 0, size: 0.05, gone: false })),
      { search: 'grid', edge: 'none' },
    )
  it('of different questions do not disturb one another', () => {
    const crowd = world()
    const [a, b] = crowd.agents as [Agent, Agent]
    const first = crowd.nearest(a, crowd.agents, 3)
    const kept = [...first]
    crowd.nearest(b, crowd.agents, 3)
    crowd.nearest(a, crowd.landmarks, 3)
    crowd.nearest(a, crowd.agents, 2)
    crowd.nearestOthers(a, 3)
    crowd.within(a, crowd.agents, 9, 3)
    expect(first).toEqual(kept)
  })

  it('of the same question come in the same array', () => {
    const crowd = world()
    const [agent] = crowd.agents as [Agent]
    expect(crowd.nearest(agent, crowd.agents, 3)).toBe(crowd.nearest(agent, crowd.agents, 3))
    expect(crowd.nearestOthers(agent, 3)).not.toBe(crowd.within(agent, crowd.agents, 9, 3))
  })

  it('are new after a step, after rest, and after `moved`', () => {
    const crowd = world()
    const [agent, other] = crowd.agents as [Agent, Agent]
    const ask = () => {
      for (let k = 0; k < 3; k++) crowd.nearestDistance(agent, crowd.agents)
      return crowd.nearestDistance(agent, crowd.agents)
    }
    const far = () => {
      for (const each of crowd.agents) if (each !== agent) each.position.set(9, 0)
    }
    ask()
    far()
    crowd.moved()
    expect(ask()).toBe(9)
    crowd.rest()
    other.position.set(1, 0)
    expect(ask()).toBe(1)
    other.position.set(2, 0)
    expect(ask()).toBe(2)
    other.velocity.set(10, 0)
    crowd.step()
    expect(ask()).toBe(3)
  })
})
