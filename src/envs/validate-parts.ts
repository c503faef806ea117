// Checks of the named pieces of an observation or of the world's own state: sizes, names, shapes, sets.

/** What is wrong with them, as a sentence; null: nothing. `list`: what they are called, `of`: whose they are, `observationParts`, `of agent_0`. */
export function partsFault(list: string, of: string, given: unknown): string | null {
  if (!Array.isArray(given)) return `${list} ${of} must be a list of { name, size }, got ${inWords(given)}`
  const wrong = given.find(part => typeof part?.name !== 'string' || !isCount(part.size, 0))
  if (wrong !== undefined) return `${list} ${of} must each be { name, size }, got ${inWords(wrong)}`
  for (const { name, size, names, shape, channels, piece } of given) {
    const part = `of part '${name}' ${of}`
    if (names !== undefined && !(Array.isArray(names) && names.length === size && names.every(isName))) {
      return `names ${part} must be ${size} names, got ${inWords(names)}`
    }
    const wrongShape = shapeFault(part, size, shape, channels)
    if (wrongShape !== null) return wrongShape
    if (piece !== undefined && !(isCount(piece, 2) && size > 0 && size % piece === 0)) {
      return `piece ${part} must be a number of numbers, at least 2, that divides its size, ${size}, got ${inWords(piece)}`
    }
  }
  return null
}

function shapeFault(part: string, size: number, shape: unknown, channels: unknown): string | null {
  if (shape === undefined) {
    return channels === undefined
      ? null
      : `channels ${part} want a shape too; write its shape, [rows, columns, channels]`
  }
  if (!Array.isArray(shape) || shape.length < 2 || !shape.every(side => isCount(side, 1))) {
    return `shape ${part} must be whole numbers of at least 1 like [rows, columns, channels], got ${inWords(shape)}`
  }
  const product = shape.reduce((numbers: number, side) => numbers * side, 1)
  if (product !== size) {
    return `shape ${inWords(shape)} ${part} has ${product} numbers, the part has ${size}; their product must be its size`
  }
  const last = shape.at(-1) as number
  if (channels === undefined || (Array.isArray(channels) && channels.length === last && channels.every(isName)))
    return null
  return `channels ${part} must be ${last} names, one for each along the last side of its shape, got ${inWords(channels)}`
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
