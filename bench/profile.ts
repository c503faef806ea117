// Where the time of some work goes: samples of its stacks, by the parts that somebody says they belong to.
import { Session } from 'node:inspector/promises'

/** A function on a stack. */
export interface Place {
  /** Its file without ending: `thread-pool`; '' of the engine itself. */
  readonly file: string
  readonly name: string
  /** A WebAssembly function, whose name is its number: `wasm-function[7]`; or what stands between it and JavaScript. */
  readonly isKernel: boolean
}

/** Samples by part; `partOf` is told the stack of each, the innermost function first, and says null where it is not part of the work. */
export async function profile(
  work: () => void,
  partOf: (stack: readonly Place[]) => string | null,
): Promise<Map<string, number>> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: 200 })
  await session.post('Profiler.start')
  work()
  const { profile } = await session.post('Profiler.stop')
  session.disconnect()
  const places = new Map(profile.nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)] as const))
  const callers = new Map(profile.nodes.flatMap(({ id, children = [] }) => children.map(child => [child, id] as const)))
  const stackOf = (id: number) => {
    const stack: Place[] = []
    for (let at: number | undefined = id; at !== undefined; at = callers.get(at)) stack.push(places.get(at)!)
    return stack
  }
  const found = new Map<number, string | null>()
  const counts = new Map<string, number>()
  for (const id of profile.samples ?? []) {
    if (!found.has(id)) found.set(id, partOf(stackOf(id)))
    const part = found.get(id)!
    if (part !== null) counts.set(part, (counts.get(part) ?? 0) + 1)
  }
  return counts
}

function placeOf({ functionName, url }: { readonly functionName: string; readonly url: string }): Place {
  const file = url.slice(url.lastIndexOf('/') + 1).replace(/\.[jt]s$/, '')
  return { file, name: functionName, isKernel: url.startsWith('wasm:') || functionName.startsWith('wasm-') }
}
