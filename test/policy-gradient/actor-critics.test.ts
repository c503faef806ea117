// A2C and PPO: the same step where they are the same, exact gradients of small games, and that both learn and resume.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Algorithm } from '../../src/learning/algorithm.ts'
import type { TeamLearner } from '../../src/learning/team-learner.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { a2c } from '../../src/policy-gradient/a2c.ts'
import { ppo } from '../../src/policy-gradient/ppo.ts'
import type { Schedule } from '../../src/settings/schedule.ts'
import { climbing, learnExactly, logitsOf, policiesOf } from '../support/exact-game.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { expectClose } from '../support/matrices.ts'
import {
  aimAtHalf,
  box,
  expectRecalled,
  expectSecretFollowed,
  followSecret,
  mixed,
  playRounds,
  recall,
  three,
} from '../support/paying-games.ts'
import { expectResumesAnywhere } from '../support/resumes-anywhere.ts'
import type { TinyGameOptions } from '../support/tiny-game.ts'
import { plainDescent, type TeamOptions, type TinyTeam, teamContext, tinyTeam } from '../support/tiny-team.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

const agree: TinyGameOptions = { ...followSecret, length: 4, space: three }
const brisk = { learningRate: 0.01, gamma: 0.9, rolloutSteps: 8 }

const both = [['a2c', a2c], ['ppo', ppo]] as const // biome-ignore format: a table

describe.each(both)('%s', (_, algorithm) => {
  it.each([
    { critic: 'joint', shareParameters: true, advantageNorm: 'round' },
    { critic: 'local', shareParameters: false, advantageNorm: 'minibatch' },
    { critic: 'set', shareParameters: true, advantageNorm: 'none', valueNorm: 'popArt' },
    { critic: 'joint', shareParameters: true, valueNorm: 'none', huberDelta: null, advantageSteps: 2 },
  ])('learns what pays where: %j', settings => {
    const { shareParameters } = settings
    const team = tinyTeam(backend, algorithm, { ...brisk, ...settings }, agree, { games: 8, shareParameters })
    playRounds(team, algorithm === ppo ? 25 : 150)
    expectSecretFollowed(team.learner)
  })

  it('learns where a box has to be', () => {
    const team = tinyTeam(backend, algorithm, { ...brisk, learningRate: 0.02 }, aimAtHalf, { games: 8 })
    playRounds(team, algorithm === ppo ? 20 : 120)
    const { data } = team.learner.members[0]!.actor.greedy({ rows: 1, columns: 2, data: Float32Array.of(0.5, 0) })
    expect(Math.abs(data[0]! - 0.5)).toBeLessThan(0.1)
  })

  it('weighs entropy by its schedule at the steps of now', () => {
    const weightsAt = (now: number, entropyWeight: unknown) => {
      const team = tinyTeam(backend, algorithm, { ...brisk, entropyWeight }, agree, { games: 4, now: () => now })
      playRounds(team, 2)
      return team.learner.members[0]!.actor.networks[0]!.parameters.slice()
    }
    const falling = { from: 0.5, to: 0, steps: 1000 }
    for (const [now, weight] of [
      [0, 0.5],
      [400, 0.3],
      [5000, 0],
    ] as const) {
      // biome-ignore format: a table
      expect(weightsAt(now, falling)).toEqual(weightsAt(now, weight))
    }
    expect(weightsAt(0, falling)).not.toEqual(weightsAt(5000, falling))
  })

  it.each([
    { network: { memory: 8, hidden: [8] }, own: {} },
    { network: { memory: 8, hidden: [8] }, own: { criticMemory: 8, chunkSteps: 3 } },
  ])('learns what only a memory can tell: %j', ({ network, own }) => {
    const settings = { ...brisk, learningRate: 0.02, gamma: 1, rolloutSteps: 9, ...own }
    const team = tinyTeam(backend, algorithm, settings, recall, { games: 16, network })
    playRounds(team, algorithm === ppo ? 25 : 150)
    expectRecalled(team, 16)
  })

  const small = { rolloutSteps: 6, gamma: 0.9, ...(algorithm === ppo ? { epochs: 2, minibatches: 2 } : {}) }
  it.each([
    { shareParameters: false, memory: 0, space: mixed, games: 2, settings: small, steps: 60 },
    { shareParameters: true, memory: 4, space: box, games: 2, settings: small, steps: 60 },
    { shareParameters: false, memory: 3, space: three, games: 2, settings: { ...small, criticMemory: 3 }, steps: 60 },
    { shareParameters: true, memory: 0, space: three, games: 2, settings: { ...small, criticMemory: 3 }, steps: 60 },
    {
      shareParameters: true,
      memory: 4,
      space: box,
      games: 2,
      settings: { ...small, criticMemory: 3, chunkSteps: 2 },
      steps: 60,
    },
    // More rows than a slice has: cut also within a minibatch.
    { shareParameters: true, memory: 0, space: three, games: 90, settings: { ...small, rolloutSteps: 20 }, steps: 50 },
    { shareParameters: true, memory: 3, space: three, games: 90, settings: { ...small, rolloutSteps: 20 }, steps: 50 },
    {
      shareParameters: true,
      memory: 0,
      space: three,
      games: 2,
      settings: { ...small, ...(algorithm === ppo ? { objective: 'adaptiveKl' } : {}), valueNorm: 'popArt' },
      steps: 60,
    },
  ])('resumes to the bit from anywhere: %j', ({ shareParameters, memory, space, games, settings, steps }) => {
    const game: TinyGameOptions = {
      ...agree,
      space,
      length: 4,
      leaves: { 1: 2 },
      reward: ({ agent, actions }) => actions[agent]![0]!,
    }
    const create = () => tinyTeam(backend, algorithm, settings, game, { games, shareParameters, network: { memory } })
    expectResumesAnywhere(create, steps, games > 2 ? 7 : 3)
  })
})

