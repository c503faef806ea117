// The face by agent id: the same game, and every wrong action told.
import { describe, expect, it } from 'vitest'
import { scenarios } from '../../scenarios/index.ts'
import { simple_spread } from '../../scenarios/simple_spread.ts'
import { type ParallelAction, type ParallelGame, parallelGame } from '../../src/envs/parallel-game.ts'
import { createParticleGame } from '../../src/envs/particle-game.ts'
import { type ActionMask, defineScenario } from '../../src/envs/scenario.ts'
import { createRandom } from '../../src/random.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import { createCorridor } from '../support/corridor-game.ts'
import { createTinyGame } from '../support/tiny-game.ts'
import { example } from './example-scenario.ts'

const still = (game: ParallelGame): Record<string, ParallelAction> =>
  Object.fromEntries(
    game.agents.map(id => {
      const zeros = game.actionSpace(id).map(({ kind, name, size }) => [name, kind === 'box' ? Array(size).fill(0) : 0])
      return [id, zeros.length === 1 ? zeros[0]![1] : Object.fromEntries(zeros)]
    }),
  )

it('plays the same game as rows do', () => {
  const game = parallelGame(simple_spread)
  const peer = createParticleGame(simple_spread)
  peer.reset(createRandom(7, 'game'))
  const random = createRandom(1)
  const observe = (agent: number) => {
    const row = new Float64Array(peer.agents[agent]!.observationSize)
    peer.observe(agent, row)
    return Float32Array.from(row)
  }
  expect(game.reset({ seed: 7 }).observations.agent_1).toEqual(observe(1))
  for (let cycle = 1; cycle <= 25; cycle++) {
    const moves = [random.integer(5), random.integer(5), random.integer(5)]
    const step = game.step({ agent_0: moves[0]!, agent_1: moves[1]!, agent_2: moves[2]! })
    peer.step(
      moves.map(move => ({ rows: 1, columns: 5, data: Float32Array.from({ length: 5 }, (_, k) => +(k === move)) })),
      0,
    )
    expect(Object.values(step.observations)).toEqual([0, 1, 2].map(observe))
    expect(Object.values(step.rewards)).toEqual([...peer.rewards])
    expect(step.terminations).toEqual({ agent_0: false, agent_1: false, agent_2: false })
    expect(step.truncations.agent_2).toBe(cycle === 25)
    expect(game.state()).toEqual(Float32Array.from([0, 1, 2].flatMap(agent => [...observe(agent)])))
    const { rewards, metrics } = step.infos.agent_0!
    expect(rewards.distance! + rewards.collisions!).toBe(step.rewards.agent_0)
    expect(metrics).toEqual(peer.measure!())
  }
  expect(game.agents).toEqual([])
  expect(game.possibleAgents).toEqual(['agent_0', 'agent_1', 'agent_2'])
})

it('begins the same episode for the same seed, and the next one without', () => {
  const game = parallelGame(simple_spread)
  const first = game.reset({ seed: 3 })
  const second = game.reset()
  expect(second).not.toEqual(first)
  expect(game.reset({ seed: 3 })).toEqual(first)
  expect(game.reset()).toEqual(second)
  expect(parallelGame(simple_spread).reset()).toEqual(parallelGame(simple_spread).reset({ seed: 0 }))
})

it('hands out arrays that are the caller’s to keep', () => {
  const game = parallelGame(simple_spread)
  const { observations } = game.reset()
  const copy = structuredClone(observations)
  game.step({ agent_0: 1, agent_1: 2, agent_2: 3 })
  expect(observations).toEqual(copy)
})

it('tells spaces by id', () => {
  const game = parallelGame(example)
  expect(game.actionSpace('leadadversary_0').map(part => part.name)).toEqual(['move', 'say'])
  expect(game.observationSpace('runner_1')).toMatchObject({ kind: 'box', size: 16, low: Number.NEGATIVE_INFINITY })
  expect(() => game.observationSpace('runer_1')).toThrow("unknown agent 'runer_1'; did you mean 'runner_1'?")
})

