// Actors under action masks: the gradient of the whole loss, what they record, ensembles, memories, and policies made of them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ActorConfig, createActor } from '../../src/agents/actor.ts'
import { createActorPolicy } from '../../src/agents/actor-policy.ts'
import { createDistribution } from '../../src/agents/distribution.ts'
import { createEnsembleActor } from '../../src/agents/ensemble-actor.ts'
import { playedSpace } from '../../src/agents/estimators.ts'
import { createExploration } from '../../src/agents/exploration.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createNoise, createRandom } from '../../src/random.ts'
import { type ActionSpace, actionSize } from '../../src/spaces.ts'
import type { Matrix } from '../../src/types.ts'
import { centralDifferences } from '../support/finite-differences.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { dot, expectClose, expectSameBits, placed, randomMatrix } from '../support/matrices.ts'
import { maskedStandIn, randomMask } from '../support/plain-masks.ts'
import { plainForward } from '../support/plain-network.ts'

const space: ActionSpace = [
  { name: 'move', kind: 'choice', size: 5, soft: true },
  { name: 'say', kind: 'choice', size: 3, soft: true },
]
const size = actionSize(space)
const temperature = 0.8
const config: ActorConfig = { hidden: [7, 6], activation: 'tanh', temperature }
const rows = 6
const mask = randomMask(createRandom(11), rows, space)
const forbidden = [...mask.data.keys()].filter(i => mask.data[i] === 0)
const key = createNoise(4).next()

