// Games that take turns in one world play as games with worlds of their own, to the bit, whatever hooks change in play.
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { scenarios } from '../../scenarios/index.ts'
import type { Entity } from '../../src/envs/entity.ts'
import { createParticleGame, type ParticleGame } from '../../src/envs/particle-game.ts'
import { defineScenario, many, type Scenario } from '../../src/envs/scenario.ts'
import { createVectorGame, type VectorGame } from '../../src/envs/vector-game.ts'
import { createRandom, type Random } from '../../src/random.ts'
import type { JointStep, Saved } from '../../src/types.ts'
import { act } from './playing.ts'

type Create = () => ParticleGame

/** A vector game, and vector games of one game each, which have worlds of their own. */
interface Both {
  readonly wide: VectorGame
  readonly alone: readonly VectorGame[]
}

function both(create: Create, games: number, keptSteps = Number.POSITIVE_INFINITY): Both {
  const options = { create, measure: true, states: create().stateParts.length > 0, keptSteps }
  const random = (game: number) => createRandom(7, 'wide', game)
  return {
    wide: createVectorGame({ ...options, games, random }),
    alone: Array.from({ length: games }, (_, game) =>
      createVectorGame({ ...options, games: 1, random: () => random(game) }),
    ),
  }
}

/** A row of every array of a step. */
function rowsOf(step: JointStep, game: number): unknown {
  const games = step.truncated.length
  const row = (data: ArrayLike<number>) => {
    const size = data.length / games
    return Array.from(data).slice(game * size, (game + 1) * size)
  }
  const matrices = [
    ...step.observations,
    ...step.nextObservations,
    ...step.actions,
    step.rewards,
    ...[step.states, step.nextStates].filter(matrix => matrix !== undefined),
    ...[...step.observations, ...step.nextObservations].flatMap(({ mask }) => mask ?? []),
  ]
  const flags = [step.present, step.terminated, step.truncated, step.nextPresent ?? [], step.waiting ?? []]
  return [...matrices.map(({ data }) => row(data)), ...flags.map(row)]
}

/** Plays a step of all by the same actions, that are allowed, and compares what came of it. */
function compareStep({ wide, alone }: Both, random: Random): void {
  wide.games.forEach((game, g) => {
    act(game, wide.next.actions, g, random)
    const apart = alone[g]!.next
    apart.actions.forEach(({ data, columns }, agent) => {
      const actions = wide.next.actions[agent]!.data.subarray(g * columns, (g + 1) * columns)
      obey(wide.next.observations[agent]!.mask?.data.subarray(g * columns, (g + 1) * columns), actions, game, agent)
      data.set(actions)
    })
  })
  const step = wide.advance()
  alone.forEach((game, g) => {
    expect(rowsOf(step, g)).toEqual(rowsOf(game.advance(), 0))
    expect(wide.figures[g]).toEqual(game.figures[0])
    expect(wide.restarted[g]).toBe(game.restarted[0])
  })
}

/** The first alternative that is allowed in place of one that is not. */
function obey(
  mask: Float32Array | undefined,
  actions: Float32Array,
  { agents }: ParticleGame | VectorGame['games'][number],
  agent: number,
): void {
  if (mask === undefined) return
  let at = 0
  for (const { kind, size } of agents[agent]!.actionSpace) {
    const part = actions.subarray(at, at + size)
    const allowed = mask.subarray(at, at + size)
    at += size
    if (kind === 'box' || allowed[part.indexOf(1)] === 1) continue
    part.fill(0)
    part[allowed.indexOf(1)] = 1
  }
}

/** What games say of themselves between two steps, in any order, is the same too. */
function compareGames({ wide, alone }: Both, random: Random): void {
  const order = [...alone.keys()].sort(() => random.uniform() - 0.5)
  for (const g of order) {
    const [one, other] = [wide.games[g] as ParticleGame, alone[g]!.games[0] as ParticleGame]
    expect(JSON.stringify(one.save(), typed)).toBe(JSON.stringify(other.save(), typed))
    expect(pictureOf(one)).toEqual(pictureOf(other))
    expect(wishesOf(one)).toEqual(wishesOf(other))
    expect([one.cycles, ...one.rewards, ...one.localRewards]).toEqual([
      other.cycles,
      ...other.rewards,
      ...other.localRewards,
    ])
    expect([...one.present, ...one.terminated, one.truncated]).toEqual([
      ...other.present,
      ...other.terminated,
      other.truncated,
    ])
    expect(one.rewardParts).toEqual(other.rewardParts)
  }
}

