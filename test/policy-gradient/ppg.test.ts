// PPG: PPO where there is no auxiliary phase, what an auxiliary phase does to policy and head, and that it learns and resumes from anywhere.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fingerprint } from '../../src/fingerprint.ts'
import type { UpdateFigures } from '../../src/learning/team-learner.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { ppg } from '../../src/policy-gradient/ppg.ts'
import { ppo } from '../../src/policy-gradient/ppo.ts'
import type { Saved } from '../../src/types.ts'
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
import { type TeamOptions, type TinyTeam, tinyTeam } from '../support/tiny-team.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

const agree: TinyGameOptions = { ...followSecret, length: 4, space: three }
const brisk = {
  learningRate: 0.01,
  gamma: 0.9,
  rolloutSteps: 8,
  epochs: 6,
  minibatches: 1,
  policyIterations: 3,
  auxiliaryEpochs: 2,
  auxiliaryMinibatches: 1,
}

describe('it learns', () => {
  it.each([
    { critic: 'joint', shareParameters: true },
    { critic: 'local', shareParameters: false, advantageNorm: 'minibatch', valueNorm: 'none', huberDelta: null },
    { critic: 'set', shareParameters: true, valueNorm: 'popArt', valueEpochs: 8 },
  ])('what pays where: %j', settings => {
    const { shareParameters } = settings
    const team = tinyTeam(backend, ppg, { ...brisk, ...settings }, agree, { games: 8, shareParameters })
    playRounds(team, 12)
    expectSecretFollowed(team.learner)
  })

  it('where a box has to be', () => {
    const team = tinyTeam(backend, ppg, { ...brisk, learningRate: 0.02 }, aimAtHalf, { games: 8 })
    playRounds(team, 10)
    const { data } = team.learner.members[0]!.actor.greedy({ rows: 1, columns: 2, data: Float32Array.of(0.5, 0) })
    expect(Math.abs(data[0]! - 0.5)).toBeLessThan(0.1)
  })

  it.each([{}, { criticMemory: 8, chunkSteps: 3 }])('what only a memory can tell: %j', own => {
    const settings = { ...brisk, learningRate: 0.02, gamma: 1, rolloutSteps: 9, ...own }
    const team = tinyTeam(backend, ppg, settings, recall, { games: 16, network: { memory: 8, hidden: [8] } })
    playRounds(team, 14)
    expectRecalled(team, 16)
  })
})

const parameters = ({ learner }: TinyTeam) => learner.members.map(({ actor }) => [...actor.networks[0]!.parameters])

describe('it is ppo, to the bit', () => {
  const same = { learningRate: 0.01, gamma: 0.9, rolloutSteps: 8, epochs: 3, minibatches: 2, epsilon: 1e-5 }
  it.each([
    ['without auxiliary epochs', { auxiliaryEpochs: 0 }, {}],
    ['before the first auxiliary phase', { policyIterations: 6 }, {}],
    [
      'without auxiliary epochs, with memories and own networks',
      { auxiliaryEpochs: 0, valueEpochs: 3, criticMemory: 3, valueNorm: 'popArt' },
      { network: { memory: 3 }, shareParameters: false },
    ],
    ['before the first auxiliary phase, with a penalty', { policyIterations: 6, objective: 'adaptiveKl' }, {}],
  ] as const)('%s', (_, own, options) => {
    // biome-ignore format: a table
    for (const space of [three, mixed]) {
      const { auxiliaryEpochs: _, policyIterations: __, valueEpochs: ___, ...ofBoth } = own as Record<string, unknown>
      const made = { games: 8, shareParameters: true, ...options }
      const teams = [
        tinyTeam(backend, ppo, { ...same, ...ofBoth }, { ...agree, space }, made),
        tinyTeam(backend, ppg, { ...same, ...own }, { ...agree, space }, made),
      ] as const
      const [figures, others] = teams.map(team => playRounds(team, 5))
      expect(others).toEqual(figures)
      expect(parameters(teams[1])).toEqual(parameters(teams[0]))
    }
  })
})

