// One particle game: specs, episodes, save and restore, and what watchers get.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Landmark } from '../../src/envs/entity.ts'
import { createParticleGame } from '../../src/envs/particle-game.ts'
import { defineScenario } from '../../src/envs/scenario.ts'
import { createRandom } from '../../src/random.ts'
import type { Saved } from '../../src/types.ts'
import { example } from './example-scenario.ts'
import { act, emptyActions, outcome, play } from './playing.ts'

const allKinds = [{ rules: 'mpe2' }, { rules: 'mpe2', actions: 'continuous' }, { rules: 'openai' }]

function begun(options: Record<string, unknown> = {}, seed = 1) {
  const game = createParticleGame(example, options)
  game.reset(createRandom(seed, 'game'))
  return game
}

describe('agents', () => {
  it('are specified by one dry run: teams, named parts, sizes', () => {
    const { agents } = begun()
    expect(agents.map(agent => agent.id)).toEqual(['speaker_0', 'leadadversary_0', 'runner_0', 'runner_1'])
    expect(agents.map(agent => agent.team)).toEqual(['speaker', 'leadadversary', 'runner', 'runner'])
    expect(agents[2]!.observationParts).toEqual([
      { name: 'velocity', size: 2 },
      { name: 'goal', size: 2 },
      { name: 'others', size: 6 },
      { name: 'heard', size: 3 },
      { name: 'leader', size: 1 },
      { name: 'visits', size: 2 },
    ])
    expect(agents.map(agent => agent.observationSize)).toEqual([14, 16, 16, 16])
    expect(agents.map(agent => agent.actionSpace.map(part => part.name))).toEqual([
      ['say'],
      ['move', 'say'],
      ['move'],
      ['move'],
    ])
  })

  it('see as many numbers at every call, and a scenario that breaks this is named', () => {
    const growing = defineScenario({
      id: 'growing',
      version: 1,
      description: '',
      options: {},
      world: () => ({ agents: [{ id: 'agent_0' }], state: { size: 1 } }),
      reset() {},
      observe({ world, see }) {
        for (let i = 0; i < world.state.size; i++) see.number('things', i)
      },
      reward: () => 0,
    })
    const game = createParticleGame(growing)
    ;(game.world.state as { size: number }).size = 2
    expect(() => game.observe(0, new Float64Array(1))).toThrow(
      'growing: observation of agent_0 must have 1 numbers at every call, got 2',
    )
  })
})

describe('an episode', () => {
  it.each(allKinds)('is the same for the same seed, another for another: %o', options => {
    fc.assert(
      fc.property(fc.integer(), seed => {
        const [a, b, c] = [begun(options, seed), begun(options, seed), begun(options, seed + 1)]
        const played = play(a, 5, createRandom(seed, 'act'))
        expect(play(b, 5, createRandom(seed, 'act'))).toEqual(played)
        expect(play(c, 5, createRandom(seed, 'act'))).not.toEqual(played)
      }),
      { numRuns: 20 },
    )
  })

  it('begins at rest and silent, whatever was before', () => {
    const game = begun()
    play(game, 10, createRandom(1))
    game.reset(createRandom(2))
    for (const agent of game.world.agents) {
      expect(agent.velocity).toMatchObject({ x: 0, y: 0 })
      expect([...agent.utterance]).toEqual([0, 0, 0])
    }
    expect(game.cycles).toBe(0)
  })

  it('is cut at maxCycles', () => {
    const game = begun({ maxCycles: 3 })
    expect(play(game, 3, createRandom(1)).map(row => row.at(-1))).toEqual([0, 0, 1])
    expect([...game.terminated]).toEqual([0, 0, 0, 0])
  })

  it('is ended by the rules for all agents, in the step that the time limit would cut too', () => {
    const ended = (maxCycles: number) => {
      const game = begun({ maxCycles })
      game.place({
        positions: [
          [0, 0],
          [4, 0],
        ],
      })
      play(game, 1, createRandom(1))
      return { terminated: [...game.terminated], truncated: game.truncated }
    }
    expect(ended(2)).toEqual({ terminated: [1, 1, 1, 1], truncated: false })
    expect(ended(1)).toEqual({ terminated: [1, 1, 1, 1], truncated: false })
  })

  it('shares rewards under the openai rules alone', () => {
    const [own, shared] = [begun({ rules: 'mpe2' }), begun({ rules: 'openai' })]
    play(own, 1, createRandom(1))
    play(shared, 1, createRandom(1))
    expect(own.rewards).toEqual(own.localRewards)
    expect(shared.rewards[0]).toBe(shared.localRewards.reduce((sum, reward) => sum + reward, 0))
    expect(new Set(shared.rewards).size).toBe(1)
  })

  it('shares no state with another game', () => {
    const [a, alone, beside] = [begun({}, 1), begun({}, 1), begun({}, 2)]
    const random = [createRandom(5), createRandom(5), createRandom(6)]
    for (let step = 0; step < 10; step++) {
      const expected = play(alone, 1, random[1]!)
      play(beside, 1, random[2]!)
      expect(play(a, 1, random[0]!)).toEqual(expected)
    }
  })

  it('keeps what is written to one row of many', () => {
    const [a, b] = [begun(), begun()]
    const one = emptyActions(a)
    act(a, one, 0, createRandom(3))
    const many = one.map(({ columns, data }) => ({
      rows: 3,
      columns,
      data: Float32Array.of(...data.map(() => 7), ...data, ...data),
    }))
    a.step(one, 0)
    b.step(many, 1)
    expect(outcome(b)).toEqual(outcome(a))
  })
})

