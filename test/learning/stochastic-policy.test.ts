// The policy of a group: its loss against finite differences, and who counts in it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StochasticPolicy } from '../../src/learning/stochastic-policy.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import type { AgentSpec } from '../../src/types.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { expectClose } from '../support/matrices.ts'
import { policyScene, sceneSteps } from '../support/policy-scene.ts'
import { plainDescent, type TeamOptions } from '../support/tiny-team.ts'

let backend: Backend
beforeAll(async () => {
  backend = plainDescent(await createSimdBackend())
})
afterAll(() => backend.dispose())

const choice: ActionSpace = [{ name: 'move', kind: 'choice', size: 3, soft: false }]
const mixed: ActionSpace = [
  { name: 'move', kind: 'choice', size: 3, soft: true },
  { name: 'force', kind: 'box', size: 1, low: -1, high: 3 },
]

const scene = (
  agents: readonly AgentSpec[],
  options: TeamOptions,
  present: (step: number, game: number, agent: number) => number,
) => policyScene(backend, agents, options, present)

type Scene = ReturnType<typeof scene>
const everybody = () => 1
const entropyWeight = 0.3

/** The loss of the policy as it is, from log-probabilities and entropies of rows. */
function lossOf({ policy, rows, weights }: Scene): number {
  const now = policy.at(rows)
  const [logProbability, entropy] = [now.logProbability, now.entropy]
  let sum = 0
  rows.indices.forEach((row, i) => {
    if (rows.trajectory.present[row] === 1) sum += weights[i]! * logProbability[i]! + entropyWeight * entropy[i]!
  })
  return -sum / rows.count
}

/** What one step of plain descent at rate 1 takes from the parameters; they are put back. */
function gradientOf({ policy, rows, weights }: Scene): Float64Array {
  const { parameters } = policy.network
  const before = Float32Array.from(parameters)
  policy.at(rows).climb(weights, entropyWeight)
  const gradient = Float64Array.from(before, (value, i) => value - parameters[i]!)
  parameters.set(before)
  return gradient
}

/** Parameters are single precision: steps wide enough that rounding is small beside what they change. */
function differencesOf(from: Scene): Float64Array {
  const { parameters } = from.policy.network
  const h = 2 ** -7
  return Float64Array.from(parameters, (middle, i) => {
    const at = (value: number) => {
      parameters[i] = value
      return lossOf(from)
    }
    const slope = (at(middle + h) - at(middle - h)) / (2 * h)
    const wide = (at(middle + 2 * h) - at(middle - 2 * h)) / (4 * h)
    parameters[i] = middle
    return (4 * slope - wide) / 3
  })
}

describe('the gradient of -mean(weight log pi) - c mean H', () => {
  const cases: Readonly<Record<string, readonly [ActionSpace, TeamOptions]>> = {
    'a choice': [choice, {}],
    'a choice and a box': [mixed, {}],
    'a memory': [choice, { network: { memory: 4, hidden: [5] } }],
  }
  it.each(Object.entries(cases))(
    'with %s is that of finite differences, for two agents with one network',
    (_, [space, options]) => {
      const from = scene(agentsOf([2, 2], space), options, (step, game, agent) =>
        (step + game + agent) % 4 === 0 ? 0 : 1,
      )
      const gradient = gradientOf(from)
      expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(0.05)
      expectClose(gradient, differencesOf(from), 2e-4)
    },
  )
})

describe('a mask', () => {
  const masked = (space: ActionSpace) => agentsOf([2, 2], space).map(agent => ({ ...agent, isMasked: true }))
  const there = (step: number, game: number, agent: number) => ((step + game + agent) % 4 === 0 ? 0 : 1)
  it.each(Object.entries({ 'a choice': choice, 'a choice and a box': mixed }))(
    'over %s leaves the gradient of finite differences, 0 at what is forbidden',
    (_, space) => {
      for (const network of [{}, { memory: 4, hidden: [5] }]) {
        const from = scene(masked(space), { network }, there)
        const gradient = gradientOf(from)
        expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(0.02)
        expectClose(gradient, differencesOf(from), 2e-4)
        const { tensors } = from.policy.network
        const bias = tensors[tensors.length - 1]!
        expect(gradient[bias.offset + 1]).toBe(0)
        expect(gradient[bias.offset + 2]).not.toBe(0)
        const now = from.policy.at(from.rows)
        expect([...now.mask!.data]).toContain(0)
        expect([...now.logProbability].every(Number.isFinite)).toBe(true)
      }
    },
  )
})

describe('rows', () => {
  it('of agents that were not there add nothing, whatever stands in them', () => {
    const absent = (step: number, game: number, agent: number) => (agent === 1 && (step + game) % 2 === 0 ? 0 : 1)
    const from = scene(agentsOf([2, 2], choice), { network: { memory: 4 } }, absent)
    const before = gradientOf(from)
    const other = from.weights.map((weight, i) => (from.trajectory.present[from.rows.indices[i]!] === 1 ? weight : 1e6))
    expect([...gradientOf({ ...from, weights: other })]).toEqual([...before])
  })

  it('are divided by the number of those that were there', () => {
    const from = scene(agentsOf([2], choice), {}, (_, game) => (game === 0 ? 1 : 0))
    expect(from.rows.count).toBe(sceneSteps)
    const { policy, rows } = from
    const { policyLoss, entropy } = policy.at(rows).climb(new Array(rows.indices.length).fill(1), 0)
    expect(entropy).toBeGreaterThan(0)
    expect(entropy).toBeLessThanOrEqual(Math.log(3))
    expect(policyLoss).toBeGreaterThan(0.1)
    expect(policyLoss).toBeLessThan(10)
  })

  it('tell the agents of a group apart', () => {
    const { policy, rows } = scene(agentsOf([2, 2], choice), {}, everybody)
    const { trajectory } = rows
    const outputs = policy.at(rows).outputs
    const first = Array.from(outputs.data.subarray(0, 3))
    const observation = { rows: 1, columns: 2, data: new Float32Array(2) }
    trajectory.copy('observation', rows.indices.subarray(0, 1), observation)
    const [own, other] = policy.actors.map(actor => Array.from(actor.distribution(observation).data))
    expectClose(first, own!, 1e-6)
    expect(Math.abs(first[0]! - other![0]!)).toBeGreaterThan(1e-3)
  })
})

it('errors name the group and its network', () => {
  const from = scene(agentsOf([2, 2], choice), {}, everybody)
  const climb = (policy: StochasticPolicy) =>
    policy.at(from.rows).climb(
      from.weights.map(() => Number.NaN),
      0,
    )
  expect(() => climb(from.policy)).toThrow('agent: actor loss is NaN')
})
