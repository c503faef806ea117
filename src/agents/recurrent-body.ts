// The body of an actor that remembers: a gated recurrent unit between its hidden layers and its outputs.
import { columnNamed, memoryColumn } from '../columns.ts'
import type { Backend } from '../nn/backend.ts'
import type { GruLayer, Network, NetworkSpec } from '../nn/network.ts'
import { withSequence } from '../nn/recurrence.ts'
import type { Matrix, Observations } from '../types.ts'
import type { Body, Identifications } from './body.ts'

/** A feed-forward spec with a memory of so many units before its last layer: 18 -> 64 ReLU -> GRU -> 5. `gates`: how its weights are drawn. */
export function withMemory(spec: NetworkSpec, units: number, gates: Pick<GruLayer, 'orthogonal'> = {}): NetworkSpec {
  const hidden = spec.layers.slice(0, -1)
  return { ...spec, layers: [...hidden, { kind: 'gru', size: units, ...gates }, ...spec.layers.slice(-1)] }
}

/**
 * A body that carries the state of its network, zeros when an episode begins. Acting goes one step from the state carried in
 * `extras`. Batches come with the steps before (`past`): the window is walked from the state that was stored at its oldest step
 * (Kapturowski et al. 2019, "stored state"), the outputs are those of the last step, and the gradient goes back from there through
 * the whole window and no further (truncated back-propagation through time: Williams and Peng 1990).
 * @throws TypeError when observations come with neither, or to `forward` without `past`.
 */
export function recurrentBody(backend: Backend, plain: Network, { inferring, learning }: Identifications): Body {
  const network = withSequence(plain)
  const size = network.stateSize
  const outputs = network.spec.layers[network.spec.layers.length - 1]!.size
  const states = new Map<number, Matrix>()
  const gradients = new Map<string, Matrix>()
  let after: Matrix
  /** Rows and steps of the last `forward`. */
  let kept = { rows: 0, steps: 0 }

  const without = (call: 'act' | 'infer', observations: Observations) => {
    const { rows, past } = observations
    after = bufferOf(states, rows, () => backend.matrix(rows, size))
    if (past === undefined) {
      const state = stateOf(observations)
      return network[call](inferring(observations), { state, next: after })
    }
    const window = { state: stateOf(past), restarted: past.restarted, next: after }
    return lastStep(network[call](inferring(past.observations), window), rows)
  }

  return {
    network,
    carries: [{ name: memoryColumn, size, begin: row => void row.fill(0), after: () => after }],
    act: observations => without('act', observations),
    infer: observations => without('infer', observations),
    forward({ rows, past }) {
      if (past === undefined) throw new TypeError(`actor with a memory: ${missing('the steps before (past)')}`)
      kept = { rows, steps: past.observations.rows / rows }
      const window = { state: stateOf(past), restarted: past.restarted }
      return lastStep(network.sequence(learning(past.observations), window), rows)
    },
    backward(outputGradient) {
      const { rows, steps } = kept
      // Only the last step is judged: in the rows of the steps before it, which nobody writes, the gradient stays zero.
      const whole = bufferOf(gradients, `${rows}x${steps}`, () => backend.matrix(rows * steps, outputs))
      whole.data.set(outputGradient.data, (steps - 1) * rows * outputs)
      network.backward(whole)
    },
  }
}

/** What was carried to these observations. */
function stateOf({ extras }: Pick<Observations, 'extras'>): Matrix {
  const state = columnNamed(extras, memoryColumn)
  if (state !== undefined) return state
  throw new TypeError(`actor with a memory: ${missing('what it carries (extras)')}`)
}

function missing(what: string): string {
  return `expected observations with ${what}, got none; its policy and the replay buffer give them`
}

/** The rows of the last step, in place. */
function lastStep({ rows: all, columns, data }: Matrix, rows: number): Matrix {
  return { rows, columns, data: data.subarray((all - rows) * columns) }
}

function bufferOf<K>(buffers: Map<K, Matrix>, key: K, make: () => Matrix): Matrix {
  const found = buffers.get(key) ?? make()
  buffers.set(key, found)
  return found
}