/** Of so many policy phases with their auxiliary phases. */
function phases(settings: object, game: TinyGameOptions, options: TeamOptions, count: number) {
  const team = tinyTeam(backend, ppg, { ...brisk, ...settings }, game, options)
  const rounds = count * ((settings as typeof brisk).policyIterations ?? brisk.policyIterations)
  return { team, figures: playRounds(team, rounds) }
}
const isAuxiliary = (figures: UpdateFigures) => Object.hasOwn(figures, 'auxiliaryLoss')
const mean = (figures: readonly UpdateFigures[], name: string) =>
  figures.reduce((sum, each) => sum + each[name]!, 0) / figures.length

describe('a policy phase', () => {
  it.each([
    ['a choice', agree, {}],
    ['a choice and a box', { ...agree, space: mixed }, {}],
    ['a memory', agree, { memory: 4 }],
  ] as const)(
    'has ratios of exactly 1 in the first minibatch of a round, also after an auxiliary phase: %s',
    (_, game, network) => {
      // biome-ignore format: one line
      const { figures } = phases({ epochs: 2, minibatches: 2 }, game, { games: 4, shareParameters: true, network }, 3)
      const ofPolicy = figures.filter(each => Object.hasOwn(each, 'approximateKl'))
      expect(ofPolicy).toHaveLength(3 * 3 * 4)
      ofPolicy.forEach(({ approximateKl }, i) => {
        if (i % 4 === 0) expect(approximateKl).toBe(0)
        else expect(approximateKl).toBeGreaterThan(1e-8)
      })
      expect(figures.filter(isAuxiliary)).toHaveLength(3 * 3 * 2)
    },
  )

  it('goes through the epochs of V first where they differ from those of the policy', () => {
    const { figures } = phases({ epochs: 1, valueEpochs: 2 }, agree, { shareParameters: true }, 1)
    const learnt = figures.slice(0, 9).map(each => ['valueLoss', 'policyLoss'].map(name => Object.hasOwn(each, name)))
    const round = [[true, false], [true, false], [false, true]] // biome-ignore format: one line
    expect(learnt).toEqual([...round, ...round, ...round])
  })
})

