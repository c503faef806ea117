// simple_spread: returns against the original code, rewards, figures, and the controller.
import { describe, expect, it } from 'vitest'
import { simple_spread } from '../../scenarios/simple_spread.ts'
import { createParticleGame, type ParticleGame } from '../../src/envs/particle-game.ts'
import { createRandom } from '../../src/random.ts'
import type { Matrix } from '../../src/types.ts'
import { emptyActions, outcome } from '../envs/playing.ts'

type Controller = (game: ParticleGame, actions: Matrix[]) => void

const noOp: Controller = (_, actions) => {
  for (const { data } of actions) data.set([1, 0, 0, 0, 0])
}
const scripted: Controller = (game, actions) => actions.forEach((matrix, i) => void game.script!(i, matrix, 0))
function uniform(seed: number): Controller {
  const random = createRandom(seed, 'uniform')
  return (_, actions) => {
    for (const { data } of actions) data.fill(0)[random.integer(5)] = 1
  }
}

/** Mean over episodes of 25 steps of the return per agent, and of the figures of each episode's last step. */
function meanReturn(options: Record<string, unknown>, controller: Controller, episodes: number) {
  const game = createParticleGame(simple_spread, options)
  const actions = emptyActions(game)
  const random = createRandom(11, 'episodes')
  let total = 0
  let covered = 0
  for (let episode = 0; episode < episodes; episode++) {
    game.reset(random)
    while (!game.truncated) {
      controller(game, actions)
      game.step(actions, 0)
      for (const reward of game.rewards) total += reward / game.agents.length
    }
    covered += game.measure!().coveredLandmarks! / game.world.landmarks.length
  }
  return { mean: total / episodes, covered: covered / episodes }
}

// Recorded on the original code, 1,000 episodes each: standard error 1.5 for these two; ours, of 4,000 episodes, 0.75.
// The tolerance is three standard errors of the difference.
describe('returns under the openai rules', () => {
  it('doing nothing: -216.5', () => {
    expect(Math.abs(meanReturn({ rules: 'openai' }, noOp, 4000).mean + 216.5)).toBeLessThan(5)
  })

  it('uniform one-hot moves: -232.4', () => {
    expect(Math.abs(meanReturn({ rules: 'openai' }, uniform(1), 4000).mean + 232.4)).toBeLessThan(5)
  })

  it('the controller is not worse than an optimal assignment on the original code: -112', () => {
    const { mean, covered } = meanReturn({ rules: 'openai' }, scripted, 1000)
    expect(mean).toBeGreaterThan(-112)
    expect(covered).toBeGreaterThan(0.95)
  })
})

describe('the controller', () => {
  it.each([
    { rules: 'mpe2' },
    { rules: 'mpe2', actions: 'continuous' },
    { rules: 'openai', agents: 1 },
    { rules: 'openai', agents: 6 },
    { rules: 'mpe2', actions: 'continuous', agents: 10 },
  ])('is far better than doing nothing: %o', options => {
    const idle = meanReturn(options, noOp, 50)
    const playing = meanReturn(options, scripted, 50)
    expect(playing.mean).toBeGreaterThan(idle.mean * 0.75)
    expect(playing.covered).toBeGreaterThan(idle.covered + 0.3)
  })

  it('writes finite actions where everything is at one point', () => {
    const game = createParticleGame(simple_spread, { rules: 'openai' })
    game.reset(createRandom(1))
    const origin = game.agents.map(() => [0, 0])
    game.place({ positions: origin, landmarks: origin })
    const actions = emptyActions(game)
    for (let step = 0; step < 5; step++) {
      scripted(game, actions)
      game.step(actions, 0)
      expect(outcome(game).every(Number.isFinite)).toBe(true)
    }
  })
})

describe('rewards and figures', () => {
  /** Agents 0 and 1 overlap on landmark 0, agent 2 is on landmark 1, landmark 2 is 1 away from agent 2; all at rest. */
  function placed(options: Record<string, unknown>): ParticleGame {
    const game = createParticleGame(simple_spread, options)
    game.reset(createRandom(1))
    game.place({
      positions: [
        [0, 0],
        [0.2, 0],
        [2, 0],
      ],
      landmarks: [
        [0, 0],
        [2, 0],
        [3, 0],
      ],
    })
    const actions = emptyActions(game)
    noOp(game, actions)
    game.step(actions, 0) // under the mpe2 rules nothing has moved yet
    return game
  }

  it.each<[Record<string, unknown>, number[]]>([
    [{}, [-1, -1, -0.5]],
    [{ localRatio: 0 }, [-1, -1, -1]],
    [{ localRatio: 1 }, [-1, -1, 0]],
    [{ curriculum: true }, [-0.5, -0.5, -0.5]],
    [{ curriculum: true, curriculumStage: 1 }, [-1, -1, -0.5]],
  ])('mpe2 rules, %o', (options, rewards) => {
    const game = placed(options)
    for (const [i, reward] of game.rewards.entries()) expect(reward).toBeCloseTo(rewards[i]!, 12)
  })

  it('collisions are counted once per pair, landmarks are covered within 0.1', () => {
    const { collisions, coveredLandmarks, uncovered, meanDistance } = placed({}).measure!()
    expect({ collisions, coveredLandmarks }).toEqual({ collisions: 1, coveredLandmarks: 2 })
    expect(uncovered).toBeCloseTo(1, 12)
    expect(meanDistance).toBeCloseTo(1 / 3, 12)
  })

  it('the original counts contacts with oneself and pays the sum', () => {
    const game = placed({ rules: 'openai' })
    const { collisions, meanDistance } = game.measure!()
    expect(game.rewards[0]).toBeCloseTo(-9 * meanDistance! - 2 * collisions! - 3, 12)
  })
})

it('a limited sight keeps its size and is filled up with zeros', () => {
  const options = { agents: 2, agentNeighbors: 3, landmarkNeighbors: 1 }
  const game = createParticleGame(simple_spread, options)
  game.reset(createRandom(1))
  game.place({
    positions: [
      [0, 0],
      [1, 0],
    ],
    landmarks: [
      [0, 3],
      [0, 2],
    ],
  })
  const row = new Float64Array(game.agents[0]!.observationSize)
  game.observe(0, row)
  expect([...row]).toEqual([0, 0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
})
