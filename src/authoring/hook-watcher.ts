// The thread beside one that plays a user's game: it looks where that one is, and has the process ended when a hook does not come back.
import { writeSync } from 'node:fs'
import { Session } from 'node:inspector'
import { workerData } from 'node:worker_threads'
import type { WatcherData } from './hook-watch.ts'
import { isUnderWay, watchBoard } from './shared-whereabouts.ts'
import { systemTime, threadClock } from './thread-clock.ts'

/** Milliseconds that the other thread has to end the process itself. */
const patience = 5000

const { board, limit, thread, end } = workerData as WatcherData
const seconds = new Float64Array(limit)

watchBoard(
  board,
  () => seconds[0]!,
  threadClock(systemTime(thread)),
  call => {
    // The inspector interrupts whatever JavaScript runs there, and calls the function during the hook.
    const session = new Session()
    session.connectToMainThread()
    session.post('Runtime.evaluate', { expression: `${end}(${call})` }, () => {
      // It came back meanwhile, or somebody is looking at it with a debugger.
      clearTimeout(timer)
      session.disconnect()
    })
    const timer = setTimeout(() => {
      if (!isUnderWay(board, call)) return
      // Not in JavaScript at all: a child process that it waits for, say. Only the system can end that.
      writeSync(2, 'error: a hook did not come back, and cannot be interrupted; the process is killed\n')
      process.kill(process.pid, 'SIGKILL')
    }, patience)
    return false
  },
  { keepsAlive: true },
)