describe('an auxiliary phase', () => {
  // What both saw is worth as much as what they do; each sees its own part alone, as its head does, and V sees both.
  const foreseen: TinyGameOptions = {
    ...agree,
    reward: scene =>
      followSecret.reward(scene) + scene.secrets.reduce((sum, secret) => sum + (secret < 0.5 ? 0.5 : -0.5), 0),
  }
  const settings = { policyIterations: 6, epochs: 2, auxiliaryEpochs: 8, auxiliaryMinibatches: 2, critic: 'joint' }
  it.each([
    ['choices', three, {}],
    ['choices and boxes', mixed, { network: { memory: 4 } }],
    ['own networks', three, { shareParameters: false, network: { hidden: [12, 8] } }],
  ] as const)(
    'leaves the policy near where it was, and its head comes to know the returns that V was fitted to: %s',
    (_, space, options) => {
      // biome-ignore format: one line
      const { figures } = phases(settings, { ...foreseen, space }, { games: 16, shareParameters: true, ...options }, 1)
      const auxiliary = figures.filter(isAuxiliary)
      const groups = (options as TeamOptions).shareParameters === false ? 2 : 1
      expect(auxiliary).toHaveLength(groups * 8 * 12)
      const [first, last] = [auxiliary.slice(0, 12), auxiliary.slice(7 * 12, 8 * 12)]
      // To the bit: pi is pi_old before the first step.
      expect(first[0]!.cloneDivergence).toBe(0)
      expect(mean(last, 'cloneDivergence')).toBeLessThan(0.01)
      expect(mean(last, 'cloneDivergence')).toBeGreaterThan(0)
      expect(mean(last, 'auxiliaryLoss')).toBeLessThan(0.75 * first[0]!.auxiliaryLoss!)
      expect(mean(last, 'auxiliaryValueLoss')).toBeLessThan(mean(first, 'auxiliaryValueLoss'))
      expect(mean(last, 'auxiliaryValueLoss')).toBeLessThan(0.6 * mean(last, 'auxiliaryLoss'))
    },
  )

  it('moves policies freely where nothing holds them', () => {
    const moved = (cloneWeight: number) => {
      const { figures } = phases({ ...settings, cloneWeight }, agree, { games: 8, shareParameters: true }, 1)
      return figures.filter(isAuxiliary).at(-1)!.cloneDivergence!
    }
    expect(moved(1)).toBeLessThan(moved(0) / 10)
  })

  it('leaves V as it is at weight 0, and has a step size of its own', () => {
    const stateAfter = (own: object) => {
      const { team } = phases({ ...settings, policyIterations: 2, ...own }, agree, { shareParameters: true }, 1)
      return team.learner.members[0]!.save() as Readonly<Record<string, Saved>>
    }
    const policyPhaseAlone = stateAfter({ auxiliaryEpochs: 0 })
    const { critic, actor } = stateAfter({ auxiliaryValueWeight: 0 })
    expect(fingerprint(critic!)).toBe(fingerprint(policyPhaseAlone.critic!))
    expect(fingerprint(actor!)).not.toBe(fingerprint(policyPhaseAlone.actor!))
    const slow = stateAfter({ auxiliaryLearningRate: 1e-30 })
    for (const name of ['critic', 'actor']) expect(fingerprint(slow[name]!)).toBe(fingerprint(policyPhaseAlone[name]!))
  })

  it('says what it did, and leaves actors as those of ppo are', () => {
    const { team, figures } = phases({}, agree, { shareParameters: true }, 1)
    const names = figures.filter(isAuxiliary).map(each => Object.keys(each).sort())
    for (const each of names) expect(each).toEqual(['auxiliaryLoss', 'auxiliaryValueLoss', 'cloneDivergence'])
    const other = tinyTeam(backend, ppo, {}, agree, { shareParameters: true })
    const specs = ({ learner }: TinyTeam) => learner.members.map(({ actor }) => actor.networks.map(({ spec }) => spec))
    expect(specs(team)).toEqual(specs(other))
    // Each phase ends a round for whoever counts them.
    expect(team.learner.due).toBe(false)
  })
})

describe('it resumes to the bit from anywhere', () => {
  const small = { rolloutSteps: 6, gamma: 0.9, epochs: 1, minibatches: 2, policyIterations: 2, auxiliaryEpochs: 1, auxiliaryMinibatches: 2 } // biome-ignore format: one line
  it.each([
    { shareParameters: false, memory: 0, space: mixed, games: 2, settings: small, steps: 64 },
    {
      shareParameters: true,
      memory: 4,
      space: box,
      games: 2,
      settings: { ...small, criticMemory: 3, chunkSteps: 2 },
      steps: 60,
    },
    {
      shareParameters: false,
      memory: 0,
      space: three,
      games: 2,
      settings: { ...small, criticMemory: 3, valueEpochs: 2, valueNorm: 'popArt' },
      steps: 64,
    },
    // More rows than a slice has: cut also within a minibatch.
    {
      shareParameters: true,
      memory: 3,
      space: three,
      games: 60,
      settings: { ...small, rolloutSteps: 20, auxiliaryMinibatches: 1 },
      steps: 70,
    },
  ])('%j', ({ shareParameters, memory, space, games, settings, steps }) => {
    // biome-ignore format: a table
    const game: TinyGameOptions = { ...agree, space, leaves: { 1: 2 }, reward: ({ agent, actions }) => actions[agent]![0]! }
    const create = () => tinyTeam(backend, ppg, settings, game, { games, shareParameters, network: { memory } })
    const figures = expectResumesAnywhere(create, steps, games > 2 ? 4 : 3)
    // Over a whole auxiliary phase, and beyond it.
    const auxiliary = figures.flatMap((each, i) => (each !== null && isAuxiliary(each) ? [i] : []))
    expect(auxiliary.length).toBeGreaterThan(1)
    expect(figures.lastIndexOf(null)).toBeGreaterThan(auxiliary[0]!)
  })
})
