// Who may go where when all move at once: four published ways to settle who wants the same cell.

/** One agent that is on the grid, and the cell that it wants to be in; its own: it stays. */
export interface Wish {
  /** Cells by row * columns + column. */
  readonly from: number
  readonly to: number
}

/**
 * - `chains`: nobody enters a cell that somebody stays in, two do not change places, rings of three and more turn, and who follows
 *   one that goes goes along. Of several who want a cell the one at the head of the longest chain gets it, of equal ones the first
 *   in agent order. The rule of the multi-robot warehouse (Papoudakis et al. 2021).
 * - `claims`: everybody claims the cell that it wants, who stays its own; a cell that is claimed twice is entered by nobody. Two may
 *   change places, and who could not go may be joined by one who follows. The rule of level-based foraging (Christianos et al. 2020).
 * - `inTurn`: one after the other, in agent order, into cells in which nobody stands at that moment. The rule of ma-gym.
 * - `share`: nobody is in anybody's way.
 */
export type CollisionRule = 'chains' | 'claims' | 'inTurn' | 'share'

/** [wishes] 1: it goes where it wants to, or stays because it wants to. `cells`: how many there are. */
export function settle(rule: CollisionRule, wishes: readonly Wish[], cells: number): Uint8Array {
  return rules[rule](wishes, cells)
}

const rules: Readonly<Record<CollisionRule, (wishes: readonly Wish[], cells: number) => Uint8Array>> = {
  share: wishes => new Uint8Array(wishes.length).fill(1),
  claims(wishes, cells) {
    const claimed = new Uint8Array(cells)
    for (const { to } of wishes) if (claimed[to]! < 2) claimed[to]!++
    return Uint8Array.from(wishes, ({ to }) => (claimed[to] === 1 ? 1 : 0))
  },
  inTurn(wishes, cells) {
    const standing = new Uint16Array(cells)
    for (const { from } of wishes) standing[from]!++
    return Uint8Array.from(wishes, ({ from, to }) => {
      if (from === to) return 1
      if (standing[to]! > 0) return 0
      standing[from]!--
      standing[to]!++
      return 1
    })
  },
  chains,
}

/**
 * Cells are nodes and wishes edges, one out of each cell that is stood in: every connected part ends in one free cell, in one agent that
 * stays, or in one ring.
 */
function chains(wishes: readonly Wish[], cells: number): Uint8Array {
  const goes = new Uint8Array(wishes.length)
  /** The agent in a cell, by its wish; -1: none. */
  const standing = new Int32Array(cells).fill(-1)
  wishes.forEach(({ from }, i) => void (standing[from] = i))
  /** Agents that follow one another towards a cell, the longest way back from it; at most as many as there are. */
  const length = (cell: number, left = wishes.length): number => {
    let most = 0
    for (const { from, to } of wishes) {
      if (to === cell && from !== cell && left > 0) most = Math.max(most, 1 + length(from, left - 1))
    }
    return most
  }
  wishes.forEach(({ from, to }, i) => {
    if (from === to) goes[i] = 1
    else if (inRing(wishes, standing, i)) goes[i] = 1
  })
  const free = new Set(wishes.flatMap(({ to }) => (standing[to] === -1 ? [to] : [])))
  for (const end of free) {
    for (let cell = end, left = wishes.length; left > 0; left--) {
      let next = -1
      let most = -1
      wishes.forEach(({ from, to }, i) => {
        const behind = to === cell ? length(from) : -1
        if (behind > most) [next, most] = [i, behind]
      })
      if (next === -1) break
      goes[next] = 1
      cell = wishes[next]!.from
    }
  }
  return goes
}

/** Whether the way from one wish on comes back to it after three steps or more. */
function inRing(wishes: readonly Wish[], standing: Int32Array, first: number): boolean {
  let at = first
  for (let steps = 1; steps <= wishes.length; steps++) {
    const next = standing[wishes[at]!.to]!
    // It leads to a free cell, or to one who stays.
    if (next === -1 || next === at) return false
    if (next === first) return steps >= 3
    at = next
  }
  return false
}
