// IMPALA: A2C where nothing lags, the exact gradient where something does, who acts then, and that it resumes.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Algorithm } from '../../src/learning/algorithm.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { a2c } from '../../src/policy-gradient/a2c.ts'
import { impala } from '../../src/policy-gradient/impala.ts'
import { copySaved } from '../../src/saved.ts'
import { logitsOf } from '../support/exact-game.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { expectClose } from '../support/matrices.ts'
import { box, followSecret, mixed, playRounds, softmax, three } from '../support/paying-games.ts'
import { type Moment, recordedStep } from '../support/recorded-steps.ts'
import { expectResumesAnywhere } from '../support/resumes-anywhere.ts'
import type { TinyGameOptions } from '../support/tiny-game.ts'
import { plainDescent, type TinyTeam, teamContext, tinyTeam } from '../support/tiny-team.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

const agree: TinyGameOptions = { ...followSecret, length: 4, space: mixed, leaves: { 1: 2 } }
const brisk = { learningRate: 0.01, gamma: 0.9, rolloutSteps: 6 }
const networksOf = ({ learner }: TinyTeam) =>
  learner.members.map(member => {
    const { actor, critic } = copySaved(member.save()) as Record<string, unknown>
    return { actor, critic }
  })

describe('without a lag', () => {
  it.each([
    { settings: { lambda: 1, advantageNorm: 'round' }, network: {} },
    {
      settings: { lambda: 0.8, advantageNorm: 'none', scaleAdvantages: false, critic: 'local' },
      network: { memory: 3 },
    },
    { settings: { lambda: 1, advantageNorm: 'round', valueNorm: 'none', criticMemory: 3 }, network: {} },
  ])('it makes the steps of a2c, to the bit: %j', ({ settings, network }) => {
    const ends = [a2c, impala].map((algorithm: Algorithm) => {
      const also = algorithm === impala ? { policyLag: 0 } : { optimizer: 'rmsProp' }
      const team = tinyTeam(backend, algorithm, { ...brisk, ...settings, ...also }, agree, { games: 4, network })
      playRounds(team, 4)
      expect(team.learner.members[0]!.behaviour).toBeUndefined()
      return networksOf(team)
    })
    expect(ends[1]).toEqual(ends[0])
  })
})

describe('with a lag', () => {
  it.each([1, 3])('of %i, rollout n is played with the weights of version n - lag', policyLag => {
    const team = tinyTeam(backend, impala, { ...brisk, policyLag }, agree, { games: 2, shareParameters: true })
    const [{ actor, behaviour }] = team.learner.members as [(typeof team.learner.members)[number]]
    const now = () => [...actor.networks[0]!.parameters]
    const versions = [now()]
    for (let n = 0; n < 6; n++) {
      expect([...behaviour!.networks[0]!.parameters]).toEqual(versions[Math.max(0, n - policyLag)])
      const figures = playRounds(team, 1).at(-1)!
      expect(figures.approximateKl! > 0).toBe(n > 0)
      versions.push(now())
      expect(versions[n + 1]).not.toEqual(versions[n])
    }
  })

  it.each([
    { memory: 0, space: three, own: {} },
    { memory: 3, space: box, own: { criticMemory: 3, ratios: 'agent' } },
    { memory: 3, space: mixed, own: { criticMemory: 2, chunkSteps: 2, advantageNorm: 'round' } },
  ])('resumes to the bit from anywhere: %j', ({ memory, space, own }) => {
    const create = () =>
      tinyTeam(backend, impala, { ...brisk, policyLag: 2, ...own }, { ...agree, space, reward: ({ agent, actions }) => actions[agent]![0]! }, { games: 2, network: { memory }, shareParameters: memory === 0 }) // biome-ignore format: one line
    expectResumesAnywhere(create, 40, 5)
  })

  it('goes on from no other number of versions, and from no other networks', () => {
    const saved = (policyLag: number, hidden: number) =>
      tinyTeam(backend, impala, { ...brisk, policyLag }, agree, { network: { hidden: [hidden] } }).learner.save()
    const learner = tinyTeam(backend, impala, { ...brisk, policyLag: 2 }, agree).learner
    expect(() => learner.restore(copySaved(saved(1, 8)))).toThrow(/^earlier weights of a policy: expected 2 times \d+/)
    expect(() => learner.restore(copySaved(saved(2, 9)))).toThrow(/^earlier weights of a policy: expected 2 times \d+/)
    expect(() => learner.restore(copySaved(saved(2, 8)))).not.toThrow()
  })
})

