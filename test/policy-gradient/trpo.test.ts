// TRPO: the exact step of a categorical, the divergence after a step, line searches that refuse, and that it learns and resumes from anywhere.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { UpdateFigures } from '../../src/learning/team-learner.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createTfjsBackend } from '../../src/nn/tfjs/backend.ts'
import { trpo } from '../../src/policy-gradient/trpo.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import { solveDensely } from '../support/dense.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { dot, expectClose } from '../support/matrices.ts'
import { aimAtHalf, expectSecretFollowed, followSecret, playRounds, softmax } from '../support/paying-games.ts'
import { recordedStep } from '../support/recorded-steps.ts'
import { expectResumesAnywhere } from '../support/resumes-anywhere.ts'
import type { TinyGameOptions } from '../support/tiny-game.ts'
import { type TeamOptions, teamContext, tinyTeam } from '../support/tiny-team.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

const three: ActionSpace = [{ name: 'choose', kind: 'choice', size: 3, soft: true }]
const box: ActionSpace = [{ name: 'push', kind: 'box', size: 1, low: -1, high: 1 }]
const mixed: ActionSpace = [...three, ...box]
const agree: TinyGameOptions = { ...followSecret, length: 4, space: three }
const brisk = { learningRate: 0.01, gamma: 0.9, rolloutSteps: 8 }

describe('a step on a categorical (logits .2, -.4, .7, rewards 1, 0, 2)', () => {
  const agents = agentsOf([1], three)
  const before = [0.2, -0.4, 0.7]
  const oneHots = [[1, 0, 0], [0, 1, 0], [0, 0, 1]] // biome-ignore format: a table
  const exact = { advantageNorm: 'none', valueNorm: 'none', huberDelta: null, gamma: 1, rolloutSteps: 1, damping: 1e-5 }

  const step = (settings: object) => {
    const team = teamContext(backend, agents, { games: 3, network: { hidden: [] } })
    const learner = trpo.createLearner(team, { ...exact, ...settings })
    const logits = learner.members[0]!.actor.networks[0]!.parameters.subarray(3, 6)
    logits.set(before)
    const p = softmax(before)
    // One of each, 3 p(a) r(a): their mean is the expectation.
    const moments = oneHots.map((row, a) => ({ actions: [row], rewards: [3 * p[a]! * [1, 0, 2][a]!], terminated: [1] }))
    learner.take(recordedStep(agents, moments))
    const figures: UpdateFigures[] = []
    while (learner.due) figures.push(learner.advance(learner.members).figures)
    return { moved: Array.from(logits, (logit, a) => logit - before[a]!), logits: [...logits], figures }
  }
  const value = (logits: readonly number[]) => softmax(logits).reduce((sum, p, a) => sum + p * [1, 0, 2][a]!, 0)

  it('goes along r - mean r for as long as the trust region reaches', () => {
    const { moved, logits, figures } = step({ trustRegion: 0.01 })
    expectClose(moved, [0, -0.187493, 0.187493], 2e-5)
    const { divergence, policyLoss, stepPart } = figures.find(each => 'stepPart' in each)!
    expect(stepPart).toBe(1)
    expect(divergence).toBeCloseTo(0.009674, 6)
    expect(value(before)).toBeCloseTo(1.343987, 6)
    expect(value(logits)).toBeCloseTo(1.445375, 5)
    expect(policyLoss).toBeCloseTo(-1.445375, 5)
  })

  it('is shorter by more where the divergence or the gain is not as foreseen', () => {
    // The whole step gains 0.101389 of the 0.1066 foreseen; both fractions are those of the exact quantities.
    const foreseen = Math.sqrt(2 * 0.01 * varianceOf(softmax(before)))
    const gained = (part: number) => value(before.map((l, a) => l + part * 0.187493 * [0, -1, 1][a]!)) - value(before)
    expect(gained(1) / foreseen).toBeCloseTo(0.951, 2)
    expect(gained(0.5) / (0.5 * foreseen)).toBeGreaterThan(0.97)
    expectClose(step({ searchGain: 0.97 }).moved, [0, -0.187493 / 2, 0.187493 / 2], 2e-5)
    // 0.009674 is beyond 0.9 of 0.01, the divergence of 0.8 of the step is not.
    expectClose(step({ searchDivergence: 0.9, searchDecay: 0.8 }).moved, [0, -0.8 * 0.187493, 0.8 * 0.187493], 2e-5)
  })

  it('is dampened as settings say, and goes up entropy too', () => {
    const p = softmax(before)
    const [damping, weight, delta] = [0.5, 0.3, 0.01]
    const H = (logits: readonly number[]) => -softmax(logits).reduce((sum, q) => sum + q * Math.log(q), 0)
    const gradient = p.map((q, a) => q * ([1, 0, 2][a]! - value(before)) - weight * q * (Math.log(q) + H(before)))
    const F = p.map((q, a) => p.map((r, b) => (a === b ? q + damping : 0) - q * r))
    const x = solveDensely(F, gradient)
    const beta = Math.sqrt((2 * delta) / dot(x, gradient))
    const whole = x.map(each => beta * each)
    const own = { damping, entropyWeight: weight, trustRegion: delta }
    expectClose(step(own).moved, whole, 2e-5)
    // The whole step gains so much of what is foreseen: it is taken where less is asked for, and not where more is.
    const objective = (logits: readonly number[]) => value(logits) + weight * H(logits)
    const share = (objective(before.map((l, a) => l + whole[a]!)) - objective(before)) / dot(whole, gradient)
    expect(share).toBeLessThan(0.99)
    expect(step({ ...own, searchGain: share - 0.002 }).moved[2]).toBeCloseTo(whole[2]!, 4)
    expect(step({ ...own, searchGain: share + 0.002 }).moved[2]).toBeCloseTo(whole[2]! / 2, 4)
  })

  it('is none where no step will do: the policy stays to the bit, and V learns all the same', () => {
    const { moved, figures } = step({ searchDivergence: 1e-6, searchSteps: 3 })
    expect(moved.map(Math.abs)).toEqual([...Float32Array.from(before)].map((l, a) => Math.abs(l - before[a]!)))
    expect(figures.filter(each => 'stepPart' in each)).toEqual([{ divergence: 0, stepPart: 0 }])
    expect(figures.filter(each => 'valueLoss' in each)).toHaveLength(5)
  })

  /** Of the rewards. */
  function varianceOf(p: readonly number[]): number {
    const mean = p[0]! + 2 * p[2]!
    return p[0]! + 4 * p[2]! - mean * mean
  }
})

