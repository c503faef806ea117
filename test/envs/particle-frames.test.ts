import { describe, expect, it } from 'vitest'
import type { ArenaDefinition } from '../../src/envs/arena.ts'
import type { Landmark } from '../../src/envs/entity.ts'
import type { FrameField } from '../../src/envs/frame.ts'
import { createParticleGame, type ParticleGame } from '../../src/envs/particle-game.ts'
import { defineScenario, many } from '../../src/envs/scenario.ts'
import type { WallDefinition } from '../../src/envs/walls.ts'
import { createRandom } from '../../src/random.ts'
import { play } from './playing.ts'

/** Two rovers and a runner after landmarks, a guard that the scenario moves. */
const yard = defineScenario({
  id: 'yard',
  version: 1,
  description: 'wheels, words, goals and a guard',
  options: {},
  world: () => ({
    agents: [
      ...many(2, i => ({
        id: `rover_${i}`,
        dynamics: 'differential' as const,
        speaks: i === 0,
        goal: i as number | null,
      })),
      { id: 'runner_0', goal: null },
    ],
    scriptedAgents: [{ id: 'guard_0', speaks: true }],
    landmarks: [{ id: 'goal_0' }, { id: 'goal_1' }],
    channels: 2,
  }),
  reset({ world }) {
    world.entities.forEach(({ position }, i) => void position.set(i / 8, -i / 8))
    world.agents.forEach((agent, i) => void (agent.heading = i / 4))
  },
  observe: ({ agent, see }) => see.vector('velocity', agent.velocity),
  controls: ({ agent }) => void (agent.speech[1] = 1),
  goal: ({ agent, world }) => (agent.goal === null ? null : world.landmarks[agent.goal]!),
  reward: () => 0,
})

function begun(scenario = yard as Parameters<typeof createParticleGame>[0]): ParticleGame {
  const game = createParticleGame(scenario)
  game.reset(createRandom(1, 'game'))
  return game
}

function numbers(game: ParticleGame, name: FrameField['name']): number[] {
  const { schema, write } = game.frames!
  const row = new Float32Array(schema.size)
  write(row)
  const { offset, size } = schema.fields.find(field => field.name === name)!
  return [...row.subarray(offset, offset + size)]
}

describe('frames of a particle world', () => {
  it('name their fields in the order of the row, without gaps', () => {
    const { fields, size } = begun().frames!.schema
    expect(fields.map(({ name, size }) => [name, size])).toEqual([
      ['position', 12],
      ['velocity', 8],
      ['present', 6],
      ['heading', 4],
      ['utterance', 8],
      ['goal', 3],
    ])
    let at = 0
    for (const field of fields) {
      expect(field.offset).toBe(at)
      at += field.size
    }
    expect(size).toBe(at)
  })

  it('hold the goals, -1 for none and for whoever has left', () => {
    const game = begun()
    expect(numbers(game, 'goal')).toEqual([0, 1, -1])
    game.world.leave(game.world.agents[1]!)
    expect(numbers(game, 'goal')).toEqual([0, -1, -1])
    expect(numbers(game, 'present')).toEqual([1, 0, 1, 1, 1, 1])
  })

  it('hold a heading where there are two wheels', () => {
    expect(numbers(begun(), 'heading')).toEqual([0, 0.25, Number.NaN, Number.NaN])
  })

  it('hold what scripted agents say and how they move, behind the agents', () => {
    const game = begun()
    play(game, 1, createRandom(1))
    game.world.scriptedAgents[0]!.velocity.set(0.5, -0.25)
    expect(numbers(game, 'utterance').slice(2)).toEqual([0, 0, 0, 0, 0, 1])
    expect(numbers(game, 'velocity').slice(6)).toEqual([0.5, -0.25])
    expect(game.frames!.schema.entities.map(({ scripted }) => scripted === true)).toEqual([
      ...[false, false, false],
      ...[true, false, false],
    ])
  })

  it('leave out what the world has not', () => {
    const { goal: _, ...rest } = yard
    const { schema } = begun({ ...rest, world: () => ({ agents: [{ id: 'agent_0' }] }) } as never).frames!
    expect(schema.fields.map(({ name }) => name)).toEqual(['position', 'velocity', 'present'])
    expect(Object.keys(schema)).toEqual(['kind', 'extent', 'entities', 'fields', 'size'])
  })

  it('tell the walls and the arena as plain data, and show a little more than the arena', () => {
    const walls: WallDefinition[] = [
      { from: [0, 1], to: [0.5, -1], thickness: 0.25 },
      { low: [-1, -1], high: [0, 0] },
    ]
    const arena: ArenaDefinition = { half: 2, edge: 'wrap' }
    const walled = { ...yard, world: () => ({ ...yard.world({ options: {} as never }), walls, arena }) }
    const { schema } = begun(walled as never).frames!
    expect(JSON.parse(JSON.stringify(schema))).toMatchObject({ walls, arena, extent: 2.16 })
    expect(begun({ ...walled, extent: 1 } as never).frames!.schema.extent).toBe(1)
    expect(begun().frames!.schema.extent).toBe(1.3)
  })

  it('ask for goals only when a picture is drawn', () => {
    let asked = 0
    const game = begun({
      ...yard,
      goal: ({ world }: { world: { landmarks: readonly Landmark[] } }) => {
        asked++
        return world.landmarks[0]!
      },
    } as never)
    expect(asked).toBe(0)
    expect(numbers(game, 'goal')).toEqual([0, 0, 0])
    expect(asked).toBe(3)
  })

  it.each([
    [undefined, 'undefined'],
    [{ id: 'elsewhere', index: 0 }, 'elsewhere'],
  ])('refuse a goal that is no landmark of the world: %s', (goal, shown) => {
    const game = begun({ ...yard, goal: () => goal } as never)
    expect(() => numbers(game, 'goal')).toThrow(
      `yard: hook 'goal' must return one of world.landmarks or null, got ${shown}`,
    )
  })
})
