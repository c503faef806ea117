// Commands to a game in another thread: how many may wait, how often they may come, and for how long they may take.
import { ConfigError } from '../errors.ts'
import type { Command } from '../experiment/commands.ts'
import type { ThreadCommand } from './game-messages.ts'

export interface Questions {
  /** Resolves when the command is done. @throws ConfigError (rejects) with a sentence where it is not */
  ask(command: Command, viewer: string): Promise<void>
  answer(id: number, refusal: string | null): void
  /** Whether a command of this type was sent and has not been answered. */
  asksFor(type: Command['type']): boolean
  /** There is somebody to send commands to. */
  open(): void
  /** Nobody will answer what was sent; what comes now waits for `open`. */
  interrupt(reason: string): void
  /** Nobody will answer any more. */
  close(reason: string): void
}

export interface QuestionsOptions {
  send(command: ThreadCommand): void
  /** No answer has come for so long. */
  silent(seconds: number): void
  /** A command was done. */
  done(): void
}

/** Commands of one viewer that may wait. */
const mostWaiting = 32
/** Milliseconds between two games with other options: each is sent to every viewer as a whole. */
const optionsEvery = 250
/** So many seconds without any answer are too many. */
const patience = 10

interface Question {
  readonly type: Command['type']
  readonly viewer: string
  readonly answer: (refusal: string | null) => void
  sent: boolean
}

export function createQuestions(options: QuestionsOptions): Questions {
  const waiting = new Map<number, Question>()
  let next = 0
  let optionsFrom = 0
  let isOpen = false
  let closed: string | null = null
  /** What is to be sent when somebody is there. */
  let held: (() => void)[] = []
  /** Seconds without an answer. Counted, not measured: while this thread was busy it could not hear any. */
  let quiet = 0
  const clock = setInterval(() => {
    if (![...waiting.values()].some(({ sent }) => sent)) quiet = 0
    else if (++quiet >= patience) {
      quiet = 0
      options.silent(patience)
    }
  }, 1000).unref()
  const settle = (id: number, refusal: string | null) => {
    const question = waiting.get(id)
    if (question === undefined) return
    waiting.delete(id)
    question.answer(refusal)
  }
  const send = (id: number, command: Command, viewer: string) => {
    const question = waiting.get(id)
    if (question === undefined) return
    if (!isOpen) return void held.push(() => send(id, command, viewer))
    question.sent = true
    options.send({ type: 'command', id, command, viewer })
  }
  return {
    ask(command, viewer) {
      if (closed !== null) throw new ConfigError('', closed)
      const own = [...waiting.values()].filter(question => question.viewer === viewer).length
      if (own >= mostWaiting) {
        throw new ConfigError('', `${mostWaiting} commands of this connection wait for their answers; ask again later`)
      }
      const id = next++
      return new Promise((resolve, reject) => {
        const { type } = command
        const answer = (refusal: string | null) => {
          if (refusal !== null) return reject(new ConfigError('', refusal))
          options.done()
          resolve()
        }
        const now = performance.now()
        const wait = type === 'options' ? optionsFrom - now : 0
        if (type === 'options') optionsFrom = Math.max(now, optionsFrom) + optionsEvery
        waiting.set(id, { type, viewer, answer, sent: false })
        if (wait <= 0) send(id, command, viewer)
        else setTimeout(() => send(id, command, viewer), wait).unref()
      })
    },
    answer(id, refusal) {
      quiet = 0
      settle(id, refusal)
    },
    asksFor: type => [...waiting.values()].some(question => question.type === type && question.sent),
    open() {
      isOpen = true
      const all = held
      held = []
      for (const go of all) go()
    },
    interrupt(reason) {
      isOpen = false
      for (const [id, { sent }] of [...waiting]) if (sent) settle(id, reason)
    },
    close(reason) {
      closed = reason
      held = []
      clearInterval(clock)
      for (const id of [...waiting.keys()]) settle(id, reason)
    },
  }
}