describe('learns', () => {
  it.each([
    { critic: 'joint', shareParameters: true, advantageNorm: 'round' },
    { critic: 'local', shareParameters: false, advantageNorm: 'minibatch', fisherEvery: 3 },
    { critic: 'joint', shareParameters: true, searchDecay: 0.8, searchDivergence: 1, searchGain: 0.5 },
  ])('what pays where: %j', settings => {
    const { shareParameters } = settings
    const own = { ...brisk, trustRegion: 0.05, ...settings }
    const team = tinyTeam(backend, trpo, own, agree, { games: 8, shareParameters })
    playRounds(team, 40)
    expectSecretFollowed(team.learner)
  })

  it.each(['sampled', 'clipped', 'beta'] as const)('where a box has to be: %s', boxes => {
    const own = { ...brisk, trustRegion: 0.05, damping: 0.01 }
    const team = tinyTeam(backend, trpo, own, aimAtHalf, { games: 16, network: { boxes } })
    playRounds(team, 40)
    const { data } = team.learner.members[0]!.actor.greedy({ rows: 1, columns: 2, data: Float32Array.of(0.5, 0) })
    expect(Math.abs(data[0]! - 0.5)).toBeLessThan(0.1)
  })

  it.each([{}, { criticMemory: 8, chunkSteps: 3 }])('what only a memory can tell: %j', own => {
    const recall: TinyGameOptions = {
      agents: 1,
      length: 3,
      space: three,
      see: ({ step, secrets }) => [step === 0 ? (secrets[0]! < 0.5 ? -1 : 1) : 0],
      reward: ({ step, actions, secrets }) => (step === 3 ? actions[0]![secrets[0]! < 0.5 ? 0 : 2]! : 0),
    }
    const settings = { ...brisk, gamma: 1, rolloutSteps: 9, trustRegion: 0.05, damping: 0.01, ...own }
    const team = tinyTeam(backend, trpo, settings, recall, { games: 16, network: { memory: 8, hidden: [8] } })
    playRounds(team, 40)
    let paid = 0
    for (let played = 0; played < 300; ) {
      const { next } = team.vectorGame
      if (team.go() !== null) continue
      paid += next.rewards.data.reduce((sum, reward) => sum + reward, 0)
      played++
    }
    expect(paid / ((300 * 16) / 3)).toBeGreaterThan(0.75)
  })
})

