// Common-payoff games: two agents choose at once, both are paid the same, and the best joint choice is known (climbing, penalty, two-step).
import { choose, chosen } from '../envs/action-choice.ts'
import type { FrameEntity, PictureSchema } from '../envs/frame.ts'
import { defineGame } from '../envs/game-definition.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import { choice, type OptionValues, real } from '../settings/option.ts'
import type { AgentSpec, Saved } from '../types.ts'

/** [rows, columns] What both are paid for the choices of agent_0 (row) and agent_1 (column). */
type Payoffs = readonly (readonly number[])[]

/** What is played: a table for each state, and which state follows the first one; absent: the episode is over after one choice. */
interface CommonPayoffGame {
  readonly tables: readonly Payoffs[]
  /** The state after the first, by what agent_0 chose there. */
  readonly next?: readonly number[]
  /** The return of the best joint policy, without a discount. */
  readonly optimum: number
  /** In each state a joint choice of such a policy. */
  readonly best: readonly (readonly [number, number])[]
}

const options = {
  game: choice(['climbing', 'penalty', 'two_step'], 'which game is played'),
  penalty: real(
    -30,
    { max: 0 },
    'what the penalty game pays where one agent makes the first choice and the other the last one',
  ),
} as const

type CommonPayoffOptions = OptionValues<typeof options>

export const common_payoff = defineGame({
  id: 'common_payoff',
  version: 1,
  description: 'two agents choose at once and are paid the same; the best joint choice is known',
  options,
  create: given => createCommonPayoff(commonPayoffGame(given)),
})

/**
 * climbing, penalty: Claus and Boutilier 1998, section 2, played once. two_step: Rashid et al. 2018, section 5: agent_0's first choice says
 * which table pays in the second step.
 */
export function commonPayoffGame({ game, penalty }: CommonPayoffOptions): CommonPayoffGame {
  switch (game) {
    case 'climbing':
      return { tables: [[[11, -30, 0], [-30, 7, 6], [0, 0, 5]]], optimum: 11, best: [[0, 0]] } // biome-ignore format: a table
    case 'penalty':
      return { tables: [[[10, 0, penalty], [0, 2, 0], [penalty, 0, 10]]], optimum: 10, best: [[0, 0]] } // biome-ignore format: a table
    case 'two_step':
      return {
        tables: [[[0, 0], [0, 0]], [[7, 7], [7, 7]], [[0, 1], [1, 8]]],
        next: [1, 2],
        optimum: 8,
        best: [[1, 1], [0, 0], [1, 1]],
      } // biome-ignore format: tables
  }
}

function createCommonPayoff({ tables, next, optimum, best }: CommonPayoffGame): MarkovGame {
  const size = tables[0]!.length
  const states = { name: 'state', size: tables.length }
  const agents = [0, 1].map(
    (index): AgentSpec => ({
      id: `agent_${index}`,
      team: 'agent',
      observationSize: states.size,
      observationParts: [states],
      actionSpace: [{ name: 'choose', kind: 'choice', size, soft: false }],
    }),
  )
  const rewards = new Float64Array(2)
  const terminated = new Uint8Array(2)
  /** The table that is played, and the last one with what was chosen there; -1: none. */
  let state = 0
  const last = new Int32Array(3).fill(-1)
  const write = (row: Float64Array) => {
    row.fill(0)
    if (terminated[0] === 0) row[state] = 1
  }
  return {
    id: 'common_payoff',
    agents,
    rewards,
    present: new Uint8Array(2).fill(1),
    terminated,
    truncated: false,
    reset() {
      rewards.fill(0)
      terminated.fill(0)
      last.fill(-1)
      state = 0
    },
    step(actions, row) {
      const [first, second] = agents.map((agent, i) => chosen('common_payoff', agent, actions[i], row)) as [
        number,
        number,
      ]
      last.set([state, first, second])
      rewards.fill(tables[state]![first]![second]!)
      if (state === 0 && next !== undefined) state = next[first]!
      else terminated.fill(1)
    },
    observe: (_, row) => write(row),
    stateParts: [states],
    state: write,
    script: (agent, actions, row) => choose(actions, row, best[state]![agent as 0 | 1]),
    measure: () => ({ optimal: rewards[0] === optimum ? 1 : 0 }),
    frames: framesOf(tables, last),
    save: (): Saved => ({ rewards, terminated, last, state }),
    restore(saved) {
      const from = saved as { rewards: Float64Array; terminated: Uint8Array; last: Int32Array; state: number }
      rewards.set(from.rewards)
      terminated.set(from.terminated)
      last.set(from.last)
      state = from.state
    },
  }
}

/** The tables one beside the other; agent_0 stands beside the row, agent_1 above the column that it chose last, a mark lies on the cell. */
function framesOf(tables: readonly Payoffs[], last: Int32Array): NonNullable<MarkovGame['frames']> {
  const size = tables[0]!.length
  const width = 2 / (tables.length * (size + 1) - 1)
  const middle = (table: number, column: number) => -1 + width * (table * (size + 1) + column + 0.5)
  const height = (row: number) => width * ((size - 1) / 2 - row)
  const thing = { kind: 'landmark', agent: null, team: null, collides: false } as const
  const player = (agent: number): FrameEntity => ({
    ...{ id: `agent_${agent}`, kind: 'agent', agent, team: 'agent', size: width / 4, collides: false },
  })
  const cells = tables.flatMap((table, t) =>
    table.flatMap((line, r) =>
      line.map((paid, c) => ({ id: `cell_${t}_${r}_${c}`, label: String(paid), x: middle(t, c), y: height(r) })),
    ),
  )
  const entities: FrameEntity[] = [
    ...[0, 1].map(player),
    ...cells.map(({ id, label }) => ({ ...thing, id, label, size: width / 8 })),
    { ...thing, id: 'chosen', size: width / 4 },
  ]
  const schema: PictureSchema = {
    kind: 'particles',
    extent: 1.6,
    entities,
    fields: [{ name: 'position', offset: 0, size: 2 * entities.length }],
    size: 2 * entities.length,
  }
  return {
    schema,
    write(row) {
      const [table, first, second] = last as unknown as [number, number, number]
      const [x, y] = table < 0 ? [Number.NaN, Number.NaN] : [middle(table, second), height(first)]
      const corner = Math.max(0, table)
      row.set([middle(corner, -0.8), table < 0 ? 0 : y, table < 0 ? middle(0, (size - 1) / 2) : x, height(-0.8)])
      cells.forEach(({ x, y }, i) => void row.set([x, y], 4 + 2 * i))
      row.set([x, y], 4 + 2 * cells.length)
    },
  }
}
