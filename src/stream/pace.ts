// Limits how often something is sent per second: the newest value wins.

export interface ViewerPace {
  /** There is something new: `send` is called at once if it is due, else when it is. */
  touch(): void
  stop(): void
}

/** `rate` per second. What comes at the rate itself never waits, even after one that came late: one may go before its time. */
export function createPace(rate: number, send: () => void): ViewerPace {
  const period = 1000 / rate
  let due = 0
  let timer: NodeJS.Timeout | undefined
  const fire = () => {
    timer = undefined
    due = Math.max(due, performance.now()) + period
    send()
  }
  return {
    touch() {
      if (timer !== undefined) return
      const wait = due - period - performance.now()
      // Timers tick in whole milliseconds.
      if (wait < 1) fire()
      else timer = setTimeout(fire, wait)
    },
    stop() {
      clearTimeout(timer)
      timer = undefined
    },
  }
}
