// The conformance kit: every game that ships keeps its promises, and every broken promise is found and named.
import { expect, it } from 'vitest'
import { checkGame, describeProblem } from '../../src/envs/check-game.ts'
import { count, defineScenario, many, type Scenario } from '../../src/envs/scenario.ts'
import { createWhereabouts } from '../../src/envs/watched-hooks.ts'
import { games } from '../../src/run/run.ts'
import { createTinyGame } from '../support/tiny-game.ts'

it.each(Object.keys(games))('%s keeps what a game promises', id => {
  const report = checkGame(games[id]!)
  expect(report.problems.map(describeProblem)).toEqual([])
  expect(report.stepsPerSecond).toBeGreaterThan(0)
})

it.each(Object.keys(games).filter(id => games[id]!.scenario !== undefined))(
  '%s does under the openai rules too',
  id => {
    expect(checkGame(games[id]!, { options: { rules: 'openai' } }).problems.map(describeProblem)).toEqual([])
  },
)

it('takes a scenario, a definition, and what makes any Markov game', () => {
  const outcomes = (report: ReturnType<typeof checkGame>) => report.checks.map(({ outcome }) => outcome)
  const ofScenario = outcomes(checkGame(controlled, { options: { agents: 3 } }))
  expect(ofScenario).toHaveLength(11)
  expect(new Set(ofScenario)).toEqual(new Set(['passed', 'skipped']))
  expect(ofScenario.filter(outcome => outcome === 'skipped')).toHaveLength(1) // nothing is forbidden
  const other = checkGame(() => createTinyGame({ length: 7, ending: 'terminated' }))
  expect(other.problems).toEqual([])
  expect(outcomes(other).filter(outcome => outcome === 'skipped')).toHaveLength(4) // no scenario's reward, no controller, no masks, no state
})

it('names the scripted agent that a hook runs for', () => {
  const scenario = defineScenario({
    ...sound,
    world: () => ({ agents: [{ id: 'dog_0' }], scriptedAgents: many(2, i => ({ id: `sheep_${i}` })) }),
    reset() {},
    beforeRewards() {},
    controls({ agent }) {
      if (agent.id === 'sheep_1') throw new Error('it is ill')
    },
  })
  expect(describeProblem(checkGame(scenario as Scenario).problems[0]!)).toBe(
    "hook 'controls', sheep_1, step 1, seed 1: it is ill",
  )
})

const sound = defineScenario({
  id: 'sound',
  version: 1,
  description: 'nothing is wrong with it',
  options: { agents: count(2, { min: 1 }, 'number of agents') },
  world: ({ options }) => ({
    agents: many(options.agents, i => ({ id: `agent_${i}` })),
    state: { steps: 0, paid: 0 },
  }),
  reset({ world, random }) {
    world.state.steps = 0
    world.state.paid = 0
    for (const { position } of world.agents) position.set(random.between(-1, 1), 0)
  },
  beforeRewards: ({ world }) => void world.state.steps++,
  observe: ({ agent, see }) => see.vector('position', agent.position),
  reward: ({ agent }) => -agent.position.x,
})

const controlled = { ...sound, scripted: ({ act }) => act.move(1, 0) } as Scenario

