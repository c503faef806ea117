// The probes with several policies per agent and with inferred ones, and a game in which it matters which sub-policy plays an episode.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createActor } from '../../src/agents/actor.ts'
import { createEnsembleActor } from '../../src/agents/ensemble-actor.ts'
import type { Member } from '../../src/learning/member.ts'
import { maddpg } from '../../src/maddpg/maddpg.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { mlp } from '../../src/nn/network.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createRandom } from '../../src/random.ts'
import { best, learnt } from '../support/learnt.ts'
import { plainForward } from '../support/plain-network.ts'
import { agentsIn, numbersOf, randomBatch, spaces, tinyRoster } from '../support/tiny-roster.ts'

type Rewarded = { readonly agent: number; readonly actions: readonly (readonly number[])[] }
const agree = ({ actions }: Pick<Rewarded, 'actions'>) =>
  actions[0]!.reduce((sum, p, move) => sum + p * actions[1]![move]!, 0)

describe.each([
  { name: 'two sub-policies', learner: { subPolicies: 2 }, count: 2 },
  { name: 'inferred policies', learner: { inferPolicies: true }, count: 1 },
  { name: 'both', learner: { subPolicies: 2, inferPolicies: true }, count: 2 },
])('agents with $name', ({ learner, count }) => {
  it('make the move that pays, all of their policies', async () => {
    const reward = ({ agent, actions }: Rewarded) => actions[agent]![agent + 1]!
    const training = await learnt(400, { game: { length: 1, ending: 'terminated', reward }, learner })
    for (let k = 0; k < count; k++) {
      expect(best(training, 0, [0.5, 0], k)[1]).toBeGreaterThan(0.9)
      expect(best(training, 1, [0.5, 0], k)[2]).toBeGreaterThan(0.9)
    }
  })

  it('agree on a move, whichever policy meets which', async () => {
    const training = await learnt(500, { game: { length: 1, ending: 'terminated', reward: agree }, learner })
    for (let k = 0; k < count; k++) {
      for (let other = 0; other < count; other++) {
        const actions = [best(training, 0, [0.5, 0], k), best(training, 1, [0.5, 0], other)]
        expect(agree({ actions })).toBeGreaterThan(0.85)
      }
    }
  })
})

describe('an episode of an ensemble', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend()
  })
  afterAll(() => backend.dispose())

  it('is played by one sub-policy to its end, and a critic that sees one move knows the next', () => {
    // Episodes of two steps. Agent 1 has a policy that always makes the first move and one that always makes the second. Agent 0 is
    // paid 1 at the second step where agent 1 makes the first move; so at the first step that move is worth gamma, the other nothing.
    const agents = agentsIn(spaces.soft, ['agent', 'agent'], 2)
    const rows = 32
    const config = { hidden: [4], activation: 'relu', temperature: 1 } as const
    const ensemble = createEnsembleActor(
      backend,
      [0, 1].map(move => {
        const actor = createActor(backend, agents[1]!, config, createRandom(1))
        actor.network.parameters
          .fill(0)
          .set([move === 0 ? 40 : 0, move === 1 ? 40 : 0, 0], actor.network.parameters.length - 3)
        return actor
      }),
    )
    const other: Member = { actor: ensemble, targetActor: ensemble, save: () => null, restore() {} }
    const learner = tinyRoster(backend, maddpg, agents, { rows, network: { hidden: [16] }, learner: { tau: 0.1 } })[0]!

    const numbers = { rows, columns: 1, data: Float32Array.from({ length: rows }, (_, row) => row % 2) }
    for (let round = 0; round < 400; round++) {
      const batch = randomBatch(backend, agents, rows, round)
      for (let row = 0; row < rows; row++) {
        const [k, second] = [row % 2, Math.floor(row / 2) % 2 === 1]
        for (const agent of [0, 1]) {
          batch.observations[agent]!.data.set(second ? [0, 1] : [1, 0], row * 2)
          batch.nextObservations[agent]!.data.set([0, 1], row * 2)
          batch.terminated.data[row * 2 + agent] = second ? 1 : 0
        }
        batch.actions[1]!.data.set(k === 0 ? [1, 0, 0] : [0, 1, 0], row * 3)
        batch.rewards.data.set([second && k === 0 ? 1 : 0, 0], row * 2)
      }
      const extras = [{ name: 'subPolicy', ...numbers }]
      const named = batch.nextObservations.map(observations => ({ ...observations, extras }))
      learner.update({ ...batch, nextObservations: named }, [learner, other])
    }
    const value = (move: readonly number[]) =>
      plainForward(mlp(10, [16], 1), numbersOf(learner, 'critic'), [1, 0, 1, 0, 0.2, 0.3, 0.5, ...move], 1)[0]
    expect(Math.abs(value([1, 0, 0])! - 0.95)).toBeLessThan(0.1)
    expect(Math.abs(value([0, 1, 0])!)).toBeLessThan(0.1)
  })
})