describe('the gradient of what another policy did', () => {
  const agents = agentsOf([1, 1], three)
  const joint = [0, 1, 2].flatMap(a => [0, 1, 2].map(b => [a, b] as const))
  /** What each did with which probability when it was done; pi is even. */
  const mu = [[0.5, 0.3, 0.2], [0.1, 0.3, 0.6]] // biome-ignore format: a table
  const pays = (a: number, b: number) => 1 + 3 * a - 2 * b
  const oneHot = (chosen: number) => [0, 1, 2].map(j => Number(j === chosen))

  it.each([
    { ratios: 'agent', policyRatioClip: 1 },
    { ratios: 'team', policyRatioClip: 1 },
    { ratios: 'team', policyRatioClip: null },
    { ratios: null, policyRatioClip: 1.5 },
    { ratios: null, policyRatioClip: 1.5, critic: 'local' },
  ])('is that of each, weighed by what is likelier now: %j', settings => {
    const team = teamContext(plainDescent(backend), agents, { games: 9, network: { hidden: [] } })
    // V is 0: an advantage is a reward.
    const exact = {
      learningRate: 1,
      criticLearningRate: 1e-9,
      entropyWeight: 0,
      advantageNorm: 'none',
      valueNorm: 'none',
      gamma: 1,
      rolloutSteps: 1,
      shareParameters: false,
    }
    const learner = impala.createLearner(team, { ...exact, ...settings })
    const before = [0, 1].map(agent => [...logitsOf(learner, agent)].slice(0, 3))
    const moments = joint.map(
      ([a, b]): Moment => ({
        actions: [oneHot(a), oneHot(b)],
        rewards: [pays(a, b), -pays(a, b)],
        terminated: [1, 1],
        extras: [mu[0]![a]!, mu[1]![b]!].map(chance => ({ logProbability: [Math.log(chance)] })),
      }),
    )
    learner.take(recordedStep(agents, moments))
    while (learner.due) learner.advance(learner.members)
    const { ratios, policyRatioClip, critic } = settings as Record<string, unknown>
    const ofTeam = (ratios ?? (critic === 'local' ? 'agent' : 'team')) === 'team'
    for (const agent of [0, 1]) {
      const pi = softmax(before[agent]!)
      const gradient = [0, 0, 0]
      for (const acts of joint) {
        const each = acts.map((act, i) => softmax(before[i]!)[act]! / mu[i]![act]!)
        const ratio = ofTeam ? each[0]! * each[1]! : each[agent]!
        const weight = Math.min(ratio, (policyRatioClip as number | null) ?? Number.POSITIVE_INFINITY)
        const paid = (agent === 0 ? 1 : -1) * pays(acts[0], acts[1])
        oneHot(acts[agent]!).forEach((did, j) => void (gradient[j]! += (weight * paid * (did - pi[j]!)) / 9))
      }
      expectClose(
        [...logitsOf(learner, agent)].slice(0, 3).map((logit, j) => logit - before[agent]![j]!),
        gradient,
        1e-5,
      )
    }
  })
})

it('normalised advantages have moments with their weights: what is taken off has no gradient of its own', () => {
  const agents = agentsOf([1], three)
  const team = teamContext(plainDescent(backend), agents, { games: 3, network: { hidden: [] } })
  const settings = { learningRate: 1, entropyWeight: 0, advantageNorm: 'round', valueNorm: 'none', rolloutSteps: 1 }
  const learner = impala.createLearner(team, { ...settings, criticLearningRate: 1e-9 })
  const before = [...logitsOf(learner, 0)].slice(0, 3)
  const mu = [0.7, 0.2, 0.1]
  const paid = [-7, -3, 2]
  const moments = mu.map((chance, act): Moment => {
    const extras = [{ logProbability: [Math.log(chance)] }]
    return { actions: [[0, 1, 2].map(j => Number(j === act))], rewards: [paid[act]!], terminated: [1], extras }
  })
  learner.take(recordedStep(agents, moments))
  learner.advance(learner.members)

  const pi = softmax(before)
  const weights = mu.map((chance, act) => Math.min(1, pi[act]! / chance))
  const all = weights.reduce((a, b) => a + b)
  const mean = weights.reduce((sum, w, act) => sum + (w / all) * paid[act]!, 0)
  const deviation = Math.sqrt(weights.reduce((sum, w, act) => sum + (w / all) * (paid[act]! - mean) ** 2, 0))
  const moved = before.map((_, j) =>
    weights.reduce(
      (sum, w, act) => sum + (w * ((paid[act]! - mean) / (deviation + 1e-5)) * (Number(act === j) - pi[j]!)) / 3,
      0,
    ),
  )
  expectClose([...logitsOf(learner, 0)].slice(0, 3).map((logit, j) => logit - before[j]!), moved, 1e-5) // biome-ignore format: one line
})
