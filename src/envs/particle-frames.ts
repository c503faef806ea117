// A particle world as frames for viewers.
import type { ArenaDefinition } from './arena.ts'
import type { Agent, Entity } from './entity.ts'
import type { FrameEntity, FrameField, PictureSchema } from './frame.ts'
import type { Wall, WallDefinition } from './walls.ts'

interface Drawable {
  readonly agents: readonly Agent[]
  readonly scriptedAgents: readonly Agent[]
  readonly entities: readonly Entity[]
  readonly channels: number
  readonly arena: ArenaDefinition
  readonly walls: readonly Wall[]
}

/**
 * The frame schema of a world, and the function that writes its present state into a row. `extent` is half the side of what
 * is shown; absent: as the arena asks. `goalOf` gives the index of an agent's goal among the landmarks; -1: none. `waits`: whether an
 * agent that is not there does.
 */
export function createParticleFrames(
  world: Drawable,
  extent?: number,
  goalOf?: (agent: Agent) => number,
  waits: (agent: Agent) => boolean = () => false,
): { schema: PictureSchema; write(row: Float32Array): void } {
  const { agents, entities, channels, arena, walls } = world
  const actors = [...agents, ...world.scriptedAgents]
  const fields: FrameField[] = []
  const writers: ((row: Float32Array) => void)[] = []
  let size = 0
  const field = <T>(name: FrameField['name'], of: readonly T[], width: number, put: Put<T>) => {
    const offset = size
    fields.push({ name, offset, size: width * of.length })
    writers.push(row => {
      for (let i = 0; i < of.length; i++) put(row, offset + width * i, of[i]!)
    })
    size += width * of.length
  }

  field('position', entities, 2, (row, at, { position }) => {
    row[at] = position.x
    row[at + 1] = position.y
  })
  field('velocity', actors, 2, (row, at, { velocity }) => {
    row[at] = velocity.x
    row[at + 1] = velocity.y
  })
  field('present', entities, 1, (row, at, entity) => {
    row[at] = entity.present ? 1 : isAgent(entity) && waits(entity) ? waiting : 0
  })
  if (actors.some(turns)) {
    field('heading', actors, 1, (row, at, actor) => {
      row[at] = turns(actor) ? actor.heading : Number.NaN
    })
  }
  if (actors.some(actor => actor.speaks)) {
    field('utterance', actors, channels, (row, at, { utterance }) => row.set(utterance, at))
  }
  if (goalOf !== undefined) {
    field('goal', agents, 1, (row, at, agent) => {
      row[at] = agent.present ? goalOf(agent) : -1
    })
  }

  const bounded = Number.isFinite(arena.half)
  return {
    schema: {
      kind: 'particles',
      extent: extent ?? (bounded ? 1.08 * arena.half : 1.3),
      entities: entities.map(entityOf),
      fields,
      ...(walls.length > 0 && { walls: walls.map(wallOf) }),
      ...(bounded && { arena: { half: arena.half, edge: arena.edge } }),
      size,
    },
    write(row) {
      for (const write of writers) write(row)
    },
  }
}

/** In the field `present`: an agent that waits. */
const waiting = 0.5

function isAgent(entity: Entity): entity is Agent {
  return entity.kind === 'agent' && !(entity as Agent).scripted
}

type Put<T> = (row: Float32Array, at: number, of: T) => void

/** Who is moved by two wheels looks somewhere; for all others the heading means nothing. */
function turns(agent: Agent): boolean {
  return agent.dynamics === 'differential'
}

function entityOf(entity: Entity): FrameEntity {
  const agent = entity.kind === 'agent' ? (entity as Agent) : null
  return {
    id: entity.id,
    kind: entity.kind,
    agent: agent !== null && !agent.scripted ? agent.index : null,
    ...(agent?.scripted && { scripted: true }),
    team: agent?.team ?? null,
    size: entity.size,
    ...(entity.colored && { color: [unit(entity.color[0]), unit(entity.color[1]), unit(entity.color[2])] as const }),
    collides: entity.collides,
  }
}

function wallOf({ box, sides, radius }: Wall): WallDefinition {
  if (box !== null) return { low: box.low, high: box.high }
  const { x, y, dx, dy } = sides[0]!
  return { from: [x, y], to: [x + dx, y + dy], thickness: 2 * radius }
}

function unit(value: number): number {
  return Math.min(1, Math.max(0, value))
}