let outside = 0
let asked = 0
const broken: [
  string,
  Partial<Scenario>,
  { check: string; hook: string; agent: string | null; step: number },
  string,
][] = [
  [
    'a hook is missing',
    { observe: undefined as never },
    { check: 'builds', hook: 'create', agent: null, step: 0 },
    "hook 'observe' must be a function, it is missing",
  ],
  [
    'a hook is misspelt',
    { scriptd: () => {} } as object,
    { check: 'builds', hook: 'create', agent: null, step: 0 },
    "did you mean 'scripted'?",
  ],
  [
    'an option is no option',
    { options: { agents: 3 as never } },
    { check: 'builds', hook: 'create', agent: null, step: 0 },
    "option 'agents' must be made by count",
  ],
  [
    'two entities have one name',
    { world: () => ({ agents: [{ id: 'agent_0' }], landmarks: [{ id: 'agent_0' }] }) },
    { check: 'builds', hook: 'world', agent: null, step: 0 },
    "two entities are named 'agent_0'",
  ],
  [
    'an agent has a field that marlstrom fills in',
    { world: () => ({ agents: [{ id: 'agent_0', velocity: 2 }] }) as never },
    { check: 'builds', hook: 'world', agent: null, step: 0 },
    "field 'velocity' of agent_0 is one that marlstrom fills in; choose another name",
  ],
  [
    'a hook is async',
    { world: (async () => ({ agents: [] })) as never },
    { check: 'builds', hook: 'world', agent: null, step: 0 },
    'a hook cannot be async',
  ],
  [
    'a hook throws',
    {
      observe({ agent, see }) {
        if (agent.index === 1) (see as unknown as { vectr(): void }).vectr()
      },
    },
    { check: 'builds', hook: 'observe', agent: 'agent_1', step: 0 },
    'vectr is not a function',
  ],
  [
    'an observation changes its size',
    {
      observe({ agent, world, see }) {
        for (let i = 0; i < ((world.state as { steps: number }).steps > 4 ? 3 : 2); i++) see.number('x', agent.index)
      },
    },
    { check: 'plays', hook: 'observe', agent: 'agent_0', step: 4 },
    'must have 2 numbers at every call, got 3',
  ],
  [
    'a reward is no number',
    {
      reward: ({ agent, world }) =>
        agent.index === 1 && (world.state as { steps: number }).steps > 3 ? Number.NaN : 0,
    },
    { check: 'plays', hook: 'reward', agent: 'agent_1', step: 3 },
    'the reward of agent_1 must be a finite number, got NaN',
  ],
  [
    'a reward is forgotten',
    { reward: (() => {}) as never },
    { check: 'plays', hook: 'reward', agent: 'agent_0', step: 1 },
    'does every path return one?',
  ],
  [
    'a reward is async',
    { reward: (async () => 1) as never },
    { check: 'plays', hook: 'reward', agent: 'agent_0', step: 1 },
    'a hook cannot be async',
  ],
  [
    'a number of the observation is infinite',
    { observe: ({ agent, see }) => see.number('closeness', 1 / agent.velocity.y) },
    { check: 'plays', hook: 'observe', agent: 'agent_0', step: 0 },
    "part 'closeness' must be finite, got Infinity",
  ],
  [
    'chance comes from elsewhere',
    { reset: ({ world }) => world.agents[0]!.position.set(Math.random(), 0) },
    { check: 'seeded', hook: 'observe', agent: 'agent_0', step: 0 },
    'take every random number from `random`',
  ],
  [
    'an episode leaves something behind',
    {
      reset({ world, random }) {
        world.agents[0]!.position.set(random.between(-1, 1), (world.state as { steps: number }).steps)
      },
    },
    { check: 'seeded', hook: 'observe', agent: 'agent_0', step: 0 },
    'set all state in `reset`',
  ],
  [
    'chance changes nothing',
    { reset: ({ random }) => void random.uniform() },
    { check: 'varied', hook: 'reset', agent: null, step: 0 },
    'the random numbers that are drawn change nothing',
  ],
  [
    'games share state',
    {
      reset({ world, random }) {
        outside = random.between(-1, 1)
        for (const { position } of world.agents) position.set(outside, 0)
      },
      reward: () => outside,
    },
    { check: 'alone', hook: 'reward', agent: 'agent_0', step: 1 },
    'keep state in `world.state`',
  ],
  [
    'observe changes the world',
    {
      observe({ agent, world, see }) {
        ;(world.state as { paid: number }).paid++
        see.vector('position', agent.position)
      },
    },
    { check: 'pure', hook: 'observe', agent: 'agent_0', step: 0 },
    'it changes the world; an observation must only look',
  ],
  [
    'reward changes the world',
    { reward: ({ world }) => (world.state as { paid: number }).paid++ },
    { check: 'pure', hook: 'reward', agent: 'agent_0', step: 1 },
    'it changes the world; compute what is shared in beforeRewards',
  ],
  [
    'rewards depend on who is asked first',
    {
      reward({ agent, world }) {
        const { state } = world as { state: { steps: number; paid: number } }
        if (state.paid === state.steps) return 0
        state.paid = state.steps
        return 1 + agent.index
      },
    },
    { check: 'unordered', hook: 'reward', agent: 'agent_0', step: 1 },
    'asked in another order, the agents are paid differently',
  ],
  [
    'an agent waits without absences',
    {
      beforeRewards({ world }) {
        if ((world.state as { steps: number }).steps++ === 3) world.agents[1]!.present = false
      },
    },
    { check: 'plays', hook: 'reward', agent: 'agent_1', step: 3 },
    'agent_1 waits (its `present` is false), which only scenarios with absences allow',
  ],
  [
    'an agent may do nothing at all',
    {
      actionMask({ mask }) {
        for (const direction of ['none', 'left', 'right', 'down', 'up'] as const) mask.forbidMove(direction)
      },
    },
    { check: 'plays', hook: 'actionMask', agent: 'agent_0', step: 0 },
    "actionMask of agent_0 forbids all 5 alternatives of 'move'",
  ],
  [
    'a mask speaks of what there is not',
    { actionMask: ({ mask }) => mask.forbidSay(0) },
    { check: 'plays', hook: 'actionMask', agent: 'agent_0', step: 0 },
    'agent_0 does not speak, got forbidSay(0)',
  ],
  [
    'a mask changes the world',
    { actionMask: ({ world }) => void (world.state as { paid: number }).paid++ },
    { check: 'masked', hook: 'actionMask', agent: 'agent_0', step: 0 },
    'it changes the world; it must only look',
  ],
  [
    'a mask follows from something else than the world',
    {
      actionMask({ mask }) {
        if (asked++ % 2 === 0) mask.forbidMove('up')
      },
    },
    { check: 'masked', hook: 'actionMask', agent: 'agent_0', step: 0 },
    'asked twice it gives another mask',
  ],
  [
    'the controller does what is forbidden',
    { actionMask: ({ mask }) => mask.forbidMove('right'), scripted: ({ act }) => act.move(1, 0) },
    { check: 'controlled', hook: 'scripted', agent: 'agent_0', step: 0 },
    "it chooses alternative 2 of 'move', which the mask forbids",
  ],
  [
    'the state changes its size',
    {
      state({ world, see }) {
        for (let i = 0; i < ((world.state as { steps: number }).steps > 4 ? 3 : 2); i++) see.number('x', i)
      },
    },
    { check: 'stated', hook: 'state', agent: null, step: 4 },
    'must write 2 numbers at every call, got 3',
  ],
  [
    'a number of the state is none',
    { state: ({ see }) => see.number('closeness', Number.NaN) },
    { check: 'stated', hook: 'state', agent: null, step: 0 },
    "part 'closeness' must be finite, got NaN",
  ],
  [
    'the controller is wrong',
    {
      scripted() {
        throw new Error('lost its way')
      },
    },
    { check: 'controlled', hook: 'scripted', agent: 'agent_0', step: 0 },
    'lost its way',
  ],
]

