// REINFORCE: exact policy gradients of small games, whose rows count, and that it learns and resumes.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TeamLearner } from '../../src/learning/team-learner.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { reinforce } from '../../src/policy-gradient/reinforce.ts'
import { copySaved } from '../../src/saved.ts'
import type { Schedule } from '../../src/settings/schedule.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import type { AgentSpec, Saved } from '../../src/types.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { expectClose, expectSameBits } from '../support/matrices.ts'
import {
  aimAtHalf,
  expectRecalled,
  expectSecretFollowed,
  followSecret,
  playRounds,
  recall,
  softmax,
  three,
} from '../support/paying-games.ts'
import { type Moment, recordedStep } from '../support/recorded-steps.ts'
import type { TinyGameOptions } from '../support/tiny-game.ts'
import { plainDescent, type TeamOptions, teamContext, tinyTeam } from '../support/tiny-team.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

const plain = { baseline: 'none', entropyWeight: 0, normaliseAdvantages: false, clip: null, gamma: 1 } as const
const oneHot = (chosen: number) => [0, 1, 2].map(j => Number(j === chosen))

/** Where the observation is 0, a network without hidden layers has its biases as logits. */
function logitsOf(learner: TeamLearner, agent: number): Float32Array {
  const network = learner.members[agent]!.actor.networks[0]!
  const bias = network.tensors.find(({ name }) => name === 'layer0.bias')!
  return network.parameters.subarray(bias.offset, bias.offset + 3)
}

/** A learner of plain descent, whose episodes are one step long, and of which a round has `games`. */
function bandit(
  agents: readonly AgentSpec[],
  games: number,
  learningRate: Schedule,
  settings = {},
  options: TeamOptions = {},
) {
  const team = teamContext(plainDescent(backend), agents, { games, network: { hidden: [] }, ...options })
  return reinforce.createLearner(team, { ...plain, learningRate, rolloutEpisodes: games, ...settings })
}

function learn(learner: TeamLearner, agents: readonly AgentSpec[], moments: readonly Moment[]): void {
  learner.take(
    recordedStep(
      agents,
      moments.map(moment => ({ truncated: 1, ...moment })),
    ),
  )
  while (learner.due) learner.advance(learner.members)
}

/** The mean over all joint actions of n times p(a) r(a) log pi(a) has the exact gradient of J = sum p(a) r(a). */
const enumerated = (
  actions: readonly (readonly number[])[],
  probability: (joint: readonly number[]) => number,
  reward: (joint: readonly number[]) => number,
) =>
  actions.map((joint): Moment => {
    const paid = actions.length * probability(joint) * reward(joint)
    return { actions: joint.map(oneHot), rewards: joint.map(() => paid) }
  })

describe('the policy gradient', () => {
  it('of three choices is p_j (r_j - J)', () => {
    const agents = agentsOf([1], three)
    const learner = bandit(agents, 3, 1)
    const before = Float32Array.of(0.2, -0.4, 0.7)
    const logits = logitsOf(learner, 0)
    logits.set(before)
    const p = softmax(before)
    expectClose(p, [0.312741, 0.171636, 0.515623], 1e-6)
    learn(learner, agents, enumerated([[0], [1], [2]], ([a]) => p[a!]!, ([a]) => [1, 0, 2][a!]!)) // biome-ignore format: one table
    const gradient = Array.from(logits, (logit, j) => logit - before[j]!)
    expectClose(gradient, [-0.107579, -0.230676, 0.338255], 1e-6)
  })

  const climbing = [[11, -30, 0], [-30, 7, 6], [0, 0, 5]] // biome-ignore format: a table
  const joint = [0, 1, 2].flatMap(a => [0, 1, 2].map(b => [a, b]))
  const agents = agentsOf([1, 1], three)
  const paid = ([a, b]: readonly number[]) => climbing[a!]![b!]!

  it('of the climbing game, both uniform, is that of each against the other', () => {
    const learner = bandit(agents, 9, 1)
    learn(
      learner,
      agents,
      enumerated(joint, () => 1 / 9, paid),
    )
    expectClose(logitsOf(learner, 0), [-0.962963, -0.740741, 1.703704], 1e-6)
    expectClose(logitsOf(learner, 1), [-0.962963, -1.407407, 2.37037], 1e-6)
  })

  it('leads both to their second choice there, not to the best', () => {
    let round = 0
    // Slow at first, where the way is steep; then faster, where it is nearly level.
    const learningRate = { from: 0.1, to: 2, steps: 300 }
    const learner = bandit(agents, 9, learningRate, {}, { now: () => round })
    for (; round < 1200; round++) {
      const [p, q] = [0, 1].map(agent => softmax(logitsOf(learner, agent))) as [number[], number[]]
      const moments = enumerated(joint, ([a, b]) => p[a!]! * q[b!]!, paid)
      learn(learner, agents, moments)
    }
    for (const agent of [0, 1]) expect(softmax(logitsOf(learner, agent))[1]).toBeGreaterThan(0.95)
  })
})

