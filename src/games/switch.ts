// Switch: agents on both sides of a corridor that is one cell wide must change sides (the ma-gym suite, Koul 2019). Rules,
// observations and rewards as published there.
import { defineGrid } from '../grids/define-grid.ts'
import { type Cell, directions } from '../grids/grid-map.ts'
import { stepTowards } from '../grids/paths.ts'
import { count, flag, real } from '../settings/option.ts'

/** Where each agent begins, and where it is to go: digits and letters in agent order. */
const map = `
  b0###1a
  .......
  d2###3c`

const goals = ['a', 'b', 'c', 'd'] as const
const colors = [
  [0.85, 0.25, 0.25],
  [0.25, 0.4, 0.85],
  [0.2, 0.6, 0.3],
  [0.85, 0.55, 0.15],
] as const

export const switchGame = defineGrid({
  id: 'switch',
  version: 1,
  description: 'agents must pass a corridor one cell wide in opposite directions, one after the other',
  options: {
    agents: count(2, { min: 2, max: 4 }, 'number of agents: even ones go east, odd ones west'),
    stepCost: real(0.1, { min: 0 }, 'what a step costs who is not there yet'),
    seeAll: flag(false, 'everybody sees where everybody is'),
    clock: flag(false, 'the share of the time that has passed is seen too'),
    maxCycles: count(50, { min: 1 }, 'steps after which an episode is truncated'),
    masks: flag(false, 'forbid moves into walls and edges by action masks'),
  },
  actions: ['none', ...directions],
  collisions: 'inTurn',
  legend: Object.fromEntries(colors.map((color, i) => [goals[i]!, { name: `goal of agent_${i}`, color }])),

  world: ({ options }) => ({
    // Of those who do not play nothing is seen.
    map: map.replace(/[a-d0-3]/g, letter => ('0123abcd'.indexOf(letter) % 4 < options.agents ? letter : '.')),
    agents: Array.from({ length: options.agents }, (_, i) => ({
      id: `agent_${i}`,
      color: colors[i]!,
      goal: goals[i]!,
      arrived: false,
    })),
    state: { steps: 0 },
  }),

  reset({ world }) {
    world.state.steps = 0
    for (const agent of world.agents) {
      const { row, column } = world.cells(String(agent.index))[0]!
      world.put(agent, row, column)
      agent.arrived = false
    }
  },

  /** Who arrives has done its part, and stays where it is. */
  act({ world }) {
    world.state.steps++
    for (const agent of world.agents) {
      if (!agent.present || world.letterAt(agent.row, agent.column) !== agent.goal) continue
      agent.arrived = true
      world.leave(agent)
    }
  },

  observe({ agent, world, options, see }) {
    const write = (name: string, { row, column }: Cell) => {
      see.numbers(name, [hundredths(row / (world.rows - 1)), hundredths(column / (world.columns - 1))], names)
      if (options.clock) see.number('clock', world.state.steps / options.maxCycles)
    }
    if (!options.seeAll) write('place', agent)
    else for (const each of world.agents) write(each.id, each)
  },

  reward: ({ agent, options, part }) => (agent.arrived ? part('arrived', 5) : part('step', -options.stepCost)),

  metrics: ({ world }) => ({ arrived: world.agents.filter(({ arrived }) => arrived).length / world.agents.length }),

  /** Who goes east goes first; who goes west lets them pass, and backs out of the corridor before them. */
  scripted({ agent, world }) {
    const east = ({ index }: typeof agent) => index % 2 === 0
    const inCorridor = ({ column }: Cell) => column > 1 && column < 5
    // Those with lower numbers move first: where they stand may be free by then.
    const open = (row: number, column: number) => {
      const other = world.agentAt(row, column)
      return other === null || (other.present && other.index < agent.index)
    }
    const towards = (cells: readonly Cell[]) => stepTowards(world, agent, cells, open) ?? 'none'
    const goal = world.cells(agent.goal)
    const home = world.cells(String(agent.index))
    if (east(agent)) {
      const meets = world.agents.some(other => !east(other) && inCorridor(other))
      return meets && !inCorridor(agent) ? 'none' : towards(goal)
    }
    if (!world.agents.some(other => other.present && east(other) && other.column < 5)) return towards(goal)
    const meets = world.agents.some(other => east(other) && inCorridor(other))
    if (inCorridor(agent)) return towards(meets ? home : goal)
    // Not in the way of those who come out.
    return agent.row === 1 && agent.column >= 5 ? towards(home) : 'none'
  },
})

const names = ['row', 'column'] as const

/** As the published observations are rounded. */
function hundredths(value: number): number {
  return Math.round(100 * value) / 100
}
