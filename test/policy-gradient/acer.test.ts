// ACER and Off-PAC where actions are choices: weights that leave no bias, the trust region, the gradient as a whole, and that a run resumes.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Algorithm } from '../../src/learning/algorithm.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { acer } from '../../src/policy-gradient/acer.ts'
import { weights } from '../../src/policy-gradient/acer-choices.ts'
import { project } from '../../src/policy-gradient/average-policy.ts'
import { offpac } from '../../src/policy-gradient/offpac.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import type { Saved, SavedTensor } from '../../src/types.ts'
import { centralDifferences } from '../support/finite-differences.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { expectClose } from '../support/matrices.ts'
import { followSecret, playRounds, softmax, three } from '../support/paying-games.ts'
import { type Moment, recordedStep } from '../support/recorded-steps.ts'
import { expectResumesAnywhere } from '../support/resumes-anywhere.ts'
import type { TinyGameOptions } from '../support/tiny-game.ts'
import { plainDescent, teamContext, tinyTeam } from '../support/tiny-team.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

const moveAndSay: ActionSpace = [...three, { name: 'say', kind: 'choice', size: 2, soft: true }]
const oneHot = (chosen: number, size = 3) => Array.from({ length: size }, (_, j) => Number(j === chosen))
const units = { mean: 0, deviation: 1 }

/** The mean over what mu does of the weights of every alternative, where Qret is Q. */
function expectedWeights(mu: readonly number[], pi: readonly number[], q: readonly number[], ratioCap: number | null) {
  const value = pi.reduce((sum, p, a) => sum + p * q[a]!, 0)
  const sums = new Float64Array(mu.length)
  mu.forEach((probability, done) => {
    const row = { pi, mu, taken: [done], all: q, values: [value], targets: [q[done]!], counts: [1] }
    weights(row, units, { ratioCap, biasCorrection: true }).forEach((w, a) => {
      sums[a]! += probability * w
    })
  })
  return [...sums]
}

describe('truncated ratios and their correction', () => {
  it('come to pi A of each alternative', () => {
    // A = Q - V of Q = (1, -2, .5) + .05: pi Q = .05.
    const a = [1, -2, 0.5].map(q => q - 0.05)
    const expected = [0.6, 0.3, 0.1].map((p, i) => p * a[i]!)
    expectClose(expectedWeights([0.05, 0.15, 0.8], [0.6, 0.3, 0.1], [1, -2, 0.5], 1.5), expected, 1e-15)
  })

  it('whatever the policies and c are', () => {
    const law = fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }).map(ws => ws.map(w => w / ws.reduce((x, y) => x + y))) // biome-ignore format: one line
    const qs = fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 4, maxLength: 4 })
    const caps = fc.option(fc.double({ min: 0.1, max: 20, noNaN: true }), { nil: null })
    fc.assert(
      fc.property(law, law, qs, caps, (mu, pi, q, cap) => {
        const value = pi.reduce((sum, p, a) => sum + p * q[a]!, 0)
        const expected = pi.map((p, a) => p * (q[a]! - value))
        expectClose(expectedWeights(mu, pi, q, cap), expected, 1e-12)
      }),
    )
  })

  it('are 0 in rows that are not learnt, and without the correction those of what was done alone', () => {
    const row = { pi: [0.6, 0.4], mu: [0.1, 0.9], taken: [0], all: [2, 1], values: [1], targets: [3] }
    const by = (counts: number, biasCorrection: boolean) =>
      weights({ ...row, counts: [counts] }, units, { ratioCap: 2, biasCorrection })
    expectClose(by(1, true), [2 * 2 + 0.4, 0], 1e-15)
    expectClose(by(1, false), [4, 0], 1e-15)
    expectClose(by(0, true), [0, 0], 1e-15)
    const scaled = weights({ ...row, counts: [1] }, { mean: 1, deviation: 4 }, { ratioCap: 2, biasCorrection: false })
    expectClose(scaled, [1, 0], 1e-15)
  })
})

describe('the trust region', () => {
  it('takes off what leads too far from the average policy', () => {
    // k g = 1.83, |k|^2 = 4.1
    const g = Float64Array.of(1, -0.5, 0.2)
    expect(project(g, Float64Array.of(2, 0.3, -0.1), 1)).toBe(true)
    expectClose(g, [0.595122, -0.560732, 0.220244], 1e-6)
  })

  it('is reached and not crossed, and leaves alone what is within it', () => {
    const vector = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 3, maxLength: 3 })
    fc.assert(
      fc.property(vector, vector, fc.double({ min: 0.01, max: 3, noNaN: true }), (g, k, delta) => {
        const z = Float64Array.from(g)
        const inner = (x: ArrayLike<number>) => k.reduce((sum, each, i) => sum + each * x[i]!, 0)
        fc.pre(inner(k) > 0.01)
        const held = project(z, Float64Array.from(k), delta)
        expect(held).toBe(inner(g) > delta)
        expect(inner(z)).toBeLessThanOrEqual(delta + 1e-9)
        if (!held) expect([...z]).toEqual(g)
        else expect(inner(z)).toBeCloseTo(delta, 9)
      }),
    )
  })
})

