// The dice game Pig as numbers: what a position is worth, by the optimal policy (Neller and Presser 2004) or by any two that meet.

/** A position as the player sees it who is to move: both scores, and the points of this turn, which a roll of 1 loses. */
export interface PigPosition {
  readonly own: number
  readonly other: number
  readonly turnTotal: number
}

/**
 * Whether to hold, or how probable it is. It is asked where a choice is: a turn begins with a roll, and points that reach the goal
 * win at once.
 */
export type PigPolicy = (position: PigPosition) => boolean | number

/** The chances of one of two players to win. */
export interface PigChances {
  /** When it begins. */
  readonly first: number
  /** When the other one begins. */
  readonly second: number
  /** The mean of both. */
  readonly mean: number
}

/**
 * How probable it is that `policy` wins against `other`, exactly. Positions are solved in the order of their scores, highest first: those
 * with the same two scores depend on each other by two numbers alone, which follow from two linear equations.
 * @see docs/games-in-turns.md
 */
export function pigWinRate(policy: PigPolicy, other: PigPolicy, goal = 100): PigChances {
  const [own, theirs] = [createChances(goal), createChances(goal)]
  const held = [holdsOf(policy), holdsOf(other)] as const
  for (let sum = 2 * (goal - 1); sum >= 0; sum--) {
    for (let i = Math.max(0, sum - goal + 1); i <= Math.min(sum, goal - 1); i++) {
      const j = sum - i
      const [a, b] = [own.turn(i, j, held[0], theirs), theirs.turn(j, i, held[1], own)]
      // x = a.alone + a.lost (1 - y), y = b.alone + b.lost (1 - x).
      const x = (a.alone + a.lost * (1 - b.alone - b.lost)) / (1 - a.lost * b.lost)
      own.set(i, j, x)
      theirs.set(j, i, b.alone + b.lost * (1 - x))
    }
  }
  const [first, second] = [own.at(0, 0), 1 - theirs.at(0, 0)]
  return { first, second, mean: (first + second) / 2 }
}

/** What both do who play Pig best, and what that is worth. */
export interface OptimalPig {
  /** The chance to win of the player to move. */
  chance(position: PigPosition): number
  /** Whether to hold; where both are worth the same: yes. */
  readonly holds: (position: PigPosition) => boolean
}

/**
 * The optimal policy by value iteration, from the highest scores down: pairs of scores depend on pairs with higher ones and on themselves
 * alone (Neller and Presser 2004, section 3).
 */
export function solvePig(goal = 100): OptimalPig {
  const chances = createChances(goal)
  /** [own, other, turn total], 1: hold. */
  const holds = new Uint8Array(goal * goal * goal)
  const values = new Float64Array(goal + 6)
  /** One player's turn by the best choices, when the other one who begins a turn wins with a chance of `following`. */
  const turn = (i: number, j: number, following: number): number => {
    values.fill(1, goal - i)
    for (let k = goal - i - 1; k >= 0; k--) {
      const roll = rolled(values, k, 1 - following)
      const hold = k === 0 ? 0 : 1 - chances.at(j, i + k)
      values[k] = Math.max(roll, hold)
      holds[(i * goal + j) * goal + k] = k > 0 && hold >= roll ? 1 : 0
    }
    return values[0]!
  }
  for (let sum = 2 * (goal - 1); sum >= 0; sum--) {
    for (let i = Math.ceil(sum / 2); i <= Math.min(sum, goal - 1); i++) {
      const j = sum - i
      let [x, y, before] = [0, 0, -1]
      while (Math.abs(x - before) > 1e-15) {
        before = x
        x = turn(i, j, y)
        y = i === j ? x : turn(j, i, x)
      }
      chances.set(i, j, x)
      chances.set(j, i, y)
    }
  }
  return {
    chance({ own, other, turnTotal }) {
      turn(own, other, chances.at(other, own))
      return turnTotal >= goal - own ? 1 : values[turnTotal]!
    },
    holds: ({ own, other, turnTotal }) => holds[(own * goal + other) * goal + turnTotal] === 1,
  }
}

/** Holds at so many points: 25 is the best of these against the optimal policy. */
export function holdAt(points: number): PigPolicy {
  return ({ turnTotal }) => turnTotal >= points
}

/**
 * Keep pace and end race: rolls to win once either player has `race` points, else holds at 21 and an eighth of how far it is behind,
 * rounded (Neller and Presser 2010, Practical Play of the Dice Game Pig).
 */
export function keepPace({ own, other, turnTotal }: PigPosition, race = 71): boolean {
  return own < race && other < race && turnTotal >= 21 + Math.round((other - own) / 8)
}

/** The chances of a player at the beginning of its turns, by its own and the other's score. */
function createChances(goal: number) {
  const begun = new Float64Array(goal * goal)
  /** Of every turn total: the chance to win, less what depends on losing the turn total; and that part. */
  const [alone, lost] = [new Float64Array(goal + 6), new Float64Array(goal + 6)]
  const at = (own: number, other: number) => (own >= goal ? 1 : other >= goal ? 0 : begun[own * goal + other]!)
  return {
    at,
    set(own: number, other: number, chance: number) {
      begun[own * goal + other] = chance
    },
    /**
     * The chance to win with (i, j) at the beginning of a turn: `alone` + `lost` * (1 - that of the other one, who begins a turn with (j, i)).
     */
    turn(
      i: number,
      j: number,
      hold: (position: PigPosition) => number,
      others: { at(own: number, other: number): number },
    ) {
      alone.fill(1, goal - i)
      lost.fill(0, goal - i)
      for (let k = goal - i - 1; k >= 0; k--) {
        const p = k === 0 ? 0 : hold({ own: i, other: j, turnTotal: k })
        const held = p === 0 ? 0 : 1 - others.at(j, i + k)
        alone[k] = p * held + (1 - p) * rolled(alone, k, 0)
        lost[k] = (1 - p) * rolled(lost, k, 1)
      }
      return { alone: alone[0]!, lost: lost[0]! }
    },
  }
}

/** The mean over the faces of a die: what a 1 is worth, and what is there after 2 ... 6 more points. */
function rolled(values: Float64Array, k: number, one: number): number {
  return (one + values[k + 2]! + values[k + 3]! + values[k + 4]! + values[k + 5]! + values[k + 6]!) / 6
}

function holdsOf(policy: PigPolicy): (position: PigPosition) => number {
  return position => {
    const hold = Number(policy(position))
    if (hold >= 0 && hold <= 1) return hold
    const { own, other, turnTotal } = position
    throw new RangeError(
      `pig: expected the probability to hold at ${own}, ${other}, ${turnTotal} in 0 ... 1, got ${hold}`,
    )
  }
}
