// Noise, scripted agents and agents that leave: in one game, side by side, and saved in the middle.
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { checkGame, describeProblem } from '../../src/envs/check-game.ts'
import { createParticleGame } from '../../src/envs/particle-game.ts'
import { defineScenario, distance, many, real } from '../../src/envs/scenario.ts'
import { createVectorGame } from '../../src/envs/vector-game.ts'
import { createRandom } from '../../src/random.ts'
import type { Saved } from '../../src/types.ts'
import { act, emptyActions, outcome, play } from './playing.ts'

/** Runners flee from a scripted hunter in a walled yard; whoever it touches is out. Everything is noisy. */
const yard = defineScenario({
  id: 'yard',
  version: 1,
  description: 'a scripted hunter among runners',
  // Who begins in its reach is caught at once, and does not come in that episode.
  absences: true,
  options: { noise: real(0.1, { min: 0 }, 'of actions and utterances') },
  world: ({ options: { noise } }) => ({
    agents: [
      { id: 'runner_0', size: 0.1, speaks: true, actionNoise: noise, utteranceNoise: noise },
      { id: 'runner_1', size: 0.1, dynamics: 'velocity', actionNoise: noise },
      { id: 'robot_0', size: 0.1, dynamics: 'differential', actionNoise: noise },
    ],
    scriptedAgents: [{ id: 'hunter_0', size: 0.2, maxSpeed: 1.5, speaks: true, bold: true, actionNoise: noise }],
    landmarks: many(2, i => ({ id: `rock_${i}`, size: 0.1, collides: true })),
    channels: 2,
    arena: { half: 1, edge: 'wall' },
    walls: [{ from: [-0.3, 0], to: [0.3, 0] }],
    state: { caught: 0, begun: false },
  }),
  reset({ world, random }) {
    for (const { position } of world.entities) position.set(random.between(-1, 1), random.between(-1, 1))
    for (const agent of world.agents) agent.heading = random.between(-Math.PI, Math.PI)
    world.state.caught = 0
    world.state.begun = false
  },
  controls({ agent, world, random }) {
    expectTypeOf(agent.bold).toEqualTypeOf<boolean>()
    const prey = world.nearest(agent, world.agents, 1)[0]
    if (prey) agent.thrust.set(5 * (prey.position.x - agent.position.x), 5 * (prey.position.y - agent.position.y))
    agent.speech.set([random.integer(2), 1])
  },
  observe({ agent, world, see }) {
    see.vector('position', agent.position)
    see.heading('heading', agent)
    for (const other of world.others(agent)) see.relative('others', other)
    for (const other of world.within(agent, world.agents, 0.5, 1)) see.relative('near', other)
    see.relative('hunter', world.scriptedAgents[0]!)
    see.utterance('cry', world.agents[0]!)
    see.utterance('roar', world.scriptedAgents[0]!)
    see.rays('lidar', { count: 8, reach: 0.7 })
  },
  beforeRewards({ world }) {
    const [hunter] = world.scriptedAgents
    // Everybody is there in the first step.
    const wasBegun = world.state.begun
    world.state.begun = true
    if (!wasBegun) return
    for (const agent of world.agents) {
      if (!agent.present || distance(agent, hunter!) > 0.3) continue
      world.leave(agent)
      world.state.caught++
    }
  },
  reward: ({ agent, part }) => part('caught', agent.present ? 1 : -10),
})

function begun(options: Record<string, unknown> = {}, seed = 1) {
  const game = createParticleGame(yard, options)
  game.reset(createRandom(seed, 'game'))
  return game
}

it('tells viewers how far a distance sensor reaches', () => {
  const parts = begun().agents[0]!.observationParts
  expect(parts.find(({ name }) => name === 'lidar')).toEqual({ name: 'lidar', size: 8, reach: 0.7 })
  expect(parts.filter(({ reach }) => reach !== undefined)).toHaveLength(1)
})

