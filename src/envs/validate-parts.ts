// Checks of the named pieces of an observation or of the world's own state: sizes, names, shapes, sets.

/** What is wrong with them, as a sentence; null: nothing. `list`: what they are called, `of`: whose they are, `observationParts`, `of agent_0`. */
export function partsFault(list: string, of: string, given: unknown): string | null {
  if (!Array.isArray(given)) return `${list} ${of} must be a list of { name, size }, got ${inWords(given)}`
  const wrong = given.find(part => typeof part?.name !== 'string' || !isCount(part.size, 0))
  if (wrong !== undefined) return `${list} ${of} must each be { name, size }, got ${inWords(wrong)}`
  for (const { name, size, names, shape, piece } of given) {
    const part = `of part '${name}' ${of}`
    if (names !== undefined && !(Array.isArray(names) && names.length === size && names.every(isName))) {
      return `names ${part} must be ${size} names, got ${inWords(names)}`
    }
    if (shape !== undefined && !isShape(shape, size)) {
      return `shape ${part} must be sizes like [rows, columns, channels] whose product is ${size}, got ${inWords(shape)}`
    }
    if (piece !== undefined && !(isCount(piece, 1) && size % piece === 0)) {
      return `piece ${part} must be a number of numbers that divides its size, ${size}, got ${inWords(piece)}`
    }
  }
  return null
}

function isShape(shape: unknown, size: number): boolean {
  return (
    Array.isArray(shape) &&
    shape.length > 1 &&
    shape.every(length => isCount(length, 1)) &&
    shape.reduce((product: number, length) => product * length, 1) === size
  )
}

export function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

export function isCount(value: unknown, least: number): value is number {
  return Number.isInteger(value) && (value as number) >= least
}

/** A value for a message. */
export function inWords(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'symbol') return String(value)
  if (value instanceof Promise) return 'a promise'
  const text = inJson(value) ?? String(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

function inJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    // It holds itself.
    return undefined
  }
}
