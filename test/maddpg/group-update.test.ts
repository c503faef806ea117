// One update of a group against the updates of its agents one by one: the same gradients on average, figures, and TD errors.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharingOf } from '../../src/agents/sharing.ts'
import { algorithms } from '../../src/algorithms/index.ts'
import type { Roster } from '../../src/learning/member.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createNoise, createRandom } from '../../src/random.ts'
import { createRun } from '../../src/run/run.ts'
import { teamContext } from '../support/agent-learner.ts'
import { agentsIn, randomBatch, spaces } from '../support/tiny-roster.ts'
import { tinyLearner } from '../support/tiny-training.ts'

const rows = 12
const agents = agentsIn(spaces.box, ['agent', 'other', 'agent', 'agent'])
const stateParts = [{ name: 'world', size: 4 }]

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

/** What every optimizer would have stepped by, in order, with the figures and TD errors of a round in which nothing moves. */
function roundOf(algorithm: string, settings: Readonly<Record<string, unknown>>, on = backend) {
  const gradients: number[][] = []
  const watching: Backend = {
    ...on,
    optimizer: (network, config) => ({
      ...on.optimizer(network, config),
      step() {
        gradients.push([...network.gradients])
        network.gradients.fill(0)
      },
    }),
  }
  const batch = randomBatch(watching, agents, rows, 1, { stateParts, ends: true })
  for (const { data } of [batch.states!, batch.nextStates!]) data.fill(0.3)
  batch.terminated.data[2] = 1
  batch.over!.data[5] = 1
  batch.weights.forEach((_, row) => void (batch.weights[row] = 1 / (1 + row)))
  const learnerOf = (indices: readonly number[]) => {
    const team = teamContext({
      backend: watching,
      agents,
      stateParts,
      indices,
      // Without chance, so that nothing depends on who draws which numbers.
      network: { hidden: [8, 6], activation: 'relu', temperature: 1, boxes: 'deterministic' },
      random: (id, name) => createRandom(3, id, name),
      noise: (id, name) => createNoise(3, id, name),
      sharing: sharingOf(agents, true, { toldApart: settings.identity !== false }),
      replay: () => ({ size: rows, batches: () => ({ batch: () => batch, learnt() {}, abandon() {} }) }),
    })
    const { [algorithm]: made } = algorithms
    const standing = { smoothing: 0, policyDelay: 1, tau: 0, updateEvery: 1, updateAfter: 1, batch: rows }
    return made!.createLearner(team, { ...tinyLearner, ...standing, ...settings })
  }
  const learner = learnerOf([0, 2, 3])
  const roster: Roster = [learner.members[0]!, learnerOf([1]).members[0]!, learner.members[1]!, learner.members[2]!]
  gradients.length = 0
  const figures = []
  for (;;) {
    const { of, figures: own, endsRound } = learner.advance(roster)
    figures.push({ of, ...own })
    if (endsRound) break
  }
  return { gradients, figures, tdErrors: [...batch.tdErrors] }
}

function mean(lists: readonly (readonly number[])[]): number[] {
  return lists[0]!.map((_, i) => lists.reduce((sum, list) => sum + list[i]!, 0) / lists.length)
}

function expectClose(got: readonly number[], expected: readonly number[]): void {
  expect(got).toHaveLength(expected.length)
  got.forEach((x, i) => {
    expect(Math.abs(x - expected[i]!)).toBeLessThan(1e-5 * Math.max(1, Math.abs(expected[i]!)))
  })
}

const cases = ['maddpg', 'ddpg', 'matd3'].flatMap(algorithm =>
  [
    {},
    { identity: false },
    { critic: 'local' },
    { critic: 'set', identity: false },
    { critic: 'state', timeLimit: 'terminate' },
    { critic: 'joint', timeLimit: 'drop', normaliseRewards: true },
  ].map(settings => ({ algorithm, settings, name: `${algorithm} ${JSON.stringify(settings)}` })),
)

describe('an update of a group', () => {
  it.each(cases)('has the mean gradient of the updates of its agents: $name', ({ algorithm, settings }) => {
    const apart = roundOf(algorithm, settings)
    const plain: Backend = { ...backend, members: () => null }
    for (const on of [backend, plain]) {
      const { gradients, figures, tdErrors } = roundOf(algorithm, { ...settings, groupUpdate: true }, on)
      const each = gradients.length
      expect(each).toBe(algorithm === 'matd3' ? 3 : 2)
      expect(apart.gradients).toHaveLength(3 * each)
      gradients.forEach((gradient, k) => {
        expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(1e-5)
        expectClose(gradient, mean([0, 1, 2].map(agent => apart.gradients[agent * each + k]!)))
      })
      expectClose(tdErrors, apart.tdErrors)
      expect(figures).toHaveLength(1)
      const { of, ...numbers } = figures[0]!
      expect(of).toBe('agent')
      for (const [name, value] of Object.entries(numbers)) {
        const separate = apart.figures.map(own => (own as Record<string, unknown>)[name] as number)
        expectClose([value as number], mean(separate.map(x => [x])))
      }
    }
  })

  it('is refused with what agents learn by themselves, naming the setting', async () => {
    const base = { shareParameters: true, groupUpdate: true, batch: 8, updateAfter: 8 }
    const refused = (learner: object, further = {}) =>
      createRun({ scenario: { id: 'simple_spread' }, learner: { ...base, ...learner }, ...further })
    await expect(refused({ subPolicies: 2 })).rejects.toThrow(
      /^learner\.subPolicies: expected 1 where learner\.groupUpdate/,
    )
    await expect(refused({ inferPolicies: true })).rejects.toThrow(/^learner\.inferPolicies: expected false/)
    await expect(refused({}, { network: { memory: 4 } })).rejects.toThrow(/^network\.memory: expected 0/)
  })
})
