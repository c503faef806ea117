// Checks of the space of a world: its walls, its arena, and misspelt names.
import { nearest, slip } from '../errors.ts'

/** What the hook `world` may return. */
const known = ['agents', 'landmarks', 'scriptedAgents', 'channels', 'state', 'arena', 'walls', 'search']

type Fields = Readonly<Record<string, unknown>>

/** `where`: the hook, as messages name it. @throws TypeError naming what is expected and what came. */
export function validateSpace(where: string, given: Fields): void {
  for (const name of Object.keys(given)) {
    const meant = known.includes(name) ? undefined : nearest(name, known)
    if (meant !== undefined && given[meant] === undefined) {
      throw slip(`${where} returns '${name}', which means nothing; did you mean '${meant}'?`, name)
    }
  }
  const { walls, arena } = given
  if (walls !== undefined) validateWalls(where, walls)
  if (arena !== undefined && !(isRecord(arena) && typeof arena.half === 'number' && typeof arena.edge === 'string')) {
    throw slip(`${where}: arena must be like { half: 1, edge: 'wall' }, got ${JSON.stringify(arena)}`, 'arena')
  }
}

function validateWalls(where: string, walls: unknown): void {
  const forms = '{ from: [x, y], to: [x, y], thickness? } or { low: [x, y], high: [x, y] }'
  if (!Array.isArray(walls)) {
    throw slip(`${where}: walls must be a list of ${forms}, got ${JSON.stringify(walls)}`, 'walls')
  }
  walls.forEach((wall: unknown, i) => {
    const ends = isRecord(wall) ? ('low' in wall ? [wall.low, wall.high] : [wall.from, wall.to]) : [wall, wall]
    const thickness = isRecord(wall) ? wall.thickness : undefined
    if (ends.every(isPoint) && (thickness === undefined || typeof thickness === 'number')) return
    throw slip(`${where}: walls[${i}] must be ${forms}, got ${JSON.stringify(wall)}`, 'walls')
  })
}

function isPoint(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && value.every(part => typeof part === 'number')
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
