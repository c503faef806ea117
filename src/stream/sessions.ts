// The sessions of one server: added and removed while it runs, found by name, and everyone who watches them.
import { BehaviorSubject } from 'rxjs'
import { Broadcast } from './broadcast.ts'
import type { HostedSession } from './hosting.ts'
import type { SessionSummary } from './protocol.ts'

export class Sessions {
  private readonly broadcasts = new Map<string, Broadcast>()
  /** How many viewers are connected. */
  readonly viewers = new BehaviorSubject(0)

  /** @throws TypeError when the id is taken or cannot stand in an address. */
  add(hosted: HostedSession): void {
    if (!/^[\w.-]{1,200}$/.test(hosted.id)) {
      throw new TypeError(`a session's id must have letters, digits, '.', '-' and '_' only, got '${hosted.id}'`)
    }
    if (this.broadcasts.has(hosted.id)) throw new TypeError(`session '${hosted.id}' is there already`)
    const broadcast = new Broadcast(hosted)
    this.broadcasts.set(hosted.id, broadcast)
    broadcast.begin(cause => {
      void this.remove(hosted.id, `the live view stopped: ${cause instanceof Error ? cause.message : String(cause)}`)
    })
  }

  /** Its viewers get `message` as the last message. Resolves when they are gone. */
  async remove(id: string, message: string): Promise<void> {
    const broadcast = this.broadcasts.get(id)
    this.broadcasts.delete(id)
    await broadcast?.close(message)
  }

  /** By name, or the only one there is. */
  find(id: string | null): Broadcast | undefined {
    if (id !== null) return this.broadcasts.get(id)
    return this.broadcasts.size === 1 ? [...this.broadcasts.values()][0] : undefined
  }

  /** In the order in which they were added. */
  list(): SessionSummary[] {
    return [...this.broadcasts.values()].map(broadcast => broadcast.summary())
  }

  count(): void {
    let viewers = 0
    for (const broadcast of this.broadcasts.values()) viewers += broadcast.viewers.size + broadcast.guests.size
    this.viewers.next(viewers)
  }

  /** Everyone is pinged, and who does not keep up is cut off. */
  beat(): void {
    for (const broadcast of this.broadcasts.values()) broadcast.beat()
  }

  /** All sessions at once. */
  async close(message: string): Promise<void> {
    await Promise.all([...this.broadcasts.keys()].map(id => this.remove(id, message)))
  }
}
