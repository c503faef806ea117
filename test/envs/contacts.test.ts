// Contacts by a grid against everyone with everyone: the same forces, whatever the crowd looks like.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { simple_spread } from '../../scenarios/simple_spread.ts'
import { createContacts, gridFrom, gridReach, type Search } from '../../src/envs/contacts.ts'
import { Agent, type Entity, Landmark } from '../../src/envs/entity.ts'
import { IndexSet } from '../../src/envs/index-set.ts'
import { createParticleGame } from '../../src/envs/particle-game.ts'
import { contactForce, contactMargin, penetration } from '../../src/envs/physics.ts'
import { defineScenario } from '../../src/envs/scenario.ts'
import { createRandom } from '../../src/random.ts'
import { play } from './playing.ts'

interface Body {
  readonly x: number
  readonly y: number
  readonly size: number
  readonly kind: 'agent' | 'obstacle' | 'ball' | 'gone' | 'ghost'
}
const body = (spread: number): fc.Arbitrary<Body> =>
  fc.record({
    x: fc.double({ min: -spread, max: spread, noNaN: true }),
    y: fc.double({ min: -spread, max: spread, noNaN: true }),
    size: fc.constantFrom(0.03, 0.05, 0.15, 0.4),
    kind: fc.constantFrom('agent', 'agent', 'agent', 'obstacle', 'ball', 'gone', 'ghost'),
  })
/** Loose, dense, piled up at one point, or with one that flew off. */
const crowd = fc.oneof(
  fc.array(body(3), { minLength: 2, maxLength: 120 }),
  fc.array(body(0.3), { minLength: 2, maxLength: 60 }),
  fc.array(body(0), { minLength: 2, maxLength: 30 }),
  fc.tuple(fc.array(body(1), { minLength: 2, maxLength: 60 }), body(1000)).map(([many, one]) => [...many, one]),
)

function forces(bodies: readonly Body[], search: Search, period: number): number[] {
  const entities = bodies.map(({ x, y, size, kind }, i): Entity => {
    const still = kind === 'obstacle' || kind === 'ball'
    const entity = still
      ? new Landmark({ id: `landmark_${i}`, size, collides: true, moves: kind === 'ball' }, i)
      : new Agent({ id: `agent_${i}`, size, collides: kind !== 'ghost' }, i, 0)
    entity.position.set(x, y)
    entity.force.set(0.1 * i, -0.2)
    entity.present = kind !== 'gone'
    entity.wraps = period > 0
    entity.period = period
    return entity
  })
  const add = createContacts(entities, search)
  add()
  return entities.flatMap(({ force }) => [force.x, force.y])
}

describe('a grid', () => {
  it.each([Number.NaN, 2, 7])('gives the forces of all pairs, to 1e-12 and mostly to the bit; period %d', period => {
    fc.assert(
      fc.property(crowd, bodies => {
        const expected = forces(bodies, 'pairs', period)
        const got = forces(bodies, 'grid', period)
        got.forEach((force, i) => {
          expect(Math.abs(force - expected[i]!)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(expected[i]!)))
        })
      }),
      { numRuns: 150 },
    )
  })

  // The comment at gridReach: 0.1 * exp(-40) = 4.25e-19.
  it('leaves out less than 4.3e-19 of force per pair', () => {
    expect(contactForce * penetration(0.3 + gridReach, 0.3)).toBeLessThan(4.3e-19)
    expect(gridReach / contactMargin).toBeCloseTo(40, 12)
  })

  it('plays a crowded episode as all pairs do', () => {
    const outcomes = (search: Search) => {
      const scenario = defineScenario({
        ...simple_spread,
        world: scene => ({ ...simple_spread.world(scene), search }),
      })
      const options = { agents: 2 * gridFrom, agentNeighbors: 3, landmarkNeighbors: 2 }
      const game = createParticleGame(scenario, options)
      game.reset(createRandom(1))
      return play(game, 25, createRandom(2)).flat()
    }
    const expected = outcomes('pairs')
    const got = outcomes('auto')
    expect(got.reduce((worst, value, i) => Math.max(worst, Math.abs(value - expected[i]!)), 0)).toBeLessThan(1e-9)
  })

  it('moves a small world by the very same bits', () => {
    const outcomes = (search: Search | null) => {
      const world: typeof simple_spread.world = scene => ({ ...simple_spread.world(scene), ...(search && { search }) })
      const game = createParticleGame(defineScenario({ ...simple_spread, world }), { agents: 8 })
      game.reset(createRandom(1))
      return play(game, 25, createRandom(2))
    }
    expect(outcomes(null)).toEqual(outcomes('pairs'))
  })
})

it('an index set gives back what it got, in ascending order, and is empty then', () => {
  const set = new IndexSet(5000)
  const target = new Int32Array(5000)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 4999 })), numbers => {
      for (const number of numbers) set.add(number)
      const expected = [...new Set(numbers)].sort((a, b) => a - b)
      expect([...target.subarray(0, set.drain(target))]).toEqual(expected)
      expect(set.drain(target)).toBe(0)
    }),
  )
})