it('refuses chunks that do not fit or where nothing remembers, and values clipped in units of rewards', () => {
  const create = (settings: object, network = { memory: 2 }) =>
    tinyTeam(backend, ppo, { ...brisk, ...settings }, agree, { network })
  expect(() => create({ chunkSteps: 3 })).toThrow(
    'learner.chunkSteps: expected a part of learner.rolloutSteps=8, got 3',
  )
  expect(() => create({ chunkSteps: 4 }, { memory: 0 })).toThrow(
    'learner.chunkSteps: expected null where no network remembers (network.memory, learner.criticMemory), got 4',
  )
  expect(() => create({ valueNorm: 'none', valueClip: 0.2 })).toThrow(/^learner\.valueClip: expected null .* got 0.2/)
  expect(() => create({ chunkSteps: 4 })).not.toThrow()
})

describe('reductions', () => {
  it('one epoch in one minibatch of ppo is the step of a2c, to the bit', () => {
    for (const space of [three, mixed]) {
      const create = (algorithm: Algorithm, settings = {}) =>
        tinyTeam(backend, algorithm, { ...brisk, ...settings }, { ...agree, space }, { games: 8 })
      const [one, other] = [create(a2c), create(ppo, { epochs: 1 })]
      for (const team of [one, other]) playRounds(team, 5)
      const parameters = ({ learner }: TinyTeam) =>
        learner.members.map(({ actor }) => [...actor.networks[0]!.parameters])
      expect(parameters(other)).toEqual(parameters(one))
    }
  })

  it('slices add up to the whole: the sums of a minibatch do not depend on where it is cut, to rounding', () => {
    // 90 games of 20 steps of two agents are 3,600 rows in four slices; the gradient is the mean over all.
    const moments = (games: number) => {
      const team = tinyTeam(backend, a2c, { ...brisk, rolloutSteps: 20 }, agree, { games, shareParameters: true })
      const figures = playRounds(team, 1)
      return figures
    }
    const figures = moments(90)
    expect(figures.map(each => Object.keys(each).length > 0)).toEqual([false, false, false, true])
    expect(figures[3]!.entropy).toBeGreaterThan(0.5)
    expect(figures[3]!.entropy).toBeLessThan(Math.log(3) + 1e-6)
  })
})

