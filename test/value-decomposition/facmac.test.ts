// FACMAC: one update against plain loops in double precision, with gradients by finite differences, and what it refuses.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharingOf } from '../../src/agents/sharing.ts'
import { train } from '../../src/experiment/trainer.ts'
import type { Backend } from '../../src/nn/backend.ts'
import type { Network } from '../../src/nn/network.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createNoise, createRandom } from '../../src/random.ts'
import type { ReplayView } from '../../src/replay/view.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import type { AgentSpec, Batch, JointStep } from '../../src/types.ts'
import { facmac } from '../../src/value-decomposition/facmac.ts'
import { teamContext } from '../support/agent-learner.ts'
import { corridorFile } from '../support/corridor-file.ts'
import { centralDifferences } from '../support/finite-differences.ts'
import { expectClose } from '../support/matrices.ts'
import { observed } from '../support/observed.ts'
import { plainForward } from '../support/plain-network.ts'
import { ticks } from '../support/ticks.ts'
import { tinyRun } from '../support/tiny-config.ts'
import { agentsIn, randomBatch, spaces } from '../support/tiny-roster.ts'

const rows = 6
const box: ActionSpace = [{ name: 'force', kind: 'box', size: 2, low: -2, high: 4 }]
const us = [0, 1, 3]
const stateParts = [{ name: 'world', size: 4 }]
const units = 3

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend({ threads: 1 })
})
afterAll(() => backend.dispose())

/** Rows of which nobody of the team is there, agents that are dead and that die, weights. */
function batchOf(agents: readonly AgentSpec[]): Batch {
  const batch = randomBatch(backend, agents, rows, 3, { stateParts })
  const random = createRandom(5)
  for (const { data } of [batch.states!, batch.nextStates!])
    for (let i = 0; i < data.length; i++) data[i] = random.between(-1, 1)
  const count = agents.length
  for (let row = 0; row < rows; row++) {
    for (const agent of us) batch.rewards.data[count * row + agent] = batch.rewards.data[count * row]!
    batch.weights[row] = random.between(0.2, 1)
  }
  batch.present.data[count * 1 + 0] = 0
  batch.terminated.data[count * 2 + 1] = 1
  for (const agent of us) {
    batch.present.data[count * 3 + agent] = 0
    batch.terminated.data[count * 4 + agent] = 1
  }
  return batch
}

interface Watched {
  readonly batch: Batch
  readonly figures: Readonly<Record<string, number>>
  /** In the order in which they were made, with the gradients that their optimizers were given. */
  readonly networks: readonly { readonly network: Network; readonly gradient: Float64Array | null }[]
}

/** One update from random weights, by optimizers that change nothing. `change`: of the weights. */
function update(
  space: ActionSpace,
  settings: Readonly<Record<string, unknown>>,
  change: (networks: readonly Network[]) => void = () => {},
): Watched {
  const agents = agentsIn(space, ['us', 'us', 'them', 'us'])
  const made: { network: Network; gradient: Float64Array | null }[] = []
  const watching: Backend = {
    ...backend,
    network(spec, _, workspace) {
      const network = backend.network(spec, createRandom(0), workspace)
      made.push({ network, gradient: null })
      return network
    },
    copy() {},
    softUpdate() {},
    optimizer(network, config) {
      return {
        ...backend.optimizer(network, config),
        step() {
          made.find(it => it.network === network)!.gradient = Float64Array.from(network.gradients)
          network.gradients.fill(0)
        },
      }
    },
  }
  const batch = batchOf(agents)
  const view: ReplayView = { size: 100, batches: () => ({ batch: () => batch, learnt() {}, abandon() {} }) }
  const learner = facmac.createLearner(
    teamContext({
      backend: watching,
      agents,
      stateParts,
      indices: us,
      network: { hidden: [4], activation: 'tanh', temperature: 1, boxes: 'deterministic' },
      random: (id, name) => createRandom(3, id, name),
      noise: (id, name) => createNoise(3, id, name),
      sharing: sharingOf(agents, settings.shareParameters === true),
      replay: () => view,
    }),
    {
      ...{ batch: rows, updateAfter: 1, updateEvery: 1, mixerUnits: units, hyperUnits: 3, logitPenalty: 0 },
      ...settings,
    },
  )
  const random = createRandom(9)
  for (const { network } of made)
    for (let i = 0; i < network.parameters.length; i++) network.parameters[i] = random.between(-0.8, 0.8)
  change(made.map(({ network }) => network))
  const count = agents.length
  learner.take({
    truncated: new Uint8Array(1),
    rewards: { rows: 1, columns: count, data: new Float32Array(count) },
    present: new Uint8Array(count),
    terminated: new Uint8Array(count),
  } as unknown as JointStep)
  let figures: Readonly<Record<string, number>> = {}
  while (learner.due) ({ figures } = learner.advance(learner.members))
  return { batch, figures, networks: made }
}

