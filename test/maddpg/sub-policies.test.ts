// Learners with several policies: whose update moves what, by how much, from which rows; and that they go on after a restore.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { algorithms } from '../../src/algorithms/index.ts'
import { evaluate } from '../../src/experiment/evaluate.ts'
import { train } from '../../src/experiment/trainer.ts'
import { maddpg } from '../../src/maddpg/maddpg.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { evaluationOf } from '../../src/run/run.ts'
import type { Batch, Observations } from '../../src/types.ts'
import { observed } from '../support/observed.ts'
import { ticks } from '../support/ticks.ts'
import { tinyRun } from '../support/tiny-config.ts'
import { agentsIn, hasActionCritics, numbersOf, randomBatch, spaces, tinyRoster } from '../support/tiny-roster.ts'
import { type TinyTrainingOptions, tinyTraining } from '../support/tiny-training.ts'

const rows = 12
const agents = agentsIn(spaces.soft, ['agent', 'agent'])

/** The same transitions, with the sub-policies that acted in them: per agent, by row. */
function naming(batch: Batch, numbers: readonly ((row: number) => number)[]): Batch {
  const named = (of: readonly Observations[]) =>
    of.map((observations, agent) => ({
      ...observations,
      extras: [
        {
          name: 'subPolicy',
          rows,
          columns: 1,
          data: Float32Array.from({ length: rows }, (_, row) => numbers[agent]!(row)),
        },
      ],
    }))
  return { ...batch, observations: named(batch.observations), nextObservations: named(batch.nextObservations) }
}

describe('a learner with sub-policies', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend()
  })
  afterAll(() => backend.dispose())

  const rosterOf = (subPolicies: number, algorithm = maddpg, on = backend) =>
    tinyRoster(on, algorithm, agents, { rows, learner: { subPolicies } })
  const batchOf = (seed: number, own: number) =>
    naming(randomBatch(backend, agents, rows, seed), [() => own, row => row % 2])

  it('has an actor and a target for each, no two alike, and one critic', () => {
    const [learner] = rosterOf(3)
    const saved = learner!.save() as Record<string, unknown>
    const actors = ['actor', 'actor1', 'actor2', 'targetActor', 'targetActor1', 'targetActor2']
    for (const name of [...actors, 'actorOptimizer', 'actor1Optimizer', 'actor2Optimizer'])
      expect(saved).toHaveProperty(name)
    expect(Object.keys(saved).filter(name => name.endsWith('ritic'))).toEqual(['critic', 'targetCritic'])
    expect(new Set(actors.map(name => numbersOf(learner!, name)[0])).size).toBe(6)
    expect(learner!.subPolicies).toBe(3)
    expect(learner!.actor.networks).toHaveLength(3)
  })

  it('moves the one whose turn it is, and the critic', () => {
    const roster = rosterOf(3)
    const names = ['actor', 'actor1', 'actor2', 'targetActor', 'targetActor1', 'targetActor2', 'critic', 'targetCritic']
    const before = names.map(name => numbersOf(roster[0]!, name))
    roster[0]!.update(batchOf(1, 1), roster, 1)
    const moved = names.filter((name, i) => numbersOf(roster[0]!, name).join() !== before[i]!.join())
    expect(moved).toEqual(['actor1', 'targetActor1', 'critic', 'targetCritic'])
  })

  it('steps by 1/K of the gradient of its objective, the mean over sub-policies', () => {
    const gradientsOf = (subPolicies: number) => {
      const gradients: Float32Array[] = []
      const watching: Backend = {
        ...backend,
        optimizer: (network, config) => ({
          ...backend.optimizer(network, config),
          step() {
            gradients.push(Float32Array.from(network.gradients))
            network.gradients.fill(0)
          },
        }),
      }
      const roster = rosterOf(subPolicies, maddpg, watching)
      const batch = naming(randomBatch(backend, agents, rows, 1), [() => 0, () => 0])
      roster[0]!.update(batch, roster, 0)
      return gradients
    }
    const [criticAlone, actorAlone] = gradientsOf(1)
    const [critic, actor] = gradientsOf(4)
    expect(critic).toEqual(criticAlone)
    expect(actor).toEqual(actorAlone!.map(x => x / 4))
    expect(Math.max(...actorAlone!)).toBeGreaterThan(1e-4)
  })

  it('learns nothing from rows in which another one acted', () => {
    const roster = rosterOf(2)
    const before = ['actor', 'actor1', 'critic'].map(name => numbersOf(roster[0]!, name))
    expect(roster[0]!.update(batchOf(1, 1), roster, 0)).toEqual({ criticLoss: 0, actorLoss: 0 })
    expect(['actor', 'actor1', 'critic'].map(name => numbersOf(roster[0]!, name))).toEqual(before)
  })

  it('takes the next actions of the others from the sub-policies that acted in the rows', () => {
    const critics = [0, 1].map(other => {
      const roster = rosterOf(2)
      roster[0]!.update(naming(randomBatch(backend, agents, rows, 1), [() => 0, () => other]), roster, 0)
      return numbersOf(roster[0]!, 'critic')
    })
    expect(critics[0]).not.toEqual(critics[1])
  })

  it('says what is missing when a batch does not say who acted', () => {
    const roster = rosterOf(2)
    expect(() => roster[0]!.update(randomBatch(backend, agents, rows, 1), roster, 0)).toThrow(
      /expected the sub-policies of the rows, \[12, 1\], as column 'subPolicy', got none/,
    )
  })

  it.each(Object.values(algorithms).filter(hasActionCritics))(
    'learns by $id, with inferred policies too',
    algorithm => {
      const roster = tinyRoster(backend, algorithm, agents, { rows, learner: { subPolicies: 2, inferPolicies: true } })
      for (const k of [0, 1, 0, 1]) {
        for (const learner of roster) {
          const batch = naming(randomBatch(backend, agents, rows, k), [() => k, () => k])
          for (const figure of Object.values(learner.update(batch, roster, k))) expect(figure).not.toBeNaN()
        }
      }
      const restored = tinyRoster(backend, algorithm, agents, {
        rows,
        learner: { subPolicies: 2, inferPolicies: true },
      })
      restored.forEach((learner, i) => void learner.restore(structuredClone(roster[i]!.save())))
      for (const learners of [roster, restored]) learners[1]!.update(batchOf(7, 1), learners, 1)
      expect(restored.map(learner => learner.save())).toEqual(roster.map(learner => learner.save()))
    },
  )
})

