// V of a group: what it sees, and that it comes closer to its targets.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { alone } from '../../src/agents/identity.ts'
import { groupsOf } from '../../src/learning/groups.ts'
import { optimisation } from '../../src/learning/options.ts'
import { createStateValue } from '../../src/learning/state-value.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createRollout } from '../../src/rollout/rollout.ts'
import { rowsOf } from '../../src/rollout/rows.ts'
import type { OptionValues } from '../../src/settings/option.ts'
import { agentsOf, numberedSteps, rowNumbers } from '../support/joint-steps.ts'
import { expectClose } from '../support/matrices.ts'
import { plainForward } from '../support/plain-network.ts'
import { plainDescent, teamContext } from '../support/tiny-team.ts'

let backend: Backend
beforeAll(async () => {
  backend = plainDescent(await createSimdBackend())
})
afterAll(() => backend.dispose())

const defaults = Object.fromEntries(Object.entries(optimisation).map(([name, option]) => [name, option.default]))
const settings = { ...defaults, learningRate: 0.5 } as OptionValues<typeof optimisation>
const agents = agentsOf([2, 3, 3])
const games = 2

/** V of agents 1 and 2, who share it; agent 0 is of the same team and has spaces of its own. */
function scene(critic: 'local' | 'joint') {
  const team = teamContext(backend, agents, { games, shareParameters: true })
  const group = groupsOf(team)[1]!
  const value = createStateValue(group, critic, settings)
  const rollout = createRollout({ agents, games, members: [0, 1, 2], watched: [0, 1, 2], length: { steps: 5 } })
  for (const step of numberedSteps(agents, games, 5)) rollout.add(step)
  const trajectory = rollout.trajectory(group.indices)
  const places = Uint32Array.from(trajectory.learnable.keys())
  return { group, value, trajectory, rows: rowsOf(trajectory, places, false) }
}

describe.each(['local', 'joint'] as const)('a %s value', critic => {
  it('sees that many observations, then who asks; rows of the absent are 0', () => {
    const { value, trajectory } = scene(critic)
    const seen = critic === 'joint' ? [0, 1, 2] : [null]
    for (const when of ['observation', 'nextObservation'] as const) {
      const values = value.of(trajectory, when)
      const expected = [...values.keys()].map(row => {
        if (trajectory.present[row] === 0) return 0
        const member = trajectory.memberOf(row)
        const at = trajectory.stepOf(row) * games + (row % games)
        const input = seen.flatMap(index => {
          const agent = index ?? member + 1
          return Array.from({ length: agents[agent]!.observationSize }, (_, c) => rowNumbers[when](at, agent, c))
        })
        const identity = [0, 1].map(position => Number(position === member))
        return plainForward(value.network.spec, [...value.network.parameters], [...input, ...identity], 1)[0]!
      })
      expectClose(values, expected, 1e-5)
    }
  })

  it('comes closer to its targets, along the gradient of mean (target - V)^2', () => {
    const { value, rows, trajectory } = scene(critic)
    const targets = rows.of(trajectory.rewards)
    const loss = () => {
      const values = rows.of(value.of(trajectory))
      return values.reduce((sum, v, i) => sum + (v - targets[i]!) ** 2, 0) / rows.count
    }
    const { parameters } = value.network
    const last = parameters.length - 1
    const before = parameters[last]!
    const slope = (() => {
      const at = (bias: number) => {
        parameters[last] = bias
        return loss()
      }
      const slope = (at(before + 0.25) - at(before - 0.25)) / 0.5
      parameters[last] = before
      return slope
    })()
    const first = loss()
    expectClose([value.fit(rows, targets).valueLoss], [first], 1e-5)
    expectClose([(before - parameters[last]!) / 0.5], [slope], 1e-4)
  })
})

it('does not see agents that the rollout does not watch', () => {
  const { value } = scene('joint')
  const rollout = createRollout({ agents, games, members: [1, 2], length: { steps: 1 } })
  rollout.add(numberedSteps(agents, games, 1)[0])
  expect(() => value.of(rollout.trajectory([1, 2]))).toThrow("'observation' of agent 0 is not kept")
})

it('is asked once where agents see the same, with the gradient of all of their rows', () => {
  const alike = agentsOf([3, 3, 3])
  const context = teamContext(backend, alike, { games, shareParameters: true })
  const team = {
    ...context,
    sharing: context.sharing.map(each => ({ ...each, criticIdentity: alone })),
  }
  const [group] = groupsOf(team)
  expect(group!.criticIdentityColumns).toBe(0)
  const value = createStateValue(group!, 'joint', settings)
  const rollout = createRollout({ agents: alike, games, members: [0, 1, 2], watched: [0, 1, 2], length: { steps: 5 } })
  for (const step of numberedSteps(alike, games, 5)) rollout.add(step)
  const trajectory = rollout.trajectory(group!.indices)
  const places = Uint32Array.from(trajectory.learnable.keys())
  const all = rowsOf(trajectory, places, false)
  const targets = trajectory.rewards
  const { gradients } = value.network
  gradients.fill(0)
  const { valueLoss } = value.gradient(all, all.of(targets))
  const atOnce = gradients.slice()
  // Row by row no two rows are alike.
  gradients.fill(0)
  let sum = 0
  for (const place of places) {
    const one = rowsOf(trajectory, Uint32Array.of(place), false, all)
    sum += value.gradient(one, one.of(targets)).valueLoss
  }
  expectClose(atOnce, gradients, 1e-4)
  expect(sum).toBeCloseTo(valueLoss, 4)
  expect(Math.max(...atOnce.map(Math.abs))).toBeGreaterThan(0.01)
  gradients.fill(0)
})
