// Inferred policies: a known policy is found again from its actions, who is inferred, and what stands for whom in targets.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Actor, type ActorConfig, createActor } from '../../src/agents/actor.ts'
import { alone } from '../../src/agents/identity.ts'
import { NonFiniteError } from '../../src/errors.ts'
import type { Member } from '../../src/learning/member.ts'
import type { MaddpgSettings } from '../../src/learning/options.ts'
import { createInference } from '../../src/maddpg/inference.ts'
import { createLikelihood } from '../../src/maddpg/likelihood.ts'
import { ddpg, maddpg } from '../../src/maddpg/maddpg.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createNoise, createRandom } from '../../src/random.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import { agentLearner } from '../support/agent-learner.ts'
import { centralDifferences } from '../support/finite-differences.ts'
import { randomMatrix } from '../support/matrices.ts'
import { agentsIn, numbersOf, randomBatch, spaces } from '../support/tiny-roster.ts'
import { tinyLearner } from '../support/tiny-training.ts'

const rows = 128
const standard = Object.fromEntries(Object.entries(maddpg.options).map(([name, option]) => [name, option.default]))
const still = { save: () => null, restore() {} }
const unplayable: Member = {
  actor: {
    carries: [],
    networks: [],
    sample: () => expect.fail('it cannot be asked'),
    greedy: () => expect.fail('it cannot be asked'),
    probabilities: () => expect.fail('it cannot be asked'),
    distribution: () => expect.fail('it cannot be asked'),
  },
  isReadable: false,
  ...still,
}

