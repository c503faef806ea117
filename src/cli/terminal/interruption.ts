// Ctrl-C and SIGTERM: the first asks a command to end in order, the second ends it at once.
import { type Observable, ReplaySubject } from 'rxjs'

export interface Interruption {
  /** Emits at the first signal; later subscribers get it at once. */
  readonly asked$: Observable<void>
  readonly asked: boolean
  /** From now on signals are heard; before, and after `close`, they end the process as they always do. */
  listen(): void
  close(): void
}

/** 128 + 2, the number of SIGINT, as shells have it. */
const exitCode = 130

/** Signals are not heard before `listen`: until there is something to lose, nothing must stand in their way. */
export function createInterruption(onAsked: () => void = () => {}): Interruption {
  const asked$ = new ReplaySubject<void>(1)
  let asked = false
  const hear = () => {
    if (asked) process.exit(exitCode)
    asked = true
    onAsked()
    asked$.next()
  }
  return {
    asked$,
    get asked() {
      return asked
    },
    listen() {
      for (const signal of signals) process.on(signal, hear)
    },
    close() {
      for (const signal of signals) process.off(signal, hear)
    },
  }
}

const signals = ['SIGINT', 'SIGTERM'] as const
