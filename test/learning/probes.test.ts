// Games so small that what must be learnt is known: values, best moves, and two agents that have to agree.
import { describe, expect, it } from 'vitest'
import { train } from '../../src/experiment/trainer.ts'
import type { Algorithm } from '../../src/learning/algorithm.ts'
import { ddpg, maddpg } from '../../src/maddpg/maddpg.ts'
import { best, learnt, meanValue } from '../support/learnt.ts'
import { observed } from '../support/observed.ts'
import { ticks } from '../support/ticks.ts'

const seeds = [1, 2]

describe('a constant reward', () => {
  it.each(seeds)('has the value r / (1 - gamma) when episodes are only cut (seed %i)', async seed => {
    const reward = ({ agent }: { agent: number }) => (agent === 0 ? 1 : -0.5)
    const training = await learnt(1000, { seed, game: { length: 5, reward }, learner: { gamma: 0.8 } })
    expect(Math.abs(meanValue(training, 0) - 5)).toBeLessThan(0.5)
    expect(Math.abs(meanValue(training, 1) + 2.5)).toBeLessThan(0.25)
  })

  it.each(seeds)('has its own value when every step ends the episode by the rules (seed %i)', async seed => {
    const training = await learnt(300, { seed, game: { length: 1, ending: 'terminated', reward: () => 1 } })
    for (const agent of [0, 1]) expect(Math.abs(meanValue(training, agent) - 1)).toBeLessThan(0.1)
  })
})

describe('a move that pays', () => {
  it.each(seeds)('is made, by every agent the one that pays for it (seed %i)', async seed => {
    const reward = ({ agent, actions }: { agent: number; actions: readonly (readonly number[])[] }) =>
      actions[agent]![agent + 1]!
    const training = await learnt(400, { seed, game: { length: 1, ending: 'terminated', reward } })
    expect(best(training, 0, [0.5, 0])[1]).toBeGreaterThan(0.9)
    expect(best(training, 1, [0.5, 0])[2]).toBeGreaterThan(0.9)
  })

  it.each(seeds)('is made where it pays: below one half the first move, above it the third (seed %i)', async seed => {
    const training = await learnt(600, {
      seed,
      game: {
        agents: 1,
        length: 1,
        ending: 'terminated',
        see: ({ secrets }) => [secrets[0]! < 0.5 ? -1 : 1],
        reward: ({ actions, secrets }) => actions[0]![secrets[0]! < 0.5 ? 0 : 2]!,
      },
    })
    expect(best(training, 0, [-1])[0]).toBeGreaterThan(0.9)
    expect(best(training, 0, [1])[2]).toBeGreaterThan(0.9)
  })
})

describe('two agents', () => {
  const agree = ({ actions }: { actions: readonly (readonly number[])[] }) =>
    actions[0]!.reduce((sum, p, move) => sum + p * actions[1]![move]!, 0)

  it.each(seeds)('that are paid for making the same move agree on one (seed %i)', async seed => {
    const training = await learnt(800, { seed, game: { length: 1, ending: 'terminated', reward: agree } })
    const actions = [best(training, 0, [0.5, 0]), best(training, 1, [0.5, 0])]
    expect(agree({ actions })).toBeGreaterThan(0.85)
  })

  it('have critics that know what the other did; local critics cannot', async () => {
    // Agent 0 is paid by what agent 1 does, which is chance as long as agent 1 gains nothing by it.
    const game = {
      length: 1,
      ending: 'terminated',
      reward: ({ agent, actions }: { agent: number; actions: readonly (readonly number[])[] }) =>
        agent === 0 ? actions[1]![0]! : 0,
    } as const
    const loss = async (algorithm: Algorithm) => {
      const training = await learnt(400, { algorithm, game })
      training.rounds.takeFigures()
      observed(train(training, { clock$: ticks(60) }))
      return training.rounds.takeFigures()['criticLoss/agent_0']!
    }
    expect(await loss(maddpg)).toBeLessThan(0.1 * (await loss(ddpg)))
  })
})