describe('a round', () => {
  const moments = (rewards: readonly (readonly number[])[], more: Partial<Moment> = {}): Moment[] =>
    rewards.map((paid, game) => ({ actions: [oneHot(game % 3), oneHot((game + 1) % 3)], rewards: paid, ...more }))
  const rewards = [[1, 5], [2, -4], [0, 3], [4, 4]] // biome-ignore format: a table
  const agents = agentsOf([1, 1], three)
  const parametersOf = (learner: TeamLearner, agent = 0) => learner.members[agent]!.actor.networks[0]!.parameters

  it('of agents with shared parameters is one step over all of their rows', () => {
    const learner = bandit(agents, 4, 0.5, {}, { shareParameters: true })
    expect(parametersOf(learner, 1)).toBe(parametersOf(learner, 0))
    const before = Float32Array.from(parametersOf(learner))
    learner.take(recordedStep(agents, moments(rewards, { truncated: 1 })))
    expect(learner.advance(learner.members).of).toBe('agent')
    expect(learner.due).toBe(false)
    // The mean over eight rows, at the observation 0 and each agent's one-hot.
    const [first, second] = [0, 1].map(member =>
      Array.from({ length: 3 }, (_, j) => before[3 * (1 + member) + j]!),
    ) as [number[], number[]]
    const expected = new Array(3).fill(0)
    rewards.forEach((paid, game) => {
      const chosen = [game % 3, (game + 1) % 3]
      const logits = [first, second]
      for (const member of [0, 1]) {
        const p = softmax(logits[member]!)
        for (let j = 0; j < 3; j++) expected[j] += (paid[member]! * (Number(j === chosen[member]) - p[j]!)) / 8
      }
    })
    expectClose(
      Array.from(logitsOf(learner, 0), logit => logit / 0.5),
      expected,
      1e-5,
    )
  })

  it('learns nothing from rows of absent agents', () => {
    const alone = bandit(agents, 4, 0.5, {}, { shareParameters: true })
    const other = bandit(agents, 4, 0.5, {}, { shareParameters: true })
    const gone = (junk: number): Moment[] =>
      rewards.map(([paid], game) => ({
        actions: [oneHot(game % 3), [0, 0, 0]],
        rewards: [paid!, junk],
        observations: [[0], [junk]],
        present: [1, 0],
      }))
    learn(alone, agents, gone(0))
    learn(other, agents, gone(77))
    expectSameBits(parametersOf(other), parametersOf(alone))
  })

  it('counts returns less the mean of other episodes, whose sum over all is 0', () => {
    const learner = bandit(agentsOf([1], three), 2, 1, { baseline: 'meanOfOthers' })
    learn(learner, agentsOf([1], three), [
      { actions: [oneHot(0)], rewards: [3] },
      { actions: [oneHot(1)], rewards: [1] },
    ])
    expectClose(logitsOf(learner, 0), [1, -1, 0], 1e-6)
  })

  it('counts step t gamma^t times where states are discounted', () => {
    const one = agentsOf([1], three)
    const stepsOf = (discountStates: boolean) => {
      const learner = bandit(one, 1, 1, { gamma: 0.5, discountStates })
      learner.take(recordedStep(one, [{ actions: [oneHot(0)] }]))
      learn(learner, one, [{ actions: [oneHot(1)], rewards: [6] }])
      return logitsOf(learner, 0)
    }
    // G = 3, 6: the mean of 3 (e_0 - p) and 6 (e_1 - p), p uniform; discounted, of 3 (e_0 - p) and 3 (e_1 - p).
    expectClose(stepsOf(false), [0, 1.5, -1.5], 1e-6)
    expectClose(stepsOf(true), [0.5, 0.5, -1], 1e-6)
  })

  it('moves the policy once, and V as often as it is told to', () => {
    const one = agentsOf([1], three)
    const learner = bandit(one, 1, 0.1, { baseline: 'value', valueSteps: 3 })
    learner.take(recordedStep(one, [{ actions: [oneHot(0)], rewards: [1], truncated: 1 }]))
    const updates = []
    while (learner.due) updates.push(learner.advance(learner.members))
    expect(updates.map(({ figures }) => Object.keys(figures))).toEqual([
      ['policyLoss', 'entropy', 'valueLoss'],
      ['valueLoss'],
      ['valueLoss'],
    ])
    expect(updates.map(({ endsRound }) => endsRound)).toEqual([false, false, true])
    // V = 0 at first; each step of 0.2 (1 - V) leaves 0.8 of the error: its square is 0.64 times as large.
    expectClose(updates.map(({ figures }) => figures.valueLoss!), [1, 0.64, 0.4096], 1e-6) // biome-ignore format: one line
  })

  it('says what follows a cut as it is told to', () => {
    const one = agentsOf([1], three)
    const losses = ['terminate', 'bootstrap', 'drop'].map(timeLimit => {
      const learner = bandit(one, 1, 0.001, { baseline: 'value', gamma: 0.5, timeLimit })
      const critic = (learner.members[0]!.save() as Record<string, Record<string, Float32Array>>).critic!
      critic['layer0.bias']!.fill(8)
      learner.take(recordedStep(one, [{ actions: [oneHot(0)], rewards: [1], truncated: 1 }]))
      return learner.advance(learner.members).figures.valueLoss
    })
    // V = 8 everywhere: (8 - 1)^2, (8 - 1 - 0.5 * 8)^2, and nothing at all.
    expectClose(losses as number[], [49, 9, 0], 1e-5)
    for (const timeLimit of ['bootstrap', 'drop']) {
      expect(() => bandit(one, 1, 1, { timeLimit })).toThrow(
        `learner.timeLimit: ${timeLimit} wants a learnt V, got learner.baseline=none; expected terminate`,
      )
    }
  })
})

