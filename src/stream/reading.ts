// Strict checks of received values: each gives the value, or throws a sentence that says where it is wrong.

/** @throws TypeError */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new TypeError(`${what} must be JSON, got ${show(text)}`)
  }
}

export function record(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new TypeError(`${where} must be an object, got ${show(value)}`)
}

export function list(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new TypeError(`${where} must be a list, got ${show(value)}`)
}

export function string(value: unknown, where: string): string {
  if (typeof value === 'string') return value
  throw new TypeError(`${where} must be a text, got ${show(value)}`)
}

export function number(value: unknown, where: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new TypeError(`${where} must be a finite number, got ${show(value)}`)
}

/** A whole number from 0. */
export function count(value: unknown, where: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number
  throw new TypeError(`${where} must be a whole number from 0, got ${show(value)}`)
}

/** @throws RangeError */
export function within(value: number, least: number, most: number, where: string): number {
  if (value >= least && value <= most) return value
  throw new RangeError(`${where} must be in ${least} ... ${most}, got ${value}`)
}

/** Two finite numbers. */
export function pair(value: unknown, where: string): readonly [number, number] {
  const both = list(value, where)
  if (both.length !== 2) throw new RangeError(`${where} must have 2 numbers, got ${both.length}`)
  return [number(both[0], where), number(both[1], where)]
}

/** No other keys than these: a misspelt one would be silence. */
export function only(value: Readonly<Record<string, unknown>>, keys: readonly string[], where: string): void {
  for (const key of Object.keys(value)) {
    if (!keys.includes(key)) throw new TypeError(`${where} has ${keys.join(', ')} only, got also ${show(key)}`)
  }
}

/** A value as it came, short enough for a sentence. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
