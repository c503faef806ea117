// A scenario file being played while it is edited: each version in a thread of its own; a bad one leaves the last good one running.
import type { Subscription } from 'rxjs'
import { describeProblem } from '../envs/check-game.ts'
import { ConfigError } from '../errors.ts'
import type { Command } from '../experiment/session.ts'
import type { Bundle } from './bundle.ts'
import { placeOfName } from './error-place.ts'
import { fileVersions } from './file-versions.ts'
import type { GameMessage, GameRequest } from './game-messages.ts'
import { type GameThread, startGameThread } from './game-thread.ts'

export interface LiveGameEvents {
  /** A version has passed its trial and is played from here on; with a remark, an earlier one in place of one that failed. */
  ready(message: Extract<GameMessage, { type: 'ready' }>, remark: string | null): void
  /** What the version that is played says next. */
  hear(message: GameNews): void
  /** What is wrong with the newest version, with its place in the file. */
  trouble(message: string, wrongUsage: boolean): void
  /** There is no such file. */
  lost(error: unknown): void
}

/** What a game says while it is played. */
export type GameNews = Extract<GameMessage, { type: 'schema' | 'moment' | 'exhibition' }>

export interface LiveGame {
  /** The version that is played, in one piece; null: none yet. */
  readonly source: { readonly file: string; readonly code: string } | null
  /** Resolves when the command is done. @throws ConfigError (rejects) with a sentence where it is not. */
  ask(command: Command, viewer: string): Promise<void>
  left(viewer: string): void
  close(): Promise<void>
}

const paces: ReadonlySet<string> = new Set(['pause', 'resume', 'speed'])

/** Plays a file and every later version of it. `request` is asked for at the start of each version. */
export function playFile(
  file: string,
  request: () => Omit<GameRequest, 'task' | 'bundle'>,
  events: LiveGameEvents,
): LiveGame {
  /** `changed`: viewers have asked it for other options than its author's. */
  let playing: { readonly thread: GameThread; readonly bundle: Bundle; changed: boolean } | null = null
  let candidate: GameThread | null = null
  /** The version that was played before the present one. */
  let earlier: Bundle | null = null
  /** Commands that have not been answered, by number. */
  const asked = new Map<number, (refusal: string | null) => void>()
  let questions = 0

  /** `remark`: what is wrong with the version in whose place this one comes back. */
  const start = (whole: Bundle, remark: string | null) => {
    const { kept: _, ...bundle } = whole
    void candidate?.stop()
    const thread = startGameThread({ ...request(), task: 'play', bundle }, message => {
      if (message.type === 'ready') {
        void playing?.thread.stop()
        forget('another version of the game is played now')
        if (playing !== null) earlier = playing.bundle
        playing = { thread, bundle: whole, changed: false }
        candidate = null
        events.ready(message, remark)
      } else if (message.type === 'schema' || message.type === 'moment' || message.type === 'exhibition') {
        // A version says how it stands before it is ready.
        if (playing?.thread === thread) events.hear(message)
      } else if (message.type === 'answer') {
        asked.get(message.id)?.(message.refusal)
        asked.delete(message.id)
      } else if (message.type === 'failed') failed(thread, message.message, message.wrongUsage)
      else if (message.type === 'stuck') {
        const place = placeOfName(message.problem.hook, bundle.inputs) ?? file
        failed(thread, `${place}: ${describeProblem(message.problem)}`, false)
      }
    })
    candidate = thread
  }
  const failed = (thread: GameThread, message: string, wrongUsage: boolean) => {
    if (thread === candidate) candidate = null
    events.trouble(message, wrongUsage)
    if (thread !== playing?.thread) return
    const { bundle, changed } = playing
    playing = null
    forget(message)
    if (candidate !== null) return
    const before = earlier
    // What viewers asked for is no fault of the file's: it begins again as its author has it.
    if (changed) start(bundle, message)
    else if (before !== null) {
      earlier = null
      start(before, message)
    }
  }

  /** Nobody will answer any more. */
  const forget = (reason: string) => {
    for (const answer of asked.values()) answer(reason)
    asked.clear()
  }

  const versions: Subscription = fileVersions(file).subscribe({
    next(version) {
      if (version.type === 'bundle') start(version.bundle, null)
      else events.trouble(version.error.message, false)
    },
    error: events.lost,
  })
  return {
    get source() {
      return playing && { file: playing.bundle.file, code: playing.bundle.kept }
    },
    ask(command, viewer) {
      // The next version continues as this one does.
      if (paces.has(command.type)) candidate?.send({ type: 'command', id: -1, command, viewer })
      const thread = playing?.thread
      if (thread === undefined) return Promise.reject(new ConfigError('', 'no version of the file can be played yet'))
      return new Promise((done, refused) => {
        const id = questions++
        if (command.type === 'options') playing!.changed = true
        asked.set(id, refusal => (refusal === null ? done() : refused(new ConfigError('', refusal))))
        thread.send({ type: 'command', id, command, viewer })
      })
    },
    left: viewer => playing?.thread.send({ type: 'left', viewer }),
    async close() {
      versions.unsubscribe()
      await Promise.all([playing?.thread.stop(), candidate?.stop()])
    },
  }
}
