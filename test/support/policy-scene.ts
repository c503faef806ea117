// A rollout drawn by chance, with masks, absences and memories, and the policy of the group that all of its agents are.
import { groupsOf } from '../../src/learning/groups.ts'
import { optimisation } from '../../src/learning/options.ts'
import { createStochasticPolicy } from '../../src/learning/stochastic-policy.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createRandom } from '../../src/random.ts'
import { createRollout } from '../../src/rollout/rollout.ts'
import { rowsOf, unitsOf } from '../../src/rollout/rows.ts'
import type { OptionValues } from '../../src/settings/option.ts'
import type { AgentSpec } from '../../src/types.ts'
import { type Moment, recordedStep } from './recorded-steps.ts'
import { type TeamOptions, teamContext } from './tiny-team.ts'

const defaults = Object.fromEntries(Object.entries(optimisation).map(([name, option]) => [name, option.default]))
/** A step of plain descent tells the gradient. */
export const unitSteps = { ...defaults, learningRate: 1 } as OptionValues<typeof optimisation>
const games = 3
export const sceneSteps = 4

/** The policy of the group that all agents are, a rollout in which they were there as `present` says, and weights of its rows. */
export function policyScene(
  backend: Backend,
  agents: readonly AgentSpec[],
  options: TeamOptions,
  present: (step: number, game: number, agent: number) => number,
) {
  const group = groupsOf(teamContext(backend, agents, { games, shareParameters: true, ...options }))[0]!
  const policy = createStochasticPolicy(group, unitSteps)
  const random = createRandom(5, 'scene')
  const memory = policy.actors[0]!.carries.map(({ size }) => ({ name: 'memory', size }))
  const rollout = createRollout({
    agents,
    games,
    members: group.indices,
    records: () => policy.records,
    carries: () => memory,
    length: { steps: sceneSteps },
  })
  const numbers = (count: number) => Array.from({ length: count }, () => random.between(-1, 1))
  for (let step = 0; step < sceneSteps; step++) {
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
  return { group, policy, trajectory, rows, weights }
}