describe('scripted agents', () => {
  it('take no action and are not among the agents, but are there', () => {
    const game = begun()
    expect(game.agents.map(agent => agent.id)).toEqual(['runner_0', 'runner_1', 'robot_0'])
    expect(game.world.entities.map(entity => entity.id)).toEqual([
      'runner_0',
      'runner_1',
      'robot_0',
      'hunter_0',
      'rock_0',
      'rock_1',
    ])
    expect(game.frames!.schema.entities[3]).toMatchObject({
      id: 'hunter_0',
      kind: 'agent',
      agent: null,
      team: 'hunter',
    })
    expect(game.world.others(game.world.scriptedAgents[0]!)).toBe(game.world.agents)
  })

  it('move by the scenario and are heard', () => {
    const game = begun({ noise: 0 })
    game.place({
      positions: [
        [0.9, 0.9],
        [0.9, -0.9],
        [0.9, 0.5],
      ],
    })
    const hunter = game.world.scriptedAgents[0]!
    hunter.position.set(-0.9, 0.5)
    game.world.moved()
    play(game, 3, createRandom(1))
    expect(hunter.velocity.x).toBeGreaterThan(0.5)
    expect(hunter.utterance[1]).toBe(1)
  })

  it('stand still without a hook', () => {
    const { controls: _, ...rest } = yard
    const game = createParticleGame(rest, { noise: 0 })
    game.reset(createRandom(3))
    const [hunter] = game.world.scriptedAgents
    hunter!.thrust.set(1, 1)
    hunter!.position.set(9, 9)
    play(game, 1, createRandom(1))
    expect(hunter!.thrust).toMatchObject({ x: 0, y: 0 })
    expect([...hunter!.utterance]).toEqual([0, 0])
  })
})

describe('an agent that leaves', () => {
  /** Runner 0 is caught in the first step. */
  function caught() {
    const game = begun({ noise: 0 })
    const [runner, ...others] = game.world.agents
    game.world.scriptedAgents[0]!.position.set(0.5, 0.5)
    runner!.position.set(0.55, 0.5)
    for (const other of others) other.position.set(-0.9, -0.5 - other.index / 5)
    game.world.moved()
    play(game, 1, createRandom(1))
    return game
  }

  it('is paid for the step, terminated, absent, and its rows are zero', () => {
    const game = caught()
    expect([...game.rewards]).toEqual([-10, 1, 1])
    expect([...game.terminated]).toEqual([1, 0, 0])
    expect([...game.present]).toEqual([0, 1, 1])
    const row = new Float64Array(game.agents[0]!.observationSize).fill(7)
    game.observe(0, row)
    expect(new Set(row)).toEqual(new Set([0]))
    play(game, 1, createRandom(1))
    expect([...game.rewards]).toEqual([0, 1, 1])
  })

  it('is neither seen nor touched, and stays where it is', () => {
    const { world } = caught()
    const [gone, runner, robot] = world.agents
    const { x, y } = gone!.position
    runner!.position.set(x, y)
    world.moved()
    expect(world.nearest(runner!, world.agents, 3)).not.toContain(gone)
    expect(world.within(runner!, world.agents, 9, 3)).toEqual([robot, null, null])
    expect(world.contacts(runner!, world.agents)).toBe(0)
    world.step()
    expect(gone!.position).toMatchObject({ x, y })
    expect([...gone!.utterance]).toEqual([0, 0])
  })

  it('needs no action any more, and is back after a reset', () => {
    const game = caught()
    const actions = emptyActions(game)
    act(game, actions, 0, createRandom(1))
    actions[0]!.data.fill(0)
    expect(() => game.step(actions, 0)).not.toThrow()
    game.reset(createRandom(5))
    expect(game.world.agents.every(agent => agent.present)).toBe(true)
  })

  it('is a mask in vector games: absent from the next step on, until all are gone or the time is up', () => {
    const vector = createVectorGame({
      create: () => createParticleGame(yard, { noise: 0.5, maxCycles: 60 }),
      games: 8,
      random: game => createRandom(1, 'game', game),
    })
    const random = createRandom(2)
    let left = 0
    for (let t = 0; t < 200; t++) {
      vector.games.forEach((game, g) => void act(game, vector.next.actions, g, random))
      const step = vector.advance()
      for (let at = 0; at < step.present.length; at++) {
        if (step.present[at] === 1 && step.terminated[at] === 1 && step.truncated[Math.floor(at / 3)] === 0) {
          left++
          if (vector.restarted[Math.floor(at / 3)] === 0) expect(vector.next.present[at]).toBe(0)
        }
        if (step.present[at] === 0) expect([step.rewards.data[at], step.terminated[at]]).toEqual([0, 0])
      }
    }
    expect(left).toBeGreaterThan(20)
  })
})