const typed = (_: string, value: unknown) => (ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value)

function pictureOf(game: ParticleGame): number[] {
  const row = new Float32Array(game.frames!.schema.size)
  game.frames!.write(row)
  return [...row]
}

function wishesOf({ world }: ParticleGame): number[] {
  return [...world.agents, ...world.scriptedAgents].flatMap(({ thrust, force, speech, moves, speaks }) => [
    ...(moves ? [thrust.x, thrust.y, force.x, force.y] : []),
    ...(speaks ? speech : []),
  ])
}

function playBoth(create: Create, games: number, steps: number, seed: number, savedAt: number): void {
  let played = both(create, games, seed % 2 === 0 ? 1 : undefined)
  const random = createRandom(seed, 'actions')
  expect(new Set(played.wide.games.map(game => (game as ParticleGame).world)).size).toBe(1)
  ;(played.wide.games[1] as ParticleGame).watchRewards(true)
  ;(played.alone[1]!.games[0] as ParticleGame).watchRewards(true)
  for (let t = 0; t < steps; t++) {
    compareStep(played, random)
    if (t % 5 === 0) compareGames(played, random)
    if (t !== savedAt) continue
    const fresh = both(create, games)
    fresh.wide.restore(structuredClone(played.wide.save()) as Saved)
    fresh.alone.forEach((game, g) => void game.restore(structuredClone(played.alone[g]!.save()) as Saved))
    played = fresh
  }
}

describe('every scenario', () => {
  it.each(Object.entries(scenarios))('%s', (_, scenario) => {
    for (const options of [{ maxCycles: 7 }, { maxCycles: 9, rules: 'openai' }]) {
      playBoth(() => createParticleGame(scenario, options), 3, 20, 4, 11)
    }
  })
})

