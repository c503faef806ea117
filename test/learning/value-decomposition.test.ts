// A page of value decomposition on the shared replay buffer: one critic of the team, the sum of what its agents expect each.
import { expect, it } from 'vitest'
import { createActor } from '../../src/agents/actor.ts'
import { agentContexts } from '../../src/learning/agent-context.ts'
import { defineAlgorithm } from '../../src/learning/algorithm.ts'
import { createOptimizer } from '../../src/learning/optimizer.ts'
import { discounting, optimisation, replayUpdates } from '../../src/learning/options.ts'
import { teamUpdatesOverReplay } from '../../src/learning/replay-updates.ts'
import { saveNetworks } from '../../src/nn/saved-networks.ts'
import type { Matrix } from '../../src/types.ts'
import { best, learnt } from '../support/learnt.ts'
import { spaces } from '../support/tiny-roster.ts'

/** Sunehag et al. 2018: Q_tot = sum Q_i(o_i, a_i) learns r + gamma sum max Q_i(o_i', a'); agents explore by softmax(Q_i). */
const vdn = defineAlgorithm({
  id: 'vdn',
  description: 'value decomposition networks (Sunehag et al. 2018)',
  options: { ...optimisation, ...discounting, ...replayUpdates },
  acts: 'oneHot',
  createLearner(team, settings) {
    const { backend, agents, indices } = team
    const members = agentContexts(team).map(({ index, network, random }) => {
      const actor = createActor(backend, agents[index]!, { ...network, estimator: 'straightThrough' }, random('q'))
      const optimizer = createOptimizer(team, settings, actor.network, [agents[index]!.id, 'q'])
      const gradient = backend.matrix(settings.batch, actor.network.spec.layers.at(-1)!.size)
      return { index, actor, optimizer, gradient, ...saveNetworks({ q: actor.network }, { optimizer }) }
    })
    return teamUpdatesOverReplay(team, settings, members, batch => {
      const error = Float64Array.from(
        { length: batch.rows },
        (_, row) => -batch.rewards.data[row * agents.length + indices[0]!]!,
      )
      for (const { index, actor } of members) {
        const next = rowsOf(actor.network.infer(batch.nextObservations[index]!)).map(values => Math.max(...values))
        const over = (row: number) => batch.terminated.data[row * agents.length + index]!
        next.forEach((value, row) => void (error[row]! -= batch.discounts[row]! * (1 - over(row)) * value))
        const taken = rowsOf(batch.actions[index]!)
        const values = rowsOf(actor.network.forward(batch.observations[index]!))
        values.forEach((row, i) => void (error[i]! += row.reduce((sum, q, a) => sum + q * taken[i]![a]!, 0)))
      }
      for (const { index, actor, optimizer, gradient } of members) {
        const { columns, data } = batch.actions[index]!
        for (let i = 0; i < data.length; i++)
          gradient.data[i] = (2 / batch.rows) * error[Math.floor(i / columns)]! * data[i]!
        actor.network.backward(gradient)
        optimizer.step()
      }
      return { criticLoss: error.reduce((sum, e) => sum + e * e, 0) / batch.rows }
    })
  },
})

function rowsOf({ rows, columns, data }: Matrix): number[][] {
  return Array.from({ length: rows }, (_, row) => [...data.subarray(row * columns, (row + 1) * columns)])
}

it('finds for each agent the part that it has in the return of the team', async () => {
  const reward = ({ actions }: { actions: readonly (readonly number[])[] }) => actions[0]![1]! + 2 * actions[1]![2]!
  const game = { length: 1, ending: 'terminated', space: spaces.hard, reward } as const
  const training = await learnt(600, { algorithm: vdn, game })
  expect(best(training, 0, [0.5, 0])).toEqual([0, 1, 0])
  expect(best(training, 1, [0.5, 0])).toEqual([0, 0, 1])
  expect(Object.keys(training.rounds.takeFigures())).toEqual(['criticLoss/agent'])
})
