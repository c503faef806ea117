// Columns by name: what stands beside observations and actions, as an actor's memory, the number of a sub-policy, a log-probability.
import type { Column, NamedMatrix } from './types.ts'

/** The state of a recurrent actor. */
export const memoryColumn = 'memory'
/** The number of the sub-policy that acts. */
export const subPolicyColumn = 'subPolicy'
/** log pi(a | o) of the action that was taken, by the policy that took it. */
export const logProbabilityColumn = 'logProbability'
/** What was drawn before it was clipped or squashed into an action. */
export const drawnColumn = 'drawn'
/** The outputs of the network that it was drawn from: logits, means and log deviations. */
export const distributionColumn = 'distribution'

/** The matrix of that name; undefined: there is none. */
export function columnNamed(columns: readonly NamedMatrix[] | undefined, name: string): NamedMatrix | undefined {
  return columns?.find(column => column.name === name)
}

/** For messages: `memory 8, subPolicy 1`. */
export function describeColumns(columns: readonly Column[]): string {
  return columns.map(({ name, size }) => `${name} ${size}`).join(', ')
}

/** The same where it must be there. @throws TypeError naming what there is instead. */
export function demandColumn(columns: readonly NamedMatrix[] | undefined, name: string): NamedMatrix {
  const found = columnNamed(columns, name)
  if (found !== undefined) return found
  const there = columns?.map(column => column.name).join(', ') || 'none'
  throw new TypeError(`column '${name}' is missing, got ${there}; the policy that acts must declare and write it`)
}
