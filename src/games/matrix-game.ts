// A repeated matrix game: two agents choose at once, a table says what each is paid, and both see what was chosen last.

import { choose, chosen } from '../envs/action-choice.ts'
import type { FrameEntity, PictureSchema } from '../envs/frame.ts'
import { defineGame } from '../envs/game-definition.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import { ConfigError } from '../errors.ts'
import { choice, count, type NestedNumbers, numbers } from '../settings/option.ts'
import type { AgentSpec, Saved } from '../types.ts'

/** [rows, columns, 2]: for the choices of agent_0 (row) and agent_1 (column), what each of the two is paid. */
export type Payoffs = readonly (readonly (readonly [number, number])[])[]

/** What the choices are called, in order. */
const choiceNames = {
  prisoners_dilemma: ['cooperate', 'defect'],
  stag_hunt: ['stag', 'hare'],
  matching_pennies: ['heads', 'tails'],
} as const

/** The textbook's games; the first choice is to cooperate, to hunt the stag, to show heads. */
export const payoffTables = {
  prisoners_dilemma: [
    [
      [3, 3],
      [0, 5],
    ],
    [
      [5, 0],
      [1, 1],
    ],
  ],
  stag_hunt: [
    [
      [4, 4],
      [0, 3],
    ],
    [
      [3, 0],
      [2, 2],
    ],
  ],
  matching_pennies: [
    [
      [1, -1],
      [-1, 1],
    ],
    [
      [-1, 1],
      [1, -1],
    ],
  ],
} as const satisfies Readonly<Record<string, Payoffs>>

export const matrix_game = defineGame({
  id: 'matrix_game',
  version: 1,
  description: 'two agents choose at once, again and again, and are paid by a table',
  options: {
    game: choice(['prisoners_dilemma', 'stag_hunt', 'matching_pennies'], 'whose table is used'),
    payoffs: numbers('a table of your own instead, [rows, columns, 2]: what each of the two is paid'),
    maxCycles: count(10, { min: 1 }, 'steps after which an episode is truncated'),
  },
  create: ({ game, payoffs, maxCycles }) =>
    payoffs === null
      ? createMatrixGame(payoffTables[game], maxCycles, choiceNames[game])
      : createMatrixGame(checkedPayoffs(payoffs), maxCycles),
})

/** `names`: of the choices, the same for both. */
function createMatrixGame(payoffs: Payoffs, maxCycles: number, names?: readonly string[]): MarkovGame {
  const sizes = [payoffs.length, payoffs[0]!.length] as const
  const agents = sizes.map((size, index): AgentSpec => {
    const parts = [
      { name: 'own', size, ...(names && { names }) },
      { name: 'other', size: sizes[1 - index]!, ...(names && { names }) },
    ]
    return {
      id: `agent_${index}`,
      team: `agent_${index}`,
      observationSize: sizes[0] + sizes[1],
      observationParts: parts,
      actionSpace: [{ name: 'choose', kind: 'choice', size, soft: false, ...(names && { names }) }],
    }
  })
  const rewards = new Float64Array(2)
  /** What was chosen last; -1 before the first step. */
  const last = new Int32Array(2).fill(-1)
  let cycles = 0
  let truncated = false
  return {
    id: 'matrix_game',
    agents,
    rewards,
    present: new Uint8Array(2).fill(1),
    terminated: new Uint8Array(2),
    get truncated() {
      return truncated
    },
    reset() {
      rewards.fill(0)
      last.fill(-1)
      cycles = 0
      truncated = false
    },
    step(actions, row) {
      const [first, second] = agents.map((agent, i) => chosen('matrix_game', agent, actions[i], row)) as [
        number,
        number,
      ]
      last.set([first, second])
      rewards.set(payoffs[first]![second]!)
      cycles++
      truncated = cycles >= maxCycles
    },
    observe(agent, row) {
      row.fill(0)
      if (last[agent]! < 0) return
      row[last[agent]!] = 1
      row[sizes[agent]! + last[1 - agent]!] = 1
    },
    /** The best answer to what the other one chose last; at first the best choice against an even mixture. */
    script: (agent, actions, row) => choose(actions, row, bestAnswer(payoffs, agent as 0 | 1, last[1 - agent]!)),
    measure: () => ({ welfare: (rewards[0]! + rewards[1]!) / 2 }),
    frames: framesOf(payoffs, last, names),
    save: (): Saved => ({ rewards, last, cycles, truncated }),
    restore(saved) {
      const state = saved as { rewards: Float64Array; last: Int32Array; cycles: number; truncated: boolean }
      rewards.set(state.rewards)
      last.set(state.last)
      cycles = state.cycles
      truncated = state.truncated
    },
  }
}

