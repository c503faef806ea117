// Actions as people write them, by agent: whole numbers, records and lists become rows.
import { type ActionPart, type ActionSpace, actionSize } from '../spaces.ts'

/** One part of an action: which alternative, or the numbers of the part (a box, a one-hot or soft row). */
export type PartAction = number | ArrayLike<number>

/**
 * One agent's action: a whole number where it has one choice, a record with one entry per part where it has several
 * (`{ move: 2, say: 0 }`), or all its numbers in a row.
 */
export type ParallelAction = PartAction | Readonly<Record<string, PartAction>>

/** Writes an action into `row`. @throws TypeError or RangeError naming the agent, what is expected and what came. */
export function writeAction(where: string, space: ActionSpace, action: unknown, row: Float32Array): void {
  if (space.length === 1 && typeof action === 'number') {
    writePart(where, space[0]!, action, row)
    return
  }
  if (isList(action)) {
    if (action.length !== row.length) throw new TypeError(`${where} ${wrongLength(space, action)}`)
    writeNumbers(where, action, row)
    return
  }
  if (typeof action !== 'object' || action === null)
    throw new TypeError(`${where} must be ${form(space)}, got ${show(action)}`)
  const parts = action as Readonly<Record<string, unknown>>
  const names = space.map(part => part.name)
  const foreign = Object.keys(parts).find(name => !names.includes(name))
  if (foreign !== undefined) throw new TypeError(`${where} must have the parts ${names.join(', ')}, got '${foreign}'`)
  let at = 0
  for (const part of space) {
    writePart(`${where}.${part.name}`, part, parts[part.name], row.subarray(at, at + part.size))
    at += part.size
  }
}

function writePart(where: string, part: ActionPart, action: unknown, row: Float32Array): void {
  if (isList(action)) {
    writeNumbers(where, action, row)
    return
  }
  if (part.kind === 'box') throw new TypeError(`${where} must be a list of ${part.size} numbers, got ${show(action)}`)
  if (typeof action !== 'number' || !Number.isInteger(action) || action < 0 || action >= part.size) {
    throw new RangeError(`${where} must be a whole number from 0 to ${part.size - 1}, got ${show(action)}`)
  }
  row.fill(0)
  row[action] = 1
}

/** What the numbers may be, the game says when it reads them. */
function writeNumbers(where: string, numbers: ArrayLike<unknown>, row: Float32Array): void {
  if (numbers.length !== row.length) {
    throw new TypeError(`${where} must have ${row.length} numbers, got ${numbers.length}`)
  }
  for (let i = 0; i < row.length; i++) {
    const value = numbers[i]
    if (typeof value !== 'number') throw new TypeError(`${where}[${i}] must be a number, got ${show(value)}`)
    row[i] = value
  }
}

/** What is expected of a list of another length; one that has an entry for each part is written out as the record that is meant. */
function wrongLength(space: ActionSpace, action: ArrayLike<unknown>): string {
  const expected = `must have ${actionSize(space)} numbers, got ${action.length}`
  if (space.length < 2 || action.length !== space.length) return expected
  const entries = space.map(
    ({ kind, name }, i) => `${name}: ${kind === 'box' ? `[${show(action[i])}]` : show(action[i])}`,
  )
  return `${expected}; write { ${entries.join(', ')} }`
}

/** What an action of a space may look like, in words. */
function form(space: ActionSpace): string {
  const row = `a list of ${actionSize(space)} numbers`
  if (space.length > 1) return `a record { ${space.map(part => part.name).join(', ')} } or ${row}`
  const [part] = space
  return part?.kind === 'choice' ? `a whole number from 0 to ${part.size - 1} or ${row}` : row
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))
}

function show(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value))
}
