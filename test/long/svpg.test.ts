// SVPG: particles that learn alone are A2C's and REINFORCE's learners to the bit; together they learn what pays, keep apart, and resume.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { a2c } from '../../src/policy-gradient/a2c.ts'
import { reinforce } from '../../src/policy-gradient/reinforce.ts'
import { svpg } from '../../src/policy-gradient/svpg.ts'
import { createRandom } from '../../src/random.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { aimAtHalf, followSecret, playRounds } from '../support/paying-games.ts'
import { type Moment, recordedStep } from '../support/recorded-steps.ts'
import { expectResumesAnywhere } from '../support/resumes-anywhere.ts'
import type { TinyGameOptions } from '../support/tiny-game.ts'
import { type TeamOptions, type TinyTeam, teamContext, tinyTeam } from '../support/tiny-team.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

const three: ActionSpace = [{ name: 'choose', kind: 'choice', size: 3, soft: true }]
const box: ActionSpace = [{ name: 'push', kind: 'box', size: 1, low: -1, high: 1 }]
const mixed: ActionSpace = [...three, ...box]
const agree: TinyGameOptions = { ...followSecret, length: 4, space: three }
const brisk = { learningRate: 0.02, gamma: 0.9, rolloutSteps: 8, rolloutEpisodes: 16, subPolicies: 3 }

/** Mean reward of a step of an agent. */
function paid(team: TinyTeam, steps: number, agents: number): number {
  let sum = 0
  for (let played = 0; played < steps; ) {
    const { next } = team.vectorGame
    if (team.go() !== null) continue
    sum += next.rewards.data.reduce((a, b) => a + b, 0)
    played++
  }
  return sum / (steps * agents)
}

