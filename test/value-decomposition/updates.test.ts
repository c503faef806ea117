// One update of each algorithm against plain loops in double precision: its loss, its TD errors, and its gradients against finite differences.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharingOf } from '../../src/agents/sharing.ts'
import type { Algorithm } from '../../src/learning/algorithm.ts'
import type { Backend } from '../../src/nn/backend.ts'
import type { Network, NetworkSpec } from '../../src/nn/network.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createTfjsBackend } from '../../src/nn/tfjs/backend.ts'
import { createNoise, createRandom } from '../../src/random.ts'
import type { ReplayView } from '../../src/replay/view.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import type { AgentSpec, Batch, JointStep, Matrix } from '../../src/types.ts'
import { iql } from '../../src/value-decomposition/iql.ts'
import { qmix } from '../../src/value-decomposition/qmix.ts'
import { vdn } from '../../src/value-decomposition/vdn.ts'
import { teamContext } from '../support/agent-learner.ts'
import { centralDifferences } from '../support/finite-differences.ts'
import { expectClose } from '../support/matrices.ts'
import { plainForward } from '../support/plain-network.ts'
import { agentsIn, randomBatch } from '../support/tiny-roster.ts'

const rows = 7
const space: ActionSpace = [
  { name: 'move', kind: 'choice', size: 3, soft: true },
  { name: 'say', kind: 'choice', size: 2, soft: false },
]
const size = 5
const agents: readonly AgentSpec[] = agentsIn(space, ['us', 'us', 'them', 'us']).map(agent => ({
  ...agent,
  isMasked: true,
}))
const us = [0, 1, 3]
const stateParts = [{ name: 'world', size: 4 }]
const count = agents.length

let simd: Backend
let tfjs: Backend
beforeAll(async () => {
  simd = await createSimdBackend({ threads: 1 })
  tfjs = await createTfjsBackend({ carrier: 'cpu' })
})
afterAll(() => {
  simd.dispose()
  tfjs.dispose()
})

/** Random rows with what must be minded: masks, agents that are dead, that die, rows of which nobody of the team is there, weights. */
function batchOf(backend: Backend): Batch {
  const batch = randomBatch(backend, agents, rows, 3, { stateParts })
  const random = createRandom(5)
  for (const { data } of [batch.states!, batch.nextStates!])
    for (let i = 0; i < data.length; i++) data[i] = random.between(-1, 1)
  for (const { data } of batch.actions) {
    data.fill(0)
    for (let row = 0; row < rows; row++) {
      data[size * row + random.integer(3)] = 1
      data[size * row + 3 + random.integer(2)] = 1
    }
  }
  for (const { mask } of batch.nextObservations)
    for (let i = 0; i < mask!.data.length; i++)
      mask!.data[i] = i % size === 1 || i % size === 4 || random.uniform() < 0.5 ? 1 : 0
  for (let row = 0; row < rows; row++)
    for (const agent of us) batch.rewards.data[count * row + agent] = batch.rewards.data[count * row]!
  batch.present.data[count * 1 + 0] = 0
  batch.terminated.data[count * 2 + 1] = 1
  for (const agent of us) {
    batch.present.data[count * 3 + agent] = 0
    batch.terminated.data[count * 4 + agent] = 1
  }
  for (let row = 0; row < rows; row++) batch.weights[row] = random.between(0.2, 1)
  return batch
}

interface Watched {
  readonly batch: Batch
  readonly figures: Readonly<Record<string, number>>
  /** In the order in which they were made, with the gradients that their optimizers were given. */
  readonly networks: readonly {
    readonly spec: NetworkSpec
    readonly network: Network
    readonly gradient: Float32Array | null
  }[]
}

