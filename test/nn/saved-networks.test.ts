// Saving and restoring networks and what belongs to them: all of it, or nothing with a sentence that says why.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/nn/backend.ts'
import { mlp } from '../../src/nn/network.ts'
import { partsOf, restoreNetwork, restoreWhole, saveNetwork, saveNetworks } from '../../src/nn/saved-networks.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createRandom } from '../../src/random.ts'
import type { Saved, Stateful } from '../../src/types.ts'
import { expectSameBits } from '../support/matrices.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

const network = (seed: number, hidden = 4) => backend.network(mlp(3, [hidden], 2), createRandom(seed))
/** A tree with arrays of its own: what lies in shared memory is not copied by structuredClone. */
const copy = (saved: Saved): Saved =>
  Object.fromEntries(
    Object.entries(saved as Record<string, Float32Array | { shape: number[]; data: Float32Array }>).map(
      ([name, value]) =>
        'shape' in value ? [name, { shape: value.shape, data: value.data.slice() }] : [name, value.slice()],
    ),
  )

describe('the saved parameters of a network', () => {
  it('come back with the same bits', () => {
    const [from, to] = [network(1), network(2)]
    restoreNetwork(to, saveNetwork(from))
    expectSameBits(to.parameters, from.parameters)
  })

  it.each<[string, (saved: Record<string, unknown>) => unknown, string]>([
    ['nothing', () => null, 'tensor layer0.weight: expected shape [3,4], got none'],
    ['a number', () => 3, 'tensor layer0.weight: expected shape [3,4], got none'],
    ['a missing tensor', saved => delete saved['layer1.bias'], 'tensor layer1.bias: expected shape [2], got none'],
    ['null', saved => (saved['layer1.bias'] = null), 'tensor layer1.bias: expected shape [2], got none'],
    ['a text', saved => (saved['layer1.bias'] = 'ab'), 'tensor layer1.bias: expected shape [2], got none'],
    [
      'another shape',
      saved => (saved['layer1.weight'] = { shape: [2, 4], data: new Float32Array(8) }),
      'tensor layer1.weight: expected shape [4,2], got [2,4]',
    ],
    [
      'other numbers',
      saved => (saved['layer1.bias'] = new Float64Array(2)),
      'tensor layer1.bias: expected float32 numbers, got a Float64Array',
    ],
  ])('that are %s are refused, and change nothing', (kind, spoil, message) => {
    const [from, to] = [network(1), network(2)]
    const before = to.parameters.slice()
    const saved = copy(saveNetwork(from)) as Record<string, unknown>
    const spoilt = spoil(saved)
    const given = ['nothing', 'a number'].includes(kind) ? spoilt : saved
    expect(() => restoreNetwork(to, given as Saved)).toThrow(new RangeError(message))
    expectSameBits(to.parameters, before)
  })
})

describe('the saved state of several parts', () => {
  const learner = (seed: number): Stateful & { numbers: () => number[] } => {
    const [actor, critic] = [network(seed), network(seed + 100, 5)]
    return {
      ...saveNetworks({ actor, critic }, {}),
      numbers: () => [...actor.parameters, ...critic.parameters],
    }
  }

  it('names the part that is missing', () => {
    expect(() => partsOf({ actor: null }, ['actor', 'critic'])).toThrow(
      'nothing was saved of critic; expected actor, critic',
    )
    for (const none of [null, 3, 'text']) expect(() => partsOf(none, ['actor'])).toThrow(RangeError)
    expect(() => partsOf({}, ['toString'])).toThrow(RangeError)
  })

  it('comes back as a whole, or not at all when a later part does not fit', () => {
    const [from, to] = [learner(1), learner(2)]
    const before = to.numbers()
    const saved = from.save() as Record<string, Saved>
    expect(() => restoreWhole(to, { actor: saved.actor!, critic: saved.actor! })).toThrow(/tensor layer0\.weight/)
    expect(to.numbers()).toEqual(before)
    restoreWhole(to, saved)
    expect(to.numbers()).toEqual(from.numbers())
  })
})
