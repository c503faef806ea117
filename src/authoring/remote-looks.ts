// Inspections of agents of a game in another thread: the last ones received, and requests for new ones.
import type { Inspection } from '../experiment/show.ts'
import type { ThreadCommand } from './game-messages.ts'

export interface RemoteLooks {
  /** The newest inspection; null: none has come yet. Keeps them coming. */
  of(agent: number): Inspection | null
  /** Resolves when the present inspections of these agents are here, as far as there are any. */
  look(agents: readonly number[]): Promise<void>
  take(inspections: readonly Inspection[]): void
  answer(id: number, inspections: readonly Inspection[]): void
  /** Asks another thread for what the one before was asked for. */
  ask(): void
  /** Another game is shown: nothing is known of its agents. */
  clear(): void
  /** Nobody will answer any more. */
  refuse(): void
}

/** Milliseconds after which the thread is told that somebody still looks. */
const remindEvery = 1000

export function createRemoteLooks(send: (command: ThreadCommand) => void): RemoteLooks {
  const known = new Map<number, Inspection>()
  /** Agent to when the thread was asked last. */
  const asked = new Map<number, number>()
  const waiting = new Map<number, () => void>()
  let next = 0
  const ask = (agents: readonly number[], id = next++) => {
    for (const agent of agents) asked.set(agent, Date.now())
    send({ type: 'look', id, agents })
  }
  return {
    of(agent) {
      if (Date.now() - (asked.get(agent) ?? 0) >= remindEvery) ask([agent])
      return known.get(agent) ?? null
    },
    look(agents) {
      if (agents.length === 0) return Promise.resolve()
      return new Promise(resolve => {
        const id = next++
        waiting.set(id, resolve)
        ask(agents, id)
      })
    },
    take(inspections) {
      for (const inspection of inspections) known.set(inspection.agent, inspection)
    },
    answer(id, inspections) {
      this.take(inspections)
      waiting.get(id)?.()
      waiting.delete(id)
    },
    ask() {
      const recent = [...asked].filter(([, at]) => Date.now() - at < 2 * remindEvery).map(([agent]) => agent)
      asked.clear()
      if (recent.length > 0) ask(recent)
    },
    clear: () => known.clear(),
    refuse() {
      for (const resolve of waiting.values()) resolve()
      waiting.clear()
    },
  }
}