describe('a round', () => {
  it.each([
    ['choices', three, {}],
    ['a choice and a box', mixed, {}],
    ['a memory', three, { memory: 4 }],
  ] as const)('diverges by no more than the trust region allows, or stays: %s', (_, space, network) => {
    for (const trustRegion of [0.003, 0.03, 3]) {
      const own = { ...brisk, trustRegion, rolloutSteps: 12, entropyWeight: 0.01 }
      const team = tinyTeam(backend, trpo, own, { ...agree, space }, { games: 8, shareParameters: true, network })
      const steps = playRounds(team, 15).filter(each => 'stepPart' in each)
      expect(steps).toHaveLength(15)
      for (const { divergence, stepPart } of steps) {
        expect(divergence).toBeLessThanOrEqual(1.5 * trustRegion)
        if (stepPart === 0) expect(divergence).toBe(0)
        else expect(divergence).toBeGreaterThan(0)
      }
    }
  })

  it('says the divergence over all rows, exact, and nothing of what is not allowed', () => {
    const agents = agentsOf([2, 2], mixed).map(agent => ({ ...agent, isMasked: true }))
    const team = teamContext(backend, agents, { games: 3, shareParameters: true })
    const learner = trpo.createLearner(team, { rolloutSteps: 1, trustRegion: 0.3, searchDivergence: 10 })
    const seen = [[[1, 0], [0, 1]], [[0.5, 0.5], [-1, 0]], [[0, 2], [1, 1]]] // biome-ignore format: a table
    const mask = [1, 0, 1, 1]
    const outputs = () =>
      seen.flatMap(game =>
        game.map((row, agent) => {
          const { columns, data } = learner.members[agent]!.actor.distribution({
            rows: 1,
            columns: 2,
            data: Float32Array.from(row),
          })
          return [...data.subarray(0, columns)]
        }),
      )
    const before = outputs()
    learner.take(
      recordedStep(
        agents,
        seen.map((observations, game) => ({
          observations,
          masks: [mask, mask],
          actions: [[0, 0, 1, 0.5], game === 0 ? [0, 0, 1, -0.5] : [1, 0, 0, 0.1]],
          rewards: [game, -game],
          truncated: 1,
          extras: [0.3, -0.3].map(drawn => ({ drawn: [0, 0, 1, drawn] })),
        })),
      ),
    )
    let said = 0
    while (learner.due) said = learner.advance(learner.members).figures.divergence ?? said
    const after = outputs()
    const ofRow = (p: readonly number[], q: readonly number[]) => {
      const [a, b] = [softmax([p[0]!, p[2]!]), softmax([q[0]!, q[2]!])]
      const choice = a.reduce((sum, pa, i) => sum + pa * Math.log(pa / b[i]!), 0)
      const [m, s, n, t] = [p[3]!, p[4]!, q[3]!, q[4]!]
      return choice + t - s + (Math.exp(2 * s) + (m - n) ** 2) / (2 * Math.exp(2 * t)) - 0.5
    }
    const mean = before.reduce((sum, row, i) => sum + ofRow(row, after[i]!), 0) / before.length
    expect(mean).toBeGreaterThan(0.05)
    expect(said).toBeCloseTo(mean, 5)
  })

  it('goes as far as the Fisher matrix of the rows in which the agent was there says, and of no others', () => {
    const game: TinyGameOptions = { ...agree, leaves: { 1: 2 } }
    const own = { ...brisk, trustRegion: 1e-4, damping: 0, conjugateSteps: 3, rolloutSteps: 12 }
    for (const memory of [0, 4]) {
      const team = tinyTeam(backend, trpo, own, game, { games: 8, network: { memory } })
      for (const { divergence, stepPart } of playRounds(team, 4).filter(each => 'stepPart' in each)) {
        expect(stepPart).toBe(1)
        expect(divergence! / 1e-4).toBeGreaterThan(0.98)
        expect(divergence! / 1e-4).toBeLessThan(1.02)
      }
    }
  })

  it('takes no step that the surrogate loses by, however far it may diverge', () => {
    const own = { ...brisk, trustRegion: 300, searchDivergence: 1e9, rolloutSteps: 12, timeLimit: 'terminate' }
    const steps = [1, 2, 3, 4].flatMap(seed => {
      const team = tinyTeam(backend, trpo, own, agree, { games: 3, seed, network: { hidden: [2] } })
      return playRounds(team, 10).filter(each => 'stepPart' in each)
    })
    // Advantages of mean 0: before a step the surrogate is 0.
    for (const { stepPart, policyLoss } of steps) if (stepPart !== 0) expect(policyLoss).toBeLessThan(0)
    expect(steps.filter(({ stepPart }) => stepPart! < 1).length).toBeGreaterThan(3)
  })

  it('says what it did', () => {
    const figures = playRounds(tinyTeam(backend, trpo, { ...brisk, epochs: 2 }, agree, { shareParameters: true }), 1)
    const names = figures.map(each => Object.keys(each).sort()).filter(each => each.length > 0)
    expect(names).toEqual([
      ['actorGradientNorm', 'entropy'],
      ['conjugateResidual'],
      ['divergence', 'policyLoss', 'stepPart'],
      ['criticGradientNorm', 'explainedVariance', 'truncatedShare', 'valueLoss'],
      ['criticGradientNorm', 'valueLoss'],
    ])
  })
})

