// A scenario file being played while it is edited: each version in a thread of its own; a bad one leaves the last good one running.
import type { Subscription } from 'rxjs'
import { describeProblem } from '../envs/check-game.ts'
import type { Bundle } from './bundle.ts'
import { fileVersions } from './file-versions.ts'
import type { GameCommand, GameMessage, GameRequest } from './game-messages.ts'
import { type GameThread, startGameThread } from './game-thread.ts'

export interface LiveGameEvents {
  /** A version has passed its trial and is played from here on; with a remark, an earlier one in place of one that failed. */
  ready(message: Extract<GameMessage, { type: 'ready' }>, remark: string | null): void
  frame(frame: Extract<GameMessage, { type: 'frame' }>['frame']): void
  /** What is wrong with the newest version, with its place in the file. */
  trouble(message: string, wrongUsage: boolean): void
  /** There is no such file. */
  lost(error: unknown): void
}

export interface LiveGame {
  send(command: GameCommand): void
  close(): Promise<void>
}

/** Plays a file and every later version of it. `request` is asked for at the start of each version. */
export function playFile(
  file: string,
  request: () => Omit<GameRequest, 'task' | 'bundle'>,
  events: LiveGameEvents,
): LiveGame {
  let playing: { readonly thread: GameThread; readonly bundle: Bundle } | null = null
  let candidate: GameThread | null = null
  /** The version that was played before the present one. */
  let earlier: Bundle | null = null

  /** `remark`: what is wrong with the version in whose place this one comes back. */
  const start = (whole: Bundle, remark: string | null) => {
    const { kept: _, ...bundle } = whole
    void candidate?.stop()
    const thread = startGameThread({ ...request(), task: 'play', bundle }, message => {
      if (message.type === 'ready') {
        void playing?.thread.stop()
        earlier = playing?.bundle ?? null
        playing = { thread, bundle: whole }
        candidate = null
        events.ready(message, remark)
      } else if (message.type === 'frame') events.frame(message.frame)
      else if (message.type === 'failed') failed(thread, message.message, message.wrongUsage)
      else if (message.type === 'stuck') failed(thread, `${file}: ${describeProblem(message.problem)}`, false)
    })
    candidate = thread
  }
  const failed = (thread: GameThread, message: string, wrongUsage: boolean) => {
    if (thread === candidate) candidate = null
    events.trouble(message, wrongUsage)
    if (thread !== playing?.thread) return
    playing = null
    if (earlier === null || candidate !== null) return
    start(earlier, message)
    earlier = null
  }

  const versions: Subscription = fileVersions(file).subscribe({
    next(version) {
      if (version.type === 'bundle') start(version.bundle, null)
      else events.trouble(version.error.message, false)
    },
    error: events.lost,
  })
  return {
    send(command) {
      playing?.thread.send(command)
      candidate?.send(command)
    },
    async close() {
      versions.unsubscribe()
      await Promise.all([playing?.thread.stop(), candidate?.stop()])
    },
  }
}
