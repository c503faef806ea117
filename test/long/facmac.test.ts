// What FACMAC learns: parts of a team's reward, of boxes and of choices.
import { describe, expect, it } from 'vitest'
import { facmac } from '../../src/value-decomposition/facmac.ts'
import { best, learnt } from '../support/learnt.ts'
import { spaces } from '../support/tiny-roster.ts'

describe('learns what pays the team', () => {
  const oneStep = { length: 1, ending: 'terminated' } as const
  const settings = { mixerUnits: 8, hyperUnits: 16, clip: 10 }
  type Actions = { readonly actions: readonly (readonly number[])[] }

  it('of boxes, each by its own aim', async () => {
    const aims = [
      [0.5, -0.3],
      [-0.6, 0.2],
    ]
    const reward = ({ actions }: Actions) =>
      -aims.flat().reduce((sum, aim, i) => sum + (actions[i >> 1]![i & 1]! - aim) ** 2, 0)
    const training = await learnt(300, {
      algorithm: facmac,
      algorithmOptions: settings,
      network: { boxes: 'deterministic' },
      exploration: { kind: 'gaussian', scale: () => 0.3 },
      game: { ...oneStep, space: [{ name: 'force', kind: 'box', size: 2, low: -1, high: 1 }], reward },
    })
    aims.forEach((aim, agent) => {
      best(training, agent, [0.5, 0]).forEach((x, i) => void expect(Math.abs(x - aim[i]!)).toBeLessThan(0.2))
    })
  })

  it.each(['soft', 'hard'] as const)('of choices (%s)', async kind => {
    const reward = ({ actions }: Actions) => actions[0]![1]! + 2 * actions[1]![2]!
    const training = await learnt(300, {
      algorithm: facmac,
      algorithmOptions: settings,
      game: { ...oneStep, space: spaces[kind], reward },
    })
    expect(best(training, 0, [0.5, 0])[1]).toBeGreaterThan(0.9)
    expect(best(training, 1, [0.5, 0])[2]).toBeGreaterThan(0.9)
  })
})