describe('a team', () => {
  const agree: TinyGameOptions = { ...followSecret, length: 2 }
  const settings = { learningRate: 0.02, rolloutEpisodes: 16, gamma: 0.9, baseline: 'value', valueSteps: 3 }
  const box: ActionSpace = [{ name: 'push', kind: 'box', size: 1, low: -1, high: 1 }]

  it.each([
    ['value', false],
    ['value', true],
    ['meanOfOthers', true],
    ['none', false],
  ] as const)('learns what pays where, with baseline %s and shared parameters %s', (baseline, shareParameters) => {
    const team = tinyTeam(
      backend,
      reinforce,
      { ...settings, baseline },
      { ...agree, space: three },
      { games: 8, shareParameters },
    )
    playRounds(team, 120)
    expectSecretFollowed(team.learner)
  })

  it('learns where a box has to be', () => {
    const team = tinyTeam(backend, reinforce, settings, aimAtHalf, { games: 8 })
    playRounds(team, 150)
    const { data } = team.learner.members[0]!.actor.greedy({ rows: 1, columns: 2, data: Float32Array.of(0.5, 0.5) })
    expect(Math.abs(data[0]! - 0.5)).toBeLessThan(0.2)
  })

  it('learns what only a memory can tell', () => {
    const options = { games: 16, network: { memory: 8, hidden: [8] } }
    const team = tinyTeam(
      backend,
      reinforce,
      { ...settings, baseline: 'mean', rolloutEpisodes: 32, gamma: 1 },
      recall,
      options,
    )
    playRounds(team, 150)
    expectRecalled(team, 16)
  })

  it.each([
    { shareParameters: false, memory: 0, space: three },
    { shareParameters: true, memory: 4, space: box },
  ])('resumes to the bit from anywhere: %j', ({ shareParameters, memory, space }) => {
    const game: TinyGameOptions = {
      ...agree,
      space,
      length: 3,
      leaves: { 1: 2 },
      reward: ({ agent, actions }) => actions[agent]![0]!,
    }
    const create = () =>
      tinyTeam(backend, reinforce, { ...settings, rolloutEpisodes: 5 }, game, {
        games: 2,
        shareParameters,
        network: { memory },
      })
    const whole = create()
    const saved: Saved[] = []
    for (let i = 0; i < 40; i++) {
      saved.push(copySaved(whole.save()))
      whole.go()
    }
    const end = copySaved(whole.save())
    for (const from of [1, 9, 10, 11, 12, 25]) {
      const other = create()
      other.restore(saved[from]!)
      for (let i = from; i < 40; i++) other.go()
      expect(copySaved(other.save())).toEqual(end)
    }
  })
})