describe('noise', () => {
  /** One agent far from everybody, thrust by nothing but noise, 4,000 times. */
  it('is Gaussian with the given deviation: actions in units of a full action, utterances per channel', () => {
    const shaken = defineScenario({
      id: 'shaken',
      version: 1,
      description: '',
      options: {},
      world: () => ({
        agents: [
          { id: 'agent_0', dynamics: 'force', acceleration: 3, actionNoise: 0.5, utteranceNoise: 0.2, speaks: true },
        ],
        channels: 1,
      }),
      reset() {},
      observe({ agent, see }) {
        see.vector('velocity', agent.velocity)
      },
      reward: () => 0,
    })
    const game = createParticleGame(shaken, { maxCycles: 1e6 })
    game.reset(createRandom(1))
    const actions = emptyActions(game)
    actions[0]!.data.set([1, 0, 0, 0, 0, 1])
    const [agent] = game.world.agents
    const pushes: number[] = []
    const said: number[] = []
    for (let k = 0; k < 4000; k++) {
      agent!.velocity.set(0, 0)
      game.step(actions, 0)
      pushes.push(agent!.velocity.x / 0.1, agent!.velocity.y / 0.1)
      said.push(agent!.utterance[0]! - 1)
    }
    // Standard errors: 1.5 / sqrt(8000) = 0.017 of the mean, 0.7 of that of the deviation; 0.2 / sqrt(4000) = 0.0032.
    const mean = (numbers: number[]) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length
    const deviation = (numbers: number[]) => Math.sqrt(mean(numbers.map(value => value ** 2)))
    expect(Math.abs(mean(pushes))).toBeLessThan(0.07)
    expect(Math.abs(deviation(pushes) - 1.5)).toBeLessThan(0.05)
    expect(Math.abs(mean(said))).toBeLessThan(0.013)
    expect(Math.abs(deviation(said) - 0.2)).toBeLessThan(0.01)
    // Kurtosis 3: a uniform distribution would have 1.8.
    expect(mean(pushes.map(value => (value / 1.5) ** 4))).toBeGreaterThan(2.6)
  })

  it('does not change where episodes begin, differs by episode, and follows from the seed', () => {
    const start = (noise: number) => begun({ noise }).world.entities.map(({ position }) => ({ ...position }))
    expect(start(0.3)).toEqual(start(0))
    const played = (seed: number) => play(begun({}, seed), 3, createRandom(1))
    expect(played(1)).toEqual(played(1))
    const game = begun()
    const random = createRandom(7)
    game.reset(random)
    const first = play(game, 1, createRandom(1))
    game.reset(random)
    expect(play(game, 1, createRandom(1))).not.toEqual(first)
  })
})

it('save and restore continue everything with the same bits', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 24 }), fc.integer(), (steps, seed) => {
      const game = begun({}, seed)
      play(game, steps, createRandom(1))
      const saved = structuredClone(game.save()) as Saved
      const fresh = createParticleGame(yard, {})
      fresh.restore(saved)
      expect([...fresh.present]).toEqual([...game.present])
      expect(outcome(fresh)).toEqual(outcome(game))
      expect(play(fresh, 10, createRandom(2))).toEqual(play(game, 10, createRandom(2)))
      expect(fresh.save()).toEqual(game.save())
    }),
    { numRuns: 25 },
  )
})

it('a world with all of it keeps what a game promises', () => {
  expect(checkGame(yard).problems.map(describeProblem)).toEqual([])
})

it.each<[object, string]>([
  [{ dynamics: 'rocket' }, 'hook \'world\': dynamics of agent_0 must be force, velocity or differential, got "rocket"'],
  [{ actionNoise: -1 }, "hook 'world': actionNoise of agent_0 must be a number of at least 0, got -1"],
  [{ turnRate: Number.NaN }, "hook 'world': turnRate of agent_0 must be a number of at least 0, got NaN"],
])('an agent like %o is refused', (fields, message) => {
  const wrong = {
    ...yard,
    world: () => ({ ...yard.world({ options: { noise: 0 } as never }), agents: [{ id: 'agent_0', ...fields }] }),
  }
  expect(() => createParticleGame(wrong as never)).toThrow(`yard: ${message}`)
})
