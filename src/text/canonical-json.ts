// JSON with one spelling for equal values, to be compared and hashed.

/** Keys in the order of their UTF-16 code units, no white space; keys without a value are left out. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const kept = Object.entries(value).filter(([, inner]) => inner !== undefined)
  const sorted = kept.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${sorted.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(',')}}`
}
