// What of whom was handed over without having been played again: of a process that is found to lie, that may have been lies too.
export interface HandedOver {
  /** A trajectory of an actor was handed over; `isSeen`: it was played again before. */
  add(process: string, actor: number, number: number, isSeen: boolean): void
  /** What a process that lied has already brought into learning, and how to go back before it, in words. */
  consequences(process: string): string
}

/** `stepsOfBatch`: environment steps of a batch, of one trajectory of every actor. */
export function createHandedOver(stepsOfBatch: number): HandedOver {
  /** By process and actor, from the first one on that nobody played again: first, last. */
  const ranges = new Map<string, Map<number, [number, number]>>()
  return {
    add(process, actor, number, isSeen) {
      const of = ranges.get(process) ?? new Map<number, [number, number]>()
      ranges.set(process, of)
      // What follows an unseen lie may follow from it.
      if (!isSeen || of.has(actor)) of.set(actor, [of.get(actor)?.[0] ?? number, number])
    },
    consequences(process) {
      const of = [...(ranges.get(process) ?? [])]
      if (of.length === 0) return 'nothing of it was learnt from that had not been played again'
      const named = of.map(([actor, [from, to]]) => `${from} to ${to} of actor ${actor}`).join(', ')
      const steps = Math.min(...of.map(([, [from]]) => from)) * stepsOfBatch
      return `its trajectories ${named} were handed over and may have been learnt from; to go on from before them: train --resume <run> --before-step ${steps}`
    },
  }
}
