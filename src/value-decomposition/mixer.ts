// What the values of a team's agents make together: each by itself (IQL), their sum (VDN).
import type { Backend } from '../nn/backend.ts'
import type { Network } from '../nn/network.ts'
import type { Batch, Matrix, Stateful } from '../types.ts'

export interface Mixer {
  /** [rows, agents] -> [rows, totals], one total or one of each agent; keeps what `backward` needs. */
  total(values: Matrix, batch: Batch): Matrix
  /** The same of what follows, by the targets of its own networks. */
  nextTotal(nextValues: Matrix, batch: Batch): Matrix
  /** The gradient at the values of the last `total`, from that at the totals; adds to the gradients of its own networks. */
  backward(gradient: Matrix): Matrix
  /** Of its own networks. @throws NonFiniteError when a gradient or a parameter is not finite. */
  step(): void
  /** Its targets come closer: soft update, of 1 they are copies. */
  updateTargets(tau: number): void
  /** What has to be saved. */
  readonly networks: Readonly<Record<string, Network>>
  readonly parts: Readonly<Record<string, Stateful>>
}

const withoutNetworks = { step() {}, updateTargets() {}, networks: {}, parts: {} } as const

/** Everybody's value stays by itself. */
export function separateValues(): Mixer {
  return {
    total: values => values,
    nextTotal: values => values,
    backward: gradient => gradient,
    ...withoutNetworks,
  }
}

/** Q_tot = sum_i Q_i (Sunehag et al. 2018, equation 2). */
export function sumOfValues(backend: Backend, agents: number, rows: number): Mixer {
  const [total, nextTotal] = [backend.matrix(rows, 1), backend.matrix(rows, 1)]
  const atValues = backend.matrix(rows, agents)
  const sum = ({ data }: Matrix, to: Matrix) => {
    for (let row = 0, at = 0; row < rows; row++) {
      let sum = 0
      for (let i = 0; i < agents; i++) sum += data[at++]!
      to.data[row] = sum
    }
    return to
  }
  return {
    total: values => sum(values, total),
    nextTotal: values => sum(values, nextTotal),
    backward({ data }) {
      for (let i = 0; i < atValues.data.length; i++) atValues.data[i] = data[Math.floor(i / agents)]!
      return atValues
    },
    ...withoutNetworks,
  }
}
