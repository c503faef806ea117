// What a policy says of what follows: at steps in the midst of an episode the same as at the next row, memory and all.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createActorPolicy } from '../../src/agents/actor-policy.ts'
import { actAll } from '../../src/engine/simulate.ts'
import { createVectorGame } from '../../src/envs/vector-game.ts'
import { groupsOf } from '../../src/learning/groups.ts'
import { createStochasticPolicy } from '../../src/learning/stochastic-policy.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createNoise, createRandom } from '../../src/random.ts'
import { rowsBeyond } from '../../src/rollout/next-rows.ts'
import { createRollout } from '../../src/rollout/rollout.ts'
import { expectClose } from '../support/matrices.ts'
import { unitSteps } from '../support/policy-scene.ts'
import { createTinyGame, type TinyGameOptions } from '../support/tiny-game.ts'
import { teamContext } from '../support/tiny-team.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

it.each([0, 4])('is what it says there, with %i units of memory', memory => {
  const game: TinyGameOptions = { length: 4, leaves: { 1: 2 } }
  const { agents } = createTinyGame(game)
  const games = 3
  const [group] = groupsOf(teamContext(backend, agents, { games, shareParameters: true, network: { memory } }))
  const policy = createStochasticPolicy(group!, unitSteps)
  const carries = () => policy.actors[0]!.carries.map(({ name, size }) => ({ name, size }))
  const rollout = createRollout({ agents, games, members: [0, 1], carries, length: { steps: 10 } })
  const policies = policy.actors.map((actor, i) => createActorPolicy(actor, createNoise(1, i), createRandom(1, i)))
  const vectorGame = createVectorGame({
    create: () => createTinyGame(game),
    games,
    random: index => createRandom(1, 'game', index),
    extras: policies.map(({ extras = [] }) => extras),
  })
  // From the midst of an episode on.
  for (let step = 0; step < 2; step++) {
    actAll(policies, vectorGame)
    vectorGame.advance()
  }
  while (!rollout.isComplete) {
    actAll(policies, vectorGame)
    rollout.add(vectorGame.advance())
  }
  const trajectory = rollout.trajectory([0, 1])
  const { sequences, learnable, present, restarted } = trajectory
  const beyond = new Set(rowsBeyond(trajectory, false))
  const within = learnable.filter(row => present[row + sequences] === 1 && restarted[row + sequences] === 0)
  expect(within.length).toBeGreaterThan(20)
  const size = policy.distribution.outputs
  const here = policy.outputsOf(trajectory)
  const ahead = policy.outputsBeyond(trajectory, learnable)
  const block = (all: Float64Array, row: number) => [...all.subarray(row * size, (row + 1) * size)]
  for (const row of within) {
    expect(beyond.has(row)).toBe(false)
    expectClose(block(ahead, row), block(here, row + sequences), 1e-6)
  }
  // Asked of some alone, it says the same of them, and nothing of others.
  const cut = policy.outputsBeyond(trajectory, Uint32Array.from(beyond))
  for (const row of learnable) {
    expectClose(block(cut, row), beyond.has(row) ? block(ahead, row) : new Array(size).fill(0), 1e-6)
  }
})