describe('inferred policies', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend()
  })
  afterAll(() => backend.dispose())

  const contextOf = (
    space: ActionSpace,
    settings: Partial<MaddpgSettings> = {},
    network: Partial<ActorConfig> = {},
    unreadable: readonly number[] = [],
  ) => ({
    backend,
    agents: agentsIn(space, ['agent', 'agent']),
    index: 0,
    settings: { ...standard, ...tinyLearner, batch: rows, inferPolicies: true, ...settings } as MaddpgSettings,
    network: { hidden: [16, 16], activation: 'tanh', temperature: 1, ...network } as ActorConfig,
    criticNetwork: { hidden: [16, 16], activation: 'tanh' } as const,
    random: (name: string) => createRandom(3, name),
    noise: (name: string) => createNoise(3, name),
    unreadable: new Set(unreadable) as ReadonlySet<number>,
    now: () => 0,
    rateScale: () => 1,
    share: <T>(_: string, make: () => T) => make(),
    identity: alone,
  })
  type Context = ReturnType<typeof contextOf>
  const inferenceOf = (context: Context) =>
    createInference(context, { ...context.settings, learningRate: 0.005 }, 'joint')

  /** An agent whose policy depends on what it sees, and is far from uniform. */
  const fixed = (context: Context, sharpness = 2): Member & { readonly actor: Actor } => {
    const actor = createActor(backend, context.agents[1]!, context.network, createRandom(8))
    for (let i = 0; i < actor.network.parameters.length; i++) actor.network.parameters[i]! *= sharpness
    return { actor, targetActor: actor, ...still }
  }
  /** Transitions in which agent 1 acts by its policy. */
  const played = (context: Context, { actor }: Member, seed: number) => {
    const batch = randomBatch(backend, context.agents, rows, seed)
    batch.actions[1]!.data.set(actor.sample(batch.observations[1]!, createNoise(seed).next()).data)
    return batch
  }

  it.each<{ name: string; space: ActionSpace; network?: Partial<ActorConfig>; sharpness?: number; limit: number }>([
    { name: 'soft choices', space: spaces.soft, limit: 0.02 },
    { name: 'soft choices at a low temperature', space: spaces.soft, network: { temperature: 0.3 }, limit: 0.02 },
    { name: 'one-hot choices', space: spaces.hard, limit: 0.03 },
    {
      name: 'one-hots where soft ones are legal',
      space: spaces.soft,
      network: { estimator: 'straightThrough' },
      limit: 0.03,
    },
    { name: 'boxes', space: spaces.box, sharpness: 1, limit: 0.05 },
    { name: 'choices and boxes', space: spaces.mixed, sharpness: 1, limit: 0.05 },
  ])('find a policy again: $name, KL from above 0.3 to below $limit', ({ space, network, sharpness, limit }) => {
    const context = contextOf(space, {}, network)
    const roster = [unplayable, fixed(context, sharpness)]
    const inference = inferenceOf(context)
    const figures = Array.from({ length: 400 }, (_, i) => inference.learn(played(context, roster[1]!, i), roster))
    const mean = (from: number) => figures.slice(from, from + 20).reduce((sum, f) => sum + f.inferenceKL! / 20, 0)
    expect(figures[0]!.inferenceKL).toBeGreaterThan(0.3)
    expect(mean(380)).toBeLessThan(limit)
  })

  it.each(Object.entries(spaces))('have the gradient of their loss: %s', (_, space) => {
    const count = 5
    const likelihood = createLikelihood(backend, space, count, () => 0.7)
    const batch = randomBatch(backend, agentsIn(space, ['agent']), count, 1)
    const present = Float32Array.from([1, 0, 1, 1, 1])
    const { columns } = createActor(
      backend,
      agentsIn(space, ['agent'])[0]!,
      contextOf(space).network,
      createRandom(1),
    ).distribution(batch.observations[0]!)
    const outputs = randomMatrix(createRandom(2), count, columns)
    // Rounded to float32 on the way, so the differences are wide.
    const lossAt = (x: Float64Array) =>
      likelihood.loss({ ...outputs, data: Float32Array.from(x) }, batch.actions[0]!, present, 0.5).loss
    const expected = centralDifferences(lossAt, outputs.data, 2e-3)
    const { gradient } = likelihood.loss(outputs, batch.actions[0]!, present, 0.5)
    expected.forEach((x, i) => void expect(gradient.data[i]).toBeCloseTo(x, 3))
  })

  it('are kept flat by their entropy', () => {
    const divergenceFromUniform = (inferenceEntropy: number) => {
      const context = contextOf(spaces.soft, { inferenceEntropy })
      const roster = [unplayable, fixed(context)]
      const inference = inferenceOf(context)
      for (let i = 0; i < 200; i++) inference.learn(played(context, roster[1]!, i), roster)
      const observations = randomBatch(backend, context.agents, rows, 99).observations[1]!
      const logits = inference.standIn(1, roster).actor.distribution(observations)
      const uniform = { ...logits, data: new Float32Array(logits.data.length) }
      return createLikelihood(backend, spaces.soft, rows, () => 1).divergence(
        logits,
        uniform,
        new Float32Array(rows).fill(1),
      )!
    }
    expect(divergenceFromUniform(30)).toBeLessThan(0.2 * divergenceFromUniform(1e-3))
  })

  it('learn nothing from rows in which the agent was absent', () => {
    const context = contextOf(spaces.soft)
    const roster = [unplayable, fixed(context)]
    const learnt = (garbage: number) => {
      const inference = inferenceOf(context)
      const batch = played(context, roster[1]!, 1)
      for (const row of [3, 7]) {
        batch.present.data[row * 2 + 1] = 0
        batch.actions[1]!.data.fill(garbage, row * 3, row * 3 + 3)
      }
      const figures = inference.learn(batch, roster)
      return { figures, parameters: [...inference.networks.inferred_agent_1!.parameters] }
    }
    expect(learnt(0)).toEqual(learnt(0.9))
  })

  it('act with one-hots where nothing else was seen, else as actors do', () => {
    const context = contextOf(spaces.soft, { inferPolicies: false }, {}, [1])
    const inference = inferenceOf(context)
    const roster = [unplayable, unplayable]
    const batch = randomBatch(backend, context.agents, rows, 1)
    const draws = () => [
      ...inference.standIn(1, roster).targetActor!.sample(batch.observations[1]!, createNoise(1).next()).data,
    ]
    inference.learn(batch, roster)
    expect(draws().some(x => x > 0 && x < 1)).toBe(true)
    batch.actions[1]!.data.forEach((_, i, data) => {
      data[i] = i % 3 === Math.floor(i / 3) % 3 ? 1 : 0
    })
    expect(inference.learn(batch, roster)).toEqual({ inferenceLoss: expect.any(Number) })
    expect(draws().every(x => x === 0 || x === 1)).toBe(true)
  })

  it('say nothing about the distance from a deterministic box, and of the rest what there is', () => {
    for (const [space, expected] of [
      [spaces.box, undefined],
      [spaces.mixed, expect.any(Number)],
    ] as const) {
      const context = contextOf(space, {}, { boxes: 'deterministic' })
      const roster = [unplayable, fixed(context)]
      expect(inferenceOf(context).learn(played(context, roster[1]!, 1), roster).inferenceKL).toEqual(expected)
    }
  })

  it('name the agents when a loss is not finite', () => {
    const context = contextOf(spaces.soft)
    const roster = [unplayable, fixed(context)]
    const batch = played(context, roster[1]!, 1)
    batch.observations[1]!.data[4] = Number.NaN
    expect(() => inferenceOf(context).learn(batch, roster)).toThrow(NonFiniteError)
    expect(() => inferenceOf(context).learn(batch, roster)).toThrow(/^agent_0: inferred policy of agent_1 loss/)
  })

  describe('in a learner', () => {
    const updated = (context: Context, other: Member, algorithm = maddpg) => {
      const learner = agentLearner(algorithm, context, context.settings)
      const figures = learner.update(randomBatch(backend, context.agents, rows, 1), [learner, other])
      return { figures: Object.keys(figures), saved: Object.keys(learner.save() as object), learner }
    }
    const own = ['inferred_agent_1', 'inferred_agent_1_target', 'inferred_agent_1_optimizer']

    it('are there where they are wanted, and of those that nobody can read always', () => {
      const wanted = contextOf(spaces.soft)
      const read = contextOf(spaces.soft, { inferPolicies: false })
      const hidden = contextOf(spaces.soft, { inferPolicies: false }, {}, [1])
      expect(updated(wanted, fixed(wanted)).figures).toEqual([
        'criticLoss',
        'actorLoss',
        'inferenceLoss',
        'inferenceKL',
      ])
      expect(updated(wanted, fixed(wanted)).saved).toEqual(expect.arrayContaining(own))
      expect(updated(read, fixed(read)).figures).toEqual(['criticLoss', 'actorLoss'])
      expect(updated(read, fixed(read)).saved.filter(name => name.startsWith('inferred'))).toEqual([])
      expect(updated(hidden, unplayable).figures).toEqual(['criticLoss', 'actorLoss', 'inferenceLoss'])
    })

    it('are not there under a critic that sees its own agent alone', () => {
      const context = contextOf(spaces.soft, {}, {}, [1])
      expect(updated(context, unplayable, ddpg).saved.filter(name => name.startsWith('inferred'))).toEqual([])
      const local = contextOf(spaces.soft, { critic: 'local' }, {}, [1])
      expect(updated(local, unplayable).figures).toEqual(['criticLoss', 'actorLoss'])
    })

    it('stand for the others in targets: the true target actor is not asked', () => {
      const critic = (context: Context, moved: boolean) => {
        const other = fixed(context)
        if (moved) for (const { parameters } of other.targetActor!.networks) parameters.fill(0.3)
        return numbersOf(updated(context, { ...other, actor: fixed(context).actor }).learner, 'critic')
      }
      const [wanted, read] = [contextOf(spaces.soft), contextOf(spaces.soft, { inferPolicies: false })]
      expect(critic(wanted, true)).toEqual(critic(wanted, false))
      expect(critic(read, true)).not.toEqual(critic(read, false))
    })

    it('have targets that begin equal and follow by tau', () => {
      const { learner } = updated(contextOf(spaces.soft, { tau: 0.25 }), fixed(contextOf(spaces.soft)))
      const fresh = numbersOf(
        agentLearner(maddpg, contextOf(spaces.soft), contextOf(spaces.soft).settings),
        'inferred_agent_1_target',
      )
      const [online, target] = [numbersOf(learner, own[0]!), numbersOf(learner, own[1]!)]
      expect(online).not.toEqual(fresh)
      target.forEach((x, i) => void expect(x).toBeCloseTo(0.25 * online[i]! + 0.75 * fresh[i]!, 6))
    })
  })
})
