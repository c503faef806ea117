// ACER and Off-PAC over minutes: what they learn, from whom they may learn, that no bias is left where ratios are truncated, and that they resume.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Algorithm } from '../../src/learning/algorithm.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { acer } from '../../src/policy-gradient/acer.ts'
import { offpac } from '../../src/policy-gradient/offpac.ts'
import { createNoise, createRandom, noiseNormal } from '../../src/random.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import type { Saved, SavedTensor } from '../../src/types.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { createLinearOffPac, type TwoStates } from '../support/linear-offpac.ts'
import { aimAtHalf, expectRecalled, expectSecretFollowed, followSecret, mixed, playRounds, recall, softmax, three } from '../support/paying-games.ts' // biome-ignore format: one line
import { type Moment, recordedStep } from '../support/recorded-steps.ts'
import { expectResumesAnywhere } from '../support/resumes-anywhere.ts'
import type { TinyGameOptions } from '../support/tiny-game.ts'
import { plainDescent, teamContext, tinyTeam } from '../support/tiny-team.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

describe('a step of acer where another Gaussian played', () => {
  const wide: ActionSpace = [{ name: 'push', kind: 'box', size: 1, low: -9, high: 9 }]
  const agents = agentsOf([1], wide)
  const games = 8000
  const slope = 1.5
  /** In parts of half the width; outputs are the mean and the log deviation. */
  const mu = { mean: 0, deviation: 0.1 }
  const pi = { mean: 0.04, deviation: 0.08 }
  const noise = createNoise(1, 'play').next()
  const everything = recordedStep(
    agents,
    Array.from({ length: games }, (_, game): Moment => {
      const drawn = mu.mean + mu.deviation * noiseNormal(noise, 2 * game, 2 * game + 1)
      return {
        observations: [[1]],
        actions: [[9 * drawn]],
        rewards: [9 * slope * drawn],
        terminated: [1],
        extras: [{ drawn: [drawn], distribution: [mu.mean, Math.log(mu.deviation)] }],
      }
    }),
  )
  /** How the outputs move where A and V are known: paid is 9 slope u, so that grad J = (9 slope, 0). */
  const moved = (settings: object) => {
    const own = { entropyWeight: 0, valueNorm: 'none', rolloutSteps: 1, learningRate: 1, clip: null, replayRatio: 0, duellingSamples: 50 } // biome-ignore format: one line
    const context = teamContext(plainDescent(backend), agents, { games, network: { hidden: [], boxes: 'clipped' } })
    const learner = acer.createLearner(context, { ...own, ...settings })
    const [member] = learner.members
    const saved = structuredClone(member!.save()) as unknown as Record<string, Record<string, Float32Array & SavedTensor>>
    const fill = (network: Record<string, Float32Array & SavedTensor>, weights: readonly number[], biases: readonly number[]) => {
      ;(network['layer0.weight']!.data as Float32Array).set(weights)
      network['layer0.bias']!.set(biases)
    }
    const before = [pi.mean, Math.log(pi.deviation)]
    fill(saved.actor!, [0, 0], before)
    fill(saved.critic!, [0], [9 * slope * pi.mean])
    fill((saved.duelling as unknown as { advantage: typeof saved.actor }).advantage!, [0, slope], [0])
    const average = (saved.average as unknown as { network: typeof saved.actor } | undefined)?.network
    if (average !== undefined) fill(average, [0, 0], before)
    member!.restore(saved as unknown as Saved)
    learner.take(everything)
    while (learner.due) learner.advance(learner.members)
    const { actor } = member!.save() as unknown as { actor: Record<string, Float32Array> }
    return before.map((x, i) => actor['layer0.bias']![i]! - x)
  } // biome-ignore format: one line

  // Deviations of these means are about 0.5.
  it.each([null, 3, 1, 0.5])('goes up the gradient of what is paid, with c = %j', ratioCap => {
    const [mean, deviation] = moved({ ratioCap, averageRegion: null })
    expect(Math.abs(mean! - 9 * slope)).toBeLessThan(1.5)
    expect(Math.abs(deviation!)).toBeLessThan(0.2)
  })

  it('falls short of it where nothing makes up for what c takes', () => {
    const [mean] = moved({ ratioCap: 0.5, averageRegion: null, biasCorrection: false })
    expect(mean).toBeLessThan(9)
  })

  it('is not bound where the average policy is the policy itself', () => {
    expect(moved({ averageRegion: 0.001 })).toEqual(moved({ averageRegion: null }))
  })
})

