// Starts the thread of a user's scenario and watches over it: what it says, what becomes of it, and whether a hook is stuck.
import { Worker } from 'node:worker_threads'
import type { Whereabouts } from '../envs/watched-hooks.ts'
import type { GameCommand, GameMessage, GameRequest, PlacedProblem } from './game-messages.ts'
import { compiledFile } from './package-folder.ts'
import { createFlowMemory, messageTaken } from './shared-flow.ts'
import { createBoardMemory, sharedWhereabouts, watchBoard } from './shared-whereabouts.ts'

/** A hook takes microseconds; one that has not come back after this many milliseconds never will. */
const patience = 5000

export interface GameThread {
  send(command: GameCommand): void
  /** Ends the thread, whatever it is doing; nothing is heard of it afterwards. */
  stop(): Promise<void>
  /** The process may end while the thread runs. */
  unref(): void
}

/** Runs a request in a thread of its own. The last message is `report`, `failed` or `stuck`; a game that plays has none. */
export function startGameThread(request: GameRequest, hear: (message: GameMessage) => void): GameThread {
  const { file } = request.bundle
  return startThread({ program: 'authoring/game-worker.js', request, file, patience, megabytes: null }, hear)
}

export interface ThreadRequest {
  /** The compiled file that the thread runs; it is given `request`, `memory` and `flow`. */
  readonly program: string
  readonly request: unknown
  /** Whose game it is, for messages. */
  readonly file: string
  /** Milliseconds after which a hook that has not come back never will. */
  readonly patience: number
  /** What its JavaScript objects may take; null: as much as Node.js gives. */
  readonly megabytes: number | null
}

/** Runs a program that plays or checks a game. */
export function startThread(
  { program, request, file, patience, megabytes }: ThreadRequest,
  hear: (message: GameMessage) => void,
): GameThread {
  const memory = createBoardMemory()
  const flow = createFlowMemory()
  const worker = new Worker(compiledFile(program), {
    workerData: { request, memory, flow },
    stdout: true,
    ...(megabytes !== null && { resourceLimits: { maxOldGenerationSizeMb: megabytes } }),
  })
  // What the user's code prints is for people; our own stdout may be read by programs.
  worker.stdout.pipe(process.stderr, { end: false })
  let over = false
  let ids: readonly string[] = []
  const tell = (message: GameMessage) => {
    if (over) return
    if (message.type === 'cast') ids = message.ids
    if (['report', 'failed', 'stuck'].includes(message.type)) void stop()
    hear(message)
  }
  const stop = async () => {
    over = true
    unwatch()
    await worker.terminate()
  }
  const unwatch = watchBoard(memory, patience, where => {
    tell({ type: 'stuck', problem: { ...stuckProblem(where, ids, patience), place: file } })
  })
  worker.on('message', (message: GameMessage) => {
    if (message.type === 'moment') messageTaken(flow)
    tell(message)
  })
  worker.on('error', error => {
    const { hook } = sharedWhereabouts(memory)
    const during = hook === '' ? '' : `, while hook '${hook}' was running`
    tell({ type: 'failed', message: `${file}: ${error.message}${during}`, wrongUsage: false })
  })
  worker.on('exit', code => {
    const message = `${file}: it ended its thread with code ${code}; a scenario must not call process.exit`
    tell({ type: 'failed', message, wrongUsage: false })
  })
  return { send: command => worker.postMessage(command), stop, unref: () => worker.unref() }
}

function stuckProblem(
  { hook, agent, step, seed }: Whereabouts,
  ids: readonly string[],
  patience: number,
): PlacedProblem {
  const what = hook === 'loading' ? 'the top level of the file' : `hook '${hook}'`
  const message = `${what} did not come back for ${patience / 1000} seconds: look for a loop that never ends`
  return {
    check: 'plays',
    hook,
    agent: agent < 0 ? null : (ids[agent] ?? `agent ${agent}`),
    step,
    seed,
    message,
    place: null,
  }
}
