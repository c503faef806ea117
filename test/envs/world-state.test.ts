// The state of particle worlds: what stands in it, that it misses nothing that chance decides, and masks that scenarios write.
import { describe, expect, it } from 'vitest'
import { scenarios } from '../../scenarios/index.ts'
import { createParticleGame, type ParticleGame } from '../../src/envs/particle-game.ts'
import { type ActionMask, defineScenario, many } from '../../src/envs/scenario.ts'
import { createRandom } from '../../src/random.ts'

function stateOf(game: ParticleGame): number[] {
  const row = new Float64Array(game.stateParts.reduce((sum, { size }) => sum + size, 0)).fill(Number.NaN)
  game.state(row)
  return [...row]
}

function begun(id: string, options = {}): ParticleGame {
  const game = createParticleGame(scenarios[id]!, options)
  game.reset(createRandom(1))
  return game
}

describe('the state', () => {
  it.each([
    ['simple', 'positions 2, velocities 2, landmarks 2'],
    ['simple_spread', 'positions 6, velocities 6, landmarks 6'],
    ['simple_adversary', 'positions 6, velocities 6, landmarks 4, goals 6'],
    ['simple_crypto', 'message 4, key 4, utterances 12'],
    ['simple_speaker_listener', 'positions 4, velocities 2, utterances 3, landmarks 6, goals 4'],
  ])('of %s is %s', (id, parts) => {
    const game = begun(id)
    expect(game.stateParts.map(({ name, size }) => `${name} ${size}`).join(', ')).toBe(parts)
    expect(stateOf(game).every(Number.isFinite)).toBe(true)
  })

  it.each([
    ['simple_spread', 'agent 15/5, landmarks 9/3'],
    ['simple_tag', 'adversary 15/5, agent 5/5, landmarks 6/3'],
    ['simple_speaker_listener', 'good 20/10, landmarks 9/3'],
  ])('of %s is %s as sets', (id, parts) => {
    const game = begun(id, { worldState: 'sets' })
    expect(game.stateParts.map(({ name, size, piece }) => `${name} ${size}/${piece}`).join(', ')).toBe(parts)
    game.place({ positions: game.agents.map((_, i) => [i, i + 0.5]) })
    const state = stateOf(game)
    expect(state.slice(0, 3)).toEqual([1, 0, 0.5])
    game.world.leave(game.world.agents[0]!)
    expect(stateOf(game).slice(0, game.stateParts[0]!.piece)).toEqual(new Array(game.stateParts[0]!.piece).fill(0))
    expect(stateOf(game).slice(game.stateParts[0]!.piece)).toEqual(state.slice(game.stateParts[0]!.piece))
  })

  it('grows with the number of agents, not with its square', () => {
    for (const agents of [3, 10, 20]) expect(stateOf(begun('simple_spread', { agents }))).toHaveLength(6 * agents)
  })

  it('is what it says', () => {
    const game = begun('simple_adversary')
    game.place({
      hidden: { goal_landmark: 1 },
      positions: [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      velocities: [
        [0.1, 0.2],
        [0.3, 0.4],
        [0.5, 0.6],
      ],
      landmarks: [
        [7, 8],
        [9, 10],
      ],
    })
    const goals = [0, 0, 6, 6, 4, 4]
    expect(stateOf(game)).toEqual([1, 2, 3, 4, 5, 6, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 7, 8, 9, 10, ...goals])
  })

  // What the traces call hidden is what chance decides and places do not show.
  it.each([
    ['simple_adversary', { goal_landmark: 0 }, { goal_landmark: 1 }],
    ['simple_push', { goal_landmark: 0 }, { goal_landmark: 1 }],
    ['simple_speaker_listener', { goal_landmark: 0 }, { goal_landmark: 2 }],
    ['simple_reference', { goal_landmark: [0, 1] }, { goal_landmark: [0, 2] }],
    ['simple_reference', { goal_landmark: [0, 1] }, { goal_landmark: [1, 1] }],
    ['simple_crypto', { goal_landmark: 0, key_landmark: 0 }, { goal_landmark: 1, key_landmark: 0 }],
    ['simple_crypto', { goal_landmark: 0, key_landmark: 0 }, { goal_landmark: 0, key_landmark: 1 }],
  ])('of %s tells %o from %o', (id, one, other) => {
    const game = begun(id)
    game.place({ hidden: one })
    const before = stateOf(game)
    game.place({ hidden: other })
    expect(stateOf(game)).not.toEqual(before)
  })

  it('is what the scenario writes, where it does, in the same sizes at every call', () => {
    const told = defineScenario({
      id: 'told',
      version: 1,
      description: '',
      options: {},
      world: () => ({ agents: [{ id: 'agent_0' }], state: { numbers: [1, 2] } }),
      reset() {},
      observe: ({ see }) => see.number('nothing', 0),
      reward: () => 0,
      state: ({ world, see }) => see.numbers('secret', world.state.numbers),
    })
    const game = createParticleGame(told)
    expect(game.stateParts).toEqual([{ name: 'secret', size: 2 }])
    expect(stateOf(game)).toEqual([1, 2])
    ;(game.world.state as { numbers: number[] }).numbers.push(3)
    expect(() => stateOf(game)).toThrow(/^told: hook 'state' must write 2 numbers at every call, got 3/)
  })
})

describe('masks', () => {
  const gated = (forbid: (mask: ActionMask, agent: string) => void) =>
    defineScenario({
      id: 'gated',
      version: 1,
      description: '',
      options: {},
      world: () => ({
        agents: [{ id: 'mover_0' }, { id: 'speaker_0', moves: false, speaks: true }, { id: 'both_0', speaks: true }],
        channels: 3,
      }),
      reset() {},
      observe: ({ see }) => see.number('nothing', 0),
      reward: () => 0,
      actionMask: ({ agent, mask }) => forbid(mask, agent.id),
    })
  const maskOf = (game: ParticleGame, agent: number, size: number) => {
    const row = new Uint8Array(size).fill(1)
    game.actionMask!(agent, row)
    return [...row].join('')
  }

  it('are written where the rules count the moves', () => {
    const scenario = gated((mask, agent) => {
      if (agent !== 'speaker_0') mask.forbidMove('left')
      if (agent === 'both_0') mask.forbidMove('none')
      if (agent !== 'mover_0') mask.forbidSay(1)
    })
    const [mpe2, openai] = (['mpe2', 'openai'] as const).map(rules => createParticleGame(scenario, { rules }))
    expect([0, 1, 2].map(agent => maskOf(mpe2!, agent, [5, 3, 8][agent]!))).toEqual(['10111', '101', '00111101'])
    expect([0, 1, 2].map(agent => maskOf(openai!, agent, [5, 3, 8][agent]!))).toEqual(['11011', '101', '01011101'])
  })

  it('are none for continuous actions', () => {
    expect(
      createParticleGame(
        gated(() => {}),
        { actions: 'continuous' },
      ).actionMask,
    ).toBeUndefined()
  })

  it('refuse what there is not', () => {
    const asked = (forbid: Parameters<typeof gated>[0], agent: number) => () =>
      maskOf(createParticleGame(gated(forbid)), agent, 8)
    expect(asked(mask => mask.forbidMove('up'), 1)).toThrow(
      "gated: hook 'actionMask': speaker_0 does not move, got forbidMove('up')",
    )
    expect(asked(mask => mask.forbidMove('north' as 'up'), 0)).toThrow(
      "gated: hook 'actionMask': forbidMove expects none, left, right, down, up, got north",
    )
    expect(asked(mask => mask.forbidSay(0), 0)).toThrow('mover_0 does not speak, got forbidSay(0)')
    expect(asked(mask => mask.forbidSay(3), 2)).toThrow('both_0 speaks on channels 0 ... 2, got forbidSay(3)')
  })
})

it('many agents that turn and scripted ones have their places', () => {
  const fleet = defineScenario({
    id: 'fleet',
    version: 1,
    description: '',
    options: {},
    world: () => ({
      agents: many(2, i => ({ id: `robot_${i}`, dynamics: i === 0 ? ('differential' as const) : ('force' as const) })),
      scriptedAgents: [{ id: 'guard_0' }],
      landmarks: [{ id: 'crate_0', moves: true }],
    }),
    reset({ world }) {
      world.agents[0]!.heading = Math.PI / 2
      world.landmarks[0]!.velocity.set(0.5, 0)
    },
    observe: ({ see }) => see.number('nothing', 0),
    reward: () => 0,
  })
  const game = createParticleGame(fleet)
  expect(game.stateParts.map(({ name, size }) => `${name} ${size}`).join(', ')).toBe(
    'positions 6, velocities 6, headings 2, landmarks 2, landmarkVelocities 2',
  )
  game.reset(createRandom(1))
  expect(stateOf(game).slice(-3)).toEqual([0, 0.5, 0])
  expect(stateOf(game)[13]).toBe(1)
})
