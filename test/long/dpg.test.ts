// DPG brings boxes to where they have to be in each of its forms, and a compatible critic needs what is new.
import { describe, expect, it } from 'vitest'
import { dpg } from '../../src/maddpg/dpg.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import { best, learnt } from '../support/learnt.ts'
import type { Scene } from '../support/tiny-game.ts'

const box: ActionSpace = [{ name: 'force', kind: 'box', size: 2, low: -1, high: 1 }]
const aims = [
  [0.5, -0.3],
  [-0.6, 0.2],
] as const
const reward = ({ agent, actions }: Scene) =>
  -aims[agent]!.reduce((sum, aim, i) => sum + (actions[agent]![i]! - aim) ** 2, 0)

const slowActor = { compatible: true, actorLearningRate: 0.001 }
const forms: Readonly<Record<string, object>> = {
  'from replay': {},
  'from the latest transitions, off-policy': { experience: 'latest' },
  'by Sarsa': { experience: 'latest', sarsa: true },
  'with a compatible critic, off-policy': { experience: 'latest', ...slowActor },
  'with a compatible critic, by Sarsa': { experience: 'latest', sarsa: true, ...slowActor },
}

describe.each(Object.keys(forms))('%s', form => {
  it.each([1, 5])('a box comes to where it pays, %i steps an episode', async length => {
    const training = await learnt(800, {
      algorithm: dpg,
      learner: { copyTargets: true, exploration: 'gaussian' },
      algorithmOptions: forms[form] as Readonly<Record<string, unknown>>,
      exploration: { kind: 'gaussian', scale: () => 0.2 },
      network: { boxes: 'deterministic' },
      game: { length, ending: length === 1 ? 'terminated' : 'truncated', space: box, reward },
    })
    aims.forEach((aim, agent) => {
      best(training, agent, [0.5, 0.2]).forEach((x, i) => void expect(Math.abs(x - aim[i]!)).toBeLessThan(0.15))
    })
  })
})
