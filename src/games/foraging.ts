// Level-based foraging (Christianos et al. 2020; Papoudakis et al. 2021): agents and food have levels, and food is loaded only by
// agents beside it whose levels add up to its own. Rules and observations as in the lbforaging package, the vector form.
import type { GameDefinition } from '../envs/game-definition.ts'
import { defineGrid } from '../grids/define-grid.ts'
import type { Thing } from '../grids/grid-entities.ts'
import { type Cell, directions } from '../grids/grid-map.ts'
import { count, flag, optionalCount } from '../settings/option.ts'
import { beside, nextActions } from './foraging-controller.ts'
import { savedAsBefore } from './foraging-saved.ts'

const onGrid = defineGrid({
  id: 'foraging',
  version: 1,
  description: 'level-based foraging: agents gather food on a grid that some can only lift together',
  options: {
    agents: count(2, { min: 1, max: 10 }, 'number of agents'),
    size: count(8, { min: 5 }, 'cells along each side of the field'),
    food: count(2, { min: 1, max: 20 }, 'pieces of food; fewer where there is no room'),
    sight: optionalCount('cells that an agent sees in each direction', { min: 1 }),
    agentLevel: count(2, { min: 1 }, 'highest level of an agent'),
    cooperative: flag(false, 'every food needs all agents, or the three weakest where there are more'),
    maxCycles: count(50, { min: 1 }, 'steps after which an episode is truncated'),
    masks: flag(false, 'forbid moves into edges and food, and to load where there is no food, by action masks'),
  },
  actions: ['none', ...directions, 'load'],
  collisions: 'claims',

  world: ({ options }) => ({
    size: [options.size, options.size],
    agents: Array.from({ length: options.agents }, (_, i) => ({ id: `agent_${i}`, level: 1, gained: 0 })),
    things: {
      /** `place`: the cell where it was placed, eaten since or not; -1: there was no room. */
      food: Array.from({ length: options.food }, () => ({ level: 0, blocks: true, color: red, place: -1 })),
    },
    /** Sums of levels: of all food when the episode began, and of what was loaded in this step. */
    state: { spawned: 0, loaded: 0 },
  }),

  /** Agents, then food: never at the edge, and so far apart that nobody is beside two foods. */
  reset({ world, options, random }) {
    const { agents, things, state } = world
    for (const agent of agents) {
      let [row, column] = [0, 0]
      do {
        row = random.integer(options.size)
        column = random.integer(options.size)
      } while (!world.isFree(row, column))
      world.put(agent, row, column)
      agent.level = 1 + random.integer(options.agentLevel)
    }
    // The levels that the three weakest reach together: so every food can be loaded.
    const levels = agents.map(({ level }) => level!).sort((a, b) => a - b)
    const most = levels.slice(0, 3).reduce((sum, level) => sum + level, 0)
    const crowded = (row: number, column: number) =>
      around.some(at => world.thingAt('food', row + at.row, column + at.column) !== null)
    for (const food of things.food) food.place = -1
    state.spawned = 0
    state.loaded = 0
    for (let attempts = 0, lying = 0; lying < things.food.length && attempts < 1000; attempts++) {
      const row = 1 + random.integer(options.size - 2)
      const column = 1 + random.integer(options.size - 2)
      if (crowded(row, column) || !world.isFree(row, column)) continue
      const food = things.food[lying++]!
      world.put(food, row, column)
      food.place = row * options.size + column
      food.level = options.cooperative ? most : 1 + random.integer(most)
      state.spawned += food.level
    }
  },

  /** Food that agents beside it load together and can lift is gone; each gets level * food / (their levels * all food spawned). */
  act({ world }) {
    const { agents, state } = world
    state.loaded = 0
    for (const agent of agents) agent.gained = 0
    for (const food of lying(world.things.food)) {
      const team = agents.filter(agent => agent.action === 'load' && beside(agent, food))
      const strength = team.reduce((sum, { level }) => sum + level!, 0)
      if (team.length === 0 || strength < food.level!) continue
      for (const agent of team) agent.gained = (agent.level! * food.level!) / (strength * state.spawned)
      state.loaded += food.level!
      world.remove(food)
    }
  },

  /**
   * (row, column, level) of each food in sight, row by row, then of the agent itself and of the others in sight; (-1, -1, 0) where
   * there is none. Rows and columns are counted from the corner of what is in sight.
   */
  observe({ agent, world, options, see }) {
    const sight = options.sight ?? options.size
    const [top, left] = [Math.max(0, agent.row - sight), Math.max(0, agent.column - sight)]
    const write = (name: string, things: readonly (Cell & { readonly level: number | null })[], of: number) => {
      for (let i = 0; i < of; i++) {
        const it = things[i]
        const numbers = it === undefined ? nothing : [it.row - top, it.column - left, it.level!]
        see.numbers(name, numbers, of > 1 ? numberedNames[i] : names)
      }
    }
    const near = (it: Cell) => Math.abs(it.row - agent.row) <= sight && Math.abs(it.column - agent.column) <= sight
    write('food', lying(world.things.food).filter(near), options.food)
    write('self', [agent], 1)
    // As in the package: at an edge of the field the window reaches farther away from it.
    const inSight = ({ row, column }: Cell) =>
      row >= top && column >= left && Math.max(row - top, column - left) <= 2 * sight
    write('others', world.others(agent).filter(inSight), options.agents - 1)
  },

  reward: ({ agent }) => agent.gained,

  /** Nothing is left to gather. */
  done: ({ world }) => world.placed('food').length === 0,

  actionMask({ agent, world, mask }) {
    if (!world.placed('food').some(food => beside(agent, food))) mask.forbid('load')
  },

  metrics: ({ world }) => ({ loaded: world.state.loaded / Math.max(1, world.state.spawned) }),

  scripted: ({ agent, world, options }) =>
    nextActions({ size: options.size, foragers: world.agents, food: lying(world.things.food) })[agent.index]!,
})

export const foraging: GameDefinition = { ...onGrid, create: given => savedAsBefore(onGrid.create(given)) }

const red = [0.75, 0.25, 0.25] as const
const nothing = [-1, -1, 0] as const
const names = ['row', 'column', 'level'] as const
/** As many as there is food or other agents at most. */
const numberedNames = Array.from({ length: 20 }, (_, i) => names.map(name => `${i + 1}: ${name}`))

/** The eight cells around one, and those two cells away in a straight line. */
const around: readonly Cell[] = Array.from({ length: 25 }, (_, i) => ({
  row: Math.floor(i / 5) - 2,
  column: (i % 5) - 2,
})).filter(({ row, column }) => Math.max(Math.abs(row), Math.abs(column)) <= 1 || row === 0 || column === 0)

/** What has not been eaten, row by row. */
function lying<T extends Thing>(food: readonly T[]): T[] {
  return food.filter(({ row }) => row >= 0).sort((a, b) => a.row - b.row || a.column - b.column)
}
