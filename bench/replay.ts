// Milliseconds of one draw of 1,024 transitions from a replay buffer of a million: uniform, by sub-policy, over steps, by TD error.
import { createJointStepLayout } from '../src/envs/joint-step.ts'
import { createSimdBackend } from '../src/nn/simd/backend.ts'
import { createRandom } from '../src/random.ts'
import { createJointReplay, type JointReplayConfig } from '../src/replay/joint-replay.ts'
import type { AgentSpec, JointStep } from '../src/types.ts'
import { type Benchmark, takeTurns } from './figure.ts'

const transitions = 1_000_000
const rows = 1024
const games = 32
const draws = 20
/** Joint steps inserted in a turn. */
const insertedSteps = 1000

/** Each beside the uniform draw of one step; by sub-policy, every row says which of two acted. */
const ways: Readonly<Record<string, Partial<JointReplayConfig>>> = {
  'steps-5': { steps: 5 },
  prioritised: { priority: 0.6, importance: () => 0.4 },
  'prioritised-steps-5': { priority: 0.6, importance: () => 0.4, steps: 5 },
  'sub-policy': { extras: new Array(3).fill([1]), subPolicies: [2, 2, 2] },
}

const lastWay = Object.keys(ways).at(-1)

/** Shaped like simple_spread: three agents, 18 numbers seen, 5 alternatives. */
const agents = Array.from(
  { length: 3 },
  (_, agent): AgentSpec => ({
    id: `agent_${agent}`,
    team: 'agent',
    observationSize: 18,
    observationParts: [{ name: 'all', size: 18 }],
    actionSpace: [{ name: 'move', kind: 'choice', size: 5, soft: true }],
  }),
)

export const replay: Benchmark = {
  name: 'replay',
  description: 'one draw of 1,024 from a million transitions: uniform, over five steps, prioritised, by sub-policy',
  async run(report) {
    const uniform = await createContender({})
    for (const [name, config] of Object.entries(ways)) {
      const contender = await createContender(config)
      const seconds = await takeTurns(10, [uniform.draw, contender.draw, uniform.insert, contender.insert])
      const [drawn, ours, inserted, oursInserted] = seconds as [number, number, number, number]
      contender.dispose()
      report({
        name: `replay/draw/${name}`,
        value: (ours / draws) * 1000,
        unit: 'ms',
        against: 'uniform over one step',
        ratio: drawn / ours,
      })
      report({
        name: `replay/insert/${name}`,
        value: (insertedSteps * games) / oursInserted,
        unit: 'transitions/s',
        against: 'uniform over one step',
        ratio: inserted / oursInserted,
      })
      if (name !== lastWay) continue
      report({ name: 'replay/draw/uniform', value: (drawn / draws) * 1000, unit: 'ms' })
      report({ name: 'replay/insert/uniform', value: (insertedSteps * games) / inserted, unit: 'transitions/s' })
    }
    uniform.dispose()
  },
}

/** A full buffer with one draw of agent 0; a prioritised one has learnt, so that its priorities differ. */
async function createContender(config: Partial<JointReplayConfig>) {
  const backend = await createSimdBackend({ threads: 1 })
  const replay = createJointReplay(backend, agents, { capacity: transitions, games, gamma: 0.95, ...config })
  const draw = replay.draw(0, 0)
  const batch = replay.createBatch(rows)
  const random = createRandom(1, 'replay')
  const tdErrors = Float32Array.from({ length: rows }, () => random.uniform())
  const steps = playedSteps(config.extras)
  let step = 0
  const insert = (count: number) => {
    for (let i = 0; i < count; i++) replay.insert(steps[step++ % steps.length]!)
  }
  const drawAndLearn = (count: number) => {
    for (let i = 0; i < count; i++) {
      draw.sample(random, batch)
      batch.tdErrors.set(tdErrors)
      draw.learnt(batch)
    }
  }
  insert(transitions / games)
  drawAndLearn(500)
  return { draw: () => drawAndLearn(draws), insert: () => insert(insertedSteps), dispose: () => backend.dispose() }
}

/** Four episodes of 25 steps in every game, each step from where the last one led, over and over; sub-policies change with the episode. */
function playedSteps(extras: JointReplayConfig['extras']): JointStep[] {
  const random = createRandom(1, 'steps')
  const allocate = createJointStepLayout(agents, games, extras)
  const steps: JointStep[] = []
  for (let i = 0; i < 100; i++) {
    const step = allocate(i + 1)
    for (const { data } of [...step.observations, ...step.actions, ...step.nextObservations, step.rewards])
      for (let e = 0; e < data.length; e++) data[e] = random.uniform()
    for (const blocks of step.extras)
      for (const { data } of blocks)
        for (let game = 0; game < games; game++) data[game] = (game + Math.floor(i / 25)) % 2
    step.present.fill(1)
    if (i % 25 === 24) step.truncated.fill(1)
    if (i % 25 > 0) step.observations.forEach(({ data }, a) => void data.set(steps[i - 1]!.nextObservations[a]!.data))
    steps.push(step)
  }
  return steps
}