const ways = [
  { mixer: 'monotone', shareParameters: false },
  { mixer: 'monotone', shareParameters: true },
  { mixer: 'unrestricted', shareParameters: false },
] as const

describe.each(ways)('an update with $mixer mixer, shared parameters: $shareParameters', settings => {
  const { mixer, shareParameters } = settings
  const sets = shareParameters ? 1 : us.length
  // Of each agent, or of all: actor, its target, critic, its target; then of the mixer first, bias, second, base, each with its target.
  const numberOf = (agent: number, which: number) => (shareParameters ? 0 : 4 * us.indexOf(agent)) + which
  const mixerAt = 4 * sets

  function plain({ batch, networks }: Watched) {
    const count = batch.rewards.columns
    const there = (row: number, agent: number) => batch.present.data[count * row + agent] === 1
    const acts = (row: number, agent: number) => there(row, agent) && batch.terminated.data[count * row + agent] === 0
    const numbers = (which: number) => Float64Array.from(networks[which]!.network.parameters)
    const told = (agent: number) => (shareParameters ? us.map(other => Number(other === agent)) : [])
    const forward = (which: number, weights: ArrayLike<number>, input: readonly (readonly number[])[]) => {
      const all = plainForward(networks[which]!.network.spec, weights, input.flat(), rows)
      const columns = all.length / rows
      return input.map((_, row) => [...all.slice(row * columns, (row + 1) * columns)])
    }
    const seen = (of: 'observations' | 'nextObservations', agent: number) =>
      Array.from({ length: rows }, (_, row) => [...batch[of][agent]!.data.subarray(3 * row, 3 * row + 3)])
    /** mu(o): tanh of what the actor says, led into the bounds -2 ... 4. */
    const act = (which: number, weights: ArrayLike<number>, of: 'observations' | 'nextObservations', agent: number) =>
      forward(
        which,
        weights,
        seen(of, agent).map(row => [...row, ...told(agent)]),
      ).map(means => means.map(u => 1 + 3 * Math.tanh(u)))
    const judge = (
      which: number,
      weights: ArrayLike<number>,
      of: 'observations' | 'nextObservations',
      agent: number,
      actions: readonly (readonly number[])[],
    ) =>
      forward(
        which,
        weights,
        seen(of, agent).map((row, i) => [...row, ...actions[i]!, ...told(agent)]),
      ).map(([q]) => q!)
    const magnitude = (weight: number) => (mixer === 'monotone' ? Math.abs(weight) : weight)
    const mixed = (
      values: readonly (readonly number[])[],
      states: ArrayLike<number>,
      at: (part: number) => ArrayLike<number>,
      target: number,
    ) => {
      const state = Array.from({ length: rows }, (_, row) => [...Array.from(states).slice(4 * row, 4 * row + 4)])
      const [first, bias, second, base] = [0, 1, 2, 3].map(part =>
        forward(mixerAt + 2 * part + target, at(part), state),
      )
      return values[0]!.map((_, row) => {
        let total = base![row]![0]!
        for (let j = 0; j < units; j++) {
          let x = bias![row]![j]!
          values.forEach((column, i) => void (x += column[row]! * magnitude(first![row]![i * units + j]!)))
          total += (x < 0 ? Math.expm1(x) : x) * magnitude(second![row]![j]!)
        }
        return total
      })
    }
    const next = us.map(agent => {
      const actions = act(numberOf(agent, 1), numbers(numberOf(agent, 1)), 'nextObservations', agent)
      const q = judge(numberOf(agent, 3), numbers(numberOf(agent, 3)), 'nextObservations', agent, actions)
      return q.map((value, row) => (acts(row, agent) ? value : 0))
    })
    const nextTotals = mixed(next, batch.nextStates!.data, part => numbers(mixerAt + 2 * part + 1), 1)
    const targets = nextTotals.map((total, row) => {
      const alive = us.find(agent => there(row, agent)) ?? us[0]!
      const goesOn = us.some(agent => acts(row, agent))
      return batch.rewards.data[count * row + alive]! + (goesOn ? batch.discounts[row]! * total : 0)
    })
    const learns = Array.from({ length: rows }, (_, row) => us.some(agent => there(row, agent)))
    const counted = learns.filter(Boolean).length
    const own = (which: number) => Array.from({ length: sets }, (_, set) => 4 * set + which)
    const critics = [...own(2), ...[0, 2, 4, 6].map(part => mixerAt + part)]
    const actors = own(0)
    /** Weights of these networks one after the other, those of all others as they are. */
    const weightsIn = (which: readonly number[], x: ArrayLike<number>) => {
      let from = 0
      const parts = new Map(
        which.map(network => {
          const { length } = networks[network]!.network.parameters
          from += length
          return [network, Float64Array.from({ length }, (_, k) => x[from - length + k]!)] as const
        }),
      )
      return (network: number) => parts.get(network) ?? numbers(network)
    }
    const valuesOf = (at: (network: number) => ArrayLike<number>, actions: (agent: number) => number[][]) =>
      us.map(agent =>
        judge(numberOf(agent, 2), at(numberOf(agent, 2)), 'observations', agent, actions(agent)).map((q, row) =>
          there(row, agent) ? q : 0,
        ),
      )
    const done = (agent: number) =>
      Array.from({ length: rows }, (_, row) => [...batch.actions[agent]!.data.subarray(2 * row, 2 * row + 2)])
    const criticLoss = (x: ArrayLike<number>) => {
      const at = weightsIn(critics, x)
      const totals = mixed(valuesOf(at, done), batch.states!.data, part => at(mixerAt + 2 * part), 0)
      return (
        totals.reduce(
          (sum, total, row) => sum + (learns[row] ? batch.weights[row]! * (total - targets[row]!) ** 2 : 0),
          0,
        ) / counted
      )
    }
    const actorLoss = (x: ArrayLike<number>) => {
      const at = weightsIn(actors, x)
      const proposed = (agent: number) => act(numberOf(agent, 0), at(numberOf(agent, 0)), 'observations', agent)
      const totals = mixed(valuesOf(at, proposed), batch.states!.data, part => at(mixerAt + 2 * part), 0)
      return -totals.reduce((sum, total, row) => sum + (learns[row] ? total : 0), 0) / counted
    }
    const at = (which: readonly number[]) => which.flatMap(network => [...numbers(network)])
    const gradient = (which: readonly number[]) => which.flatMap(network => [...networks[network]!.gradient!])
    return { critics, actors, criticLoss, actorLoss, at, gradient }
  }

  it('has the losses of plain loops, and goes down their slopes: that of the actors with all of their actions at once', () => {
    const watched = update(box, settings)
    const { critics, actors, criticLoss, actorLoss, at, gradient } = plain(watched)
    expectClose([watched.figures.criticLoss!], [criticLoss(at(critics))], 1e-5)
    expectClose([watched.figures.actorLoss!], [actorLoss(at(actors))], 1e-5)
    expectClose(gradient(critics), centralDifferences(criticLoss, at(critics), 1e-6), 5e-4)
    expectClose(gradient(actors), centralDifferences(actorLoss, at(actors), 1e-6), 5e-4)
    for (const which of [critics, actors]) expect(gradient(which).some(slope => Math.abs(slope) > 0.01)).toBe(true)
  })

  it('leads the slope of soft choices through the estimator', () => {
    const { networks } = update(spaces.soft, settings)
    const lossWith = (i: number, step: number) =>
      update(spaces.soft, settings, all => void (all[0]!.parameters[i]! += step)).figures.actorLoss!
    const { gradient } = networks[0]!
    const steepest = [...gradient!.keys()].sort((a, b) => Math.abs(gradient![b]!) - Math.abs(gradient![a]!)).slice(0, 4)
    expect(Math.abs(gradient![steepest[0]!]!)).toBeGreaterThan(1e-3)
    for (const i of steepest) {
      const slope = (lossWith(i, 0.01) - lossWith(i, -0.01)) / 0.02
      expect(Math.abs(slope - gradient![i]!)).toBeLessThan(0.02 * Math.abs(gradient![steepest[0]!]!) + 1e-5)
    }
  })
})

it('refuses unequal rewards of a team at the first step that has some, unless it is said what they make together', async () => {
  const learner = { algorithm: 'facmac', batch: 16, updateEvery: 12, updateAfter: 40 }
  const config = { scenario: { id: corridorFile(false) }, network: { hidden: [8] }, run: { seed: 3, episodes: 40 } }
  const refused = observed(train(await tinyRun({ learner }, config), { clock$: ticks(200) })).errors
  expect(refused.map(String).join()).toMatch(/learner\.teamReward: expected sum or mean where agents of team 'walker'/)
  const paid = await tinyRun({ learner: { ...learner, teamReward: 'mean' } }, config)
  expect(observed(train(paid, { clock$: ticks(120) })).errors).toEqual([])
  expect(paid.rounds.finished).toBeGreaterThan(0)
})

it('learns with recurrent actors, shared parameters, n-step returns and priorities', async () => {
  const learner = { algorithm: 'facmac', shareParameters: true, returnSteps: 3, priority: 0.5 }
  const run = await tinyRun({ learner, network: { memory: 4, memorySteps: 3 } })
  expect(observed(train(run, { clock$: ticks(120) })).errors).toEqual([])
  expect(run.rounds.finished).toBeGreaterThan(0)
})