describe('it resumes to the bit from anywhere', () => {
  const small = { rolloutSteps: 6, gamma: 0.9, epochs: 2, minibatches: 2, conjugateSteps: 4, searchGain: 0.9 }
  it.each([
    { shareParameters: false, memory: 0, space: mixed, games: 2, settings: small, steps: 60 },
    {
      shareParameters: true,
      memory: 4,
      space: box,
      games: 2,
      settings: { ...small, criticMemory: 3, chunkSteps: 2 },
      steps: 60,
    },
    {
      shareParameters: true,
      memory: 0,
      space: three,
      games: 2,
      settings: { ...small, valueNorm: 'popArt', fisherEvery: 2 },
      steps: 60,
    },
    // More rows than a slice has: cut also within a pass.
    { shareParameters: true, memory: 3, space: three, games: 90, settings: { ...small, rolloutSteps: 20 }, steps: 70 },
  ])('%j', ({ shareParameters, memory, space, games, settings, steps }) => {
    // biome-ignore format: a table
    const game: TinyGameOptions = {
      ...agree,
      space,
      leaves: { 1: 2 },
      reward: ({ agent, actions }) => actions[agent]![0]!,
    }
    const options: TeamOptions = { games, shareParameters, network: { memory } }
    const create = () => tinyTeam(backend, trpo, settings, game, options)
    const figures = expectResumesAnywhere(create, steps, games > 2 ? 7 : 3)
    expect(figures.some(each => each !== null && 'stepPart' in each)).toBe(true)
  })
})

it('is refused by name on a backend without tangents', async () => {
  const tfjs = await createTfjsBackend({ carrier: 'cpu' })
  expect(() => tinyTeam(tfjs, trpo, {}, agree)).toThrow(
    "learner.algorithm: expected another than 'trpo': it wants tangents of networks, which backend 'tfjs-cpu' does not have; run.backend=simd has",
  )
  tfjs.dispose()
})
