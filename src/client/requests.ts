// Requests to the server and their answers, matched by number.
import type { Request, ServerMessage } from '../stream/protocol.ts'

/** A request before it has its number. */
export type Question = Request extends infer R ? (R extends unknown ? Omit<R, 'id'> : never) : never

export interface Requests {
  /** Resolves with null when it was done, else with a sentence that says why not; an empty one when nobody answered. */
  ask(question: Question): Promise<string | null>
  hear(message: ServerMessage): void
  /** The connection is lost: what is still open is not answered any more. */
  drop(): void
}

export function createRequests(send: (request: Request) => void): Requests {
  const open = new Map<number, (answer: string | null) => void>()
  let last = 0
  const answer = (id: number | undefined, sentence: string | null) => {
    if (id === undefined) return
    open.get(id)?.(sentence)
    open.delete(id)
  }
  return {
    ask(question) {
      const id = ++last
      send({ ...question, id } as Request)
      return new Promise(resolve => open.set(id, resolve))
    },
    hear(message) {
      if (message.type === 'done') answer(message.id, null)
      else if (message.type === 'refused') answer(message.id, message.message)
    },
    drop() {
      for (const resolve of open.values()) resolve('')
      open.clear()
    },
  }
}
