// The policy of a group: its loss against finite differences, and who counts in it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { groupsOf } from '../../src/learning/groups.ts'
import { optimisation } from '../../src/learning/options.ts'
import { createStochasticPolicy, type StochasticPolicy } from '../../src/learning/stochastic-policy.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createRandom } from '../../src/random.ts'
import { createRollout } from '../../src/rollout/rollout.ts'
import { rowsOf, unitsOf } from '../../src/rollout/rows.ts'
import type { OptionValues } from '../../src/settings/option.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import type { AgentSpec } from '../../src/types.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { expectClose } from '../support/matrices.ts'
import { type Moment, recordedStep } from '../support/recorded-steps.ts'
import { plainDescent, type TeamOptions, teamContext } from '../support/tiny-team.ts'

let backend: Backend
beforeAll(async () => {
  backend = plainDescent(await createSimdBackend())
})
afterAll(() => backend.dispose())

const defaults = Object.fromEntries(Object.entries(optimisation).map(([name, option]) => [name, option.default]))
const settings = { ...defaults, learningRate: 1 } as OptionValues<typeof optimisation>
const choice: ActionSpace = [{ name: 'move', kind: 'choice', size: 3, soft: false }]
const mixed: ActionSpace = [
  { name: 'move', kind: 'choice', size: 3, soft: true },
  { name: 'force', kind: 'box', size: 1, low: -1, high: 3 },
]
const games = 3
const steps = 4

/** The policy of the group that all agents are, a rollout in which they were there as `present` says, and weights of its rows. */
function scene(
  agents: readonly AgentSpec[],
  options: TeamOptions,
  present: (step: number, game: number, agent: number) => number,
) {
  const group = groupsOf(teamContext(backend, agents, { games, shareParameters: true, ...options }))[0]!
  const policy = createStochasticPolicy(group, settings)
  const random = createRandom(5, 'scene')
  const memory = policy.actors[0]!.carries.map(({ size }) => ({ name: 'memory', size }))
  const rollout = createRollout({
    agents,
    games,
    members: group.indices,
    records: () => policy.records,
    carries: () => memory,
    length: { steps },
  })
  const numbers = (count: number) => Array.from({ length: count }, () => random.between(-1, 1))
  for (let step = 0; step < steps; step++) {
    rollout.add(
      recordedStep(
        agents,
        Array.from({ length: games }, (_, game): Moment => {
          const there = agents.map((_, agent) => present(step, game, agent))
          // The second of three alternatives is never allowed, the first every other time.
          const masks = agents.map(({ actionSpace }, agent) =>
            actionSpace.flatMap(({ kind, size }) =>
              kind === 'box' || there[agent] === 0 ? new Array<number>(size).fill(1) : [(step + game) % 2, 0, 1],
            ),
          )
          return {
            masks,
            observations: agents.map(({ observationSize }) => numbers(observationSize)),
            actions: agents.map(({ actionSpace, isMasked }, agent) =>
              actionSpace.flatMap(({ kind, size }) => {
                if (kind === 'box') return numbers(size)
                const drawn = random.integer(size)
                const chosen = isMasked === true && !(drawn === 0 && (step + game) % 2 === 1) ? 2 : drawn
                return Array.from({ length: size }, (_, j) => (there[agent] === 1 && j === chosen ? 1 : 0))
              }),
            ),
            present: there,
            truncated: step === 1 && game === 2 ? 1 : 0,
            extras: agents.map(() => ({
              ...Object.fromEntries(policy.records.map(({ name, size }) => [name, numbers(size)])),
              ...Object.fromEntries(memory.map(({ name, size }) => [name, numbers(size)])),
            })),
          }
        }),
      ),
    )
  }
  const trajectory = rollout.trajectory(group.indices)
  const units = unitsOf(trajectory, policy.isRecurrent).length
  const rows = rowsOf(
    trajectory,
    Uint32Array.from({ length: units }, (_, i) => i),
    policy.isRecurrent,
  )
  const weights = rows.of(Float64Array.from({ length: trajectory.rows }, () => random.between(-1, 1)))
  return { policy, trajectory, rows, weights }
}

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
    expect(from.rows.count).toBe(steps)
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