it('a run trains ensembles, with inferred policies too, and plays episodes with them', async () => {
  const run = await tinyRun({ learner: { subPolicies: 3, inferPolicies: true } })
  expect(observed(train(run, { clock$: ticks(3000) })).errors).toEqual([])
  expect(run.rounds.finished).toBeGreaterThan(5)
  expect(Object.keys(run.rounds.takeFigures())).toEqual(
    expect.arrayContaining(['inferenceKL/agent_0', 'inferenceLoss/agent_2']),
  )
  for (const mode of ['sample', 'greedy'] as const) {
    const play = () => evaluate(evaluationOf(run, 'trained', mode, 50)).returns
    expect(play()).toEqual(play())
  }
})

describe('a training with ensembles goes on with the same bits where it was saved', () => {
  it.each<{ name: string; options: TinyTrainingOptions }>([
    { name: 'of three', options: { learner: { subPolicies: 3 } } },
    { name: 'of three that infer', options: { learner: { subPolicies: 3, inferPolicies: true } } },
    { name: 'with shared parameters', options: { learner: { subPolicies: 3 }, shareParameters: true } },
    { name: 'with a memory', options: { learner: { subPolicies: 3 }, network: { memory: 4 }, memorySteps: 3 } },
    { name: 'with priorities', options: { learner: { subPolicies: 3, priority: 0.6 } } },
  ])('$name, in the midst of a round', async ({ options }) => {
    const made = () => tinyTraining({ games: 2, every: 20, after: 30, hidden: [6], batch: 8, ...options })
    const go = (training: Awaited<ReturnType<typeof made>>, count: number) =>
      expect(observed(train(training, { clock$: ticks(count) })).errors).toEqual([])
    const training = await made()
    go(training, 60)
    const inMidst = () => (training.rounds.save() as { open: readonly number[] }).open.length > 0
    while (!inMidst()) go(training, 1)
    const restored = await made()
    restored.restore(structuredClone(training.save()))
    for (const one of [training, restored]) go(one, 40)
    expect(restored.save()).toEqual(training.save())
    expect(training.rounds.finished).toBeGreaterThan(3)
  })
})