describe.each(['a2c', 'reinforce'] as const)('svpg on %s', base => {
  it.each([
    { shareParameters: true, critic: 'joint' },
    { shareParameters: false, critic: 'local', priorDeviation: 3 },
  ])('learns with all particles what pays where: %j', settings => {
    const { shareParameters } = settings
    const own = { ...brisk, ...settings, base }
    const team = tinyTeam(backend, svpg, own, agree, { games: 16, shareParameters })
    playRounds(team, 120)
    expect(paid(team, 200, 16 * 2)).toBeGreaterThan(0.75)
  })

  it.each(['sampled', 'clipped', 'beta'] as const)('learns where a box has to be: %s', boxes => {
    const network: TeamOptions['network'] = { boxes }
    const own = { ...brisk, base, repulsion: 0.001, timeLimit: 'terminate', entropyWeight: 0 }
    const team = tinyTeam(backend, svpg, own, aimAtHalf, { games: 16, network })
    playRounds(team, base === 'a2c' ? 120 : 500)
    expect(paid(team, 200, 16)).toBeGreaterThan(-0.1)
  })

  it('keeps particles apart, the farther the more that is worth', () => {
    const spread = (repulsion: number) => {
      const team = tinyTeam(backend, svpg, { ...brisk, base, repulsion }, agree, { games: 8, shareParameters: true })
      playRounds(team, 100)
      const [a, b] = team.learner.members[0]!.actor.networks.map(({ parameters }) => parameters)
      return Math.sqrt(a!.reduce((sum, x, i) => sum + (x - b![i]!) ** 2, 0))
    }
    expect(spread(1)).toBeGreaterThan(1.5 * spread(0.001))
  })

  it.each([
    { shareParameters: false, memory: 0, space: mixed, games: 4, own: {} },
    { shareParameters: true, memory: 3, space: mixed, games: 4, own: { boxes: 'clipped' } },
    { shareParameters: true, memory: 0, space: three, games: 4, own: { repulsion: 0, valueNorm: 'popArt' } },
    { shareParameters: true, memory: 0, space: three, games: 60, own: { rolloutSteps: 20, rolloutEpisodes: 300 } },
  ])('resumes to the bit from anywhere: %j', ({ shareParameters, memory, space, games, own }) => {
    const game: TinyGameOptions = {
      ...agree,
      space,
      leaves: { 1: 2 },
      reward: ({ agent, actions }) => actions[agent]![0]!,
    }
    const { boxes, ...further } = own as { boxes?: 'clipped' }
    const settings = { ...brisk, rolloutSteps: 6, rolloutEpisodes: 10, base, ...further }
    const network = { memory, ...(boxes === undefined ? {} : { boxes }) }
    const create = () => tinyTeam(backend, svpg, settings, game, { games, shareParameters, network })
    const figures = expectResumesAnywhere(create, 48, games > 4 ? 11 : 5)
    expect(figures.some(each => each !== null)).toBe(true)
  })

  it('is so many independent learners where nothing keeps particles apart, to the bit', () => {
    const agents = agentsOf([3, 3], [{ name: 'choose', kind: 'choice', size: 3, soft: false }])
    const games = 6
    const acting = [0, 1, 0, 1, 1, 0]
    const made = { network: { hidden: [6] }, shareParameters: true }
    const common = { gamma: 0.9, rolloutSteps: 4, rolloutEpisodes: games, learningRate: 0.01, advantageNorm: 'none' }
    const together = svpg.createLearner(teamContext(backend, agents, { games, ...made }), {
      ...common,
      base,
      repulsion: 0,
      subPolicies: 2,
    })
    const ofAlone =
      base === 'a2c'
        ? { ...common, epsilon: 1e-5 }
        : { ...common, epsilon: 1e-5, clip: 10, baseline: 'meanOfOthers', normaliseAdvantages: false }
    const alone = [0, 1].map(k => {
      const context = teamContext(backend, agents, { games: 3, ...made })
      const random: typeof context.random = (id, name) => context.random(id, k === 0 ? name : `${name}1`)
      return (base === 'a2c' ? a2c : reinforce).createLearner(
        { ...context, random },
        { ...ofAlone, rolloutEpisodes: 3 },
      )
    })
    const random = createRandom(4)
    for (let round = 0; round < 3; round++) {
      for (let step = 0; step < 4; step++) {
        const numbers = (count: number) => Array.from({ length: count }, () => random.between(-1, 1))
        const moments = acting.map((k): Moment => {
          const oneHot = () => [0, 1, 2].map((_, i, all) => (i === all.length - 1 ? 1 : 0))
          const choice = () => {
            const chosen = random.integer(3)
            return oneHot().map((_, i) => (i === chosen ? 1 : 0))
          }
          return {
            observations: [numbers(3), numbers(3)],
            nextObservations: [numbers(3), numbers(3)],
            actions: [choice(), choice()],
            rewards: numbers(2),
            truncated: step === 3 ? 1 : 0,
            extras: [{ subPolicy: [k] }, { subPolicy: [k] }],
          }
        })
        together.take(recordedStep(agents, moments))
        alone.forEach((learner, k) => {
          learner.take(
            recordedStep(
              agents,
              moments.filter((_, game) => acting[game] === k),
            ),
          )
        })
      }
      for (const learner of [together, ...alone]) while (learner.due) learner.advance(learner.members)
    }
    const parameters = together.members[0]!.actor.networks.map(network => [...network.parameters])
    expect(parameters).toEqual(alone.map(({ members }) => [...members[0]!.actor.networks[0]!.parameters]))
    expect(parameters[0]).not.toEqual(parameters[1])
  })
})

it.each([
  { repulsion: 0, moves: false },
  { repulsion: 0.1, moves: true },
])('leaves a particle that has not acted as it is, unless others move it: %j', ({ repulsion, moves }) => {
  const agents = agentsOf([3], [{ name: 'choose', kind: 'choice', size: 3, soft: false }])
  const settings = { subPolicies: 2, rolloutSteps: 3, repulsion }
  const learner = svpg.createLearner(teamContext(backend, agents, { games: 2 }), settings)
  const [acting, waiting] = learner.members[0]!.actor.networks
  const before = [acting!, waiting!].map(({ parameters }) => [...parameters])
  // The second has momentum before it waits.
  for (const who of [1, 0]) {
    if (who === 0) before[1] = [...waiting!.parameters]
    for (let step = 0; step < 3; step++) {
      const moment: Moment = {
        observations: [[1, 0, -1]],
        actions: [[0, 1, 0]],
        rewards: [step],
        extras: [{ subPolicy: [who] }],
      }
      learner.take(recordedStep(agents, [moment, moment]))
    }
    while (learner.due) learner.advance(learner.members)
  }
  expect([...acting!.parameters]).not.toEqual(before[0])
  expect(JSON.stringify([...waiting!.parameters]) !== JSON.stringify(before[1])).toBe(moves)
})

it('refuses what a base has no values for', () => {
  const create = () => tinyTeam(backend, svpg, { base: 'reinforce', timeLimit: 'drop' }, agree)
  expect(create).toThrow('learner.timeLimit: expected bootstrap or terminate with learner.base=reinforce, got drop')
})