describe('actions', () => {
  const heard = (action: ParallelAction, options = {}) => {
    const game = parallelGame(example, options)
    game.reset({ seed: 1 })
    game.step({ ...still(game), leadadversary_0: action })
    const { world } = game.game as ReturnType<typeof createParticleGame>
    const { velocity, utterance } = world.agents[1]!
    return { x: velocity.x, said: [...utterance] }
  }
  it('of who moves and speaks are records, or all numbers in a row', () => {
    const expected = { x: expect.closeTo(0.3, 2), said: [0, 0, 1] }
    expect(heard({ move: 2, say: 2 })).toEqual(expected)
    expect(heard([0, 0, 1, 0, 0, 0, 0, 1])).toEqual(expected)
    expect(heard({ move: Float32Array.of(0, 0, 1, 0, 0), say: [0, 0, 1] })).toEqual(expected)
    expect(heard({ move: [0, 0, 1, 0, 0], say: [0, 0, 0.5] }, { actions: 'continuous' }).said).toEqual([0, 0, 0.5])
    expect(heard([0, 0.5, 0, 0, 0, 0.5, 0, 0.5], { rules: 'openai' }).said).toEqual([0.5, 0, 0.5])
  })

  it.each<[string, Record<string, unknown>, unknown, string]>([
    ['a fraction', {}, 1.5, 'action of runner_0 must be a whole number from 0 to 4, got 1.5'],
    ['one too many', {}, 5, 'action of runner_0 must be a whole number from 0 to 4, got 5'],
    ['NaN', {}, Number.NaN, 'action of runner_0 must be a whole number from 0 to 4, got NaN'],
    ['a word', {}, 'up', 'action of runner_0 must be a whole number from 0 to 4 or a list of 5 numbers, got "up"'],
    [
      'nothing',
      {},
      undefined,
      'action of runner_0 must be a whole number from 0 to 4 or a list of 5 numbers, got undefined',
    ],
    ['a short row', {}, [1, 0], 'action of runner_0 must have 5 numbers, got 2'],
    ['a number too few for two parts', {}, [1, 0, 0], 'action of runner_0 must have 5 numbers, got 3'],
    ['a row of words', {}, [1, 'a', 0, 0, 0], 'action of runner_0[1] must be a number, got "a"'],
    ['two moves', {}, [1, 1, 0, 0, 0], 'action of runner_0 must be one-hot over 5 moves, got [1, 1, 0, 0, 0]'],
    ['a part too many', {}, { move: 1, say: 1 }, "action of runner_0 must have the parts move, got 'say'"],
    ['a number for a box', { actions: 'continuous' }, 1, 'action of runner_0 must be a list of 5 numbers, got 1'],
  ])('are refused before anything moves: %s', (_, options, action, message) => {
    const game = parallelGame(example, options)
    game.reset({ seed: 1 })
    const before = game.state()
    const others = Object.fromEntries(
      game.agents.map(id => [
        id,
        game.actionSpace(id).flatMap(part => Array.from({ length: part.size }, (_, k) => +(k === 0))),
      ]),
    )
    expect(() => game.step({ ...others, runner_0: action as ParallelAction })).toThrow(`example: ${message}`)
    expect(game.state()).toEqual(before)
    expect(game.game).toMatchObject({ cycles: 0 })
  })

  it('are refused for missing parts, missing agents and strangers', () => {
    const game = parallelGame(example)
    game.reset()
    const actions = still(game)
    expect(() => game.step({ ...actions, leadadversary_0: { move: 1 } })).toThrow(
      'action of leadadversary_0.say must be a whole number from 0 to 2, got undefined',
    )
    expect(() => game.step({ ...actions, leadadversary_0: 3 })).toThrow('must be a record { move, say } or a list of 8')
    expect(() => game.step({ speaker_0: 0 })).toThrow('got none for leadadversary_0')
    expect(() => game.step({ ...actions, runner_7: 0 })).toThrow("unknown agent 'runner_7'; did you mean")
    expect(() => game.step(null as never)).toThrow('actions must be a record { speaker_0: action, ... }')
  })

  it('are refused before a reset and after the end', () => {
    const game = parallelGame(simple_spread, { maxCycles: 1 })
    expect(() => game.step({})).toThrow('simple_spread: step must follow reset')
    game.reset()
    game.step(still(game))
    expect(() => game.step({})).toThrow('call reset()')
  })
})

it('drops agents that leave, one by one', () => {
  const leaving = defineScenario({
    id: 'leaving',
    version: 1,
    description: '',
    options: {},
    world: () => ({ agents: [{ id: 'a_0' }, { id: 'b_0' }], state: { steps: 0 } }),
    reset({ world }) {
      world.state.steps = 0
    },
    observe({ see }) {
      see.number('one', 1)
    },
    reward: () => 1,
    beforeRewards({ world }) {
      if (world.state.steps++ === 1) world.leave(world.agents[0]!)
    },
  })
  const game = parallelGame(leaving, { maxCycles: 3 })
  game.reset()
  const step = game.step({ a_0: 0, b_0: 0 })
  expect(step.terminations).toEqual({ a_0: true, b_0: false })
  expect(step.observations.a_0).toEqual(Float32Array.of(0))
  expect(game.agents).toEqual(['b_0'])
  expect(() => game.step({ a_0: 0, b_0: 0 })).toThrow('a_0 must get no action: its episode is over')
  expect(Object.keys(game.step({ b_0: 0 }).rewards)).toEqual(['b_0'])
  expect([...game.state()]).toEqual([0, 1])
  expect(game.step({ b_0: 0 }).truncations).toEqual({ b_0: true })
  expect(game.agents).toEqual([])
})

it.each(Object.keys(scenarios))('%s can be played', id => {
  const game = parallelGame(scenarios[id]!)
  game.reset({ seed: 1 })
  let steps = 0
  while (game.agents.length > 0) {
    game.step(still(game))
    steps++
  }
  expect(steps).toBe(25)
})

