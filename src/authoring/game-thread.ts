// Starts the thread of a user's scenario and watches over it: what it says, what becomes of it, and whether a hook is stuck.
import { Worker } from 'node:worker_threads'
import type { Whereabouts } from '../envs/watched-hooks.ts'
import { compiledFile } from '../installation/package-folder.ts'
import type { GameMessage, GameRequest, PlacedProblem, ThreadCommand } from './game-messages.ts'
import { createFlowMemory, messageTaken } from './shared-flow.ts'
import { createBoardMemory, sharedWhereabouts, stuckSentence, watchBoard } from './shared-whereabouts.ts'
import { systemTime, type ThreadTime, threadClock } from './thread-clock.ts'

export interface GameThread {
  send(command: ThreadCommand): void
  /** Ends the thread, whatever it is doing; nothing is heard of it afterwards. */
  stop(): Promise<void>
  /** The process may end while the thread runs. */
  unref(): void
}

/** Runs a request in a thread of its own. The last message is `report`, `failed` or `stuck`; a game that plays has none. */
export function startGameThread(request: GameRequest, hear: (message: GameMessage) => void): GameThread {
  const { file } = request.bundle
  const { hookSeconds } = request
  return startThread({ program: 'authoring/game-worker.js', request, file, hookSeconds, megabytes: null }, hear)
}

export interface ThreadRequest {
  /** The compiled file that the thread runs; it is given `request`, `memory` and `flow`. */
  readonly program: string
  readonly request: unknown
  /** Whose game it is, for messages. */
  readonly file: string
  /** Seconds that a hook may take; 0: any number. */
  readonly hookSeconds: number
  /** What its JavaScript objects may take; null: as much as Node.js gives. */
  readonly megabytes: number | null
}

/** Runs a program that plays or checks a game. */
export function startThread(
  { program, request, file, hookSeconds, megabytes }: ThreadRequest,
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
  let time: () => ThreadTime | null = workerTime(worker)
  const tell = (message: GameMessage) => {
    if (over) return
    if (message.type === 'thread') time = systemTime(message.name)
    if (message.type === 'agentIds') ids = message.ids
    if (['report', 'failed', 'stuck'].includes(message.type)) void stop()
    hear(message)
  }
  const stop = async () => {
    over = true
    unwatch()
    await worker.terminate()
  }
  const unwatch = watchBoard(
    memory,
    () => hookSeconds,
    threadClock(() => time()),
    () => {
      tell({ type: 'stuck', problem: { ...stuckProblem(sharedWhereabouts(memory), ids, hookSeconds), place: file } })
      return true
    },
  )
  worker.on('message', (message: GameMessage) => {
    if (message.type === 'moment') messageTaken(flow)
    tell(message)
  })
  worker.on('error', error => {
    const { hook, kind } = sharedWhereabouts(memory)
    const during = hook === '' ? '' : `, while ${kind} '${hook}' was running`
    tell({ type: 'failed', message: `${file}: ${error.message}${during}`, wrongUsage: false })
  })
  worker.on('exit', code => {
    const message = `${file}: it ended its thread with code ${code}; a game must not call process.exit`
    tell({ type: 'failed', message, wrongUsage: false })
  })
  return { send: command => worker.postMessage(command), stop, unref: () => worker.unref() }
}

function stuckProblem(where: Whereabouts, ids: readonly string[], seconds: number): PlacedProblem {
  const { hook, kind, agent, step, seed } = where
  return {
    check: 'plays',
    hook,
    kind,
    agent: agent < 0 ? null : (ids[agent] ?? `agent ${agent}`),
    step,
    seed,
    message: stuckSentence(hook === 'loading' ? 'the top level of the file' : `${kind} '${hook}'`, seconds),
    place: null,
  }
}

/** Processor time by newer Node.js itself, as it was when it answered last; nothing on older ones. */
function workerTime(worker: Worker): () => ThreadTime | null {
  const { cpuUsage } = worker as { cpuUsage?: () => Promise<{ readonly user: number; readonly system: number }> }
  let time: ThreadTime | null = null
  let isAsked = false
  return () => {
    if (cpuUsage === undefined || isAsked) return time
    isAsked = true
    cpuUsage.call(worker).then(
      ({ user, system }) => {
        time = { seconds: (user + system) / 1e6, waits: true }
        isAsked = false
      },
      () => {},
    )
    return time
  }
}