/** One update from weights drawn anew for every network, by optimizers that change nothing. */
function update(backend: Backend, algorithm: Algorithm, settings: Readonly<Record<string, unknown>>): Watched {
  const made: { spec: NetworkSpec; network: Network; gradient: Float32Array | null }[] = []
  const random = createRandom(9)
  const watching: Backend = {
    ...backend,
    network(spec, _, workspace) {
      const network = backend.network(spec, createRandom(0), workspace)
      made.push({ spec, network, gradient: null })
      return network
    },
    copy() {},
    optimizer(network, config) {
      return {
        ...backend.optimizer(network, config),
        step() {
          made.find(it => it.network === network)!.gradient = Float32Array.from(network.gradients)
          network.gradients.fill(0)
        },
      }
    },
  }
  const batch = batchOf(backend)
  const view: ReplayView = { size: 100, batches: () => ({ batch: () => batch, learnt() {}, abandon() {} }) }
  const learner = algorithm.createLearner(
    teamContext({
      backend: watching,
      agents,
      stateParts,
      indices: us,
      network: { hidden: [4], activation: 'tanh', temperature: 1 },
      random: (id, name) => createRandom(3, id, name),
      noise: (id, name) => createNoise(3, id, name),
      sharing: sharingOf(agents, settings.shareParameters === true),
      replay: () => view,
    }),
    { batch: rows, updateAfter: 1, updateEvery: 1, mixerUnits: 3, hyperUnits: 3, ...settings },
  )
  for (const { network } of made)
    for (let i = 0; i < network.parameters.length; i++) network.parameters[i] = random.between(-0.8, 0.8)
  const rewards = { rows: 1, columns: count, data: new Float32Array(count) }
  learner.take({
    truncated: new Uint8Array(1),
    rewards,
    present: new Uint8Array(count),
    terminated: new Uint8Array(count),
  } as unknown as JointStep)
  let figures: Readonly<Record<string, number>> = {}
  while (learner.due) ({ figures } = learner.advance(learner.members))
  return { batch, figures, networks: made }
}

/** What networks say with these weights; of agents with shared parameters their number stands behind what they see. */
function plainQ(
  { spec }: { spec: NetworkSpec },
  weights: ArrayLike<number>,
  observations: Matrix,
  position: number | null,
): number[][] {
  const input = Array.from({ length: rows }, (_, row) => [
    ...observations.data.subarray(3 * row, 3 * (row + 1)),
    ...(position === null ? [] : us.map((_, i) => Number(i === position))),
  ])
  const all = plainForward(spec, weights, input.flat(), rows)
  return Array.from({ length: rows }, (_, row) => [...all.subarray(size * row, size * (row + 1))])
}

function argmax(values: readonly number[], allowed: ArrayLike<number>, from: number, to: number): number {
  let best = -1
  for (let c = from; c < to; c++) if (allowed[c] === 1 && (best < 0 || values[c]! > values[best]!)) best = c
  return best
}

const ways = [
  { shareParameters: false, doubleQ: true },
  { shareParameters: true, doubleQ: true },
  { shareParameters: true, doubleQ: false },
]
const cases: readonly { algorithm: Algorithm; settings: (typeof ways)[number] & { mixerInput?: 'joint' } }[] = [
  ...[iql, vdn, qmix].flatMap(algorithm => ways.map(settings => ({ algorithm, settings }))),
  { algorithm: qmix, settings: { ...ways[0]!, mixerInput: 'joint' } },
]

