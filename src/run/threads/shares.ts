// What games side by side save, in shares of some games each, and put together again.
import type { VectorGame } from '../../envs/vector-game.ts'
import type { Saved, TypedArray } from '../../types.ts'

type Parts = { readonly [key: string]: Saved }

/** What is saved of the games from ... end - 1 of so many: lists have an item, arrays as many numbers, for each game. A copy. */
export function shareOf(saved: Saved, games: number, from: number, end: number): Saved {
  if (isTyped(saved)) {
    const each = saved.length / games
    return saved.slice(from * each, end * each)
  }
  if (Array.isArray(saved)) return copied(saved.slice(from, end) as Saved)
  if (typeof saved !== 'object' || saved === null) return saved
  const parts = Object.entries(saved as Parts).map(([name, part]) => [name, shareOf(part, games, from, end)] as const)
  return Object.fromEntries(parts)
}

/** What shares came from, in order. */
export function joined(shares: readonly Saved[]): Saved {
  const [first] = shares as [Saved]
  if (isTyped(first)) return concatenated(shares as TypedArray[])
  if (Array.isArray(first)) return shares.flatMap(share => share as Saved[])
  if (typeof first !== 'object' || first === null) return first
  const names = Object.keys(first)
  return Object.fromEntries(names.map(name => [name, joined(shares.map(share => (share as Parts)[name]!))]))
}

/** The same with arrays of its own, each alone in its memory: views of large memory would travel with all of it. */
export function copied(saved: Saved): Saved {
  if (isTyped(saved)) return saved.slice()
  if (Array.isArray(saved)) return saved.map(part => copied(part as Saved))
  if (typeof saved !== 'object' || saved === null) return saved
  return Object.fromEntries(Object.entries(saved as Parts).map(([name, part]) => [name, copied(part)]))
}

/** Moves games by actions that they were moved by before: per agent, [games, actionSize]. */
export function playAgain(vectorGame: VectorGame, actions: readonly Float32Array[]): void {
  const { next } = vectorGame
  actions.forEach((of, agent) => void next.actions[agent]!.data.set(of))
  vectorGame.advance()
}

function isTyped(saved: unknown): saved is TypedArray {
  return ArrayBuffer.isView(saved)
}

function concatenated(arrays: readonly TypedArray[]): TypedArray {
  const length = arrays.reduce((sum, array) => sum + array.length, 0)
  const all = new (arrays[0]!.constructor as new (length: number) => TypedArray)(length)
  let at = 0
  for (const array of arrays) {
    all.set(array, at)
    at += array.length
  }
  return all
}
