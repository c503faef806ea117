// What an author's hooks know without a cast: options, the fields that agents and landmarks add, state and metrics. Held by tsc.
import { expect, expectTypeOf, it } from 'vitest'
import { checkGame } from '../../src/envs/check-game.ts'
import { defineGame } from '../../src/envs/game-definition.ts'
import type { MarkovGame } from '../../src/envs/markov-game.ts'
import { choice, count, defineScenario, flag, many, optionalCount, ratio, real } from '../../src/envs/scenario.ts'
import type { Random } from '../../src/random.ts'
import { numbers } from '../../src/settings/option.ts'

const typed = defineScenario({
  id: 'typed',
  version: 1,
  description: 'everything is known inside every hook',
  options: {
    agents: count(2, { min: 1 }, 'number of agents'),
    share: ratio(0.5, 'a share'),
    gain: real(1, {}, 'a number'),
    fast: flag(false, 'yes or no'),
    sight: optionalCount('a limit'),
    mode: choice(['day', 'night'], 'a word'),
  },
  world({ options }) {
    expectTypeOf(options.agents).toEqualTypeOf<number>()
    expectTypeOf(options.share).toEqualTypeOf<number>()
    expectTypeOf(options.gain).toEqualTypeOf<number>()
    expectTypeOf(options.fast).toEqualTypeOf<boolean>()
    expectTypeOf(options.sight).toEqualTypeOf<number | null>()
    expectTypeOf(options.mode).toEqualTypeOf<'day' | 'night'>()
    expectTypeOf(options.rules).toEqualTypeOf<'mpe2' | 'openai'>()
    expectTypeOf(options.maxCycles).toEqualTypeOf<number>()
    // @ts-expect-error: no such option
    options.agnets
    return {
      agents: many(options.agents, i => ({ id: `agent_${i}`, leader: i === 0, role: 'runner' as 'runner' | 'chaser' })),
      landmarks: many(2, i => ({ id: `landmark_${i}`, food: i > 0 })),
      state: { caught: 0, target: null as number | null },
    }
  },
  reset({ world, random, options }) {
    expectTypeOf(random).toEqualTypeOf<Random>()
    expectTypeOf(world.state.caught).toEqualTypeOf<number>()
    expectTypeOf(world.state.target).toEqualTypeOf<number | null>()
    expectTypeOf(world.agents[0]!.leader).toEqualTypeOf<boolean>()
    expectTypeOf(world.landmarks[0]!.food).toEqualTypeOf<boolean>()
    expectTypeOf(options.mode).toEqualTypeOf<'day' | 'night'>()
    // @ts-expect-error: no such state
    world.state.cauhgt
    for (const { position } of world.entities) position.set(random.between(-1, 1), random.between(-1, 1))
    world.agents[0]!.leader = true
    world.state.target = 1
  },
  beforeRewards({ world }) {
    expectTypeOf(world.state.caught).toEqualTypeOf<number>()
  },
  observe({ agent, world, see }) {
    expectTypeOf(agent.leader).toEqualTypeOf<boolean>()
    expectTypeOf(agent.role).toEqualTypeOf<'runner' | 'chaser'>()
    expectTypeOf(agent.position.x).toEqualTypeOf<number>()
    for (const other of world.others(agent)) expectTypeOf(other.leader).toEqualTypeOf<boolean>()
    // @ts-expect-error: no such field
    agent.laeder
    // @ts-expect-error: the name of an agent stands still
    agent.id = 'another'
    see.vector('position', agent.position)
  },
  reward({ agent, options, part }) {
    expectTypeOf(part('x', 1)).toEqualTypeOf<number>()
    return agent.leader && options.fast ? options.gain : 0
  },
  done({ world }) {
    expectTypeOf(world.landmarks[1]!.food).toEqualTypeOf<boolean>()
    return false
  },
  metrics: ({ world }) => ({ caught: world.state.caught }),
  scripted({ agent, world, act }) {
    expectTypeOf(agent.role).toEqualTypeOf<'runner' | 'chaser'>()
    expectTypeOf(world.state.target).toEqualTypeOf<number | null>()
    act.move(1, 0)
  },
})

it('what the types say is what is there', () => {
  // `agent.id = ...` and the misspelt names are slips for the compiler alone; at run time they are harmless but the first.
  const { observe, ...rest } = typed
  const report = checkGame({
    ...rest,
    observe: ({ agent, see }) => see.vector('position', agent.position),
  } as typeof typed)
  expect(report.problems).toEqual([])
  expectTypeOf(typed.id).toEqualTypeOf<string>()
})

it('a game that is no particle world knows its options too', () => {
  defineGame({
    id: 'typed_game',
    version: 1,
    description: 'never made',
    options: { mode: choice(['day', 'night'], 'a word'), table: numbers('a table'), size: count(3, {}, 'a size') },
    create({ mode, table, size }): MarkovGame {
      expectTypeOf(mode).toEqualTypeOf<'day' | 'night'>()
      expectTypeOf(size).toEqualTypeOf<number>()
      expectTypeOf(table).not.toBeAny()
      throw new Error('not here')
    },
  })
})

it('a hook that gives the wrong type does not compile', () => {
  defineScenario({
    id: 'wrong',
    version: 1,
    description: 'never made',
    options: {},
    world: () => ({ agents: [{ id: 'agent_0' }] }),
    reset: () => {},
    observe: () => {},
    // @ts-expect-error: a reward is a number
    reward: () => 'much',
    // @ts-expect-error: figures are numbers
    metrics: () => ({ caught: 'none' }),
  })
})