describe('an actor under a mask', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend()
  })
  afterAll(() => backend.dispose())

  const [agent] = agentsOf([4], space)
  const newActor = (more: Partial<ActorConfig> = {}, seed = 1) =>
    createActor(backend, agent!, { ...config, ...more }, createRandom(seed, 'actor'))
  const seen = () => ({ ...placed(backend, randomMatrix(createRandom(2), rows, 4, 2)), mask })
  const expectObeyed = ({ data }: Matrix) => {
    for (const i of forbidden) expect(data[i]).toBe(0)
  }

  it('has the gradient of sample, penalty and entropy over the allowed logits alone', () => {
    const actor = newActor()
    const gradient = placed(backend, randomMatrix(createRandom(3), rows, size))
    const present = Float32Array.of(1, 1, 0, 1, 1, 1)
    gradient.data.fill(0, 2 * size, 3 * size)
    const [penalty, weight] = [0.3, 0.2]
    const scale = Float64Array.from(present, there => weight * there)
    const entropyOf = createDistribution(space)
    const loss = (parameters: ArrayLike<number>) => {
      const logits = Float64Array.from(plainForward(actor.network.spec, parameters, seen().data, rows))
      const soft = maskedStandIn('soft', space, mask, logits, [], key, temperature, 1)(logits)
      const counts = (i: number) => mask.data[i]! * present[Math.floor(i / size)]!
      const squares = logits.reduce((sum, x, i) => sum + x * x * counts(i), 0)
      return dot(soft, gradient.data) + (penalty * squares) / logits.length + dot(entropies(logits), scale)
    }
    actor.forward(seen(), key)
    const ofEntropy = backend.matrix(rows, size)
    entropyOf.entropyGradient(actor.outputs, scale, ofEntropy, mask)
    actor.backward(gradient, penalty, present, ofEntropy)
    expectClose(actor.network.gradients, centralDifferences(loss, actor.network.parameters), 5e-6)
  })

  it('leaves the output weights of an alternative that is never allowed without a gradient, whatever is added', () => {
    const actor = newActor()
    const never = { ...mask, data: mask.data.map((_, i) => (i % size === 2 ? 0 : 1)) }
    actor.forward({ ...seen(), mask: never }, key)
    const further = placed(backend, randomMatrix(createRandom(5), rows, size, 9))
    actor.backward(
      placed(backend, randomMatrix(createRandom(3), rows, size)),
      0.3,
      new Float32Array(rows).fill(1),
      further,
    )
    const { gradients, tensors } = actor.network
    const [weight, bias] = tensors.slice(-2)
    const column = (k: number) =>
      Array.from({ length: 6 }, (_, i) => gradients[weight!.offset + i * size + k]!).concat(
        gradients[bias!.offset + k]!,
      )
    expect(column(2).every(x => x === 0)).toBe(true)
    expect(column(1).every(x => x === 0)).toBe(false)
  })

  it.each(['soft', 'straightThrough', 'gumbelRao', 'gapped'] as const)(
    'samples what it goes forward with, estimator %s',
    estimator => {
      const actor = newActor({ estimator })
      const forward = Float32Array.from(actor.forward(seen(), key).data)
      expectSameBits(actor.sample(seen(), key).data, forward)
      for (const answer of [actor.sample(seen(), key), actor.greedy(seen()), actor.probabilities(seen())])
        expectObeyed(answer)
    },
  )

  it('records the log-probability among what was allowed', () => {
    const actor = newActor({ estimator: 'straightThrough' })
    const actions = actor.sample(seen(), key)
    const taken = { actions: { ...actions, data: Float32Array.from(actions.data) } }
    const recorded = Float32Array.from(actor.recorded!('logProbability').data)
    const expected = new Float32Array(rows)
    createDistribution(playedSpace(space, 'straightThrough')).logProbability(
      actor.distribution(seen()),
      taken,
      expected,
      mask,
    )
    expectClose(recorded, expected, 1e-5)
    expect(recorded.every(x => x <= 0 && x > -Infinity)).toBe(true)
  })

  it('obeys as an ensemble and with a memory', () => {
    const subPolicy = { name: 'subPolicy', rows, columns: 1, data: Float32Array.of(0, 1, 0, 1, 1, 0) }
    const ensemble = createEnsembleActor(backend, [newActor({}, 1), newActor({}, 2)])
    const observations = { ...seen(), extras: [subPolicy] }
    for (const answer of [
      ensemble.sample(observations, key),
      ensemble.greedy(observations),
      ensemble.probabilities(observations),
    ]) {
      expectObeyed(answer)
    }
    const recurrent = newActor({ memory: 5 })
    const memory = { name: 'memory', rows, columns: 5, data: new Float32Array(rows * 5) }
    const once = { ...seen(), extras: [memory] }
    for (const answer of [recurrent.sample(once, key), recurrent.greedy(once)]) expectObeyed(answer)
    const past = { observations: seen(), restarted: new Uint8Array(rows), extras: [memory] }
    expectObeyed(recurrent.forward({ ...seen(), past }, key))
  })

  it('obeys as a policy, exploring with noise on its boxes or by its own chance', () => {
    const mixed: ActionSpace = [
      { name: 'force', kind: 'box', size: 2, low: -1, high: 1 },
      { name: 'move', kind: 'choice', size: 5, soft: false },
    ]
    const [other] = agentsOf([4], mixed)
    const actor = createActor(backend, other!, { ...config, boxes: 'deterministic' }, createRandom(1))
    const allowed = randomMask(createRandom(6), rows, mixed)
    for (const kind of ['gaussian', 'ornsteinUhlenbeck'] as const) {
      const exploration = createExploration(mixed, { kind, scale: () => 2 }, createNoise(3))
      const policy = createActorPolicy(actor, createNoise(1), createRandom(1), exploration)
      for (const explore of [true, false]) {
        const actions = { rows, columns: 7, data: new Float32Array(rows * 7) }
        const observations = { ...randomMatrix(createRandom(7), rows, 4), mask: allowed }
        policy.act({ observations, restarted: new Uint8Array(rows), explore, actions, extras: [] })
        actions.data.forEach((value, i) => void (allowed.data[i] === 0 && expect(value).toBe(0)))
        const { data } = policy.probabilities!(observations)
        data.forEach((value, i) => void (allowed.data[i] === 0 && expect(value).toBe(0)))
      }
    }
  })

  it('learns and plays the same bits with a mask that allows everything as with none', () => {
    const learn = (all: Matrix | undefined) => {
      const actor = newActor()
      const { mask: _, ...observations } = seen()
      const sees = all === undefined ? observations : { ...observations, mask: all }
      const actions = Float32Array.from(actor.forward(sees, key).data)
      actor.backward(randomMatrix(createRandom(3), rows, size), 1e-2, new Float32Array(rows).fill(1))
      return { actions, gradients: actor.network.gradients }
    }
    const [without, all] = [undefined, { ...mask, data: new Float32Array(rows * size).fill(1) }].map(learn)
    expectSameBits(all!.actions, without!.actions)
    expectSameBits(all!.gradients, without!.gradients)
  })
})

/** Per row the sum of the entropies of both choices over the alternatives that are allowed. */
function entropies(logits: Float64Array): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    let [sum, from] = [0, row * size]
    for (const part of space) {
      const allowed = Array.from({ length: part.size }, (_, c) => from + c).filter(i => mask.data[i] === 1)
      const total = allowed.reduce((all, i) => all + Math.exp(logits[i]!), 0)
      for (const i of allowed) sum -= (Math.exp(logits[i]!) / total) * Math.log(Math.exp(logits[i]!) / total)
      from += part.size
    }
    return sum
  })
}
