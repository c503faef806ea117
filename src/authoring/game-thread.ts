// Starts the thread of a user's scenario and watches over it: what it says, what becomes of it, and whether a hook is stuck.
import { Worker } from 'node:worker_threads'
import type { Whereabouts } from '../envs/watched-hooks.ts'
import type { GameCommand, GameMessage, GameRequest, PlacedProblem } from './game-messages.ts'
import { compiledFile } from './package-folder.ts'
import { createBoardMemory, sharedWhereabouts, watchBoard } from './shared-whereabouts.ts'

/** A hook takes microseconds; one that has not come back after this many milliseconds never will. */
const patience = 5000

export interface GameThread {
  send(command: GameCommand): void
  /** Ends the thread, whatever it is doing; nothing is heard of it afterwards. */
  stop(): Promise<void>
}

/** Runs a request in a thread of its own. The last message is `report`, `failed` or `stuck`; a game that plays has none. */
export function startGameThread(request: GameRequest, hear: (message: GameMessage) => void): GameThread {
  const memory = createBoardMemory()
  const worker = new Worker(compiledFile('authoring/game-worker.js'), { workerData: { request, memory }, stdout: true })
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
    tell({ type: 'stuck', problem: { ...stuckProblem(where, ids), place: request.bundle.file } })
  })
  worker.on('message', tell)
  worker.on('error', error => {
    const { hook } = sharedWhereabouts(memory)
    const during = hook === '' ? '' : `, while hook '${hook}' was running`
    tell({ type: 'failed', message: `${request.bundle.file}: ${error.message}${during}`, wrongUsage: false })
  })
  worker.on('exit', code => {
    const message = `${request.bundle.file}: it ended its thread with code ${code}; a scenario must not call process.exit`
    tell({ type: 'failed', message, wrongUsage: false })
  })
  return { send: command => worker.postMessage(command), stop }
}

function stuckProblem({ hook, agent, step, seed }: Whereabouts, ids: readonly string[]): PlacedProblem {
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
