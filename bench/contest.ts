// Contenders in turns, within one run: what a unit of work costs each of them, and how that compares, turn by turn.
import type { Contender, Cost } from './peers/contender.ts'

export interface Standing {
  readonly name: string
  /** Medians over the turns, seconds of a unit. */
  readonly cost: Cost
  /** Of every turn. */
  readonly turns: readonly Cost[]
}

/**
 * Every turn, all contenders work for about `seconds` of processor time one after the other, in every second turn the other way round; as
 * many turns (3 to 9) as fit into `budget` seconds of it. Before, each works for three turns' time, so that what compiles has done so.
 */
export async function contest(contenders: readonly Contender[], seconds = 0.4, budget = 20): Promise<Standing[]> {
  const units: number[] = []
  let lap = 0
  for (const contender of contenders) {
    let count = 1
    let cost = await contender.work(count)
    for (let spent = cost.cpu; spent < 3 * seconds; spent += count * cost.cpu) {
      count = Math.max(1, Math.round(seconds / 2 / cost.cpu))
      cost = await contender.work(count)
    }
    units.push(Math.max(1, Math.round(seconds / cost.cpu)))
    lap += units.at(-1)! * cost.cpu
  }
  const count = Math.max(3, Math.min(9, Math.floor(budget / lap)))
  const turns: Cost[][] = contenders.map(() => [])
  for (let turn = 0; turn < count; turn++) {
    const order = contenders.map((_, i) => (turn % 2 === 0 ? i : contenders.length - 1 - i))
    for (const i of order) turns[i]!.push(await contenders[i]!.work(units[i]!))
  }
  return contenders.map(({ name }, i) => ({
    name,
    turns: turns[i]!,
    cost: { cpu: median(turns[i]!.map(({ cpu }) => cpu)), wall: median(turns[i]!.map(({ wall }) => wall)) },
  }))
}

/** How many times less `one` costs than `other`: the median over the turns. */
export function ratio(one: Standing, other: Standing, kind: keyof Cost): number {
  return median(one.turns.map((cost, turn) => other.turns[turn]![kind] / cost[kind]))
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** A Markdown table. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  return ['', columns, columns.map(() => '---'), ...rows]
    .map(cells => (typeof cells === 'string' ? cells : `| ${cells.join(' | ')} |`))
    .join('\n')
}

/** Three digits of them. */
export function milliseconds(seconds: number): string {
  return (seconds * 1000).toLocaleString('en-US', { maximumSignificantDigits: 3 })
}
