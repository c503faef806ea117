// A grid game as frames for viewers: the longer side of the grid goes from -1 to 1, row 0 is at the top.
import type { FrameEntity, FrameField, GridPicture, PictureSchema } from '../envs/frame.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import type { Color, GridAgent, GridAgentDefinition, Thing, ThingsDefinition } from './grid-entities.ts'
import type { Direction } from './grid-map.ts'
import type { GridTraits } from './grid-traits.ts'
import type { GridWorld, GridWorldDefinition } from './grid-world.ts'

type Written = GridWorldDefinition<GridAgentDefinition, ThingsDefinition, unknown>
type Legend = Readonly<Record<string, { readonly name: string; readonly color?: Color }>>

/** Half of the square that is shown; the grid fills -1 ... 1. */
const extent = 1.1

export function createGridFrames(
  world: GridWorld,
  written: Written,
  traits: GridTraits,
  legend: Legend,
  absences: boolean,
): NonNullable<MarkovGame['frames']> {
  const { rows, columns } = world
  const side = Math.max(rows, columns)
  const agents = world.agents as readonly GridAgent[]
  const entities = world.entities
  const count = entities.length
  const fields: FrameField[] = []
  let size = 0
  const field = (name: FrameField['name'], numbers: number) => {
    fields.push({ name, offset: size, size: numbers })
    size += numbers
    return size - numbers
  }
  const kinds = Object.values(traits.kinds)
  const position = field('position', 2 * count)
  const level = traits.levels.includes(true) || kinds.some(kind => kind.level) ? field('level', count) : -1
  const heading = traits.looks.includes(true) ? field('heading', agents.length) : -1
  const marked = kinds.some(kind => kind.marked) ? field('marked', count) : -1
  const present = absences ? field('present', count) : -1
  const schema: PictureSchema = {
    kind: 'grid',
    extent,
    grid: pictureOf(world, legend),
    entities: [
      ...written.agents.map((definition, i) => agentEntity(agents[i]!, definition, side)),
      ...Object.entries(world.things).flatMap(([kind, list]) =>
        list.map((thing, i) => thingEntity(thing, written.things![kind]![i]!, side)),
      ),
    ],
    fields,
    size,
  }
  return {
    schema,
    write(row) {
      entities.forEach((entity, i) => {
        const there = entity.row >= 0
        row[position + 2 * i] = there ? -columns / side + (2 * entity.column + 1) / side : Number.NaN
        row[position + 2 * i + 1] = there ? -(-rows / side + (2 * entity.row + 1) / side) : Number.NaN
        if (level !== -1) row[level + i] = there ? (entity.level ?? Number.NaN) : Number.NaN
        // Who does not act is drawn faded, wherever it stands.
        if (present !== -1) row[present + i] = 'present' in entity && !entity.present ? 0.5 : 1
        if (marked !== -1) row[marked + i] = 'marked' in entity && entity.marked ? 1 : 0
      })
      if (heading === -1) return
      agents.forEach(({ facing }, i) => {
        row[heading + i] = facing === null ? Number.NaN : headings[facing]
      })
    },
  }
}

/** Radians from east, counterclockwise. */
const headings: Readonly<Record<Direction, number>> = {
  east: 0,
  north: Math.PI / 2,
  west: Math.PI,
  south: -Math.PI / 2,
}

function pictureOf({ rows, columns, map }: GridWorld, legend: Legend): GridPicture {
  const cellsOf = (letter: string) => map.letters.flatMap((each, cell) => (each === letter ? [cell] : []))
  return {
    rows,
    columns,
    walls: cellsOf('#'),
    marks: Object.entries(legend).map(([letter, { name, color }]) => ({
      name,
      cells: cellsOf(letter),
      ...(color && { color }),
    })),
  }
}

function agentEntity({ id, index, team }: GridAgent, { color }: GridAgentDefinition, side: number): FrameEntity {
  return { id, kind: 'agent', agent: index, team, size: 0.7 / side, collides: true, ...(color && { color }) }
}

function thingEntity({ id }: Thing, { color, form }: ThingsDefinition[string][number], side: number): FrameEntity {
  return {
    id,
    kind: 'landmark',
    agent: null,
    team: null,
    size: (form === 'square' ? 0.8 : 0.5) / side,
    collides: false,
    ...(color && { color }),
    ...(form && { form }),
  }
}
