// A policy ensemble as one actor: several sub-policies, of which one is drawn per episode and acts (Lowe et al. 2017, section 4.3).
import { columnNamed, subPolicyColumn } from '../columns.ts'
import type { Backend } from '../nn/backend.ts'
import type { Matrix, NamedMatrix, Observations } from '../types.ts'
import type { Actor } from './actor.ts'
import type { Carried } from './body.ts'
import type { RecordName } from './records.ts'

/** An actor whose every row is answered by one of its sub-policies. */
export interface EnsembleActor extends Actor {
  readonly subPolicies: readonly Actor[]
}

/**
 * Sub-policies of one agent as one actor. It carries what they carry, and in a column of its own the number of the sub-policy that acts: drawn uniformly when an episode begins, the same to its end. Each sub-policy that is named in a batch runs once over the
 * whole of it, so that the noise of a row does not depend on who else is in the batch; every row gets the answer of its own. What it
 * returns is overwritten by its next call.
 * @throws TypeError for observations that do not say which sub-policy acts, RangeError where they name one that there is not.
 */
export function createEnsembleActor(backend: Backend, subPolicies: readonly Actor[]): EnsembleActor {
  const [first] = subPolicies as [Actor]
  const buffers = new Map<string, Matrix>()
  /** [rows] The sub-policies of the last answers. */
  let numbers = new Uint32Array(0)

  /** Row by row from the matrix of its sub-policy; `ask` is not called for sub-policies that no row names. */
  const select = (purpose: string, ask: (subPolicy: number) => Matrix): Matrix => {
    const named = subPolicies.map((_, k) => numbers.includes(k))
    if (named.filter(Boolean).length === 1) return ask(named.indexOf(true))
    let chosen: Matrix | undefined
    for (let k = 0; k < subPolicies.length; k++) {
      if (!named[k]) continue
      const answers = ask(k)
      chosen ??= bufferFor(purpose, answers)
      copyRows(answers, chosen, numbers, k)
    }
    return chosen!
  }
  const bufferFor = (purpose: string, { rows, columns }: Matrix) => {
    const key = `${purpose} ${rows}x${columns}`
    const buffer = buffers.get(key) ?? backend.matrix(rows, columns)
    buffers.set(key, buffer)
    return buffer
  }
  const answer = (purpose: string, observations: Observations, ask: (actor: Actor, seen: Observations) => Matrix) => {
    numbers = numbersOf(observations, subPolicies.length)
    const seen = withoutNumber(observations)
    return select(purpose, k => ask(subPolicies[k]!, seen))
  }

  return {
    subPolicies,
    ...(first.identity === undefined ? {} : { identity: first.identity }),
    networks: subPolicies.flatMap(({ networks }) => networks),
    ...(first.recorded === undefined
      ? {}
      : { recorded: (name: RecordName) => select(name, k => subPolicies[k]!.recorded!(name)) }),
    carries: [
      ...first.carries.map((carried, index): Carried => {
        if (carried.after === undefined) return carried
        const after = () => select(carried.name, k => subPolicies[k]!.carries[index]!.after!())
        return { ...carried, after }
      }),
      {
        name: subPolicyColumn,
        size: 1,
        begin(row, random) {
          row[0] = random.integer(subPolicies.length)
        },
      },
    ],
    sample: (observations, noise, forWhat) =>
      answer('actions', observations, (actor, seen) => actor.sample(seen, noise, forWhat)),
    greedy: observations => answer('actions', observations, (actor, seen) => actor.greedy(seen)),
    probabilities: observations => answer('actions', observations, (actor, seen) => actor.probabilities(seen)),
    distribution: observations => answer('outputs', observations, (actor, seen) => actor.distribution(seen)),
  }
}

/**
 * [rows] The numbers of the sub-policies that act, from the columns that come with observations.
 * @throws TypeError where there is no such column.
 */
export function subPoliciesIn(extras: Observations['extras'], rows: number): Float32Array {
  const column = columnNamed(extras, subPolicyColumn)
  if (column?.columns === 1 && column.rows === rows) return column.data
  const got = column === undefined ? 'none' : `[${column.rows}, ${column.columns}]`
  throw new TypeError(
    `ensemble actor: expected the sub-policies of the rows, [${rows}, 1], as column '${subPolicyColumn}', got ${got}; its policy ` +
      'and the replay buffer give them',
  )
}

/** The same, as numbers of sub-policies that there are. */
function numbersOf({ rows, extras }: Observations, count: number): Uint32Array<ArrayBuffer> {
  const numbers = subPoliciesIn(extras, rows)
  const wrong = numbers.findIndex(k => !(Number.isInteger(k) && k >= 0 && k < count))
  if (wrong < 0) return Uint32Array.from(numbers)
  throw new RangeError(
    `ensemble actor: sub-policy of row ${wrong} must be one of 0 ... ${count - 1}, got ${numbers[wrong]}`,
  )
}

/** What the sub-policies themselves declared. */
function withoutNumber({ extras, past, ...seen }: Observations): Observations {
  const own = { ...seen, extras: others(extras!) }
  return past === undefined ? own : { ...own, past: { ...past, extras: others(past.extras) } }
}

function others(columns: readonly NamedMatrix[]): NamedMatrix[] {
  return columns.filter(({ name }) => name !== subPolicyColumn)
}

function copyRows(from: Matrix, to: Matrix, numbers: Uint32Array, k: number): void {
  const { columns } = from
  for (let row = 0; row < from.rows; row++) {
    if (numbers[row] !== k) continue
    for (let at = row * columns; at < (row + 1) * columns; at++) to.data[at] = from.data[at]!
  }
}
