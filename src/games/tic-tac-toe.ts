// Tic-tac-toe: two players mark the cells of a board of three by three in turns; three in a row win.
import { createGameTree, type GameTree } from '../analysis/game-tree.ts'
import { choose, chosen } from '../envs/action-choice.ts'
import type { FrameEntity, PictureSchema } from '../envs/frame.ts'
import { defineGame } from '../envs/game-definition.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import type { Random } from '../random.ts'
import { choice } from '../settings/option.ts'
import type { AgentSpec, Saved } from '../types.ts'
import { beginnerOf, beginners } from './beginner.ts'

export const tic_tac_toe = defineGame({
  id: 'tic_tac_toe',
  version: 1,
  description: 'two players mark cells of a board in turns; three in a row win',
  options: {
    begins: choice(beginners, 'who moves first; random: either player, by chance in each episode'),
  },
  create: ({ begins }) => createTicTacToe(begins),
})

/** Cells by their numbers, row by row. */
const cellNames = ['top', 'middle', 'bottom'].flatMap(row =>
  ['left', 'centre', 'right'].map(column => `${row} ${column}`),
)

const ids = ['player_0', 'player_1']

const threes = [
  [0, 1, 2], [3, 4, 5], [6, 7, 8],
  [0, 3, 6], [1, 4, 7], [2, 5, 8],
  [0, 4, 8], [2, 4, 6],
] as const // biome-ignore format: rows, columns, diagonals

function createTicTacToe(begins: (typeof beginners)[number]): MarkovGame {
  const agents = ids.map(specOf)
  const rewards = new Float64Array(2)
  const present = new Uint8Array(2)
  const terminated = new Uint8Array(2)
  /** [cells] 0: free; 1 and 2: marked by player_0 and player_1. */
  const board = new Uint8Array(9)
  const turnTo = (player: number) =>
    void present.forEach((_, agent) => void (present[agent] = agent === player ? 1 : 0))
  turnTo(0)
  return {
    id: 'tic_tac_toe',
    agents,
    absences: true,
    rewards,
    present,
    terminated,
    truncated: false,
    reset(random: Random) {
      board.fill(0)
      rewards.fill(0)
      terminated.fill(0)
      turnTo(beginnerOf(begins, random))
    },
    step(actions, row) {
      const player = present[0] === 1 ? 0 : 1
      const cell = chosen('tic_tac_toe', agents[player]!, actions[player], row)
      if (board[cell] !== 0) {
        const who = agents[player]!.id
        throw new RangeError(`tic_tac_toe: ${who} must mark a free cell, got ${cellNames[cell]}, which is taken`)
      }
      board[cell] = player + 1
      const hasWon = threes.some(three => three.every(at => board[at] === player + 1))
      rewards.fill(0)
      if (hasWon) {
        rewards[player] = 1
        rewards[1 - player] = -1
      }
      if (hasWon || board.every(mark => mark !== 0)) terminated.fill(1)
      turnTo(1 - player)
    },
    observe(agent, row) {
      for (let cell = 0; cell < 9; cell++) {
        row[cell] = board[cell] === agent + 1 ? 1 : 0
        row[9 + cell] = board[cell] === 2 - agent ? 1 : 0
      }
    },
    stateParts: [marks('marks of player_0'), marks('marks of player_1'), { name: 'to move', size: 2, names: ids }],
    state(row) {
      for (let cell = 0; cell < 9; cell++) {
        row[cell] = board[cell] === 1 ? 1 : 0
        row[9 + cell] = board[cell] === 2 ? 1 : 0
      }
      row.set(present, 18)
    },
    actionMask(_agent, row) {
      for (let cell = 0; cell < 9; cell++) if (board[cell] !== 0) row[cell] = 0
    },
    script(agent, actions, row) {
      if (present[agent] === 1 && terminated[agent] === 0) choose(actions, row, bestMove(board, agent))
    },
    measure: () => ({ drawn: terminated[0] === 1 && rewards[0] === 0 ? 1 : 0 }),
    frames: framesOf(board, present),
    save: (): Saved => ({ board, present, rewards, terminated }),
    restore(saved) {
      const state = saved as { board: Uint8Array; present: Uint8Array; rewards: Float64Array; terminated: Uint8Array }
      board.set(state.board)
      present.set(state.present)
      rewards.set(state.rewards)
      terminated.set(state.terminated)
    },
  }
}

