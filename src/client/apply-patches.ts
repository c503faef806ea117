// A state after patches of the server (immer's), by copies of what they touch: all that stays is the same object as before.
import type { Patches } from '../stream/protocol.ts'

type Container = Record<string | number, unknown>

/** `state` itself stays as it is. @throws TypeError where a patch leads to no place in it. */
export function applyPatches<T>(state: T, patches: Patches): T {
  /** What was copied already may be written to. */
  const own = new Set<unknown>()
  const writable = (value: unknown, where: Patches[number]): Container => {
    if (typeof value !== 'object' || value === null)
      throw new TypeError(`a patch leads nowhere: ${where.path.join('.')}`)
    if (own.has(value)) return value as Container
    const copy = Array.isArray(value) ? [...value] : { ...value }
    own.add(copy)
    return copy as Container
  }
  let root: unknown = state
  for (const patch of patches) {
    if (patch.path.length === 0) {
      root = patch.value
      continue
    }
    const keys = patch.path.map(key => ownKey(key, patch))
    const last = keys.pop()!
    let place = (root = writable(root, patch)) as Container
    for (const key of keys) place = (place[key] = writable(place[key], patch)) as Container
    change(place, last, patch)
  }
  return root as T
}

function change(place: Container | unknown[], key: string | number, { op, value }: Patches[number]): void {
  if (!Array.isArray(place)) {
    if (op === 'remove') delete place[key]
    else place[key] = value
  } else if (key === 'length') place.length = value as number
  else if (op === 'replace') place[key as number] = value
  else if (op === 'add') place.splice(Number(key), 0, value)
  else place.splice(Number(key), 1)
}

/** Names that lead out of the state are no places in it. */
function ownKey(key: string | number, { path }: Patches[number]): string | number {
  if (key !== '__proto__' && key !== 'constructor' && key !== 'prototype') return key
  throw new TypeError(`a patch leads nowhere: ${path.join('.')}`)
}