describe('two states, in which a policy that never changes plays', () => {
  const game: TwoStates = {
    rewards: [
      [0, 1],
      [2, 0.5],
    ],
    gamma: 0.9,
    mu: [
      [0.4, 0.6],
      [0.5, 0.5],
    ],
  }
  /** V of a policy that switches with these probabilities in states 0 and 1. */
  const valuesOf = (p: number, q: number) => {
    const { rewards: r, gamma } = game
    const [a, b] = [(1 - p) * r[0]![0]! + p * r[0]![1]!, (1 - q) * r[1]![0]! + q * r[1]![1]!]
    const [m00, m01, m10, m11] = [1 - gamma * (1 - p), -gamma * p, -gamma * q, 1 - gamma * (1 - q)]
    const determinant = m00 * m11 - m01 * m10
    return [(m11 * a - m01 * b) / determinant, (m00 * b - m10 * a) / determinant]
  }

  it.each([0, 0.5, 0.9])('GTD(lambda) finds the values of the other policy, lambda %d', lambda => {
    const random = createRandom(1, 'gtd')
    const learner = createLinearOffPac(game, { lambda, rates: { v: 0.003, w: 0.003, u: 0 } })
    // pi = (.8, .2; .3, .7)
    learner.u.set([Math.log(4), 0, 0, Math.log(7 / 3)])
    for (let step = 0; step < 200_000; step++) learner.step(random)
    const means = [0, 0]
    const steps = 1_000_000
    for (let step = 0; step < steps; step++) {
      learner.step(random)
      learner.v.forEach((value, s) => {
        means[s]! += value / steps
      })
    }
    expect(Math.abs(means[0]! - 3.483516)).toBeLessThan(0.3)
    expect(Math.abs(means[1]! - 4.307692)).toBeLessThan(0.3)
    expect(valuesOf(0.2, 0.7)[0]).toBeCloseTo(3.483516, 6)
  })

  it('Off-PAC comes to the best one', () => {
    const random = createRandom(2, 'gtd')
    const learner = createLinearOffPac(game, { lambda: 0.4, rates: { v: 0.02, w: 0.002, u: 0.01 } })
    for (let step = 0; step < 60_000; step++) learner.step(random)
    // Best: go to state 1, stay there.
    expect(learner.policy(0)[1]).toBeGreaterThan(0.9)
    expect(learner.policy(1)[0]).toBeGreaterThan(0.9)
  })

  it.each([offpac, acer])('$id with networks, from what that policy does, too', algorithm => {
    const choose: ActionSpace = [{ name: 'go', kind: 'choice', size: 2, soft: false }]
    const agents = agentsOf([2], choose)
    const games = 16
    const settings = { gamma: 0.9, rolloutSteps: 8, replayAfter: 128, learningRate: 0.01 }
    const learner = algorithm.createLearner(teamContext(backend, agents, { games, network: { hidden: [] } }), settings)
    const random = createRandom(3, 'play')
    const states = new Array<number>(games).fill(0)
    const seen = (state: number) => [Number(state === 0), Number(state === 1)]
    for (let step = 0; step < 1600; step++) {
      while (learner.due) learner.advance(learner.members)
      const moments = states.map((state, game_): Moment => {
        const action = random.uniform() < game.mu[state]![0]! ? 0 : 1
        const next = action === 0 ? state : 1 - state
        states[game_] = next
        return {
          observations: [seen(state)],
          nextObservations: [seen(next)],
          actions: [[1 - action, action]],
          rewards: [game.rewards[state]![action]!],
          extras: [{ distribution: game.mu[state]!.map(Math.log) }],
        }
      })
      learner.take(recordedStep(agents, moments))
    }
    const { actor } = learner.members[0]!
    const policy = (state: number) => softmax(actor.distribution({ rows: 1, columns: 2, data: Float32Array.from(seen(state)) }).data) // biome-ignore format: one line
    expect(policy(0)[1]).toBeGreaterThan(0.9)
    expect(policy(1)[0]).toBeGreaterThan(0.9)
    const value = (state: number, action: number) =>
      learner.members[0]!.value!({ observations: [{ rows: 1, columns: 2, data: Float32Array.from(seen(state)) }] }, [{ rows: 1, columns: 2, data: Float32Array.of(1 - action, action) }]) // biome-ignore format: one line
    // Q of the best policy: 1 + .9 * 20, and 2 / (1 - .9).
    expect(Math.abs(value(0, 1) - 19)).toBeLessThan(2)
    expect(Math.abs(value(1, 0) - 20)).toBeLessThan(2)
  })
})

const both: readonly Algorithm[] = [acer, offpac]

