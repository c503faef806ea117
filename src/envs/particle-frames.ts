// A particle world as frames for viewers.
import type { Agent, Entity } from './entity.ts'
import type { FrameField, FrameSchema } from './frame.ts'

interface Drawable {
  readonly agents: readonly Agent[]
  readonly entities: readonly Entity[]
  readonly channels: number
}

/** The frame schema of a world, and the function that writes its present state into a row. */
export function createParticleFrames(
  world: Drawable,
  extent: number,
): { schema: FrameSchema; write(row: Float32Array): void } {
  const { agents, entities, channels } = world
  const spoken = agents.some(agent => agent.speaks)
  const fields: FrameField[] = []
  let size = 0
  const field = (name: FrameField['name'], numbers: number) => {
    fields.push({ name, offset: size, size: numbers })
    size += numbers
  }
  field('position', 2 * entities.length)
  field('velocity', 2 * agents.length)
  if (spoken) field('utterance', channels * agents.length)
  const schema: FrameSchema = {
    kind: 'particles',
    extent,
    entities: entities.map(entity => ({
      id: entity.id,
      kind: entity.kind,
      agent: entity.kind === 'agent' && !(entity as Agent).scripted ? entity.index : null,
      team: entity.kind === 'agent' ? (entity as Agent).team : null,
      size: entity.size,
      color: [unit(entity.color[0]), unit(entity.color[1]), unit(entity.color[2])],
      collides: entity.collides,
    })),
    fields,
    size,
  }
  return {
    schema,
    write(row) {
      let at = 0
      for (const { position } of entities) {
        row[at++] = position.x
        row[at++] = position.y
      }
      for (const { velocity } of agents) {
        row[at++] = velocity.x
        row[at++] = velocity.y
      }
      if (!spoken) return
      for (const { utterance } of agents) {
        row.set(utterance, at)
        at += channels
      }
    },
  }
}

function unit(value: number): number {
  return Math.min(1, Math.max(0, value))
}
