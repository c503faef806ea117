// The legend under the picture: teams, agents and landmarks.
import { isAdversary } from '../../src/picture/colors.ts'
import type { PictureSchema } from '../../src/stream/protocol.ts'

/** More agents than this are named by team. */
const NAMED_MOST = 12

/** One entry of the legend: what its mark looks like (classes of the stylesheet) and what it stands for. */
export interface Entry {
  readonly mark: string
  readonly text: string
  readonly color?: string
  /** Stands on the mark. */
  readonly sign?: string
}

/** `colors` are those of the entities. */
export function legendOf(schema: PictureSchema, colors: readonly string[]): Entry[] {
  const { entities, fields, walls, arena, grid } = schema
  const colorOf = (id: string) => colors[entities.findIndex(entity => entity.id === id)]!
  const discOf = (id: string) => (isAdversary(entities.find(entity => entity.id === id)!.team) ? 'disc ringed' : 'disc')
  const agents = entities.filter(({ agent }) => agent !== null)
  const has = (name: string) => fields.some(field => field.name === name && field.size > 0)
  const entries: Entry[] =
    agents.length > NAMED_MOST
      ? teams(agents.map(({ team, id }) => ({ name: team ?? 'agent', id }))).map(({ name, ids }) => ({
          mark: discOf(ids[0]!),
          text: `${ids.length} ${name}`,
          // Agents of many colours have none in common.
          ...(new Set(ids.map(colorOf)).size === 1 && { color: colorOf(ids[0]!) }),
        }))
      : agents.map(({ id }, i) => ({ mark: discOf(id), text: id, color: colorOf(id), sign: String(i) }))

  const scripted = entities.filter(({ kind, agent }) => kind === 'agent' && agent === null)
  for (const { name, ids } of teams(scripted.map(({ team, id }) => ({ name: team ?? 'agent', id })))) {
    entries.push({
      mark: 'scripted',
      text: ids.length === 1 ? `${ids[0]} (scripted)` : `${ids.length} ${name} (scripted)`,
      color: colorOf(ids[0]!),
    })
  }
  const landmarks = grid ? [] : landmarksOf(schema)
  for (const mark of ['ring', 'diamond'] as const) {
    const { length } = landmarks.filter(({ collides }) => collides === (mark === 'ring'))
    const noun = `${mark === 'ring' ? 'solid ' : ''}landmark${length === 1 ? '' : 's'}`
    if (length > 0) entries.push({ mark, text: `${length} ${noun}` })
  }
  if (grid) entries.push(...gridEntries(schema, colors))
  if (has('goal')) entries.push({ mark: 'goal', text: 'goal of an agent' })
  if (has('level')) entries.push({ mark: 'level', text: 'level', sign: '2' })
  if (has('utterance')) entries.push({ mark: 'speech', text: 'utterance' })
  if (walls?.length) entries.push({ mark: 'wall', text: walls.length === 1 ? '1 wall' : `${walls.length} walls` })
  if (arena?.edge === 'wrap') entries.push({ mark: 'wrap', text: 'edge that wraps round' })
  if (arena?.edge === 'wall') entries.push({ mark: 'edge', text: 'arena edge' })
  return entries
}

/** Landmarks that stand for themselves: of size 0 they are words alone, and called like an agent (`player_0_4`) they are marks that it makes. */
export function landmarksOf({
  entities,
}: Pick<PictureSchema, 'entities'>): readonly PictureSchema['entities'][number][] {
  const agents = new Set(entities.flatMap(({ kind, id }) => (kind === 'agent' ? [id] : [])))
  return entities.filter(({ kind, size, id }) => kind === 'landmark' && size > 0 && !agents.has(kindOf(id)))
}

/** An id without its number: `forest_1` is a forest. */
function kindOf(id: string): string {
  return id.replace(/_\d+$/, '')
}

/** Things by their kind, the cells that mean something, and walls. */
function gridEntries({ entities, grid }: PictureSchema, colors: readonly string[]): Entry[] {
  const things = entities.flatMap(({ kind, id }, i) => (kind === 'landmark' ? [{ name: kindOf(id), id, at: i }] : []))
  const kinds = teams(things).map(({ name, ids }): Entry => {
    const { at } = things.find(({ id }) => id === ids[0])!
    return { mark: entities[at]!.form ?? 'diamond', text: `${ids.length} ${name}`, color: colors[at]! }
  })
  const marks = grid!.marks
    .filter(({ cells }) => cells.length > 0)
    .map(({ name, color }): Entry => ({ mark: 'cell', text: name, ...(color && { color: cssColor(color) }) }))
  const walls = grid!.walls.length === 0 ? [] : [{ mark: 'wall', text: 'wall' }]
  return [...kinds, ...marks, ...walls]
}

function cssColor(color: readonly [number, number, number]): string {
  return `rgb(${color.map(part => Math.round(255 * part)).join(' ')})`
}

function teams(members: readonly { readonly name: string; readonly id: string }[]): { name: string; ids: string[] }[] {
  const names = [...new Set(members.map(({ name }) => name))]
  return names.map(name => ({ name, ids: members.filter(each => each.name === name).map(({ id }) => id) }))
}
