// Level-based foraging (Christianos et al. 2020; Papoudakis et al. 2021): agents and food have levels, and food is loaded only by
// agents beside it whose levels add up to its own. Rules and observations as in the lbforaging package, the vector form.
import type { PictureSchema } from '../envs/frame.ts'
import { defineGame } from '../envs/game-definition.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import type { Random } from '../random.ts'
import { count, flag, optionalCount } from '../settings/option.ts'
import type { AgentSpec, Matrix, Saved } from '../types.ts'
import { choose, chosen } from './action-choice.ts'
import { nextActions } from './foraging-controller.ts'
import { Field, load, moves } from './foraging-field.ts'

export const foraging = defineGame({
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
  },
  create: options => createForaging(options),
})

interface Options {
  readonly agents: number
  readonly size: number
  readonly food: number
  readonly sight: number | null
  readonly agentLevel: number
  readonly cooperative: boolean
  readonly maxCycles: number
}

function createForaging(options: Options): MarkovGame {
  const field = new Field(options.size, options.agents, options.food)
  const agents = field.foragers.map((_, index) => specOf(index, options))
  const rewards = new Float64Array(options.agents)
  const terminated = new Uint8Array(options.agents)
  let cycles = 0
  let truncated = false
  let loaded = 0
  return {
    id: 'foraging',
    agents,
    rewards,
    present: new Uint8Array(options.agents).fill(1),
    terminated,
    get truncated() {
      return truncated
    },
    reset(random: Random) {
      field.spawn(options, random)
      rewards.fill(0)
      terminated.fill(0)
      truncated = false
      cycles = 0
      loaded = 0
    },
    step(matrices, row) {
      const actions = agents.map((agent, i) => chosen('foraging', agent, matrices[i], row))
      const before = field.left
      field.move(actions)
      field.load(actions, rewards)
      cycles++
      loaded = before - field.left
      // With nothing left to gather the episode has ended by the rules, in its last step too.
      if (field.left === 0) terminated.fill(1)
      else truncated = cycles >= options.maxCycles
    },
    observe: (agent, row) => observe(field, agent, options.sight ?? options.size, row),
    script: (agent, matrix, row) => choose(matrix, row, nextActions(field)[agent]!),
    measure: () => ({ loaded: loaded / Math.max(1, field.spawned) }),
    handles: { steer },
    frames: framesOf(field),
    save: (): Saved => ({
      foragers: field.foragers.map(({ row, column, level }) => [row, column, level]),
      food: field.food,
      places: field.places,
      spawned: field.spawned,
      rewards,
      terminated,
      truncated,
      cycles,
      loaded,
    }),
    restore(saved) {
      const state = saved as unknown as SavedForaging
      state.foragers.forEach(
        ([row, column, level], i) => void Object.assign(field.foragers[i]!, { row, column, level }),
      )
      field.food.set(state.food)
      field.places.set(state.places)
      field.spawned = state.spawned
      rewards.set(state.rewards)
      terminated.set(state.terminated)
      truncated = state.truncated
      cycles = state.cycles
      loaded = state.loaded
    },
  }
}

/** The direction that is wished for most, if it is above 0.5; to say something, whatever it is, is to load. */
function steer(_agent: number, [x, y]: readonly [number, number], say: number | null, actions: Matrix): void {
  const sideways = Math.abs(x) >= Math.abs(y)
  const direction = sideways ? (x > 0 ? 'east' : 'west') : y > 0 ? 'north' : 'south'
  const wished = Math.max(Math.abs(x), Math.abs(y)) > 0.5 ? direction : 'none'
  choose(actions, 0, say === null ? moves.findIndex(({ name }) => name === wished) : load)
}

interface SavedForaging {
  readonly foragers: readonly (readonly [number, number, number])[]
  readonly food: Int32Array
  readonly places: Int32Array
  readonly spawned: number
  readonly rewards: Float64Array
  readonly terminated: Uint8Array
  readonly truncated: boolean
  readonly cycles: number
  readonly loaded: number
}

const actionNames = [...moves.map(({ name }) => name), 'load']

function specOf(index: number, { food, agents }: Options): AgentSpec {
  const triples = (of: number) =>
    Array.from({ length: of }, (_, i) => ['row', 'column', 'level'].map(what => (of > 1 ? `${i + 1}: ${what}` : what)))
  const part = (name: string, of: number) => ({ name, size: 3 * of, names: triples(of).flat() })
  const parts = [part('food', food), part('self', 1), ...(agents > 1 ? [part('others', agents - 1)] : [])]
  return {
    id: `agent_${index}`,
    team: 'agent',
    observationSize: 3 * (food + agents),
    observationParts: parts,
    actionSpace: [{ name: 'move', kind: 'choice', size: load + 1, soft: false, names: actionNames }],
  }
}

/**
 * (row, column, level) of each food in sight, row by row, then of the agent itself and of the others in sight; (-1, -1, 0) where
 * there is none. Rows and columns are counted from the corner of what is in sight.
 */
function observe({ size, food, foragers }: Field, agent: number, sight: number, into: Float64Array): void {
  const self = foragers[agent]!
  const [top, left] = [Math.max(0, self.row - sight), Math.max(0, self.column - sight)]
  for (let at = 0; at < into.length; at += 3) into.set([-1, -1, 0], at)
  let at = 0
  for (let row = top; row <= Math.min(size - 1, self.row + sight); row++) {
    for (let column = left; column <= Math.min(size - 1, self.column + sight); column++) {
      const level = food[row * size + column]!
      if (level === 0) continue
      into.set([row - top, column - left, level], at)
      at += 3
    }
  }
  at = into.length - 3 * foragers.length
  for (const other of [self, ...foragers.filter(it => it !== self)]) {
    const [row, column] = [other.row - top, other.column - left]
    // As in the package: at an edge of the field the window reaches farther away from it.
    if (row < 0 || column < 0 || Math.max(row, column) > 2 * sight) continue
    into.set([row, column, other.level], at)
    at += 3
  }
}

/** The field on the square that particle worlds are drawn on, row 0 at the top; food that was eaten is nowhere. */
function framesOf({ size, food, foragers, places }: Field): NonNullable<MarkovGame['frames']> {
  const middle = (index: number) => -1 + (2 * index + 1) / size
  const entities = foragers.length + places.length
  const schema: PictureSchema = {
    kind: 'particles',
    extent: 1.1,
    entities: [
      ...foragers.map((_, i) => ({
        id: `agent_${i}`,
        kind: 'agent' as const,
        agent: i,
        team: 'agent',
        size: 0.7 / size,
        collides: true,
      })),
      ...Array.from(places, (_, i) => ({
        id: `food_${i}`,
        kind: 'landmark' as const,
        agent: null,
        team: null,
        size: 0.5 / size,
        color: [0.75, 0.25, 0.25] as const,
        collides: false,
      })),
    ],
    fields: [
      { name: 'position', offset: 0, size: 2 * entities },
      { name: 'level', offset: 2 * entities, size: entities },
    ],
    size: 3 * entities,
  }
  return {
    schema,
    write(row) {
      foragers.forEach((forager, i) => {
        row.set([middle(forager.column), -middle(forager.row)], 2 * i)
        row[2 * entities + i] = forager.level
      })
      places.forEach((cell, i) => {
        const there = cell >= 0 && food[cell]! > 0
        const place = there ? [middle(cell % size), -middle(Math.floor(cell / size))] : [Number.NaN, Number.NaN]
        row.set(place, 2 * (foragers.length + i))
        row[2 * entities + foragers.length + i] = there ? food[cell]! : Number.NaN
      })
    },
  }
}