describe('actions of games with several parts', () => {
  const space: ActionSpace = [
    { name: 'gear', kind: 'choice', size: 3, soft: false },
    { name: 'light', kind: 'choice', size: 2, soft: false },
    { name: 'throttle', kind: 'box', size: 1, low: 0, high: 100 },
  ]

  it('are records of any names, for the compiler too', () => {
    const game = parallelGame(createTinyGame({ space }))
    game.reset({ seed: 1 })
    game.step({ agent_0: { gear: 2, light: 0, throttle: [45] }, agent_1: { gear: [0, 1, 0], light: 1, throttle: [0] } })
    const action: ParallelAction = { gear: 2, throttle: Float32Array.of(45) }
    expect(action.gear).toBe(2)
    // @ts-expect-error: a part is a number or a list of them
    const wrong: ParallelAction = { gear: 'two' }
    expect(wrong).toBeDefined()
  })

  it('that come as a number for each part are refused with the record that is meant', () => {
    const game = parallelGame(createTinyGame({ space }))
    game.reset({ seed: 1 })
    const still = { gear: 0, light: 0, throttle: [0] }
    expect(() => game.step({ agent_0: [2, 1, 45], agent_1: still })).toThrow(
      'action of agent_0 must have 6 numbers, got 3; write { gear: 2, light: 1, throttle: [45] }',
    )
  })
})

describe('a game with action masks', () => {
  const opened = (soft = false) => {
    const game = parallelGame(createCorridor({ agents: 2, cells: 2, length: 4, soft }))
    return { game, reset: game.reset({ seed: 3 }) }
  }
  const cells = (observations: ReturnType<ParallelGame['reset']>['observations']) =>
    Object.values(observations).map(row => row.indexOf(1))
  const masks = [[1, 0, 1, 1, 1], [1, 1, 0, 1, 0]] // biome-ignore format: a table

  it('tells in infos what each agent may do next, after reset and after each step', () => {
    const { game, reset } = opened()
    let told = reset
    for (let step = 0; step < 4; step++) {
      const allowed = Object.values(told.infos).map(({ actionMask }) => actionMask!)
      expect(allowed.map(mask => [...mask])).toEqual(cells(told.observations).map(cell => masks[cell]))
      expect(allowed[0]).toBeInstanceOf(Uint8Array)
      const kept = allowed.map(mask => [...mask])
      const moves = allowed.map(mask => ({ move: mask[1] === 1 ? 1 : 2, say: 0 }))
      told = game.step(Object.fromEntries(game.agents.map((id, i) => [id, moves[i]!])))
      // They are the caller's to keep.
      expect(allowed.map(mask => [...mask])).toEqual(kept)
    }
  })

  it('refuses a forbidden alternative, naming agent, part and alternative, and nothing has moved then', () => {
    const { game, reset } = opened()
    const [here] = cells(reset.observations)
    const [move, name, allowed] = here === 0 ? [1, 'left', '0 (stay), 2 (right)'] : [2, 'right', '0 (stay), 1 (left)']
    const still = { move: 0, say: 0 }
    expect(() => game.step({ walker_0: { move: move!, say: 0 }, walker_1: still })).toThrow(
      new RangeError(
        `corridor: action of walker_0 takes alternative ${move} (${name}) of part 'move', which is not allowed now; ` +
          `allowed: ${allowed} (infos.walker_0.actionMask)`,
      ),
    )
    const [row, legal] = here === 0 ? [[0.5, 0.25, 0.25, 1, 0], [0.5, 0, 0.5, 1, 0]] : [[0.5, 0, 0.5, 1, 0], [0.5, 0.5, 0, 1, 0]] // biome-ignore format: a table
    const soft = opened(true).game
    expect(() => soft.step({ walker_0: row!, walker_1: still })).toThrow(/walker_0 takes alternative/)
    expect(() => soft.step({ walker_0: legal!, walker_1: still })).not.toThrow()
    expect(cells(game.step({ walker_0: still, walker_1: still }).observations)).toEqual(cells(reset.observations))
  })

  it('speaks of a scenario that has the hook as of any game', () => {
    const shy = Object.assign(Object.create(simple_spread) as typeof simple_spread, {
      actionMask: ({ agent, mask }: { agent: { index: number }; mask: ActionMask }) => {
        if (agent.index === 1) mask.forbidMove('left')
      },
    })
    const game = parallelGame(shy)
    const { infos } = game.reset({ seed: 1 })
    expect([0, 1].map(i => [...infos[`agent_${i}`]!.actionMask!])).toEqual([[1, 1, 1, 1, 1], [1, 0, 1, 1, 1]]) // biome-ignore format: a table
    expect(() => game.step({ agent_0: 1, agent_1: 1, agent_2: 1 })).toThrow(
      "simple_spread: action of agent_1 takes alternative 1 of part 'move', which is not allowed now; allowed: 0, 2, 3, 4",
    )
    expect(game.step({ agent_0: 1, agent_1: 0, agent_2: 1 }).infos.agent_1!.actionMask).toEqual(
      Uint8Array.of(1, 0, 1, 1, 1),
    )
  })

  it('has no masks in infos where the game has none', () => {
    const game = parallelGame(createTinyGame())
    expect(game.reset({ seed: 1 }).infos.agent_0).not.toHaveProperty('actionMask')
  })
})
