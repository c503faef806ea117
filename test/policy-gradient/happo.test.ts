// HAPPO: with one agent it is PPO, the second agent learns against what the first became, and the joint policy never gets worse where that is exact.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TeamLearner, UpdateFigures } from '../../src/learning/team-learner.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { happo } from '../../src/policy-gradient/happo.ts'
import { ppo } from '../../src/policy-gradient/ppo.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import {
  climbing,
  climbingPays,
  learnExactly,
  logitsOf,
  type Payoffs,
  policiesOf,
  worthOf,
} from '../support/exact-game.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { expectClose } from '../support/matrices.ts'
import { aimAtHalf, expectSecretFollowed, followSecret, playRounds } from '../support/paying-games.ts'
import { expectResumesAnywhere } from '../support/resumes-anywhere.ts'
import type { TinyGameOptions } from '../support/tiny-game.ts'
import { plainDescent, type TeamOptions, teamContext, tinyTeam } from '../support/tiny-team.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

const three: ActionSpace = [{ name: 'choose', kind: 'choice', size: 3, soft: true }]
const mixed: ActionSpace = [...three, { name: 'push', kind: 'box', size: 1, low: -1, high: 1 }]
const brisk = { learningRate: 0.01, gamma: 0.9, rolloutSteps: 8 }
/** Both are paid what both do. */
const together: TinyGameOptions = {
  ...followSecret,
  length: 4,
  space: three,
  reward: scene => followSecret.reward({ ...scene, agent: 0 }) + followSecret.reward({ ...scene, agent: 1 }),
}

describe('one agent', () => {
  it.each([
    { space: three, network: {}, settings: {} },
    { space: mixed, network: { normaliseObservations: true }, settings: { advantageNorm: 'minibatch' } },
    { space: three, network: { memory: 4 }, settings: { criticMemory: 3, valueNorm: 'popArt', minibatches: 1 } },
    { space: aimAtHalf.space!, network: {}, settings: { valueClip: 0.2, advantageNorm: 'none', timeLimit: 'drop' } },
  ])('is ppo, to the bit: %j', ({ space, network, settings }) => {
    const game: TinyGameOptions = { ...together, agents: 1, space, reward: ({ actions }) => actions[0]![0]! }
    const all = { ...brisk, epochs: 3, minibatches: 2, ...settings }
    const [one, other] = [happo, ppo].map(algorithm => tinyTeam(backend, algorithm, all, game, { games: 6, network }))
    for (const team of [one!, other!]) playRounds(team, 4)
    expect(one!.learner.members[0]!.save()).toEqual(other!.learner.members[0]!.save())
  })
})

describe('a team', () => {
  it.each([{}, { critic: 'joint', minibatches: 4, teamReward: 'sum' }, { advantageNorm: 'minibatch' }])(
    'learns what pays where: %j',
    settings => {
      const team = tinyTeam(backend, happo, { ...brisk, ...settings }, together, { games: 8 })
      playRounds(team, 40)
      expectSecretFollowed(team.learner)
    },
  )

  it('learns agent by agent in an order drawn anew, and V last', () => {
    const team = tinyTeam(backend, happo, { ...brisk, epochs: 2 }, { ...together, agents: 3 }, { games: 4 })
    const rounds: string[][] = []
    while (rounds.length < 30) {
      const turns: string[] = []
      while (!team.learner.due) team.go()
      while (team.learner.due) turns.push(team.go()!.of)
      rounds.push(turns)
    }
    for (const turns of rounds) {
      expect(turns.slice(-2)).toEqual(['agent', 'agent'])
      const agents = turns.slice(0, -2)
      expect(agents.filter((_, i) => i % 2 === 0)).toEqual(agents.filter((_, i) => i % 2 === 1))
      expect([...new Set(agents)].sort()).toEqual(['agent_0', 'agent_1', 'agent_2'])
    }
    expect(new Set(rounds.map(turns => turns.join())).size).toBe(6)
  })

  it('says what it did, with M exactly 1 for the first and not for the second', () => {
    const figures: [string, UpdateFigures][] = []
    const team = tinyTeam(backend, happo, { ...brisk, epochs: 1 }, together, { games: 8 })
    while (figures.length < 3) {
      const update = team.go()
      if (update !== null) figures.push([update.of, update.figures])
    }
    const [[, first], [, second], [of, value]] = figures as [
      (typeof figures)[0],
      (typeof figures)[0],
      (typeof figures)[0],
    ]
    const each = ['policyLoss', 'entropy', 'approximateKl', 'clipFraction', 'actorGradientNorm', 'compoundDeviation'] // biome-ignore format: one line
    expect(Object.keys(first).sort()).toEqual([...each].sort())
    expect(first.compoundDeviation).toBe(0)
    expect(second.compoundDeviation).toBeGreaterThan(1e-4)
    expect(of).toBe('agent')
    expect(Object.keys(value).sort()).toEqual([
      'criticGradientNorm',
      'explainedVariance',
      'truncatedShare',
      'valueLoss',
    ])
  })

  it('ends the turn of an agent early where its policy has gone far, not those of the others', () => {
    const settings = { ...brisk, learningRate: 0.1, epochs: 10, targetKl: 0.001 }
    const team = tinyTeam(backend, happo, settings, together, { games: 8 })
    const figures = playRounds(team, 1)
    expect(figures.filter(each => 'valueLoss' in each)).toHaveLength(10)
    expect(figures.filter(each => 'policyLoss' in each).length).toBeLessThan(20)
  })

  it.each([
    { space: mixed, memory: 0, games: 2, own: {}, steps: 60 },
    { space: three, memory: 4, games: 2, own: { criticMemory: 3 }, steps: 60 },
    { space: three, memory: 4, games: 2, own: { criticMemory: 3, chunkSteps: 2 }, steps: 60 },
    // More rows than a slice has: cut also within a minibatch.
    { space: three, memory: 0, games: 90, own: { rolloutSteps: 20, valueNorm: 'popArt' }, steps: 60 },
  ])('resumes to the bit from anywhere: %j', ({ space, memory, games, own, steps }) => {
    const settings = { rolloutSteps: 6, gamma: 0.9, epochs: 2, minibatches: 2, teamReward: 'sum', ...own }
    const game: TinyGameOptions = {
      ...together,
      space,
      leaves: { 1: 2 },
      reward: ({ agent, actions }) => actions[agent]![0]!,
    }
    const create = () => tinyTeam(backend, happo, settings, game, { games, network: { memory } })
    expectResumesAnywhere(create, steps, games > 2 ? 7 : 3)
  })

  it('refuses rewards of its own for each, networks in common and a V of one agent, with what to do', () => {
    const create = (settings: object, options: TeamOptions = {}) =>
      tinyTeam(backend, happo, { ...brisk, ...settings }, { ...together, reward: ({ agent }) => agent }, options)
    expect(() => create({}).go()).toThrow(
      /^learner\.teamReward: expected sum or mean .* in step 1 of game 0 they got agent_0 0, agent_1 1; set/,
    )
    expect(() => create({ teamReward: 'mean' }).go()).not.toThrow()
    expect(() => create({}, { shareParameters: true })).toThrow(
      /^learner\.shareParameters: expected false, got true: happo .* learner\.algorithm=ppo shares them$/,
    )
    expect(() => create({ critic: 'local' })).toThrow(/^learner\.critic: expected joint or state, got local/)
  })
})

