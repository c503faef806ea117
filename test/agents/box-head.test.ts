// Heads of boxes, alone and beside choices: samples, their statistics and bounds, gradients, noise.
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createActor } from '../../src/agents/actor.ts'
import { createHead } from '../../src/agents/head.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createNoise, createRandom, type NoiseKey } from '../../src/random.ts'
import { type ActionSpace, actionSize } from '../../src/spaces.ts'
import { backends } from '../support/backends.ts'
import { centralDifferences } from '../support/finite-differences.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { dot, expectClose, expectSameBits, placed, randomMatrix } from '../support/matrices.ts'
import { plainForward } from '../support/plain-network.ts'
import { plainGumbelSoftmax, plainUniform } from '../support/plain-noise.ts'

const box = (name: string, size: number, low: number, high: number) => ({ name, kind: 'box', size, low, high }) as const
const choice = (name: string, size: number, soft: boolean) => ({ name, kind: 'choice', size, soft }) as const
const spaces: readonly { readonly name: string; readonly space: ActionSpace }[] = [
  { name: 'one box', space: [box('move', 5, 0, 1)] },
  { name: 'two boxes side by side', space: [box('move', 2, -2, 1), box('say', 3, 0, 4)] },
  { name: 'a box beside a soft choice', space: [box('move', 2, -1, 1), choice('say', 3, true)] },
  { name: 'a hard choice beside a box', space: [choice('say', 3, false), box('move', 2, -1, 1)] },
  { name: 'a box between choices', space: [choice('a', 3, true), box('b', 3, 5, 7), choice('c', 2, false)] },
]

describe.each(backends)('on $name, a head with boxes', ({ create }) => {
  let backend: Backend
  beforeAll(async () => {
    backend = await create()
  })
  afterAll(() => backend.dispose())

  const rows = 7
  const outputsFor = (space: ActionSpace, count = rows) =>
    placed(backend, randomMatrix(createRandom(1, 'outputs'), count, inputsOf(space), 3))

  describe.each(spaces)('for $name', ({ space }) => {
    it('needs two network outputs for each number of a box', () => {
      expect(createHead(backend, space, { temperature: 1 }).inputs).toBe(inputsOf(space))
    })

    it('samples what its outputs describe', () => {
      const outputs = outputsFor(space)
      const key = createNoise(2).next()
      const actions = createHead(backend, space, { temperature: 0.7 }).sample(outputs, key)
      expect([actions.rows, actions.columns]).toEqual([rows, actionSize(space)])
      expectClose(actions.data, plainActions(space, outputs.data, 0.7, key), 2e-6)
    })

    it('leads the gradient back to means, log deviations and logits', () => {
      const outputs = outputsFor(space)
      const key = createNoise(3).next()
      const gradient = placed(backend, randomMatrix(createRandom(4), rows, actionSize(space)))
      const head = createHead(backend, space, { temperature: 0.7 })
      head.sample(outputs, key)
      const value = (x: Float64Array) => dot(plainActions(space, x, 0.7, key, true), gradient.data)
      expectClose(head.gradient(gradient).data, centralDifferences(value, outputs.data), 3e-6)
    })

    it('guesses best the squashed means', () => {
      const outputs = outputsFor(space)
      const { data } = createHead(backend, space, { temperature: 1 }).greedy(outputs)
      const expected = plainActions(space, outputs.data, 1, null)
      expectClose(data, expected, 1e-6)
    })

    it('gives the same bits for the same noise, and others for other noise', () => {
      const noise = createNoise(5)
      const [key, other] = [noise.next(), noise.next()]
      const sample = (k: NoiseKey) => createHead(backend, space, { temperature: 1 }).sample(outputsFor(space), k).data
      expectSameBits(sample(key), sample(key))
      expect(sample(other)).not.toEqual(sample(key))
    })

    it('gives a row the same bits however many rows follow it', () => {
      const key = createNoise(6).next()
      const head = createHead(backend, space, { temperature: 1 })
      const all = Float32Array.from(head.sample(outputsFor(space, 20), key).data)
      for (const count of [1, 5, 13]) {
        const part = head.sample(outputsFor(space, count), key).data
        expectSameBits(part, all.subarray(0, count * actionSize(space)))
      }
    })
  })

  it('leads an actor’s gradient through the whole network, with the penalty on all outputs', () => {
    const space = spaces[2]!.space
    const [agent] = agentsOf([4], space)
    const config = { hidden: [6], activation: 'tanh', temperature: 0.8 } as const
    const actor = createActor(backend, agent!, config, createRandom(1, 'actor'))
    const observations = placed(backend, randomMatrix(createRandom(2), rows, 4, 2))
    const gradient = placed(backend, randomMatrix(createRandom(3), rows, actionSize(space)))
    const key = createNoise(4).next()
    const loss = (parameters: ArrayLike<number>) => {
      const outputs = plainForward(actor.network.spec, parameters, observations.data, rows)
      const squares = outputs.reduce((sum, x) => sum + x * x, 0)
      return dot(plainActions(space, outputs, 0.8, key), gradient.data) + (0.3 * squares) / outputs.length
    }
    actor.forward(observations, key)
    actor.backward(gradient, 0.3, new Float32Array(rows).fill(1))
    expectClose(actor.network.gradients, centralDifferences(loss, actor.network.parameters), 5e-6)
  })

  it('stays within its bounds, whatever the outputs', () => {
    const [low, high] = [-0.3, 0.1]
    const head = createHead(backend, [box('move', 2, low, high)], { temperature: 1 })
    fc.assert(
      fc.property(fc.nat(), fc.float({ min: 0, max: 1000, noNaN: true }), (seed, scale) => {
        const outputs = randomMatrix(createRandom(seed), 6, 4, scale)
        for (const { data } of [head.sample(outputs, createNoise(seed).next()), head.greedy(outputs)]) {
          expect(data.every(a => a >= Math.fround(low) && a <= Math.fround(high))).toBe(true)
        }
        expect(head.gradient(randomMatrix(createRandom(seed), 6, 2)).data.every(Number.isFinite)).toBe(true)
      }),
    )
  })

  it('holds log deviations within [-5, 2], with no gradient outside', () => {
    const head = createHead(backend, [box('move', 1, -1, 1)], { temperature: 1 })
    const key = createNoise(7).next()
    const at = (logDeviation: number) => {
      const outputs = backend.matrix(1, 2)
      outputs.data.set([0.2, logDeviation])
      const action = head.sample(outputs, key).data[0]!
      const gradient = head.gradient({ rows: 1, columns: 1, data: Float32Array.of(1) }).data[1]!
      return { action, gradient }
    }
    expect(at(-9)).toEqual({ action: at(-5).action, gradient: 0 })
    expect(at(3)).toEqual({ action: at(2).action, gradient: 0 })
    expect(at(-5).gradient).not.toBe(0)
    expect(at(2).gradient).not.toBe(0)
  })

  it('draws normal numbers before it squashes them, each its own', () => {
    const count = 40_000
    const outputs = backend.matrix(count, 4) // means 0 and 0, log deviations 0 and 0
    const { data } = createHead(backend, [box('move', 2, -1, 1)], { temperature: 1 }).sample(
      outputs,
      createNoise(8).next(),
    )
    const normals = Array.from(data, Math.atanh)
    const moment = (power: number) => normals.reduce((sum, n) => sum + n ** power, 0) / normals.length
    // Five standard errors of the moments of 80,000 standard normal numbers.
    const within = (variance: number) => 5 * Math.sqrt(variance / normals.length)
    expect(Math.abs(moment(1))).toBeLessThan(within(1))
    expect(Math.abs(moment(2) - 1)).toBeLessThan(within(2))
    expect(Math.abs(moment(3))).toBeLessThan(within(15))
    expect(Math.abs(moment(4) - 3)).toBeLessThan(within(96))
    const products = Array.from({ length: count }, (_, row) => normals[2 * row]! * normals[2 * row + 1]!)
    expect(Math.abs(products.reduce((a, b) => a + b) / count)).toBeLessThan(5 / Math.sqrt(count))
  })
})

