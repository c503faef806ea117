// A3C: A2C by one worker, gradients by the weights of some steps ago by several, each from its own games; what is refused, and that it resumes.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { a2c } from '../../src/policy-gradient/a2c.ts'
import { a3c } from '../../src/policy-gradient/a3c.ts'
import { copySaved } from '../../src/saved.ts'
import { logitsOf } from '../support/exact-game.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { expectClose } from '../support/matrices.ts'
import { box, followSecret, mixed, playRounds, softmax, three } from '../support/paying-games.ts'
import { type Moment, recordedStep } from '../support/recorded-steps.ts'
import { expectResumesAnywhere } from '../support/resumes-anywhere.ts'
import type { TinyGameOptions } from '../support/tiny-game.ts'
import { plainDescent, teamContext, tinyTeam } from '../support/tiny-team.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

const agree: TinyGameOptions = { ...followSecret, length: 4, space: mixed, leaves: { 1: 2 } }
const brisk = { learningRate: 0.01, gamma: 0.9, rolloutSteps: 6 }

describe('one worker without a lag', () => {
  it.each([
    { settings: {}, network: {} },
    { settings: { valueNorm: 'none', sharedStatistics: false, criticMemory: 3 }, network: { memory: 3 } },
    { settings: { optimizer: 'adam', advantageSteps: 2, advantageNorm: 'minibatch' }, network: {} },
  ])('makes the steps of a2c, to the bit: %j', ({ settings, network }) => {
    const ends = [a2c, a3c].map(algorithm => {
      const own = {
        ...brisk,
        lambda: 1,
        optimizer: 'rmsProp',
        advantageNorm: 'round',
        ...(algorithm === a3c ? { workers: 1 } : {}),
        ...settings,
      }
      const team = tinyTeam(backend, algorithm, own, agree, { games: 4, network })
      playRounds(team, 4)
      return team.learner.members.map(member => {
        const { actor, critic, actorOptimizer } = copySaved(member.save()) as Record<string, unknown>
        return { actor, critic, ...('sharedStatistics' in settings ? {} : { actorOptimizer }) }
      })
    })
    expect(ends[1]).toEqual(ends[0])
  })
})

it.each([
  { workers: 2, policyLag: null, lag: 1 },
  { workers: 2, policyLag: 3, lag: 3 },
  { workers: 1, policyLag: 2, lag: 2 },
  { workers: 3, policyLag: null, lag: 2 },
])('gradients are those of a worker in its games by the weights of some steps ago, one after the other: %j', made => {
  const { workers, policyLag, lag } = made
  const agents = agentsOf([1], three)
  const games = 3 * workers
  const team = teamContext(plainDescent(backend), agents, { games, network: { hidden: [] } })
  const exact = {
    criticLearningRate: 1e-9,
    entropyWeight: 0,
    advantageNorm: 'none',
    valueNorm: 'none',
    rolloutSteps: 1,
  }
  const learner = a3c.createLearner(team, { ...exact, learningRate: 0.5, workers, policyLag })
  const logits = () => [...logitsOf(learner, 0)].slice(0, 3)
  const versions = [logits()]
  for (let round = 0; round < 5; round++) {
    const acts = Array.from({ length: games }, (_, game) => (game + round) % 3)
    const paid = acts.map((act, game) => 1 + act - game / 2)
    const moments = acts.map((act, game): Moment => {
      const actions = [[0, 1, 2].map(j => Number(j === act))]
      return { actions, rewards: [paid[game]!], terminated: [1] }
    })
    learner.take(recordedStep(agents, moments))
    for (let worker = 0; worker < workers; worker++) {
      expect(learner.due).toBe(true)
      learner.advance(learner.members)
      const pi = softmax(versions[Math.max(0, versions.length - 1 - lag)]!)
      const next = [...versions.at(-1)!]
      for (let game = 3 * worker; game < 3 * (worker + 1); game++) {
        for (const j of [0, 1, 2]) next[j]! += (0.5 * paid[game]! * (Number(acts[game] === j) - pi[j]!)) / 3
      }
      versions.push(next)
      expectClose(logits(), next, 1e-5)
    }
    expect(learner.due).toBe(false)
  }
})

it('workers act by their own weights, which are those of different steps', () => {
  const team = tinyTeam(backend, a3c, { ...brisk, workers: 3 }, agree, { games: 3, shareParameters: true })
  const [{ actor, behaviour }] = team.learner.members as [(typeof team.learner.members)[number]]
  expect(behaviour!.networks).toHaveLength(3)
  const weights = (network = actor.networks[0]!) => [...network.parameters]
  const versions = [weights(), weights(), weights()]
  for (let round = 0; round < 3; round++) {
    expect(behaviour!.networks.map(weights)).toEqual(versions.slice(-3))
    while (!team.learner.due) team.go()
    while (team.learner.due) {
      team.go()
      versions.push(weights())
    }
  }
})

it('statistics of the optimizer are everybody’s, or each worker’s own', () => {
  const ends = [true, false].map(sharedStatistics => {
    const team = tinyTeam(backend, a3c, { ...brisk, workers: 2, sharedStatistics }, agree, { games: 4 })
    playRounds(team, 3)
    return [...team.learner.members[0]!.actor.networks[0]!.parameters]
  })
  expect(ends[0]).not.toEqual(ends[1])
})

it.each([
  { games: 3, memory: 0, space: three, own: { workers: 3 } },
  { games: 3, memory: 3, space: box, own: { workers: 2, policyLag: 3, sharedStatistics: false, criticMemory: 3 } },
  { games: 2, memory: 3, space: mixed, own: { workers: 2, criticMemory: 2, chunkSteps: 2, advantageNorm: 'none' } },
])('resumes to the bit from anywhere: %j', ({ games, memory, space, own }) => {
  const options = { games, network: { memory }, shareParameters: memory === 0 }
  const create = () =>
    tinyTeam(
      backend,
      a3c,
      { ...brisk, ...own },
      { ...agree, space, reward: ({ agent, actions }) => actions[agent]![0]! },
      options,
    )
  expectResumesAnywhere(create, 40, 5)
})

it('refuses what it does not do, and says why', () => {
  const create = (settings: object) => () => tinyTeam(backend, a3c, { ...brisk, ...settings }, agree, { games: 4 })
  expect(create({ workers: 5 })).toThrow(
    'learner.workers: expected at most run.games=4, as each plays some of them, got 5',
  )
  expect(create({ workers: 3, policyLag: 1 })).toThrow(
    'learner.policyLag: expected at least 2, as 3 workers play side by side (learner.workers), got 1',
  )
  expect(create({ order: 'arrival' })).toThrow(
    /^learner\.order: expected fixed: workers play side by side in one thread/,
  )
  expect(create({ valueNorm: 'popArt' })).toThrow(/^learner\.valueNorm: expected running or none: popArt rescales/)
  expect(create({})).not.toThrow()
})
