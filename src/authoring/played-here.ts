// The games of users' files that this thread plays: where they are, how long a hook of theirs may take, and what their errors say.
import type { Whereabouts } from '../envs/watched-hooks.ts'
import { ConfigError, FileError, GameError } from '../errors.ts'
import { onlyUserFile, placeOf } from './error-place.ts'
import { createBoardMemory, isUnderWay, sharedWhereabouts, stuckSentence } from './shared-whereabouts.ts'

/** Seconds that a hook may take unless a run says otherwise: the default of `run.hookSeconds`. */
const usualSeconds = 5

/** What a watching thread is told of this one. */
export interface PlayedMemory {
  readonly board: SharedArrayBuffer
  /** [1], float64: seconds that a hook may take; 0: any number. */
  readonly limit: SharedArrayBuffer
}

export const playedMemory: PlayedMemory = {
  board: createBoardMemory(),
  limit: new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT),
}
const allowed = new Float64Array(playedMemory.limit).fill(usualSeconds)
const endings = new Set<(message: string) => void>()
let ids: readonly string[] = []
let watch: ((memory: PlayedMemory) => void) | undefined

/** Where those games are; their errors name the hook, the agent, the step and the seed. */
export const playedHere: Whereabouts = Object.assign(sharedWhereabouts(playedMemory.board), {
  agentIds(next: readonly string[]) {
    ids = next
  },
  failed: describeFailure,
})

/**
 * A user's game is going to be played by this thread: a hook of it may take so many seconds of processor time (`run.hookSeconds`), 0: any
 * number; absent: as before. Where nobody watches nothing comes of it.
 */
export function allowHooks(seconds = allowed[0]!): void {
  allowed[0] = seconds
  if (seconds > 0) watch?.(playedMemory)
}

/** `start` is called, at least once, before a user's game is played whose hooks must come back. */
export function whenPlayed(start: (memory: PlayedMemory) => void): void {
  watch = start
}

/** `work` is done before a hook that does not come back ends the process, and told why. Returns what takes that back. */
export function beforeStuckEnd(work: (message: string) => void): () => void {
  endings.add(work)
  return () => void endings.delete(work)
}

/** Does what must be done before the process ends during the call of a hook; gives the message, or null when the hook has returned meanwhile. */
export function endStuckCall(call: number): string | null {
  if (!isUnderWay(playedMemory.board, call)) return null
  const sentence = stuckCall(playedHere, ids, allowed[0]!, placeOf(new Error('here')))
  for (const work of endings) {
    try {
      work(sentence)
    } catch {
      // The process ends all the same.
    }
  }
  return sentence
}

/** What is said of a hook that does not come back, by where its thread is; `place`: in its file, where that is known. */
export function stuckCall(
  { hook, agent, step, seed }: Pick<Whereabouts, 'hook' | 'agent' | 'step' | 'seed'>,
  ids: readonly string[],
  seconds: number,
  place = onlyUserFile(),
): string {
  const name = agent < 0 ? hook : `${hook} of ${ids[agent] ?? `agent ${agent}`}`
  const what = stuckSentence(hook === 'loading' ? 'the top level of the file' : name, seconds)
  // A policy acts before the game steps, which may be no user's and tell no steps.
  const where = hook === 'loading' ? {} : hook === 'act' ? { seed } : { step, seed }
  const { message } = new GameError(what, where, undefined)
  return `${place === undefined ? '' : `${place}: `}${message}; run.hookSeconds allows more`
}

/** An error of a game's as one that says which of its functions threw it, for whom and when. */
function describeFailure(error: unknown, agent: string | undefined): unknown {
  if (error instanceof GameError || error instanceof ConfigError || error instanceof FileError) return error
  const { hook, step, seed } = playedHere
  const message = error instanceof Error ? error.message : String(error)
  if (hook === '') return new GameError(message, { step, seed }, error)
  const thrown = error instanceof Error ? `${error.name}: ${message}` : message
  return new GameError(`${hook}${agent === undefined ? '' : ` of ${agent}`} threw ${thrown}`, { step, seed }, error)
}