describe('a step', () => {
  const space = moveAndSay
  const agents = agentsOf([1], space)
  const mu = [0.4, -0.3, 0.1, 0.6, -0.6]
  const rewards = [1, -2, 3, 0.5, -1, 2]
  const games = rewards.length
  /** Each of the six actions once, and nothing follows. */
  const everything = recordedStep(
    agents,
    rewards.map(
      (reward, done): Moment => ({
        observations: [[1]],
        actions: [[...oneHot(Math.floor(done / 2)), ...oneHot(done % 2, 2)]],
        rewards: [reward],
        terminated: [1],
        extras: [{ distribution: mu }],
      }),
    ),
  )
  const own = { entropyWeight: 0.3, valueNorm: 'none', huberDelta: null, rolloutSteps: 1, learningRate: 1, clip: null, replayRatio: 0 } // biome-ignore format: one line
  /** pi and Q are biases alone; what they were before and are after a step. */
  const stepped = (algorithm: Algorithm, settings: object, logits: readonly number[], q: readonly number[], average = logits) => {
    const context = teamContext(plainDescent(backend), agents, { games, network: { hidden: [] } })
    const learner = algorithm.createLearner(context, { ...own, ...settings })
    const [member] = learner.members
    const saved = member!.save() as Record<string, Record<string, Record<string, Float32Array>>>
    const fill = (network: unknown, bias: readonly number[]) => {
      const { 'layer0.weight': weight, 'layer0.bias': biases } = network as Record<string, Float32Array & SavedTensor>
      ;(weight!.data as Float32Array).fill(0)
      biases!.set(bias)
    }
    fill(saved.actor, logits)
    fill(saved.critic, q)
    if (saved.average !== undefined) fill(saved.average.network, average)
    member!.restore(structuredClone(saved) as unknown as Saved)
    learner.take(everything)
    const figures = learner.advance(learner.members).figures
    const after = member!.save() as unknown as Record<string, Record<string, Float32Array>>
    const moved = (name: string, before: readonly number[]) => before.map((x, i) => after[name]!['layer0.bias']![i]! - x)
    return { figures, actor: moved('actor', logits), critic: moved('critic', q) }
  } // biome-ignore format: one line

  const logits = [0.2, -0.4, 0.7, 0.3, -0.2]
  const q = [0.5, -1, 2, 1, -0.5, 1.5]
  const joint = (x: ArrayLike<number>) => {
    const [a, b] = [softmax(Array.from(x).slice(0, 3)), softmax(Array.from(x).slice(3))]
    return a.flatMap(p => b.map(r => p * r))
  }
  const [pi, behaviour] = [joint(logits), joint(mu)]
  const value = pi.reduce((sum, p, a) => sum + p * q[a]!, 0)
  /** The mean over the rows of w, for this cap. */
  const w = (cap: number) =>
    pi.map((p, a) => {
      const done = (Math.min(cap, p / behaviour[a]!) * (rewards[a]! - value)) / games
      return done + Math.max(0, p - cap * behaviour[a]!) * (q[a]! - value)
    })

  it.each([1.2, 100])('goes up sum w log pi + c H, with c = %d, and Q to what was paid', cap => {
    const { actor, critic, figures } = stepped(acer, { ratioCap: cap, averageRegion: null }, logits, q)
    const all = w(cap)
    const objective = (x: Float64Array) => joint(x).reduce((sum, p, a) => sum + (all[a]! - 0.3 * p) * Math.log(p), 0)
    // The w are held.
    const held = (x: Float64Array) => objective(x)
    expectClose(actor, centralDifferences(held, logits), 1e-6)
    expectClose(
      critic,
      rewards.map((reward, a) => (2 * (reward - q[a]!)) / games),
      1e-6,
    )
    expect(figures.meanRatio).toBeCloseTo(
      pi.reduce((sum, p, a) => sum + p / behaviour[a]! / games, 0),
      5,
    )
    expect(figures.cappedShare).toBeCloseTo(pi.filter((p, a) => p / behaviour[a]! > cap).length / games, 12)
  })

  it('is bound to the average policy in the space of probabilities, row by row', () => {
    const average = [-1.5, 0.5, 0.2, -0.4, 0.9]
    const before = joint(average)
    const { actor, figures } = stepped(acer, { averageRegion: 0.05, entropyWeight: 0 }, logits, q, average)
    const z = pi.map(() => 0)
    let held = 0
    rewards.forEach((reward, done) => {
      const g = Float64Array.from(pi, (p, a) => (a === done ? ((p / behaviour[a]!) * (reward - value)) / p : 0))
      if (
        project(
          g,
          Float64Array.from(pi, (p, a) => -before[a]! / p),
          0.05,
        )
      )
        held++
      g.forEach((x, a) => {
        z[a]! += x / games
      })
    })
    expect(held).toBeGreaterThan(0)
    expect(held).toBeLessThan(games)
    expect(figures.regionShare).toBeCloseTo(held / games, 12)
    const divergence = before.reduce((sum, p, a) => sum + p * Math.log(p / pi[a]!), 0)
    expect(figures.averageDivergence).toBeCloseTo(divergence, 5)
    expectClose(
      actor,
      centralDifferences(x => joint(x).reduce((sum, p, a) => sum + z[a]! * p, 0), logits),
      1e-5,
    )
  })

  it('of offpac is that of an actor-critic where the policy itself played', () => {
    const { actor } = stepped(offpac, { entropyWeight: 0 }, mu, q)
    const mean = behaviour.reduce((sum, p, a) => sum + p * q[a]!, 0)
    const climbed = (x: Float64Array) =>
      joint(x).reduce((sum, p, a) => sum + ((rewards[a]! - mean) / games) * Math.log(p), 0)
    expectClose(actor, centralDifferences(climbed, mu), 1e-6)
  })
})