describe('in games whose exact gradient is known', () => {
  const agents = agentsOf([1, 1], three)
  const exact = {
    entropyWeight: 0,
    advantageNorm: 'none',
    valueNorm: 'none',
    huberDelta: null,
    gamma: 1,
    rolloutSteps: 1,
    criticLearningRate: 1e-9,
    ratioClip: 1e9,
    epochs: 1,
  }
  const bandit = (algorithm: typeof happo, learningRate: number, seed = 1) =>
    algorithm.createLearner(teamContext(plainDescent(backend), agents, { games: 9, network: { hidden: [] }, seed }), {
      ...exact,
      learningRate,
      ...(algorithm === ppo ? { shareParameters: false } : {}),
    })
  const learn = (learner: TeamLearner, pays: Payoffs) => learnExactly(learner, agents, pays)
  /** d J / d logits of an agent, by what the other does. */
  const gradientOf = (own: number[], other: number[], pays: (a: number, b: number) => number) => {
    const q = own.map((_, a) => other.reduce((sum, p, b) => sum + p * pays(a, b), 0))
    const mean = q.reduce((sum, each, a) => sum + own[a]! * each, 0)
    return own.map((p, a) => p * (q[a]! - mean))
  }

  it('the second agent follows the gradient against what the first became', () => {
    const firsts = new Set<number>()
    for (let seed = 1; seed <= 8; seed++) {
      const learner = bandit(happo, 0.3, seed)
      const before = policiesOf(learner)
      const logits = [0, 1].map(agent => [...logitsOf(learner, agent).subarray(0, 3)])
      const first = Number(learn(learner, climbing)[0]!.at(-1))
      firsts.add(first)
      const second = 1 - first
      const moved = (agent: number) => logits[agent]!.map((x, i) => (logitsOf(learner, agent)[i]! - x) / 0.3)
      expectClose(moved(first), gradientOf(before[first]!, before[second]!, climbingPays[first]!), 1e-4)
      expectClose(moved(second), gradientOf(before[second]!, policiesOf(learner)[first]!, climbingPays[second]!), 1e-4)
    }
    expect([...firsts].sort()).toEqual([0, 1])
  })

  it('the joint policy gets better in every round, where steps of both at once make it worse', () => {
    // Paid for the same or for different choices: what is good for each against what the other did is not good for both.
    const apart = [[0, 3, 1], [3, 0, 1], [1, 1, 0]] // biome-ignore format: a table
    const least = (algorithm: typeof happo, game: Payoffs, learningRate: number) => {
      const learner = bandit(algorithm, learningRate)
      // Both like their first choice.
      for (const agent of [0, 1]) logitsOf(learner, agent).set([1, 0, 0])
      let [worst, end] = [Number.POSITIVE_INFINITY, worthOf(learner, game)]
      for (let round = 0; round < 60; round++) {
        learn(learner, game)
        const now = worthOf(learner, game)
        worst = Math.min(worst, now - end)
        end = now
      }
      return { worst, end }
    }
    for (const rate of [5, 12]) {
      const { worst, end } = least(happo, apart, rate)
      expect(worst).toBeGreaterThan(-1e-6)
      expect(end).toBeGreaterThan(2.95)
      expect(least(ppo, apart, rate).worst).toBeLessThan(-0.1)
    }
    expect(least(happo, climbing, 0.5).worst).toBeGreaterThan(-1e-6)
  })
})
