// Every estimator learns the move that pays, and every way to explore the number that pays.
import { describe, expect, it } from 'vitest'
import type { Training } from '../../src/experiment/trainer.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import { best, lastStep, learnt } from '../support/learnt.ts'
import type { Scene } from '../support/tiny-game.ts'

const estimators = ['soft', 'straightThrough', 'gumbelRao', 'gapped'] as const

describe.each([true, false])('a move that pays, where soft actions are legal: %s', soft => {
  const space: ActionSpace = [{ name: 'move', kind: 'choice', size: 3, soft }]
  const reward = ({ agent, actions }: Scene) => actions[agent]![agent + 1]!

  it.each(estimators)('is learnt with estimator %s', async estimator => {
    const training = await learnt(300, {
      game: { space, length: 1, ending: 'terminated', reward },
      network: { estimator, estimatorSamples: 5 },
    })
    expect(best(training, 0, [0.5, 0])[1]).toBeGreaterThan(0.9)
    expect(best(training, 1, [0.5, 0])[2]).toBeGreaterThan(0.9)
    expect(meanReward(training)).toBeGreaterThan(0.85)
  })

  it('is learnt while the temperature falls', async () => {
    let asked = 0
    const temperature = () => Math.max(0.2, 1 - asked++ / 2000)
    const training = await learnt(300, {
      game: { space, length: 1, ending: 'terminated', reward },
      network: { estimator: 'straightThrough', temperature },
    })
    expect(temperature()).toBe(0.2)
    expect(meanReward(training)).toBeGreaterThan(0.85)
  })
})

describe('a number that pays', () => {
  const space: ActionSpace = [{ name: 'turn', kind: 'box', size: 1, low: -2, high: 2 }]
  // Best where the action is +1 or -1, as the observation says.
  const sign = (secret: number) => (secret < 0.5 ? -1 : 1)
  const game = {
    space,
    agents: 1,
    length: 5,
    ending: 'terminated',
    see: ({ secrets }: { secrets: readonly number[] }) => [sign(secrets[0]!)],
    reward: ({ actions, secrets }: Scene) => -((actions[0]![0]! - sign(secrets[0]!)) ** 2),
  } as const

  it.each(['gaussian', 'ornsteinUhlenbeck'] as const)('is learnt without chance, explored by %s noise', async kind => {
    const training = await learnt(400, {
      game,
      network: { boxes: 'deterministic' },
      exploration: { kind, scale: () => 0.3 },
    })
    for (const observation of [-1, 1]) {
      expect(Math.abs(best(training, 0, [observation])[0]! - observation)).toBeLessThan(0.2)
    }
  })

  it('is learnt by an actor with a deviation of its own', async () => {
    const training = await learnt(400, { game })
    for (const observation of [-1, 1]) {
      expect(Math.abs(best(training, 0, [observation])[0]! - observation)).toBeLessThan(0.4)
    }
  })
})

/** Mean reward of an agent and a step, exploration included. */
function meanReward(training: Training): number {
  const steps = Array.from({ length: 40 }, () => [...lastStep(training).rewards.data])
  const all = steps.flat()
  return all.reduce((sum, reward) => sum + reward, 0) / all.length
}