describe('a team', () => {
  const brisk = { gamma: 0.9, rolloutSteps: 6, replayAfter: 12, replaySteps: 60, replayRatio: 2 }
  const game: TinyGameOptions = { ...followSecret, length: 4, space: three }

  it('resumes to the bit from anywhere', () => {
    const leaving = { ...game, space: moveAndSay, leaves: { 1: 2 } }
    expectResumesAnywhere(() => tinyTeam(backend, acer, brisk, leaving, { games: 2 }), 40, 9)
  })

  it('has an average policy that begins as the policy is and follows it', () => {
    const team = tinyTeam(backend, acer, { ...brisk, averageDecay: 0.75, replayRatio: 0 }, game, { shareParameters: true })
    const read = () => {
      const saved = team.learner.members[0]!.save() as unknown as { actor: Record<string, SavedTensor>; average: { network: Record<string, SavedTensor> } } // biome-ignore format: one line
      return [saved.actor, saved.average.network].map(of => Float32Array.from(of['layer0.weight']!.data as Float32Array))
    }
    const [actor, average] = read() as [Float32Array, Float32Array]
    expect(average).toEqual(actor)
    playRounds(team, 1)
    const [now, then] = read() as [Float32Array, Float32Array]
    expect(now).not.toEqual(actor)
    expectClose(then, actor.map((weight, i) => 0.75 * weight + 0.25 * now[i]!), 1e-6)
  }) // biome-ignore format: one line

  it('reads what it sees in the same units with it', () => {
    const network = { normaliseObservations: true }
    const often = { ...brisk, replayAfter: 0, replayRatio: 20 }
    const team = tinyTeam(backend, acer, often, game, { games: 4, network, shareParameters: true })
    playRounds(team, 2)
    const { actor, average } = team.learner.members[0]!.save() as unknown as {
      actor: Record<string, Float32Array>
      average: { network: Record<string, Float32Array> }
    }
    const [mean, scale] = Object.keys(actor)
    expect(actor[mean!]!.some(x => x !== 0)).toBe(true)
    for (const name of [mean!, scale!]) expectClose(average.network[name]!, actor[name]!, 1e-6)
    expect(average.network).not.toEqual(actor)
  })

  it('says what it did', () => {
    const ofAcer = playRounds(tinyTeam(backend, acer, brisk, game, { shareParameters: true }), 1)[0]!
    const common = ['policyLoss', 'entropy', 'criticLoss', 'actorGradientNorm', 'criticGradientNorm', 'explainedVariance', 'truncatedShare', 'meanRatio', 'cappedShare'] // biome-ignore format: one line
    expect(Object.keys(ofAcer).sort()).toEqual([...common, 'averageDivergence', 'regionShare'].sort())
    expect(ofAcer.meanRatio).toBeCloseTo(1, 6)
    expect(ofAcer.averageDivergence).toBeCloseTo(0, 6)
    const ofOffpac = playRounds(tinyTeam(backend, offpac, brisk, game, { shareParameters: true }), 1)[0]!
    expect(Object.keys(ofOffpac).sort()).toEqual([...common].sort())
  })
})
