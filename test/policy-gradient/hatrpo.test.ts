// HATRPO: with one agent it is TRPO, the second agent steps against what the first became, and the joint policy never gets worse where that is exact.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TeamLearner, UpdateFigures } from '../../src/learning/team-learner.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { hatrpo } from '../../src/policy-gradient/hatrpo.ts'
import { trpo } from '../../src/policy-gradient/trpo.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import { solveDensely } from '../support/dense.ts'
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
import { dot, expectClose } from '../support/matrices.ts'
import { aimAtHalf, expectSecretFollowed, followSecret, playRounds } from '../support/paying-games.ts'
import { expectResumesAnywhere } from '../support/resumes-anywhere.ts'
import type { TinyGameOptions } from '../support/tiny-game.ts'
import { type TeamOptions, teamContext, tinyTeam } from '../support/tiny-team.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

const three: ActionSpace = [{ name: 'choose', kind: 'choice', size: 3, soft: true }]
const mixed: ActionSpace = [...three, { name: 'push', kind: 'box', size: 1, low: -1, high: 1 }]
const brisk = { learningRate: 0.01, gamma: 0.9, rolloutSteps: 8, trustRegion: 0.05 }
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
    {
      space: mixed,
      network: { normaliseObservations: true },
      settings: { advantageNorm: 'minibatch', fisherEvery: 2 },
    },
    { space: three, network: { memory: 4 }, settings: { criticMemory: 3, valueNorm: 'popArt', minibatches: 1 } },
    { space: aimAtHalf.space!, network: {}, settings: { valueClip: 0.2, advantageNorm: 'none', timeLimit: 'drop' } },
  ])('is trpo, to the bit: %j', ({ space, network, settings }) => {
    const game: TinyGameOptions = { ...together, agents: 1, space, reward: ({ actions }) => actions[0]![0]! }
    const search = { searchDecay: 0.7, searchDivergence: 1.2, searchGain: 0.3 }
    const all = { ...brisk, ...search, epochs: 3, minibatches: 2, ...settings }
    const [one, other] = [hatrpo, trpo].map(algorithm => tinyTeam(backend, algorithm, all, game, { games: 6, network }))
    for (const team of [one!, other!]) playRounds(team, 4)
    expect(one!.learner.members[0]!.save()).toEqual(other!.learner.members[0]!.save())
  })
})

describe('a team', () => {
  it.each([{}, { critic: 'joint', minibatches: 4, teamReward: 'sum' }])('learns what pays where: %j', settings => {
    const team = tinyTeam(backend, hatrpo, { ...brisk, ...settings }, together, { games: 8 })
    playRounds(team, 50)
    expectSecretFollowed(team.learner)
  })

  it('steps agent by agent, V last, each within its own trust region, and says so', () => {
    const team = tinyTeam(backend, hatrpo, { ...brisk, epochs: 2 }, { ...together, agents: 3 }, { games: 4 })
    const orders = new Set<string>()
    for (let round = 0; round < 20; round++) {
      while (!team.learner.due) team.go()
      const updates: { of: string; figures: UpdateFigures }[] = []
      while (team.learner.due) updates.push(team.go()!)
      expect(updates.slice(-2).every(({ of, figures }) => of === 'agent' && 'valueLoss' in figures)).toBe(true)
      const steps = updates.filter(({ figures }) => 'stepPart' in figures)
      expect(steps.map(({ of }) => of).sort()).toEqual(['agent_0', 'agent_1', 'agent_2'])
      steps.forEach(({ figures }, i) => {
        expect(figures.divergence).toBeLessThanOrEqual(brisk.trustRegion)
        if (i === 0) expect(figures.compoundDeviation).toBe(0)
      })
      if (steps[0]!.figures.stepPart! > 0) expect(steps[1]!.figures.compoundDeviation).toBeGreaterThan(1e-3)
      orders.add(steps.map(({ of }) => of).join())
    }
    expect(orders.size).toBe(6)
  })

  it.each([
    { space: mixed, memory: 0, games: 2, own: {}, steps: 60 },
    { space: three, memory: 4, games: 2, own: { criticMemory: 3, chunkSteps: 2 }, steps: 60 },
    // More rows than a slice has: cut also within a pass.
    { space: three, memory: 0, games: 90, own: { rolloutSteps: 20, valueNorm: 'popArt' }, steps: 70 },
  ])('resumes to the bit from anywhere: %j', ({ space, memory, games, own, steps }) => {
    const settings = { rolloutSteps: 6, gamma: 0.9, epochs: 2, conjugateSteps: 3, teamReward: 'sum', ...own }
    const game: TinyGameOptions = {
      ...together,
      space,
      leaves: { 1: 2 },
      reward: ({ agent, actions }) => actions[agent]![0]!,
    }
    const create = () => tinyTeam(backend, hatrpo, settings, game, { games, network: { memory } })
    expectResumesAnywhere(create, steps, games > 2 ? 5 : 3)
  })

  it('refuses rewards of its own for each, networks in common and a V of one agent, with what to do', () => {
    const create = (settings: object, options: TeamOptions = {}) =>
      tinyTeam(backend, hatrpo, { ...brisk, ...settings }, { ...together, reward: ({ agent }) => agent }, options)
    expect(() => create({}).go()).toThrow(/^learner\.teamReward: expected sum or mean/)
    expect(() => create({ teamReward: 'mean' }).go()).not.toThrow()
    expect(() => create({}, { shareParameters: true })).toThrow(
      /^learner\.shareParameters: expected false, got true: hatrpo .* learner\.algorithm=trpo shares them$/,
    )
    expect(() => create({ critic: 'local' })).toThrow(/^learner\.critic: expected joint or state, got local/)
  })
})

