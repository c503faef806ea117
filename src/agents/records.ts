// What acting leaves behind for learning: how likely an action was, what was drawn before it was squashed into one, and from what.
import type { Backend } from '../nn/backend.ts'
import type { NoiseKey } from '../random.ts'
import type { Matrix } from '../types.ts'
import type { Distribution } from './distribution.ts'

/** Names of the columns that an actor can record of its last sample. */
export type RecordName = 'logProbability' | 'drawn' | 'distribution'

export interface Records {
  /** Notes a sample; its outputs, actions and mask must stay as they are until something is asked of it. */
  keep(outputs: Matrix, actions: Matrix, noise: NoiseKey, mask?: Matrix): void
  /**
   * Of the sample noted last: `logProbability` [rows, 1] of the whole action; `drawn` [rows, action size], of boxes the numbers before they
   * were squashed or clipped, zeros at choices; `distribution` [rows, outputs], the outputs that it was drawn from. Overwritten by the next
   * call with as many rows.
   * @throws TypeError for another name, and before the first sample.
   */
  of(name: string): Matrix
}

export function createRecords(backend: Backend, distribution: Distribution): Records {
  const boxes = distribution.parts.filter(({ kind, needsDrawn }) => kind === 'box' && needsDrawn)
  const buffers = new Map<string, Matrix>()
  let last: Sampled | null = null

  const buffer = (name: string, rows: number, columns: number) => {
    const key = `${name} ${rows}`
    const found = buffers.get(key) ?? backend.matrix(rows, columns)
    buffers.set(key, found)
    return found
  }
  /** The same numbers as the sample, from its noise: an action at a bound no longer tells them. */
  const drawnOf = ({ outputs, actions, noise }: Sampled) => {
    const drawn = buffer('drawn', actions.rows, actions.columns)
    const again = { actions: buffer('actions', actions.rows, actions.columns), drawn }
    for (const box of boxes) box.sample(outputs, noise, again)
    return drawn
  }

  return {
    keep(outputs, actions, noise, mask) {
      last = { outputs, actions, noise, mask }
    },
    of(name) {
      if (last === null) throw new TypeError(`actor: '${name}' was asked for before anything was sampled`)
      if (name === 'drawn') return drawnOf(last)
      if (name === 'distribution') return last.outputs
      if (name !== 'logProbability') {
        throw new TypeError(
          `actor: expected 'logProbability', 'drawn' or 'distribution' to be asked for, got '${name}'`,
        )
      }
      const { outputs, actions, mask } = last
      const to = buffer(name, actions.rows, 1)
      const done = boxes.length > 0 ? { actions, drawn: drawnOf(last) } : { actions }
      distribution.logProbability(outputs, done, to.data, mask)
      return to
    },
  }
}

interface Sampled {
  readonly outputs: Matrix
  readonly actions: Matrix
  readonly noise: NoiseKey
  readonly mask: Matrix | undefined
}
