// Q of the rows of a batch: of what agents did, and of the best that they could do next; one pass for all agents of a network.
import { identityColumns, writeIdentity } from '../agents/identity.ts'
import { demandColumn, memoryColumn } from '../columns.ts'
import { actsNext } from '../learning/batch-rows.ts'
import type { Backend } from '../nn/backend.ts'
import type { Network } from '../nn/network.ts'
import { stateSize, withSequence } from '../nn/recurrence.ts'
import type { ActionSpace } from '../spaces.ts'
import type { Batch, Matrix, Observations } from '../types.ts'
import type { QNetworks } from './q-networks.ts'

export interface QValues {
  /** Writes Q(o, a) of what each agent did into its column of [rows, agents of the side], 0 where it was absent; keeps what `backward` needs. */
  taken(batch: Batch, to: Matrix): void
  /**
   * Writes Q'(o', a*) into them, a* the best that is allowed: by the network that learns and judged by its target (van Hasselt et al. 2016), or
   * both by the target; 0 where the agent does not act next.
   */
  best(batch: Batch, doubleQ: boolean, to: Matrix): void
  /** Adds to the network's gradients, from those at the values of the last `taken`. */
  backward(batch: Batch, gradient: Matrix): void
}

/** `agents`: those of the group that are meant, by index in the game; `columns`: where each stands among the values. */
export function createQValues(
  { group: { team, agent }, network, target }: QNetworks,
  agents: readonly number[],
  columns: readonly number[],
  rows: number,
): QValues {
  const { backend } = team
  const [now, next] = [createPasses(), createPasses()]
  const outputs = network.spec.layers.at(-1)!.size
  const whole = new Map<number, Matrix>()
  let steps = 1

  /** What the network of all of these agents reads, one below the other, and its passes. */
  function createPasses() {
    const read = createReader(backend, network, team, agents, rows)
    return {
      forward(batch: readonly Observations[]): Matrix {
        const { input, window } = read(batch)
        steps = input.rows / (agents.length * rows)
        return lastStep(window === null ? network.forward(input) : withSequence(network).sequence(input, window))
      },
      infer: (by: Network, batch: readonly Observations[]): Matrix => {
        const { input, window } = read(batch)
        return lastStep(window === null ? by.infer(input) : withSequence(by).infer(input, window))
      },
    }
  }
  const lastStep = ({ rows: all, columns, data }: Matrix): Matrix => {
    const last = agents.length * rows
    return { rows: last, columns, data: data.subarray((all - last) * columns) }
  }

  return {
    taken(batch, to) {
      const { data } = now.forward(batch.observations)
      agents.forEach((index, member) => {
        const actions = batch.actions[index]!.data
        for (let row = 0; row < rows; row++) {
          let q = 0
          const at = (member * rows + row) * outputs
          for (let c = 0; c < outputs; c++) if (actions[row * outputs + c] !== 0) q += data[at + c]!
          to.data[row * to.columns + columns[member]!] = isThere(batch, index, row) ? q : 0
        }
      })
    },
    best(batch, doubleQ, to) {
      const judged = next.infer(target, batch.nextObservations).data
      const chosenBy = doubleQ ? next.infer(network, batch.nextObservations).data : judged
      agents.forEach((index, member) => {
        const mask = batch.nextObservations[index]!.mask?.data
        for (let row = 0; row < rows; row++) {
          const acts = actsNext(batch, row * batch.present.columns + index)
          const at = (member * rows + row) * outputs
          const q = acts ? valueOfBest(agent.actionSpace, chosenBy, judged, at, mask, row * outputs) : 0
          to.data[row * to.columns + columns[member]!] = q
        }
      })
    },
    backward(batch, gradient) {
      const all = steps * agents.length * rows
      const slopes = whole.get(all) ?? backend.matrix(all, outputs)
      whole.set(all, slopes)
      // Only the last step of a window is judged: the rows before it stay zero.
      const from = all - agents.length * rows
      agents.forEach((index, member) => {
        const actions = batch.actions[index]!.data
        for (let row = 0; row < rows; row++) {
          const g = isThere(batch, index, row) ? gradient.data[row * gradient.columns + columns[member]!]! : 0
          const at = (from + member * rows + row) * outputs
          for (let c = 0; c < outputs; c++) slopes.data[at + c] = actions[row * outputs + c] === 0 ? 0 : g
        }
      })
      network.backward(slopes)
    },
  }
}