describe.each(cases)('an update of $algorithm.id with $settings', ({ algorithm, settings }) => {
  const { shareParameters, doubleQ } = settings

  /** Loss and errors from the weights of the networks that learn, one network after the other. */
  function plain({ batch, networks }: Watched) {
    const mixers = algorithm === qmix ? 8 : 0
    const online = networks.filter((_, i) => i % 2 === 0)
    const target = networks.filter((_, i) => i % 2 === 1)
    const qOf = (agent: number) => mixers / 2 + (shareParameters ? 0 : us.indexOf(agent))
    const position = (agent: number) => (shareParameters ? us.indexOf(agent) : null)
    const numbers = ({ network }: (typeof networks)[number]) => Float64Array.from(network.parameters)
    const there = (row: number, agent: number) => batch.present.data[count * row + agent] === 1
    const acts = (row: number, agent: number) => there(row, agent) && batch.terminated.data[count * row + agent] === 0
    const seen = (now: boolean) => {
      if (settings.mixerInput === undefined) return [...(now ? batch.states! : batch.nextStates!).data]
      const all = now ? batch.observations : batch.nextObservations
      return Array.from({ length: rows }, (_, row) =>
        all.flatMap(({ data }) => [...data.subarray(3 * row, 3 * row + 3)]),
      ).flat()
    }
    const mixed = (values: number[][], by: typeof networks, weights: readonly Float64Array[], state: number[]) => {
      const [first, bias, second, base] = by
        .slice(0, 4)
        .map(({ spec }, i) => plainForward(spec, weights[i]!, state, rows))
      return values.map((q, row) => {
        let total = base![row]!
        for (let j = 0; j < 3; j++) {
          let x = bias![3 * row + j]!
          q.forEach((value, i) => void (x += value * Math.abs(first![(row * us.length + i) * 3 + j]!)))
          total += (x < 0 ? Math.expm1(x) : x) * Math.abs(second![3 * row + j]!)
        }
        return [total]
      })
    }
    const together = (
      values: number[][],
      by: typeof networks,
      weights: readonly Float64Array[],
      now: boolean,
    ): number[][] => {
      if (algorithm === iql) return values
      if (algorithm === vdn) return values.map(row => [row.reduce((a, b) => a + b, 0)])
      return mixed(values, by, weights, seen(now))
    }
    const next = us.map(agent => {
      const judged = plainQ(
        target[qOf(agent)]!,
        numbers(target[qOf(agent)]!),
        batch.nextObservations[agent]!,
        position(agent),
      )
      const choosing = doubleQ ? online : target
      const chosen = plainQ(
        choosing[qOf(agent)]!,
        numbers(choosing[qOf(agent)]!),
        batch.nextObservations[agent]!,
        position(agent),
      )
      return judged.map((q, row) => {
        if (!acts(row, agent)) return 0
        const mask = batch.nextObservations[agent]!.mask!.data.subarray(size * row, size * (row + 1))
        return q[argmax(chosen[row]!, mask, 0, 3)]! + q[argmax(chosen[row]!, mask, 3, 5)]!
      })
    })
    const perRow = (columns: readonly (readonly number[])[]) =>
      Array.from({ length: rows }, (_, row) => columns.map(column => column[row]!))
    const nextTotals = together(perRow(next), target, target.map(numbers), false)
    const membersOf = (total: number) => (algorithm === iql ? [us[total]!] : us)
    const targets = nextTotals.map((totals, row) =>
      totals.map((total, i) => {
        const goesOn = membersOf(i).some(agent => acts(row, agent))
        const alive = membersOf(i).find(agent => there(row, agent)) ?? us[0]!
        return batch.rewards.data[count * row + alive]! + (goesOn ? batch.discounts[row]! * total : 0)
      }),
    )
    const sizes = online.map(({ network }) => network.parameters.length)
    const errorsOf = (x: ArrayLike<number>) => {
      const weights = sizes.map((length, i) => {
        const from = sizes.slice(0, i).reduce((a, b) => a + b, 0)
        return Float64Array.from({ length }, (_, k) => x[from + k]!)
      })
      const taken = us.map(agent => {
        const q = plainQ(online[qOf(agent)]!, weights[qOf(agent)]!, batch.observations[agent]!, position(agent))
        return q.map((values, row) => {
          const action = batch.actions[agent]!.data.subarray(size * row, size * (row + 1))
          return there(row, agent) ? values.reduce((sum, value, c) => sum + value * action[c]!, 0) : 0
        })
      })
      return together(perRow(taken), online, weights, true).map((totals, row) =>
        totals.map((total, i) => (membersOf(i).some(agent => there(row, agent)) ? total - targets[row]![i]! : null)),
      )
    }
    const lossOf = (x: ArrayLike<number>) => {
      const errors = errorsOf(x)
      const counted = errors.flat().filter(error => error !== null).length
      let sum = 0
      errors.forEach((row, i) => void row.forEach(error => void (sum += batch.weights[i]! * (error ?? 0) ** 2)))
      return sum / counted
    }
    return { at: online.flatMap(it => [...numbers(it)]), errorsOf, lossOf, online }
  }

  it('is that of plain loops, and goes down their slope', () => {
    const watched = update(simd, algorithm, settings)
    const { at, errorsOf, lossOf, online } = plain(watched)
    // An iql whose agents share nothing makes an update of each.
    const isOne = !(algorithm === iql && !shareParameters)
    if (isOne) expectClose([watched.figures.criticLoss!], [lossOf(at)], 1e-5)
    const largest = errorsOf(at).map(row => Math.max(...row.map(error => Math.abs(error ?? 0))))
    expectClose(watched.batch.tdErrors, largest, 1e-4)
    if (!isOne) return
    const gradients = online.flatMap(({ gradient }) => [...gradient!])
    expectClose(gradients, centralDifferences(lossOf, at, 1e-6), 2e-4)
    expect(gradients.some(slope => Math.abs(slope) > 0.01)).toBe(true)
  })

  it('is the same on both backends', () => {
    const [one, other] = [simd, tfjs].map(backend => update(backend, algorithm, settings))
    one!.networks.forEach(({ gradient }, i) => {
      if (gradient !== null) expectClose(other!.networks[i]!.gradient!, gradient, 1e-4)
    })
  })
})
