// What a link to the page says: which session, whether only the picture is shown, which moment, which view, who is selected.
import type { LensMode, SavedLens } from '../view/lens.ts'

export interface PageAddress {
  readonly session: string | null
  readonly embed: boolean
  /** A frame number; null: live. */
  readonly at: number | null
  readonly lens: SavedLens | null
  /** An agent's id. */
  readonly agent: string | null
}

const MODES: readonly LensMode[] = ['fixed', 'fit', 'follow']

/** Reads a link; what it says wrongly it does not say. The session stands in the query, what changes by looking behind the #. */
export function readAddress(search: string, hash: string): PageAddress {
  const query = new URLSearchParams(search)
  const look = new URLSearchParams(hash.replace(/^#/, ''))
  const at = look.has('at') ? Number(look.get('at')) : Number.NaN
  return {
    session: query.get('session'),
    embed: query.has('embed'),
    at: Number.isSafeInteger(at) && at >= 0 ? at : null,
    lens: readLens(look),
    agent: look.get('agent'),
  }
}

/** What stands behind the #; empty for the whole world, live. */
export function writeHash({ at, lens, agent }: Pick<PageAddress, 'at' | 'lens' | 'agent'>): string {
  const look = new URLSearchParams()
  if (at !== null) look.set('at', String(Math.floor(at)))
  if (lens !== null && (lens.mode !== 'fixed' || lens.zoom !== 1 || lens.x !== 0 || lens.y !== 0)) {
    look.set('view', [lens.mode, lens.x, lens.y, lens.zoom].map(short).join(','))
  }
  if (agent !== null) look.set('agent', agent)
  const text = look.toString().replaceAll('%2C', ',')
  return text === '' ? '' : `#${text}`
}

function readLens(look: URLSearchParams): SavedLens | null {
  const [mode, ...numbers] = look.get('view')?.split(',') ?? []
  const [x, y, zoom] = numbers.map(Number)
  const known = MODES.find(each => each === mode)
  if (known === undefined || ![x, y, zoom].every(Number.isFinite) || zoom! <= 0) return null
  return { mode: known, x: x!, y: y!, zoom: zoom! }
}

function short(value: string | number): string {
  return typeof value === 'string' ? value : String(Number(value.toPrecision(4)))
}
