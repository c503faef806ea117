// A flash where two things begin to touch: kept for as long as it is seen.
import type { Point } from '../../src/picture/camera.ts'
import { contactsOf } from '../../src/picture/contacts.ts'
import type { Frame, PictureSchema } from '../../src/stream/protocol.ts'
import { beginsEpisode } from '../time/motion.ts'

/** A contact that began `age` (0 ... 1) of a flash ago. */
export interface Flash extends Point {
  readonly age: number
}

const FLASH_MS = 450
/** A crowd that rubs against each other is no event. */
const MOST = 120

export class Flashes {
  private touching = new Set<number>()
  private flashes: (Point & { readonly began: number })[] = []
  private seen: Frame | null = null

  /** Takes the frame that is shown from `now` (ms) on; the same one again tells nothing new. */
  see(schema: PictureSchema, frame: Frame, now: number): void {
    if (frame === this.seen) return
    const before = this.seen
    this.seen = frame
    const contacts = contactsOf(schema, frame.row)
    const key = (a: number, b: number) => a * schema.entities.length + b
    // Nobody saw whether what touches where one begins to look had just begun to.
    const fresh =
      before === null || beginsEpisode(frame, before)
        ? []
        : contacts.filter(({ a, b }) => !this.touching.has(key(a, b)))
    this.touching = new Set(contacts.map(({ a, b }) => key(a, b)))
    this.flashes = [...this.flashes, ...fresh.map(({ x, y }) => ({ x, y, began: now }))].slice(-MOST)
  }

  /** What is still seen at `now`. */
  at(now: number): Flash[] {
    this.flashes = this.flashes.filter(({ began }) => now - began < FLASH_MS)
    return this.flashes.map(({ x, y, began }) => ({ x, y, age: Math.max(0, now - began) / FLASH_MS }))
  }

  forget(): void {
    this.touching.clear()
    this.flashes = []
    this.seen = null
  }
}
