// Inspections of the selected agent: the newest and those of the past, by frame number.
import type { StreamedInspection } from '../../src/stream/protocol.ts'

const MOST = 4000

export class Inspections {
  private list: StreamedInspection[] = []

  constructor(readonly agent: number) {}

  /** Takes what is of this agent. True when it is the newest. */
  add(inspection: StreamedInspection): boolean {
    if (inspection.agent !== this.agent) return false
    const last = this.list.at(-1)
    // Numbers that go back: a recording was rewound.
    if (last !== undefined && inspection.number <= last.number) {
      this.list = this.list.filter(({ number }) => number < inspection.number)
    }
    this.list.push(inspection)
    if (this.list.length > MOST + MOST / 8) this.list = this.list.slice(-MOST)
    return true
  }

  /** Of the frame with this number, or the one before that was looked at; null: nobody looked. */
  at(number: number): StreamedInspection | null {
    const found = this.list.findLast(inspection => inspection.number <= number)
    return found !== undefined && number - found.number < 10 ? found : null
  }

  /** Q values of the frames in a stretch. */
  values(from: number, to: number): { readonly number: number; readonly value: number }[] {
    return this.list.flatMap(({ number, value }) =>
      value === null || number < from || number > to ? [] : [{ number, value }],
    )
  }
}