it.each(broken)('finds that %s, and names the place', (_, change, place, message) => {
  const report = checkGame({ ...sound, ...change } as Scenario)
  const found = report.problems.find(problem => problem.check === place.check)
  expect(found).toMatchObject({ ...place, message: expect.stringContaining(message) })
  expect([1, 2, 3]).toContain(found!.seed)
  expect(report.checks.find(({ name }) => name === place.check)!.outcome).toBe('failed')
})

it('finds nothing wrong with the scenario that those are made from', () => {
  expect(checkGame(sound).problems).toEqual([])
})

it('finds that what is saved is not all there is', () => {
  const create = () => {
    let drift = 0
    const game = createTinyGame({ length: 20, reward: () => drift })
    const { reset, step } = game
    game.reset = random => {
      drift = random.uniform()
      reset(random)
    }
    game.step = (actions, row) => {
      drift += 0.1
      step(actions, row)
    }
    return game
  }
  const { problems } = checkGame(create)
  expect(problems).toMatchObject([{ check: 'saved', hook: 'reward', agent: 'agent_0', seed: 1 }])
})

it('finds an episode that ends both ways at once', () => {
  const game = () => {
    const tiny = createTinyGame({ length: 5 })
    const { step } = tiny
    tiny.step = (actions, row) => {
      step(actions, row)
      if (tiny.truncated) tiny.terminated[1] = 1
    }
    return tiny
  }
  expect(checkGame(game).problems[0]).toMatchObject({ check: 'plays', hook: 'done', agent: 'agent_1', step: 5 })
})

it('says where the game is while it plays', () => {
  const where = createWhereabouts()
  const seen = new Set<string>()
  const watched = {
    ...sound,
    reward: () => Number(seen.add(`${where.hook} ${where.agent} ${where.step > 0}`).size > 99),
  }
  checkGame(watched as unknown as Scenario, { where })
  // The speed is measured without.
  expect([...seen]).toEqual(['reward 0 true', 'reward 1 true', ' 1 false'])
  expect(where.hook).toBe('')
})
