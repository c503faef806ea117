// ACKTR: it learns what pays, keeps to its trust region, resumes from anywhere, and refuses a backend without statistics.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDistribution } from '../../src/agents/distribution.ts'
import { playedSpace } from '../../src/agents/estimators.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createTfjsBackend } from '../../src/nn/tfjs/backend.ts'
import { acktr } from '../../src/policy-gradient/acktr.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { aimAtHalf, expectSecretFollowed, followSecret, playRounds } from '../support/paying-games.ts'
import { expectResumesAnywhere } from '../support/resumes-anywhere.ts'
import type { TinyGameOptions } from '../support/tiny-game.ts'
import { teamContext, tinyTeam } from '../support/tiny-team.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

const three: ActionSpace = [{ name: 'choose', kind: 'choice', size: 3, soft: true }]
const box: ActionSpace = [{ name: 'push', kind: 'box', size: 1, low: -1, high: 1 }]
const mixed: ActionSpace = [...three, ...box]
const agree: TinyGameOptions = { ...followSecret, length: 4, space: three }
const brisk = { gamma: 0.9, rolloutSteps: 8, klClip: 0.01 }

describe('acktr', () => {
  it.each([
    { critic: 'joint', shareParameters: true, advantageNorm: 'round' },
    { critic: 'local', shareParameters: false, advantageNorm: 'minibatch' },
    { critic: 'set', shareParameters: true, advantageNorm: 'none', valueNorm: 'popArt' },
    { critic: 'joint', shareParameters: true, valueNorm: 'none', huberDelta: null, criticKlClip: 0.3 },
  ])('learns what pays where, in fewer rounds than plain gradients: %j', settings => {
    const { shareParameters } = settings
    const team = tinyTeam(backend, acktr, { ...brisk, ...settings }, agree, { games: 8, shareParameters })
    playRounds(team, 60)
    expectSecretFollowed(team.learner)
  })

  it.each(['sampled', 'clipped', 'beta'] as const)('learns where a box has to be: %s', boxes => {
    // Steps of one length oscillate for long where most of the last one stays.
    const settings = { ...brisk, klClip: 0.002, momentum: 0.5 }
    const team = tinyTeam(backend, acktr, settings, aimAtHalf, { games: 32, network: { boxes } })
    playRounds(team, 70)
    const { data } = team.learner.members[0]!.actor.greedy({ rows: 1, columns: 2, data: Float32Array.of(0.5, 0) })
    expect(Math.abs(data[0]! - 0.5)).toBeLessThan(0.1)
  })

  it('learns what only a memory can tell', () => {
    const recall: TinyGameOptions = {
      agents: 1,
      length: 3,
      space: three,
      see: ({ step, secrets }) => [step === 0 ? (secrets[0]! < 0.5 ? -1 : 1) : 0],
      reward: ({ step, actions, secrets }) => (step === 3 ? actions[0]![secrets[0]! < 0.5 ? 0 : 2]! : 0),
    }
    const settings = { ...brisk, gamma: 1, rolloutSteps: 9, criticMemory: 8 }
    const team = tinyTeam(backend, acktr, settings, recall, { games: 16, network: { memory: 8, hidden: [8] } })
    playRounds(team, 120)
    let paid = 0
    for (let played = 0; played < 300; ) {
      const { next } = team.vectorGame
      if (team.go() !== null) continue
      paid += next.rewards.data.reduce((sum, reward) => sum + reward, 0)
      played++
    }
    expect(paid / ((300 * 16) / 3)).toBeGreaterThan(0.75)
  })

  it.each([{ klClip: 0.001 }, { klClip: 0.004 }])(
    'moves a policy of one layer just as far as its trust region says: %j',
    ({ klClip }) => {
      const settings = { ...brisk, klClip, momentum: 0, entropyWeight: 0, statisticsDecay: 0.9, decomposeEvery: 1 }
      const team = tinyTeam(backend, acktr, settings, agree, {
        games: 64,
        shareParameters: true,
        network: { hidden: [] },
      })
      playRounds(team, 10)
      const distribution = createDistribution(playedSpace(three, 'straightThrough'))
      const seen = { rows: 4, columns: 3, data: Float32Array.of(-1, 1, 0, 1, 1, 0, -1, 0, 1, 1, 0, 1) }
      const outputs = () => {
        const { rows, columns, data } = team.learner.members[0]!.actor.networks[0]!.infer(seen)
        return { rows, columns, data: data.slice() }
      }
      for (let round = 0; round < 8; round++) {
        const before = outputs()
        expect(playRounds(team, 1).at(-1)!.actorStepScale).toBeLessThan(1)
        const divergences = new Float32Array(4)
        distribution.divergence(before, outputs(), divergences)
        const mean = divergences.reduce((sum, each) => sum + each, 0) / 4
        expect(mean / (klClip / 2)).toBeGreaterThan(0.7)
        expect(mean / (klClip / 2)).toBeLessThan(1.4)
      }
    },
  )

  it('takes statistics from targets around V of deviation 1: of its last layer G is 1', () => {
    const team = tinyTeam(backend, acktr, { ...brisk, statisticsDecay: 0.999 }, agree, { games: 64 })
    playRounds(team, 5)
    const { criticOptimizer } = team.learner.members[0]!.save() as unknown as {
      criticOptimizer: { factors: { means: Float64Array[] } }
    }
    const last = criticOptimizer.factors.means.at(-1)!
    // The mean of 2,560 squares: its deviation is 0.03.
    expect(last).toHaveLength(1)
    expect(Math.abs(last[0]! - 1)).toBeLessThan(0.12)
  })

  const small = { rolloutSteps: 6, gamma: 0.9, coldUpdates: 2, decomposeEvery: 2 }
  it.each([
    { shareParameters: false, memory: 0, space: mixed, games: 2, settings: small, steps: 60 },
    { shareParameters: true, memory: 4, space: box, games: 2, settings: small, steps: 60 },
    {
      shareParameters: true,
      memory: 4,
      space: box,
      games: 2,
      settings: { ...small, criticMemory: 3, chunkSteps: 2 },
      steps: 60,
    },
    // More rows than a slice has, and more work on eigenvectors than a tick has.
    {
      shareParameters: true,
      memory: 0,
      space: three,
      games: 90,
      settings: { ...small, rolloutSteps: 20, coldUpdates: 1, valueNorm: 'popArt' },
      hidden: [110],
      steps: 70,
    },
  ])('resumes to the bit from anywhere: %j', ({ shareParameters, memory, space, games, settings, hidden, steps }) => {
    const game: TinyGameOptions = {
      ...agree,
      space,
      length: 4,
      leaves: { 1: 2 },
      reward: ({ agent, actions }) => actions[agent]![0]!,
    }
    const network = { memory, hidden: hidden ?? [8] }
    const create = () => tinyTeam(backend, acktr, settings, game, { games, shareParameters, network })
    const figures = expectResumesAnywhere(create, steps, games > 2 ? 11 : 5)
    if (hidden !== undefined) {
      const rounds = figures
        .map(each => (each === null ? ' ' : '.'))
        .join('')
        .trim()
        .split(/ +/)
      // The second round's step waits for eigenvectors.
      expect(rounds[1]!.length).toBeGreaterThan(rounds[0]!.length)
    }
  })

  it('refuses a backend without statistics, and says which numbers are not finite', async () => {
    const tfjs = await createTfjsBackend({ carrier: 'cpu' })
    const agents = agentsOf([2], three)
    expect(() => acktr.createLearner(teamContext(tfjs, agents))).toThrow(
      'run.backend: expected simd, got tfjs-cpu: natural steps want its statistics',
    )
    tfjs.dispose()
    const team = tinyTeam(backend, acktr, brisk, agree, { shareParameters: true })
    playRounds(team, 1)
    team.learner.members[0]!.actor.networks[0]!.gradients[3] = NaN
    expect(() => playRounds(team, 1)).toThrow(/the gradient of layer0\.weight is not finite; nothing was changed/)
  })
})