describe('in games whose exact gradient is known', () => {
  const agents = agentsOf([1, 1], three)
  const exact = { advantageNorm: 'none', valueNorm: 'none', huberDelta: null, gamma: 1, rolloutSteps: 1, learningRate: 1e-9 } // biome-ignore format: one line
  const bandit = (algorithm: typeof hatrpo, settings: object, seed = 1) =>
    algorithm.createLearner(teamContext(backend, agents, { games: 9, network: { hidden: [] }, seed }), {
      ...exact,
      ...(algorithm === trpo ? { shareParameters: false } : {}),
      ...settings,
    })
  const learn = (learner: TeamLearner, pays: Payoffs) => learnExactly(learner, agents, pays)

  /** sqrt(2 delta / x^T g) x with x = (F + damping)^-1 g, of an agent by what the other does. */
  const stepOf = (
    own: number[],
    other: number[],
    game: (a: number, b: number) => number,
    damping: number,
    delta: number,
  ) => {
    const q = own.map((_, a) => other.reduce((sum, p, b) => sum + p * game(a, b), 0))
    const mean = q.reduce((sum, each, a) => sum + own[a]! * each, 0)
    const gradient = own.map((p, a) => p * (q[a]! - mean))
    const F = own.map((p, a) => own.map((r, b) => (a === b ? p + damping : 0) - p * r))
    const x = solveDensely(F, gradient)
    const beta = Math.sqrt((2 * delta) / dot(x, gradient))
    return x.map(each => beta * each)
  }

  it('the second agent takes the step that is right against what the first became', () => {
    const firsts = new Set<number>()
    for (let seed = 1; seed <= 8; seed++) {
      const own = { damping: 0.1, trustRegion: 0.01, searchDivergence: 2, searchGain: 0 }
      const learner = bandit(hatrpo, own, seed)
      const before = policiesOf(learner)
      const logits = [0, 1].map(agent => [...logitsOf(learner, agent).subarray(0, 3)])
      const first = Number(learn(learner, climbing)[0]!.at(-1))
      firsts.add(first)
      const second = 1 - first
      const moved = (agent: number) => logits[agent]!.map((x, i) => logitsOf(learner, agent)[i]! - x)
      expectClose(moved(first), stepOf(before[first]!, before[second]!, climbingPays[first]!, 0.1, 0.01), 1e-4)
      expectClose(
        moved(second),
        stepOf(before[second]!, policiesOf(learner)[first]!, climbingPays[second]!, 0.1, 0.01),
        1e-4,
      )
    }
    expect([...firsts].sort()).toEqual([0, 1])
  })

  it('the joint policy gets better in every round, where steps of both at once make it worse', () => {
    // Paid for the same or for different choices: what is good for each against what the other did is not good for both.
    const apart = [[0, 3, 1], [3, 0, 1], [1, 1, 0]] // biome-ignore format: a table
    const least = (algorithm: typeof hatrpo, game: Payoffs, trustRegion: number) => {
      const own = { trustRegion, damping: 0.01, searchDivergence: 1.5, searchGain: 0 }
      const learner = bandit(algorithm, own)
      // Both like their first choice.
      for (const agent of [0, 1]) logitsOf(learner, agent).set([1, 0, 0])
      let [worst, end] = [Number.POSITIVE_INFINITY, worthOf(learner, game)]
      for (let round = 0; round < 40; round++) {
        learn(learner, game)
        const now = worthOf(learner, game)
        worst = Math.min(worst, now - end)
        end = now
      }
      return { worst, end }
    }
    for (const region of [0.05, 0.5]) {
      const { worst, end } = least(hatrpo, apart, region)
      expect(worst).toBeGreaterThan(-1e-6)
      expect(end).toBeGreaterThan(2.9)
    }
    expect(least(trpo, apart, 0.5).worst).toBeLessThan(-0.05)
    expect(least(hatrpo, climbing, 0.05).worst).toBeGreaterThan(-1e-5)
  })
})
