// The multi-robot warehouse (Christianos et al. 2020; Papoudakis et al. 2021): robots bring shelves that are asked for to a goal, and
// then bring them back. Rules and observations as in the rware package, the vector form.
import { defineGrid } from '../grids/define-grid.ts'
import type { Thing } from '../grids/grid-entities.ts'
import { directions } from '../grids/grid-map.ts'
import type { Random } from '../random.ts'
import { choice, count, flag, optionalCount } from '../settings/option.ts'
import { nextAction } from './warehouse-controller.ts'
import { warehouseMap } from './warehouse-layout.ts'

export const warehouse = defineGrid({
  id: 'warehouse',
  version: 1,
  description: 'robots bring shelves that are asked for to a goal and back, in corridors that are one cell wide',
  options: {
    agents: count(2, { min: 1, max: 19 }, 'number of robots'),
    size: choice(
      ['tiny', 'small', 'medium', 'large'],
      'blocks of shelves: 1 x 3, 2 x 3, 2 x 5 or 3 x 5, less the two in the middle',
    ),
    height: count(8, { min: 1, max: 16 }, 'cells that a block of shelves is long'),
    requests: optionalCount('shelves asked for at a time; null: as many as there are robots', { min: 1, max: 40 }),
    sight: count(1, { min: 1, max: 5 }, 'cells that a robot sees in each direction'),
    reward: choice(
      ['individual', 'global', 'twoStage'],
      'for a delivery 1 to who brings the shelf, or 1 to all, or half of it to who brings it and half when it puts a shelf down again',
    ),
    maxCycles: count(500, { min: 1 }, 'steps after which an episode is truncated'),
    masks: flag(
      false,
      'forbid what does nothing, as forward into a wall or to put down a shelf in a corridor, by action masks',
    ),
  },
  actions: ['noop', 'forward', 'left', 'right', 'toggle'],
  collisions: 'chains',
  legend: { g: { name: 'goal', color: [0.35, 0.45, 0.75] } },

  world({ options }) {
    const map = warehouseMap(options.size, options.height)
    return {
      map,
      agents: Array.from({ length: options.agents }, (_, i) => ({
        id: `agent_${i}`,
        facing: 'north' as const,
        carries: null as Thing | null,
        /** It has delivered a shelf and not put one down since. */
        delivered: false,
        earned: 0,
      })),
      things: {
        shelf: Array.from(map.replace(/[^s]/g, ''), () => ({ marked: false, form: 'square' as const, color: teal })),
      },
      state: { deliveries: 0 },
    }
  },

  reset({ world, options, random }) {
    world.state.deliveries = 0
    world.cells('s').forEach(({ row, column }, i) => {
      const shelf = world.things.shelf[i]!
      world.put(shelf, row, column)
      shelf.marked = false
    })
    for (const agent of world.agents) {
      const { row, column } = world.randomFree(random)
      world.put(agent, row, column)
      agent.facing = directions[random.integer(4)]!
      agent.carries = null
      agent.delivered = false
      agent.earned = 0
    }
    const requests = Math.min(options.requests ?? options.agents, world.things.shelf.length)
    for (let asked = 0; asked < requests; asked++) askFor(world.things.shelf, random)
  },

  /** Under shelves drives who carries none; a shelf that is on its way with its robot is in nobody's way. */
  mayEnter({ agent, world, row, column }) {
    if (agent.carries === null || world.thingAt('shelf', row, column) === null) return true
    return world.agents.some(other => other.row === row && other.column === column && other.carries !== null)
  },

  act({ world, options, random }) {
    const { agents, things } = world
    for (const agent of agents) agent.earned = 0
    // Off the floor first: in a queue that moves each takes the place of the one before.
    for (const { carries } of agents) if (carries !== null) world.remove(carries)
    for (const { carries, row, column } of agents) if (carries !== null) world.put(carries, row, column)
    for (const agent of agents) {
      if (agent.action !== 'toggle') continue
      if (agent.carries === null) agent.carries = world.thingAt('shelf', agent.row, agent.column)
      else if (!isCorridor(world.letterAt(agent.row, agent.column))) {
        agent.carries = null
        if (agent.delivered && options.reward === 'twoStage') agent.earned += 0.5
        agent.delivered = false
      }
    }
    world.state.deliveries = 0
    for (const { row, column } of world.cells('g')) {
      const shelf = world.thingAt('shelf', row, column)
      if (shelf === null || !shelf.marked) continue
      world.state.deliveries++
      // Another one takes its place; where there is none it is asked for again.
      if (askFor(things.shelf, random)) shelf.marked = false
      for (const agent of agents) {
        const brought = agent.row === row && agent.column === column
        if (brought) agent.delivered = true
        if (options.reward === 'global') agent.earned += 1
        else if (brought) agent.earned += options.reward === 'twoStage' ? 0.5 : 1
      }
    }
  },

  /** As published: where nobody stands, what stands for `north` is 1 all the same. */
  observe({ agent, world, options, see }) {
    see.numbers('self', [agent.column, agent.row, agent.carries === null ? 0 : 1], ['column', 'row', 'carries'])
    see.facing('self', agent.facing)
    see.numbers('self', [isCorridor(world.letterAt(agent.row, agent.column)) ? 1 : 0], ['in a corridor'])
    see.view('sensors', options.sight, {
      robot: (row, column) => world.agentAt(row, column) !== null,
      north: (row, column) => (world.agentAt(row, column)?.facing ?? 'north') === 'north',
      south: (row, column) => world.agentAt(row, column)?.facing === 'south',
      west: (row, column) => world.agentAt(row, column)?.facing === 'west',
      east: (row, column) => world.agentAt(row, column)?.facing === 'east',
      shelf: (row, column) => world.thingAt('shelf', row, column) !== null,
      'asked for': (row, column) => world.thingAt('shelf', row, column)?.marked === true,
    })
  },

  reward: ({ agent, part }) => part('delivery', agent.earned),

  actionMask({ agent, world, mask }) {
    const corridor = isCorridor(world.letterAt(agent.row, agent.column))
    const useless = agent.carries === null ? world.thingAt('shelf', agent.row, agent.column) === null : corridor
    if (useless) mask.forbid('toggle')
  },

  metrics: ({ world }) => ({ deliveries: world.state.deliveries }),

  scripted: ({ agent, world }) => nextAction(world, agent.index),
})

const teal = [0.1, 0.55, 0.55] as const

/** Shelves stand where the map has an `s`, and can be put down there alone. */
function isCorridor(letter: string): boolean {
  return letter !== 's'
}

/** One of the shelves that are not asked for is, each as likely as the others. False: all are already. */
function askFor(shelves: readonly Thing[], random: Random): boolean {
  const others = shelves.filter(({ marked }) => !marked)
  if (others.length === 0) return false
  others[random.integer(others.length)]!.marked = true
  return true
}
