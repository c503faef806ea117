// Sets in observations: what stands in them, who is not there, and what authors can get wrong.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { simple_spread } from '../../scenarios/simple_spread.ts'
import { checkGame } from '../../src/envs/check-game.ts'
import { createParticleGame } from '../../src/envs/particle-game.ts'
import { defineScenario, many, type Scenario, type SeePiece } from '../../src/envs/scenario.ts'
import { createRandom } from '../../src/random.ts'

/** A world of four agents; `agent_0` writes as it is told. */
function seeing(observe: Scenario['observe']): Scenario {
  return defineScenario({
    id: 'seeing',
    version: 1,
    description: 'agents that see sets',
    options: {},
    world: () => ({
      agents: many(4, i => ({ id: `agent_${i}`, size: 0.1, color: [0, 0, 0] })),
      landmarks: [],
      state: { calls: 0 },
    }),
    reset: ({ world }) => world.agents.forEach(({ position }, i) => void position.set(i, 2 * i)),
    observe,
    reward: () => 0,
  }) as Scenario
}

function observed(game: ReturnType<typeof createParticleGame>, agent = 0): number[] {
  const row = new Float64Array(game.agents[agent]!.observationSize).fill(Number.NaN)
  game.observe(agent, row)
  return [...row]
}

describe('a set in an observation', () => {
  const others = seeing(({ agent, world, see }) => {
    see.number('before', 7)
    see.set('others', world.others(agent), (piece, other) => {
      piece.relative(other)
      piece.number(10 * other.index)
    })
    see.vector('after', agent.velocity)
  })

  it('is a part with the size of its pieces, which begin with 1', () => {
    const game = createParticleGame(others)
    expect(game.agents[0]!.observationParts).toEqual([
      { name: 'before', size: 1 },
      { name: 'others', size: 12, piece: 4 },
      { name: 'after', size: 2 },
    ])
    expect(observed(game)).toEqual([7, 1, 1, 2, 10, 1, 2, 4, 20, 1, 3, 6, 30, 0, 0])
    expect(observed(game, 1)).toEqual([7, 1, -1, -2, 0, 1, 1, 2, 20, 1, 2, 4, 30, 0, 0])
  })

  it('has pieces of zeros for who has left, and for null', () => {
    const game = createParticleGame(others)
    game.world.leave(game.world.agents[2]!)
    expect(observed(game)).toEqual([7, 1, 1, 2, 10, 0, 0, 0, 0, 1, 3, 6, 30, 0, 0])
    const nearest = createParticleGame(
      seeing(({ agent, world, see }) =>
        see.set('nearest', world.nearestOthers(agent, 4), (piece, other) => piece.heading(other)),
      ),
    )
    expect(nearest.agents[0]!.observationParts).toEqual([{ name: 'nearest', size: 12, piece: 3 }])
    expect(observed(nearest).filter((_, i) => i % 3 === 0)).toEqual([1, 1, 1, 0])
  })

  it('says to viewers whom its pieces are of', () => {
    const game = createParticleGame(others)
    game.world.leave(game.world.agents[3]!)
    const marks = new Uint8Array(4)
    game.handles!.sees!(0, marks)
    // The own velocity counts too.
    expect([...marks]).toEqual([1, 1, 1, 0])
  })

  it('may be empty: then there is no part', () => {
    const game = createParticleGame(
      seeing(({ see }) => {
        see.number('one', 1)
        see.set('nobody', [], piece => piece.number(1))
      }),
    )
    expect(game.agents[0]!.observationParts).toEqual([{ name: 'one', size: 1 }])
    expect(observed(game)).toEqual([1])
  })

  const wrong: Readonly<Record<string, [Scenario['observe'], RegExp]>> = {
    'pieces of different sizes': [
      ({ world, see }) =>
        see.set('all', world.agents, (piece, agent) => piece.numbers(new Array(agent.index + 1).fill(0))),
      /set 'all' of agent_0: every piece must have 1 numbers, got 2/,
    ],
    'nobody to tell the size by': [
      ({ see }) => see.set('all', [null, null], piece => piece.number(1)),
      /set 'all' of agent_0: every entity is null when the game is made; write something for one/,
    ],
    'pieces of no numbers': [
      ({ world, see }) => see.set('all', world.agents, () => {}),
      /set 'all' of agent_0: its pieces have no numbers/,
    ],
    'a name that others have': [
      ({ world, see }) => {
        see.number('all', 1)
        see.set('all', world.agents, piece => piece.number(1))
      },
      /set 'all' of agent_0: what was written before has its name; choose another/,
    ],
    'a name that is given again': [
      ({ world, see }) => {
        see.set('all', world.agents, piece => piece.number(1))
        see.number('all', 1)
      },
      /set 'all' of agent_0: other numbers have its name; choose another for them/,
    ],
  }
  it.each(Object.entries(wrong))('refuses %s', (_, [observe, message]) => {
    expect(() => createParticleGame(seeing(observe))).toThrow(message)
  })

  it('refuses another number of entities or of numbers later on', () => {
    let count = 3
    let numbers = 2
    const scenario = seeing(({ world, see }) =>
      see.set('some', world.agents.slice(0, count), piece => piece.numbers(new Array(numbers).fill(1))),
    )
    const game = createParticleGame(scenario)
    count = 2
    expect(() => observed(game)).toThrow(/set 'some' of agent_0 must have 3 entities at every call, got 2; give null/)
    count = 3
    numbers = 3
    expect(() => observed(game)).toThrow(/set 'some' of agent_0: every piece must have 2 numbers, got 3/)
  })
})

describe('simple_spread with sets', () => {
  it('keeps every demand on a game', () => {
    expect(checkGame(simple_spread, { options: { see: 'sets' } }).problems).toEqual([])
  })

  it('shows what is shown without, and that it is there', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), fc.nat(), (agents, seed) => {
        const [all, sets] = ['all', 'sets'].map(see => {
          const game = createParticleGame(simple_spread, { agents, see })
          game.reset(createRandom(seed))
          return observed(game, agents - 1)
        }) as [number[], number[]]
        const pieces = Array.from({ length: 2 * agents - 1 }, (_, i) => sets.slice(4 + 3 * i, 7 + 3 * i))
        expect(sets.slice(0, 4)).toEqual(all.slice(0, 4))
        expect(pieces.map(([flag]) => flag)).toEqual(new Array(pieces.length).fill(1))
        expect(pieces.flatMap(([, x, y]) => [x, y])).toEqual(all.slice(4, 4 + 2 * pieces.length))
      }),
      { numRuns: 20 },
    )
  })
})

describe('writing a set', () => {
  it('hands out one writer, so that nothing has to be made anew', () => {
    const pieces = new Set<SeePiece>()
    const game = createParticleGame(
      seeing(({ world, see }) =>
        see.set('all', world.agents, piece => {
          pieces.add(piece)
          piece.vector(null)
        }),
      ),
    )
    observed(game)
    observed(game, 3)
    expect(pieces.size).toBe(1)
  })
})
