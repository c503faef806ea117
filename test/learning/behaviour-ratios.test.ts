// How likely what was done is now: of the agent of a row, or of all that its team did from one own step to the next, however agents come and wait.
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { createBehaviourRatios } from '../../src/learning/behaviour-ratios.ts'
import type { Group } from '../../src/learning/groups.ts'
import type { StochasticPolicy } from '../../src/learning/stochastic-policy.ts'
import { createRollout } from '../../src/rollout/rollout.ts'
import { copySaved } from '../../src/saved.ts'
import type { JointStep, NamedMatrix } from '../../src/types.ts'
import { allTransitions, memoryAt, playRandomly } from '../support/random-play.ts'
import { matrixOf } from '../support/recorded-steps.ts'

/** log mu of what was done, exact in single precision; log pi is 0 everywhere. */
const logOf = (step: number, game: number, agent: number) => -(1 + (step % 8)) / 8 - game / 64 - agent / 512
const policy = {
  logProbabilitiesOf: ({ rows }: { readonly rows: number }) => new Float64Array(rows),
} as unknown as StochasticPolicy

const scenes = fc.record({
  seed: fc.nat(10_000),
  agents: fc.integer({ min: 1, max: 4 }),
  games: fc.integer({ min: 1, max: 3 }),
  length: fc.integer({ min: 1, max: 12 }),
  chance: fc.constantFrom(0, 0.15, 0.3),
  steps: fc.integer({ min: 1, max: 9 }),
})

it('the ratio of a row is its own, or the product of those of its team in all of its steps', () => {
  let together = 0
  fc.assert(
    fc.property(scenes, ({ steps, games, ...options }) => {
      const play = playRandomly({ ...options, masks: false }, games, 40)
      const { agents } = play.vectorGame
      const transitions = new Map(
        allTransitions(play).map(one => {
          const { step, game } = one.steps[0]!
          return [memoryAt(step, game, one.agent).map(Math.fround).join(), one] as const
        }),
      )
      const rollout = createRollout({
        agents,
        games,
        members: agents.map((_, agent) => agent),
        records: () => [{ name: 'logProbability', size: 1 }, { name: 'memory', size: 2 }], // biome-ignore format: one line
        length: { steps },
      })
      const groups = agents.map((_, agent) => [{ indices: [agent] } as unknown as Group, policy] as const)
      const ratios = createBehaviourRatios(games, () => groups)
      play.steps.forEach((step, number) => {
        rollout.add(recorded(step, number, games))
        if (!rollout.isComplete) return
        ratios.begin(rollout.source)
        const resumed = createBehaviourRatios(games, () => [])
        resumed.restore(copySaved(ratios.save()))
        agents.forEach((_, agent) => {
          const trajectory = rollout.trajectory([agent])
          const memory = matrixOf(trajectory.rows, 2)
          trajectory.copy('memory', Uint32Array.from(memory.data.keys()).subarray(0, trajectory.rows), memory)
          const [own, all] = [resumed.of(trajectory, false), resumed.of(trajectory, true)]
          for (const row of trajectory.learnable) {
            const one = transitions.get(memory.data.slice(2 * row, 2 * row + 2).join())!
            expect(one.agent).toBe(agent)
            const { game } = one.steps[0]!
            expect(own[row]).toBe(-logOf(one.steps[0]!.step, game, agent))
            const done = one.steps.flatMap(({ step, now }) =>
              agents.flatMap((_, other) => (now[other]!.isThere ? [-logOf(step, game, other)] : [])),
            )
            expect(all[row]).toBeCloseTo(
              done.reduce((a, b) => a + b, 0),
              10,
            )
            together = Math.max(together, done.length)
          }
        })
        rollout.forget()
      })
    }),
    { numRuns: 15 },
  )
  expect(together).toBeGreaterThan(4)
})

function recorded(step: JointStep, number: number, games: number): JointStep {
  return {
    ...step,
    extras: step.extras.map((columns, agent): NamedMatrix[] => [
      ...columns,
      {
        name: 'logProbability',
        rows: games,
        columns: 1,
        data: Float32Array.from({ length: games }, (_, game) => logOf(number, game, agent)),
      },
    ]),
  }
}