describe('ppo', () => {
  it.each([
    ['a choice', { game: agree, network: {} }],
    ['a choice and a box', { game: { ...agree, space: mixed }, network: {} }],
    ['a memory', { game: agree, network: { memory: 4 } }],
  ] as const)('has ratios of exactly 1 in the first minibatch of a round, and others later: %s', (_, made) => {
    const settings = { ...brisk, rolloutSteps: 10, epochs: 4, minibatches: 2 }
    const options = { games: 4, shareParameters: true, network: made.network }
    const figures = playRounds(tinyTeam(backend, ppo, settings, made.game, options), 3)
    expect(figures).toHaveLength(24)
    figures.forEach(({ approximateKl }, i) => {
      if (i % 8 === 0) expect(approximateKl).toBe(0)
      else expect(approximateKl).toBeGreaterThan(1e-7)
    })
  })

  it('ends a round early where the policy has gone far, without that step', () => {
    const settings = { ...brisk, learningRate: 0.1, epochs: 10, targetKl: 0.001 }
    const team = tinyTeam(backend, ppo, settings, agree, { games: 8, shareParameters: true })
    const figures = playRounds(team, 4)
    expect(figures.length).toBeLessThan(20)
    const last = figures.at(-1)!
    expect(last.approximateKl).toBeGreaterThan(0.0015)
    expect(last).not.toHaveProperty('actorGradientNorm')
    const { gradients } = team.learner.members[0]!.actor.networks[0]!
    expect(gradients.every(g => g === 0)).toBe(true)
  })

  it.each(['adaptiveKl', 'reverseKl'])('stays near by a penalty (%s): the heavier, the nearer', objective => {
    const moved = (klWeight: number) => {
      const settings = { ...brisk, epochs: 6, objective, klWeight }
      const team = tinyTeam(backend, ppo, settings, { ...agree, space: mixed }, { games: 8 })
      return playRounds(team, 1).at(-1)!.approximateKl!
    }
    expect(moved(100)).toBeLessThan(moved(0) / 4)
  })

  it('doubles and halves the weight of an adaptive penalty by what the divergence came to', () => {
    const weightAfter = (learningRate: number) => {
      const settings = { ...brisk, epochs: 4, objective: 'adaptiveKl', targetKl: 0.001, learningRate }
      const team = tinyTeam(backend, ppo, settings, agree, { games: 8 })
      playRounds(team, 1)
      playRounds(team, 1)
      return (team.learner.members[0]!.save() as unknown as { klPenalty: Float64Array }).klPenalty[0]
    }
    expect(weightAfter(0.2)).toBe(2)
    expect(weightAfter(1e-5)).toBe(0.5)
  })

  it('says what it did', () => {
    const [first, second] = playRounds(
      tinyTeam(backend, ppo, { ...brisk, epochs: 2 }, agree, { shareParameters: true }),
      1,
    )
    const each = ['policyLoss', 'entropy', 'approximateKl', 'clipFraction', 'valueLoss', 'actorGradientNorm', 'criticGradientNorm'] // biome-ignore format: one line
    expect(Object.keys(second!).sort()).toEqual([...each].sort())
    expect(Object.keys(first!).sort()).toEqual([...each, 'explainedVariance', 'truncatedShare'].sort())
    // Episodes of four steps are cut, all at once.
    expect(first!.truncatedShare).toBe(0.25)
    expect(first!.explainedVariance).toBeLessThan(1)
  })
})

describe('the policy gradient of the climbing game', () => {
  const agents = agentsOf([1, 1], three)
  const exact = {
    entropyWeight: 0,
    advantageNorm: 'none',
    valueNorm: 'none',
    huberDelta: null,
    gamma: 1,
    rolloutSteps: 1,
    criticLearningRate: 1e-9,
    shareParameters: false,
  }

  const bandit = (algorithm: Algorithm, learningRate: Schedule, settings = {}, options: TeamOptions = {}) => {
    const team = teamContext(plainDescent(backend), agents, { games: 9, network: { hidden: [] }, ...options })
    return algorithm.createLearner(team, { ...exact, learningRate, ...settings })
  }
  const learn = (learner: TeamLearner) => learnExactly(learner, agents, climbing)

  it.each(both)('both uniform, is that of each against the other (%s)', (_, algorithm) => {
    const learner = bandit(algorithm, 1, algorithm === ppo ? { epochs: 1 } : {})
    learn(learner)
    // V is 0 where nothing is seen: the advantage is the reward.
    expectClose(logitsOf(learner, 0), [-0.962963, -0.740741, 1.703704], 1e-6)
    expectClose(logitsOf(learner, 1), [-0.962963, -1.407407, 2.37037], 1e-6)
  })

  it('leads both to their second choice there, not to the best', () => {
    let round = 0
    const learner = bandit(a2c, { from: 0.1, to: 2, steps: 300 }, {}, { now: () => round })
    for (; round < 1200; round++) learn(learner)
    for (const agent of [0, 1]) expect(policiesOf(learner)[agent]![1]).toBeGreaterThan(0.95)
  })
})
