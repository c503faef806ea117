// Who acts, waits and has left: the lives of a grid's agents, as docs/games.md says them.

export class GridPresence {
  /** [agents] 1: acts in the next step. */
  readonly present: Uint8Array
  /** [agents] 1: its life has ended by the rules. */
  readonly terminated: Uint8Array
  /** [agents] 1: its life has begun and not ended, whether it acts or waits. */
  readonly alive: Uint8Array
  readonly #absences: boolean

  /** `absences`: agents may wait, come late and return. */
  constructor(agents: number, absences: boolean) {
    this.present = new Uint8Array(agents).fill(1)
    this.terminated = new Uint8Array(agents)
    this.alive = new Uint8Array(agents).fill(1)
    this.#absences = absences
  }

  /** Everybody is there, as an episode begins. */
  reset(): void {
    this.present.fill(1)
    this.terminated.fill(0)
    this.alive.fill(1)
  }

  /** What the hook `reset` sent away has not come yet. */
  begun(): void {
    this.alive.set(this.present)
    this.terminated.fill(0)
  }

  /** @throws RangeError in a game whose agents are always there */
  set(agent: number, present: boolean): void {
    if (present === (this.present[agent] === 1)) return
    if (!this.#absences) {
      throw new RangeError('agents of this game neither wait nor return; write `absences: true` where they may')
    }
    this.present[agent] = present ? 1 : 0
    if (!present) return
    this.terminated[agent] = 0
    this.alive[agent] = 1
  }

  leave(agent: number): void {
    this.present[agent] = 0
    this.terminated[agent] = 1
    this.alive[agent] = 0
  }

  /** The episode ends by the rules, for all. */
  end(): void {
    this.terminated.fill(1)
    this.alive.fill(0)
  }

  /** Nobody acts and nobody waits. */
  get over(): boolean {
    return !this.alive.includes(1)
  }
}
