// Blocks of steps that are cut while agents wait do not say that luck is usual: with the true values, advantages are 0 in the mean.
import { expect, it } from 'vitest'
import { createBaselinePolicy } from '../../src/agents/baseline-policies.ts'
import { solvePig } from '../../src/analysis/pig-chances.ts'
import { actAll } from '../../src/engine/simulate.ts'
import { createVectorGame } from '../../src/envs/vector-game.ts'
import { pig } from '../../src/games/pig.ts'
import { createRandom } from '../../src/random.ts'
import { gae } from '../../src/rollout/gae.ts'
import { createRollout } from '../../src/rollout/rollout.ts'
import { matrixOf } from '../support/recorded-steps.ts'

it('in Pig, played best, where a roll of 1 is what makes a player wait', () => {
  const goal = 30
  const { chance } = solvePig(goal)
  const vectorGame = createVectorGame({
    create: () => pig.create({ goal, begins: 'random' }),
    games: 50,
    random: game => createRandom(1, 'game', game),
  })
  const { agents, games } = vectorGame
  const policies = agents.map((agent, i) => createBaselinePolicy('scripted', agent, i, () => games, [1, 'play']))
  const rollout = createRollout({ agents, games: games.length, members: [0, 1], length: { steps: 16 } })
  let [count, sum, squares] = [0, 0, 0]
  for (let block = 0; block < 200; block++) {
    while (!rollout.isComplete) {
      actAll(policies, vectorGame)
      rollout.add(vectorGame.advance())
    }
    const trajectory = rollout.trajectory([0, 1])
    const [values, next] = ['observation', 'nextObservation'].map(name => {
      const seen = matrixOf(trajectory.rows, 3)
      trajectory.copy(
        name,
        Uint32Array.from({ length: trajectory.rows }, (_, row) => row),
        seen,
      )
      return Float64Array.from({ length: trajectory.rows }, (_, row) => {
        const [own, other, turnTotal] = [...seen.data.subarray(3 * row, 3 * row + 3)].map(x => Math.round(x * goal))
        return own! >= goal || other! >= goal ? 0 : 2 * chance({ own: own!, other: other!, turnTotal: turnTotal! }) - 1
      })
    }) as [Float64Array, Float64Array]
    const { advantages } = gae(trajectory, values, next, { gamma: 1, lambda: 0.95 })
    for (const row of trajectory.learnable) {
      count++
      sum += advantages[row]!
      squares += advantages[row]! ** 2
    }
    rollout.forget()
  }
  expect(count).toBeGreaterThan(100_000)
  const mean = sum / count
  // Rows of one game hang together: about ten of them are as good as one.
  expect(Math.abs(mean)).toBeLessThan((4 * Math.sqrt(squares / count)) / Math.sqrt(count / 10))
})