describe('save and restore', () => {
  it.each(allKinds)('continue with the same bits in a fresh game: %o', options => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30 }), steps => {
        const game = begun(options)
        play(game, steps, createRandom(1))
        const saved = structuredClone(game.save()) as Saved
        const fresh = createParticleGame(example, options)
        fresh.restore(saved)
        expect(outcome(fresh)).toEqual(outcome(game))
        expect(play(fresh, 10, createRandom(2))).toEqual(play(game, 10, createRandom(2)))
        expect(fresh.save()).toEqual(game.save())
      }),
      { numRuns: 20 },
    )
  })

  it('survive JSON: infinities, -0, and entities by reference', () => {
    const game = begun()
    game.world.agents[0]!.velocity.set(-0, Number.POSITIVE_INFINITY)
    const { world } = game.save() as { world: Saved }
    const fresh = begun({}, 9)
    fresh.restore({ ...(game.save() as object), world: JSON.parse(JSON.stringify(world)) } as Saved)
    expect(Object.is(fresh.world.agents[0]!.velocity.x, -0)).toBe(true)
    expect(fresh.world.agents[0]!.velocity.y).toBe(Number.POSITIVE_INFINITY)
    const goalOf = (which: typeof game) => (which.world.state as { goal: Landmark }).goal
    expect(goalOf(fresh)).toBe(fresh.world.landmarks[goalOf(game).index])
  })

  it('leave the saved record alone', () => {
    const game = begun()
    const saved = structuredClone(game.save()) as Saved
    const copy = structuredClone(saved)
    game.restore(saved)
    play(game, 5, createRandom(1))
    expect(saved).toEqual(copy)
  })

  it('go on with the stream that the last reset handed over', () => {
    const saved = begun().save()
    const random = createRandom(99)
    const game = createParticleGame(example)
    game.reset(random)
    game.restore(saved)
    expect(random.save()).toEqual((saved as { random: Saved }).random)
  })

  it('name what cannot be saved', () => {
    const game = begun()
    ;(game.world.state as { visits: unknown }).visits = new Map()
    expect(() => game.save()).toThrow('world.state.visits: expected plain data, typed arrays or entities of this world')
  })
})

describe('for those who watch', () => {
  it('frames hold positions, velocities and what was said', () => {
    const game = begun()
    play(game, 3, createRandom(1))
    const { schema, write } = game.frames!
    const row = new Float32Array(schema.size)
    write(row)
    const field = (name: string) => {
      const { offset, size } = schema.fields.find(each => each.name === name)!
      return [...row.subarray(offset, offset + size)]
    }
    const { agents, entities } = game.world
    expect(schema.entities.map(entity => [entity.id, entity.kind, entity.agent, entity.team])).toContainEqual([
      'leadadversary_0',
      'agent',
      1,
      'leadadversary',
    ])
    expect(field('position')).toEqual(entities.flatMap(({ position }) => [position.x, position.y].map(Math.fround)))
    expect(field('velocity')).toEqual(agents.flatMap(({ velocity }) => [velocity.x, velocity.y].map(Math.fround)))
    expect(field('utterance')).toEqual(agents.flatMap(({ utterance }) => [...utterance]))
    expect(field('present')).toEqual(entities.map(() => 1))
    expect(schema.size).toBe(12 + 8 + 6 + 12)
  })

  it('rewards come in parts, once asked for', () => {
    const game = begun()
    play(game, 1, createRandom(1))
    expect(game.rewardParts[0]!.size).toBe(0)
    game.watchRewards(true)
    play(game, 1, createRandom(1))
    const parts = [...game.rewardParts[1]!]
    expect(parts.map(([name]) => name)).toEqual(['x', 'best'])
    expect(parts.reduce((sum, [, value]) => sum + value, 0)).toBe(game.rewards[1])
    game.watchRewards(false)
    expect(game.rewardParts[1]!.size).toBe(0)
  })

  it('figures come by name', () => {
    expect(begun().measure!()).toEqual({ best: expect.any(Number) })
  })

  it('hidden choices can be imposed', () => {
    const game = begun()
    for (const goal_landmark of [1, 0]) {
      game.place({ hidden: { goal_landmark } })
      expect((game.world.state as { goal: Landmark }).goal.id).toBe(['obstacle_0', 'food_0'][goal_landmark])
    }
  })

  it.each(allKinds)('the scripted controller writes legal actions: %o', options => {
    const game = begun(options)
    const actions = emptyActions(game)
    game.agents.forEach((_, i) => void game.script!(i, actions[i]!, 0))
    game.step(actions, 0)
    expect([...game.world.agents[1]!.utterance]).toEqual([0, 0, 1])
    expect(game.world.agents[1]!.velocity.x).toBeGreaterThan(0)
  })
})