function bestAnswer(payoffs: Payoffs, agent: 0 | 1, other: number): number {
  const [own, theirs] = agent === 0 ? [payoffs.length, payoffs[0]!.length] : [payoffs[0]!.length, payoffs.length]
  const paid = (mine: number, their: number) => (agent === 0 ? payoffs[mine]![their]! : payoffs[their]![mine]!)[agent]
  let best = 0
  let most = Number.NEGATIVE_INFINITY
  for (let mine = 0; mine < own; mine++) {
    let worth = 0
    for (let their = 0; their < theirs; their++) if (other < 0 || other === their) worth += paid(mine, their)
    if (worth > most) {
      most = worth
      best = mine
    }
  }
  return best
}

/**
 * The table seen from above, in each cell what agent_0 and agent_1 are paid: agent_0 stands beside its row, agent_1 above its column,
 * a mark lies on the cell they are paid by.
 */
function framesOf(
  payoffs: Payoffs,
  last: Int32Array,
  names: readonly string[] | undefined,
): NonNullable<MarkovGame['frames']> {
  const [rows, columns] = [payoffs.length, payoffs[0]!.length]
  const middle = (index: number, of: number) => -1 + (2 * index + 1) / of
  const entity = (id: string, agent: number | null, size: number): FrameEntity => ({
    id,
    kind: agent === null ? 'landmark' : 'agent',
    agent,
    team: agent === null ? null : id,
    size,
    collides: false,
  })
  const cells = Array.from({ length: rows * columns }, (_, i) => ({
    x: middle(i % columns, columns),
    y: -middle(Math.floor(i / columns), rows),
    paid: payoffs[Math.floor(i / columns)]![i % columns]!.join(', '),
  }))
  /** Under each column, and beside each row. */
  const heads =
    names === undefined
      ? []
      : [
          ...names.map((name, i) => ({ id: `row_${i}`, name, x: -0.97, y: -middle(i, rows) })),
          ...names.map((name, i) => ({ id: `column_${i}`, name, x: middle(i, columns), y: -1.25 })),
        ]
  const standing = [...cells, ...heads]
  const size = 0.5 / Math.max(rows, columns)
  const schema: PictureSchema = {
    kind: 'particles',
    extent: 1.6,
    entities: [
      entity('agent_0', 0, 0.15),
      entity('agent_1', 1, 0.15),
      ...cells.map(({ paid }, i) => ({
        ...entity(`cell_${Math.floor(i / columns)}_${i % columns}`, null, size / 2),
        label: paid,
      })),
      ...heads.map(({ id, name }) => ({ ...entity(id, null, 0), label: name })),
      entity('chosen', null, size),
    ],
    fields: [{ name: 'position', offset: 0, size: 2 * (standing.length + 3) }],
    size: 2 * (standing.length + 3),
  }
  return {
    schema,
    write(row) {
      const [first, second] = last as unknown as [number, number]
      const begun = first >= 0
      const y = begun ? -middle(first, rows) : 0
      const x = begun ? middle(second, columns) : 0
      row.set([-1.35, y, x, 1.35])
      standing.forEach(({ x, y }, i) => void row.set([x, y], 4 + 2 * i))
      // Before the first choice there is no cell to mark: what is nowhere is not drawn.
      row.set(begun ? [x, y] : [Number.NaN, Number.NaN], 4 + 2 * standing.length)
    },
  }
}

/** @throws ConfigError when a table is not [rows, columns, 2]. */
function checkedPayoffs(table: readonly NestedNumbers[]): Payoffs {
  const expected = 'expected a table [rows, columns, 2] like [[[3,3],[0,5]],[[5,0],[1,1]]]'
  const columns = Array.isArray(table[0]) ? table[0].length : 0
  if (table.length === 0 || columns === 0) throw new ConfigError('scenario.payoffs', `${expected}, got no cells`)
  table.forEach((cells, row) => {
    if (!Array.isArray(cells) || cells.length !== columns) {
      throw new ConfigError('scenario.payoffs', `${expected}; row ${row} has not ${columns} cells as row 0 has`)
    }
    cells.forEach((cell: NestedNumbers, column) => {
      if (Array.isArray(cell) && cell.length === 2 && cell.every(value => typeof value === 'number')) return
      const got = JSON.stringify(cell)
      throw new ConfigError('scenario.payoffs', `${expected}; row ${row}, column ${column} must be a pair, got ${got}`)
    })
  })
  return table as unknown as Payoffs
}
