// Which row of a game follows which, where games take turns by whole trajectories: then no count of slots leads from one to the next.

export interface RowLinks {
  /** A row of a game is written into a slot, in place of what was there. `goesOn`: nothing is missing between it and the game's last one. */
  add(slot: number, game: number, goesOn: boolean): void
  /** The slot of the next row of the same game; -1: it has not come, or is missing. */
  after(slot: number): number
  /** Of the one before, of the episode before too; -1: it is gone, or missing. */
  before(slot: number): number
  /** Whether it is the first row that ever came of its game. */
  isFirst(slot: number): boolean
  /** Rows are missing from here on, of whichever game. */
  cut(): void
  /** Nothing is there. `isWhole`: nor was anything before. */
  clear(isWhole: boolean): void
}

const none = -1
/** In place of the row before: there never was one. */
const nothing = -2

export function createRowLinks(games: number, capacity: number): RowLinks {
  const empty = () => new Int32Array(Math.min(capacity, 1024)).fill(none)
  /** Of every slot: the row after, the row before, the game. */
  let [afters, befores, owners] = [empty(), empty(), empty()]
  /** Of every game the slot of its last row, and whether one ever came. */
  const lasts = new Int32Array(games).fill(none)
  const came = new Uint8Array(games)

  const longer = (numbers: Int32Array): Int32Array<ArrayBuffer> => {
    const more = new Int32Array(Math.min(capacity, 2 * numbers.length)).fill(none)
    more.set(numbers)
    return more
  }
  const forget = (slot: number) => {
    const [owner, after] = [owners[slot]!, afters[slot]!]
    if (owner === none) return
    if (after !== none) befores[after] = none
    if (lasts[owner] === slot) lasts[owner] = none
  }

  return {
    add(slot, game, goesOn) {
      while (slot >= afters.length) [afters, befores, owners] = [longer(afters), longer(befores), longer(owners)]
      forget(slot)
      const before = goesOn ? lasts[game]! : none
      if (before !== none) afters[before] = slot
      befores[slot] = before === none && came[game] === 0 ? nothing : before
      afters[slot] = none
      owners[slot] = game
      lasts[game] = slot
      came[game] = 1
    },
    after: slot => afters[slot]!,
    before: slot => Math.max(none, befores[slot]!),
    isFirst: slot => befores[slot] === nothing,
    cut: () => void lasts.fill(none),
    clear(isWhole) {
      ;[afters, befores, owners] = [empty(), empty(), empty()]
      lasts.fill(none)
      came.fill(isWhole ? 0 : 1)
    },
  }
}
