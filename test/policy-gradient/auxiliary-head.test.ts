// The auxiliary head: its loss against finite differences, with masks, boxes and memories, and what it adds to the policy's network.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuxiliaryLoss } from '../../src/learning/value-loss.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { clearConstant } from '../../src/nn/network.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createTfjsBackend } from '../../src/nn/tfjs/backend.ts'
import { createAuxiliaryHead } from '../../src/policy-gradient/auxiliary-head.ts'
import { createRandom } from '../../src/random.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import type { Matrix } from '../../src/types.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { expectClose } from '../support/matrices.ts'
import { plainForward } from '../support/plain-network.ts'
import { policyScene, unitSteps } from '../support/policy-scene.ts'
import { plainDescent, type TeamOptions } from '../support/tiny-team.ts'

let backend: Backend
beforeAll(async () => {
  backend = plainDescent(await createSimdBackend())
})
afterAll(() => backend.dispose())

const choice: ActionSpace = [{ name: 'move', kind: 'choice', size: 3, soft: false }]
const mixed: ActionSpace = [...choice, { name: 'force', kind: 'box', size: 1, low: -1, high: 3 }]
const cloneWeight = 0.7
const there = (step: number, game: number, agent: number) => ((step + game + agent) % 4 === 0 ? 0 : 1)

function headScene(space: ActionSpace, isMasked: boolean, options: TeamOptions = {}, huberDelta: number | null = null) {
  const agents = agentsOf([2, 2], space).map(agent => ({ ...agent, isMasked }))
  const { group, policy, rows } = policyScene(backend, agents, options, there)
  const loss = createAuxiliaryLoss(1, huberDelta)
  const head = createAuxiliaryHead(group, policy, unitSteps, { cloneWeight, loss, learningRate: 1 })
  const random = createRandom(7, 'targets')
  // A policy somewhat away from what it is.
  const { rows: count, columns, data } = head.outputsAt(rows)
  const old: Matrix = { rows: count, columns, data: data.map(output => output + random.between(-0.5, 0.5)) }
  const targets = Float64Array.from({ length: count }, () => random.between(-2, 2))
  return { policy, head, rows, old, targets }
}
type Scene = ReturnType<typeof headScene>

/** The parameters of the policy, then those of the head; to be changed in place. */
const parametersOf = ({ policy, head }: Scene) => [
  policy.network.parameters,
  head.parts.auxiliaryHead!.save() as Float32Array,
]

function lossOf({ head, rows, old, targets }: Scene): number {
  const { auxiliaryLoss, cloneDivergence } = head.gradient(rows, targets, old)
  head.network.gradients.fill(0)
  return auxiliaryLoss! + cloneWeight * cloneDivergence!
}

/** What a step of plain descent at rate 1 takes from all parameters; they are put back. */
function gradientOf(from: Scene): Float64Array {
  const all = parametersOf(from)
  const before = all.map(each => Float32Array.from(each))
  from.head.gradient(from.rows, from.targets, from.old)
  from.head.step()
  const gradient = all.flatMap((each, k) => Array.from(each, (value, i) => before[k]![i]! - value))
  all.forEach((each, k) => void each.set(before[k]!))
  return Float64Array.from(gradient)
}

/** Parameters are single precision: steps wide enough that rounding is small beside what they change. */
function differencesOf(from: Scene): Float64Array {
  const h = 2 ** -7
  return Float64Array.from(
    parametersOf(from).flatMap(each =>
      Array.from(each, (middle, i) => {
        const at = (value: number) => {
          each[i] = value
          return lossOf(from)
        }
        const slope = (at(middle + h) - at(middle - h)) / (2 * h)
        const wide = (at(middle + 2 * h) - at(middle - 2 * h)) / (4 * h)
        each[i] = middle
        return (4 * slope - wide) / 3
      }),
    ),
  )
}

describe('the gradient of mean h(V_aux - R) + beta mean KL(pi_old || pi)', () => {
  it.each([
    ['a choice', choice, {}, null],
    ['a choice and a box, and lines far off', mixed, {}, 0.5],
    ['boxes whose deviation is a bias', mixed, { network: { boxes: 'clipped' } }, null],
    ['boxes of Beta distributions', mixed, { network: { boxes: 'beta' } }, null],
    ['a memory', mixed, { network: { memory: 4, hidden: [5] } }, null],
    ['no hidden layer', choice, { network: { hidden: [] } }, null],
    [
      'orthogonal weights, normalised layers',
      choice,
      { network: { orthogonal: { hidden: 1, output: 0.01 }, layerNorm: true } },
      null,
    ],
  ] as const)('is that of finite differences, with masks and without: %s', (_, space, options, delta) => {
    // biome-ignore format: a table
    for (const isMasked of [false, true]) {
      const from = headScene(space, isMasked, options, delta)
      const gradient = gradientOf(from)
      expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(0.05)
      const differences = Float32Array.from(differencesOf(from))
      clearConstant(from.policy.network.tensors, differences)
      expectClose(gradient, differences, 3e-4)
      if (!isMasked) continue
      // The second of three alternatives is never allowed.
      const bias = from.policy.network.tensors.at(-1)!
      expect(gradient[bias.offset + 1]).toBe(0)
      expect(gradient[bias.offset + 2]).not.toBe(0)
    }
  })
})

it('says what the policy says, and the loss of one output more; rows of the absent count nothing', () => {
  const from = headScene(choice, false)
  const { policy, head, rows, old, targets } = from
  expectClose(head.outputsAt(rows).data, policy.at(rows).outputs.data, 1e-6)
  const { spec, parameters } = head.network
  const input = rows.indices.length
  const seen = { rows: input, columns: 4, data: new Float32Array(4 * input) }
  rows.trajectory.copy('observation', rows.indices, seen)
  rows.indices.forEach((row, i) => void (seen.data[4 * i + 2 + rows.trajectory.memberOf(row)] = 1))
  let sum = 0
  for (let i = 0; i < input; i++) {
    const outputs = plainForward(spec, [...parameters], [...seen.data.subarray(4 * i, 4 * i + 4)], 1)
    if (rows.trajectory.present[rows.indices[i]!] === 1) sum += (outputs[3]! - targets[i]!) ** 2 / 2
  }
  const { auxiliaryLoss } = head.gradient(rows, targets, old)
  head.network.gradients.fill(0)
  expect(Math.abs(auxiliaryLoss! - sum / rows.count)).toBeLessThan(1e-6)
})

it('is the same on both backends', async () => {
  const tfjs = await createTfjsBackend({ carrier: 'cpu' })
  const simd = backend
  const after = (by: Backend) => {
    backend = plainDescent(by)
    const from = headScene(mixed, true)
    for (let step = 0; step < 2; step++) {
      from.head.gradient(from.rows, from.targets, from.old)
      from.head.step()
      // The policy has moved along.
      expectClose(from.head.outputsAt(from.rows).data, from.policy.at(from.rows).outputs.data, 1e-6)
    }
    return parametersOf(from).flatMap(each => [...each])
  }
  expectClose(after(tfjs), after(simd), 1e-5)
  backend = simd
  tfjs.dispose()
})

it('errors name the group and its network', () => {
  const { head, rows, old, targets } = headScene(choice, false)
  expect(() => head.gradient(rows, targets.fill(Number.NaN), old)).toThrow('agent: actor loss is NaN')
})