/** The sum over the choices of the value of the best alternative that is allowed, of equal ones the first. */
function valueOfBest(
  space: ActionSpace,
  chosenBy: Float32Array,
  judged: Float32Array,
  at: number,
  mask: Float32Array | undefined,
  masked: number,
): number {
  let sum = 0
  let from = 0
  for (const { size } of space) {
    let best = -1
    for (let c = from; c < from + size; c++) {
      if (mask !== undefined && mask[masked + c] === 0) continue
      if (best < 0 || chosenBy[at + c]! > chosenBy[at + best]!) best = c
    }
    if (best < 0) throw new RangeError('action mask: expected an alternative that is allowed in every choice, got none')
    sum += judged[at + best]!
    from += size
  }
  return sum
}

function isThere({ present }: Batch, agent: number, row: number): boolean {
  return present.data[row * present.columns + agent] === 1
}

interface Read {
  readonly input: Matrix
  /** Of a network that remembers. */
  readonly window: { readonly state: Matrix; readonly restarted: Uint8Array } | null
}

/** Puts what agents saw one below the other, with their numbers behind it; of windows step by step. Overwritten by the next call. */
function createReader(
  backend: Backend,
  network: Network,
  { sharing }: QNetworks['group']['team'],
  agents: readonly number[],
  rows: number,
): (observations: readonly Observations[]) => Read {
  const identities = agents.map(index => sharing[index]!.identity)
  const isAlone = agents.length === 1 && identityColumns(identities[0]!) === 0
  const memory = stateSize(network.spec)
  const width = network.spec.inputs
  const all = agents.length * rows
  const state = backend.matrix(isAlone ? 0 : all, memory)
  const states = memory > 0 && !isAlone ? blocksOf(state, rows) : []
  let made: { input: Matrix; blocks: Matrix[]; restarted: Uint8Array } | null = null

  const roomFor = (steps: number) => {
    if (made !== null && made.input.rows === steps * all) return made
    const input = backend.matrix(steps * all, width)
    const blocks = blocksOf(input, rows)
    blocks.forEach((block, i) => {
      const identity = identities[i % agents.length]!
      const size = identityColumns(identity)
      if (size > 0) writeIdentity(block, width - size, identity)
    })
    made = { input, blocks, restarted: new Uint8Array(steps * all) }
    return made
  }

  return observations => {
    if (isAlone) {
      const own = observations[agents[0]!]!
      if (memory === 0) return { input: own, window: null }
      const { observations: input, restarted, extras } = pastOf(own)
      return { input, window: { state: demandColumn(extras, memoryColumn), restarted } }
    }
    const first = observations[agents[0]!]!
    const steps = memory === 0 ? 1 : pastOf(first).observations.rows / rows
    const { input, blocks, restarted } = roomFor(steps)
    agents.forEach((index, member) => {
      const own = observations[index]!
      if (memory === 0) {
        backend.copyColumns(own, blocks[member]!, 0)
        return
      }
      const past = pastOf(own)
      blocksOf(past.observations, rows).forEach((seen, step) => {
        const block = step * agents.length + member
        backend.copyColumns(seen, blocks[block]!, 0)
        restarted.set(past.restarted.subarray(step * rows, (step + 1) * rows), block * rows)
      })
      states[member]!.data.set(demandColumn(past.extras, memoryColumn).data)
    })
    if (memory === 0) return { input, window: null }
    return { input, window: { state, restarted } }
  }
}

/** So many rows each, in place. */
function blocksOf({ rows: all, columns, data }: Matrix, rows: number): Matrix[] {
  return Array.from({ length: all / rows }, (_, i) => ({
    rows,
    columns,
    data: data.subarray(i * rows * columns, (i + 1) * rows * columns),
  }))
}

function pastOf({ past }: Observations): NonNullable<Observations['past']> {
  if (past !== undefined) return past
  throw new TypeError('Q network with a memory: expected observations with the steps before (past), got none')
}