function inputsOf(space: ActionSpace): number {
  return space.reduce((sum, part) => sum + (part.kind === 'box' ? 2 : 1) * part.size, 0)
}

/** Actions in double precision; without a key the best guess; `soft`: choices as they were drawn, as gradients see them. */
function plainActions(
  space: ActionSpace,
  data: Float64Array | Float32Array,
  temperature: number,
  key: NoiseKey | null,
  soft = false,
): Float64Array {
  const columns = inputsOf(space)
  const rows = data.length / columns
  const size = actionSize(space)
  const actions = new Float64Array(rows * size)
  let [output, action] = [0, 0]
  for (const part of space) {
    const drawn =
      part.kind === 'choice' && key !== null
        ? plainGumbelSoftmax({ rows, columns, data }, { from: output, to: output + part.size }, temperature, key)
        : null
    for (let row = 0; row < rows; row++) {
      const at = row * columns + output
      if (part.kind === 'box') {
        for (let i = 0; i < part.size; i++) {
          const [mean, log] = [at + i, at + part.size + i]
          const radius = key === null ? 0 : Math.sqrt(-2 * Math.log(plainUniform(key, mean)))
          const normal = key === null ? 0 : radius * Math.cos(2 * Math.PI * plainUniform(key, log))
          const u = data[mean]! + Math.exp(Math.min(2, Math.max(-5, data[log]!))) * normal
          actions[row * size + action + i] = part.low + ((part.high - part.low) * (Math.tanh(u) + 1)) / 2
        }
        continue
      }
      const weights = [...(drawn?.subarray(at, at + part.size) ?? data.subarray(at, at + part.size).map(Math.exp))]
      const [sum, largest] = [weights.reduce((a, b) => a + b), weights.indexOf(Math.max(...weights))]
      const executed = weights.map((w, i) => (part.soft || soft ? w / sum : i === largest ? 1 : 0))
      actions.set(executed, row * size + action)
    }
    output += part.kind === 'box' ? 2 * part.size : part.size
    action += part.size
  }
  return actions
}
