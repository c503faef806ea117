// What `save` gives, as a value of its own: nothing that happens later changes it.
import type { Saved, TypedArray } from './types.ts'

/** A copy with arrays of its own; structuredClone would share what lies in shared memory. */
export function copySaved(saved: Saved): Saved {
  if (typeof saved !== 'object' || saved === null) return saved
  if (ArrayBuffer.isView(saved)) return (saved as TypedArray).slice()
  if (Array.isArray(saved)) return saved.map(copySaved)
  return Object.fromEntries(Object.entries(saved).map(([name, value]) => [name, copySaved(value as Saved)]))
}