describe.each(both)('$id learns', algorithm => {
  const brisk = { gamma: 0.9, rolloutSteps: 8, learningRate: 0.01, replayAfter: 64 }
  const agree: TinyGameOptions = { ...followSecret, length: 4, space: three }

  it.each([
    { critic: 'joint', shareParameters: true },
    { critic: 'local', shareParameters: false, valueNorm: 'none', huberDelta: null },
    { critic: 'set', shareParameters: true, valueNorm: 'popArt', optimizer: 'rmsProp' },
  ])('what pays where: %j', settings => {
    const { shareParameters } = settings
    const team = tinyTeam(backend, algorithm, { ...brisk, ...settings }, agree, { games: 8, shareParameters })
    playRounds(team, 40)
    expectSecretFollowed(team.learner)
  })

  it('it from fewer steps than without replays', () => {
    const likely = (replayRatio: number) => {
      const team = tinyTeam(backend, algorithm, { ...brisk, replayRatio }, agree, { games: 8, shareParameters: true })
      playRounds(team, 25)
      const { data } = team.learner.members[0]!.actor.distribution({ rows: 1, columns: 1, data: Float32Array.of(-1) })
      return softmax(data)[0]!
    }
    expect(likely(4)).toBeGreaterThan(0.8)
    expect(likely(0)).toBeLessThan(0.7)
  })

  it.each(['sampled', 'clipped', 'beta'] as const)('where a box has to be: %s', boxes => {
    const settings = { ...brisk, rolloutSteps: 4, learningRate: boxes === 'beta' ? 0.02 : 0.01, entropyWeight: 0.001 }
    const team = tinyTeam(backend, algorithm, settings, aimAtHalf, { games: 16, network: { boxes } })
    playRounds(team, 100)
    const { data } = team.learner.members[0]!.actor.greedy({ rows: 1, columns: 2, data: Float32Array.of(0.5, 0) })
    expect(Math.abs(data[0]! - 0.5)).toBeLessThan(0.1)
  })

  it('a choice and a box of one action', () => {
    const game: TinyGameOptions = {
      agents: 1,
      length: 1,
      space: mixed,
      reward: ({ actions: [[first, , , push]] }: { actions: readonly (readonly number[])[] }) =>
        first! - (push! - 0.5) ** 2,
    }
    const settings = { ...brisk, rolloutSteps: 4, entropyWeight: 0.001 }
    const team = tinyTeam(backend, algorithm, settings, game, { games: 16 })
    playRounds(team, 100)
    const { data } = team.learner.members[0]!.actor.greedy({ rows: 1, columns: 2, data: Float32Array.of(0.5, 0) })
    expect([...data.subarray(0, 3)]).toEqual([1, 0, 0])
    expect(Math.abs(data[3]! - 0.5)).toBeLessThan(0.15)
  })

  it('what only a memory can tell', () => {
    // Q does not remember: beyond the third step it would see nothing that is worth more than before.
    const settings = { ...brisk, gamma: 1, rolloutSteps: 9, timeLimit: 'terminate' }
    const team = tinyTeam(backend, algorithm, settings, recall, { games: 16, network: { memory: 8, hidden: [8] } })
    playRounds(team, 120)
    expectRecalled(team, 16)
  })
})

describe('resumes to the bit from anywhere', () => {
  const brisk = { gamma: 0.9, rolloutSteps: 6, replayAfter: 12, replayRatio: 2 }
  it.each([
    { algorithm: acer, shareParameters: true, memory: 3, games: 2, replaySteps: 60, own: { valueNorm: 'popArt', critic: 'set' } },
    // More rows than a slice has: cut also within a replay.
    { algorithm: acer, shareParameters: true, memory: 2, games: 90, replaySteps: 2000, own: { rolloutSteps: 20 } },
    { algorithm: offpac, shareParameters: true, memory: 0, games: 2, replaySteps: 60, own: { critic: 'local' } },
  ])('$algorithm.id, $games games, $own', ({ algorithm, shareParameters, memory, games, replaySteps, own }) => {
    const game: TinyGameOptions = { ...followSecret, length: 4, space: three, leaves: { 1: 2 } }
    const all = { ...brisk, replaySteps, ...own, shareParameters }
    const create = () => tinyTeam(backend, algorithm, all, game, { games, shareParameters, network: { memory } })
    expectResumesAnywhere(create, 60, 7)
  }) // biome-ignore format: one line

  it.each([
    { algorithm: offpac, boxes: 'sampled', memory: 0, own: {} },
    { algorithm: acer, boxes: 'clipped', memory: 3, own: { valueNorm: 'popArt', critic: 'local' } },
    { algorithm: acer, boxes: 'beta', memory: 0, own: { critic: 'set' } },
  ] as const)('$algorithm.id, boxes $boxes, $own', ({ algorithm, boxes, memory, own }) => {
    const game = { ...aimAtHalf, agents: 2, length: 3, space: mixed, leaves: { 1: 2 } }
    const all = { ...brisk, rolloutSteps: 4, replaySteps: 40, ...own }
    const create = () => tinyTeam(backend, algorithm, all, game, { games: 2, network: { boxes, memory } })
    expectResumesAnywhere(create, 40, 9)
  })
})
