// Whether one world can stand for another, and what an author keeps in the other, made to speak of the one.
import { Agent, type Entity, Landmark, Vector } from './entity.ts'
import { World } from './world.ts'

type Fields = Record<string, unknown>

const agentFields = new Set(Object.keys(new Agent({ id: '' }, 0, 0)))
const landmarkFields = new Set(Object.keys(new Landmark({ id: '' }, 0)))
let worldFields: ReadonlySet<string> | undefined

/** The fields that agents and landmarks have by themselves. */
export function fieldsOfEntity({ kind }: Entity): ReadonlySet<string> {
  return kind === 'agent' ? agentFields : landmarkFields
}

/** The fields that worlds have by themselves. */
export function fieldsOfWorld(): ReadonlySet<string> {
  worldFields ??= new Set(Object.keys(new World({ agents: [] }, 'mpe2')))
  return worldFields
}

/**
 * Whether games in `other` can be played in `world`: they have the same entities, walls and fields, and what the author keeps in `other`
 * is plain data, typed arrays, vectors and entities, as `save` demands, no vector being an entity's own.
 */
export function canStandFor(world: World, other: World): boolean {
  if (shapeOf(world) !== shapeOf(other)) return false
  const owned = new Set<unknown>(
    other.entities.flatMap(entity => [entity.position, entity.velocity, entity.force, ...ownOfAgent(entity)]),
  )
  const seen = new Set<unknown>()
  const isSound = (value: unknown): boolean => {
    if (typeof value === 'function') return false
    if (typeof value !== 'object' || value === null || seen.has(value)) return true
    if (other.entities.includes(value as Agent)) return true
    if (owned.has(value)) return false
    seen.add(value)
    if (value instanceof Vector || (ArrayBuffer.isView(value) && !(value instanceof DataView))) return true
    if (!Array.isArray(value) && !isPlain(value)) return false
    if (Object.isFrozen(value) && Object.values(value).some(item => other.entities.includes(item))) return false
    return Object.values(value).every(isSound)
  }
  return keptIn(other).every(([object, field]) => isSound(object[field]))
}

/** Puts the entities of `world` in place of those of `other` in all that the author keeps in `other`. */
export function makeSpeakOf(world: World, other: World): void {
  const indices = new Map<unknown, number>(other.entities.map((entity, i) => [entity, i]))
  const seen = new Set<unknown>()
  const within = (object: Fields, field: string) => {
    const value = object[field]
    const index = indices.get(value)
    if (index !== undefined) object[field] = world.entities[index]
    else if (!seen.has(value) && (Array.isArray(value) || isPlain(value))) {
      seen.add(value)
      for (const key of Object.keys(value as object)) within(value as Fields, key)
    }
  }
  for (const [object, field] of keptIn(other)) within(object, field)
}

/** Where a world holds what is the author's. */
function keptIn(world: World): [Fields, string][] {
  const beyond = (object: object, known: ReadonlySet<string>): [Fields, string][] =>
    Object.keys(object)
      .filter(field => !known.has(field))
      .map(field => [object as Fields, field])
  return [
    [world as unknown as Fields, 'state'],
    ...beyond(world, fieldsOfWorld()),
    ...world.entities.flatMap(entity => beyond(entity, fieldsOfEntity(entity))),
  ]
}

/** All that stays as it is while games are played, as text. */
function shapeOf(world: World): string {
  const entities = world.entities.map(entity => {
    const { id, kind, index, collides, moves, colored, wraps, period } = entity
    const own = Object.keys(entity)
    const agent = kind === 'agent' ? (entity as Agent) : null
    return [
      [id, kind, index, collides, moves, colored, wraps, String(period), own],
      agent && [agent.team, agent.speaks, agent.dynamics, agent.scripted],
    ]
  })
  const { channels, arena, walls } = world
  return JSON.stringify([entities, channels, arena.edge, String(arena.half), walls, Object.keys(world)])
}

function ownOfAgent(entity: Entity): object[] {
  if (entity.kind !== 'agent') return []
  const { thrust, speech, utterance } = entity as Agent
  return [thrust, speech, utterance]
}

function isPlain(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
