// How long a thread has worked, as another one sees it: the processor time that the system tells, else wall time.
import { readFileSync, readlinkSync } from 'node:fs'

/** How often wall time may be what a thread would have worked on a machine that does other things too. */
const wallFactor = 6

/** Of Linux, whatever its kernel's own tick is: `sysconf(_SC_CLK_TCK)`. */
const ticksPerSecond = 100

export interface ThreadClock {
  /** Begins at 0 again. */
  restart(): void
  /** Notes where the thread is now; to be called several times a second. */
  look(): void
  /** Whether it has worked for so many seconds, or has been waiting or unobserved for six times as long. */
  passed(seconds: number): boolean
}

/** What a system tells of a thread: seconds of processor time since it began, and whether it waits for something. */
export interface ThreadTime {
  readonly seconds: number
  readonly waits: boolean
}

/** A clock for the thread that `read` tells of; null where the system tells nothing. `now`: milliseconds on the wall. */
export function threadClock(read: () => ThreadTime | null, now: () => number = () => performance.now()): ThreadClock {
  let time = read()
  let looked = now()
  let worked = 0
  let waited = 0
  return {
    restart() {
      worked = 0
      waited = 0
    },
    look() {
      const before = time
      const since = looked
      time = read()
      looked = now()
      // A machine or process that slept for a while was not waiting for a hook.
      const passed = Math.min(1, (looked - since) / 1000)
      if (time === null || before === null) waited += passed
      else {
        worked += time.seconds - before.seconds
        // A thread that is ready to run but gets no processor does not count.
        if (time.waits && time.seconds === before.seconds) waited += passed
      }
    },
    passed: seconds => worked >= seconds || waited >= wallFactor * seconds,
  }
}

/** The system's name of the thread that asks, for `systemTime`; undefined: this system has none. */
export function systemThread(): string | undefined {
  try {
    return readlinkSync('/proc/thread-self')
  } catch {
    return undefined
  }
}

/** Reads the time of a thread of this process from Linux's /proc: fields 3, 14 and 15 of proc_pid_stat(5). */
export function systemTime(thread: string | undefined): () => ThreadTime | null {
  return () => {
    if (thread === undefined) return null
    try {
      const stat = readFileSync(`/proc/${thread}/stat`, 'latin1')
      // The name of the thread, in brackets, may hold anything.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const seconds = (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
      return Number.isFinite(seconds) ? { seconds, waits: fields[0] === 'S' || fields[0] === 'D' } : null
    } catch {
      return null
    }
  }
}