/** A scenario whose hooks change everything that a world lets them, by chance. */
function restless(seed: number, absences: boolean): Scenario {
  const agents = 2 + createRandom(seed, 'agents').integer(3)
  return defineScenario({
    id: 'restless',
    version: 1,
    description: 'changes whatever can be changed',
    absences,
    options: {},
    world() {
      const table = createRandom(seed, 'world')
      const drawn = () => table.uniform() < 0.5
      return {
        agents: many(agents, i => ({
          id: `agent_${i}`,
          moves: i === 0 || drawn(),
          speaks: i === 0 || drawn(),
          dynamics: (['force', 'velocity', 'differential'] as const)[table.integer(3)]!,
          actionNoise: i === 0 ? 0.1 : 0,
          energy: 1,
          bag: [i, { deep: -0 }] as unknown[],
          note: null as string | null,
        })),
        scriptedAgents: absences ? [] : [{ id: 'robot', speaks: true, count: 0 }],
        landmarks: many(3, i => ({ id: `landmark_${i}`, moves: i === 0, collides: i < 2, kindOf: 'tree' })),
        channels: 2,
        ...(drawn() ? { arena: { half: 1, edge: drawn() ? ('wrap' as const) : ('wall' as const) } } : {}),
        ...(drawn() ? { walls: [{ from: [-0.5, 0] as const, to: [0.5, 0.1] as const }] } : {}),
        state: {
          goal: null as Entity | null,
          seen: [] as readonly (Entity | null)[],
          counts: new Float64Array(3),
          deep: { list: [1, 2] as unknown[] },
        },
      }
    },
    reset({ world, random }) {
      for (const { position } of world.entities) position.set(random.between(-1, 1), random.between(-1, 1))
      for (const landmark of world.landmarks) landmark.present = true
      if (random.uniform() < 0.5) world.state.goal = world.landmarks[random.integer(3)]!
      if (absences) for (const agent of world.agents.slice(1)) agent.present = random.uniform() < 0.7
    },
    controls({ agent, world, random }) {
      agent.thrust.set(random.between(-1, 1), world.agents[0]!.force.x > 0 ? 1 : 0)
      agent.speech[1] = agent.count++
    },
    observe({ agent, world, see }) {
      see.vector('velocity', agent.velocity)
      see.relative('goal', world.state.goal)
      for (const other of world.nearest(agent, world.agents, 2)) see.relative('near', other)
      for (const other of world.state.seen) see.relative('seen', other)
      for (let i = world.state.seen.length; i < 2; i++) see.relative('seen', null)
      for (const other of world.others(agent)) see.utterance('heard', other)
      see.numbers('mine', [agent.energy, agent.size, agent.thrust.x, (agent as { late?: number }).late ?? -1])
      see.number('bag', agent.bag.length)
      see.rays('rays', { count: 4, reach: 1 })
    },
    beforeRewards({ world, random }) {
      const { state } = world
      const anybody = () => world.entities[random.integer(world.entities.length)]!
      const agent = world.agents[random.integer(agents)]!
      state.counts[random.integer(3)]!++
      const changes = [
        () => void (anybody().size = random.between(0.02, 0.2)),
        () => void (anybody().mass = random.between(0.5, 2)),
        () => void (anybody().color = [random.uniform(), 0, 1]),
        () => anybody().velocity.set(random.uniform(), -0),
        () => void (agent.utterance[0] = random.uniform()),
        () => void (agent.maxSpeed = random.between(0.1, 1)),
        () => void (agent.acceleration = random.between(1, 5)),
        () => void (agent.heading = random.between(-3, 3)),
        () => void (world.landmarks[2]!.present = random.uniform() < 0.5),
        () => void (agent.energy += 0.5),
        () => agent.bag.push(anybody()),
        () => void (agent.note = 'late'),
        () => void ((agent as { late?: number }).late = random.uniform()),
        () => void ((world.landmarks[0] as { found?: unknown }).found = agent),
        () => void (state.goal = anybody()),
        () => void (state.seen = world.nearest(agent, world.landmarks, 2)),
        () => void (state.deep = { list: [anybody(), random.uniform()] }),
        () => world.leave(agent),
        () => void (absences && agent.present && (agent.present = false)),
        () => void (absences && world.left[agent.index] === 0 && (agent.present = true)),
      ]
      changes[random.integer(changes.length)]!()
      if (world.agents.every(({ present }) => !present) && !absences) state.deep.list.push(3)
    },
    reward: ({ agent, world, part }) =>
      part('size', agent.size) + part('touches', world.contacts(agent, world.entities)),
    metrics: ({ world }) => ({ counted: world.state.counts[0]!, energy: world.agents[0]!.energy }),
  }) as unknown as Scenario
}

function playRestless(seed: number, absences: boolean, games: number): void {
  const scenario = restless(seed, absences)
  playBoth(() => createParticleGame(scenario, { maxCycles: 9 }), games, 24, seed, seed % 24)
}

it('whatever hooks change in play, it is changed in their own game alone', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1e6 }),
      fc.boolean(),
      fc.integer({ min: 2, max: 4 }),
      (seed, absences, games) => {
        playRestless(seed, absences, games)
      },
    ),
    { numRuns: 12 },
  )
})

it('the same where the engine makes no functions from text', () => {
  vi.stubGlobal('Function', () => {
    throw new EvalError('forbidden')
  })
  try {
    for (let seed = 0; seed < 4; seed++) {
      playRestless(seed, seed % 2 === 0, 3)
    }
  } finally {
    vi.unstubAllGlobals()
  }
})

it('games stay apart where an author keeps what cannot be told apart', () => {
  const scenario = restless(1, false)
  const state = { lookup: new Map([[1, 2]]) }
  const strange = { ...scenario, world: (scene: never) => ({ ...scenario.world(scene), state }) } as Scenario
  const create = () => createParticleGame({ ...strange, observe() {}, beforeRewards: () => {}, reset() {} }, {})
  const { games } = createVectorGame({ create, games: 2, random: game => createRandom(game) })
  expect((games[0] as ParticleGame).world).not.toBe((games[1] as ParticleGame).world)
  const shared = createVectorGame({
    create: () => createParticleGame(scenario),
    games: 2,
    random: game => createRandom(game),
  })
  expect((shared.games[0] as ParticleGame).world).toBe((shared.games[1] as ParticleGame).world)
})