/** All of the game, searched when it is first asked for: 5,478 positions. */
let tree: GameTree | undefined

/** A cell that is worth most to the player, who is to move; a win is taken at once, a loss put off. */
function bestMove(board: Uint8Array, player: number): number {
  tree ??= createGameTree(createTicTacToe('player_0'), saved =>
    (saved as { readonly board: Uint8Array }).board.join(''),
  )
  // The tree knows the positions in which player_0 has begun: colours are changed where the other one has.
  const count = (mark: number) => board.reduce((sum, at) => sum + (at === mark ? 1 : 0), 0)
  const isSwapped = (count(1) === count(2)) !== (player === 0)
  const position = {
    board: isSwapped ? board.map(mark => (mark === 0 ? 0 : 3 - mark)) : board,
    present: Uint8Array.from(isSwapped === (player === 0) ? [0, 1] : [1, 0]),
    rewards: new Float64Array(2),
    terminated: new Uint8Array(2),
  }
  return tree.at(position).best[0]!
}

function marks(name: string) {
  return { name, size: 9, shape: [3, 3, 1], names: cellNames }
}

function specOf(id: string): AgentSpec {
  return {
    id,
    team: id,
    observationSize: 18,
    observationParts: [marks('own marks'), marks('marks of the other')],
    actionSpace: [{ name: 'mark', kind: 'choice', size: 9, soft: false, names: cellNames }],
  }
}

/** The board between its players; what is not there is nowhere. */
function framesOf(board: Uint8Array, present: Uint8Array): NonNullable<MarkovGame['frames']> {
  const cells = Array.from(board, (_, cell) => [(cell % 3) - 1, 1 - Math.floor(cell / 3)] as const)
  const thing = { kind: 'landmark', agent: null, team: null, collides: false } as const
  const entities = [
    ...[0, 1].map(agent => ({ ...playerEntity(agent), label: signs[agent]! })),
    ...cells.map((_, cell) => ({ ...thing, id: `cell_${cell}`, size: 0.46, color: [0.85, 0.85, 0.85] as const })),
    ...[0, 1].flatMap(agent =>
      cells.map((_, cell) => ({ ...thing, ...markOf(agent), id: `player_${agent}_${cell}`, label: signs[agent]! })),
    ),
    { ...thing, id: 'to_move', size: 0, label: 'to move' },
  ]
  const schema: PictureSchema = {
    kind: 'particles',
    extent: 2.6,
    entities,
    fields: [{ name: 'position', offset: 0, size: 2 * entities.length }],
    size: 2 * entities.length,
  }
  return {
    schema,
    write(row) {
      row.fill(Number.NaN)
      row.set([-2.1, 0, 2.1, 0])
      cells.forEach((place, cell) => {
        row.set(place, 4 + 2 * cell)
        if (board[cell] !== 0) row.set(place, 4 + 2 * (9 * board[cell]! + cell))
      })
      row.set([present[0] === 1 ? -2.1 : 2.1, -0.5], 4 + 2 * 27)
    },
  }
}

const signs = ['X', 'O']

function playerEntity(agent: number): FrameEntity {
  const id = `player_${agent}`
  return { id, kind: 'agent', agent, team: id, size: 0.25, color: colors[agent]!, collides: false }
}

function markOf(agent: number) {
  return { size: 0.33, color: colors[agent]! }
}

const colors = [
  [0.2, 0.45, 0.8],
  [0.8, 0.3, 0.25],
] as const
