// The query of the stream's address: known names and values, each once, so that a typing error never gives more rights than were asked for.
import { unknownName } from '../errors.ts'
import type { Resumption } from './broadcast.ts'

const anything = /^/
const count = /^\d{1,16}$/

/** What may stand behind each name, and how a sentence says it. */
const known: Readonly<Record<string, readonly [pattern: RegExp, expected: string]>> = {
  session: [anything, 'the id of a session'],
  role: [/^(viewer|operator)$/, 'viewer or operator'],
  after: [count, 'the number of a frame'],
  began: [count, 'milliseconds since 1970'],
  token: [anything, 'a token'],
}

/** What is wrong with the query of the stream; null: nothing. No value of `token` is told. */
export function objectionToStream(query: URLSearchParams): string | null {
  const strange = [...query.keys()].find(name => !Object.hasOwn(known, name))
  if (strange !== undefined) return unknownName('query parameter', short(strange), Object.keys(known))
  if (query.has('began') && !query.has('after')) return 'began belongs to after=, which is missing'
  return objectionTo(query)
}

/** What is wrong with any query that says who asks, in which role and for which session; other names are let pass. null: nothing. */
export function objectionTo(query: URLSearchParams): string | null {
  for (const [name, [pattern, expected]] of Object.entries(known)) {
    const values = query.getAll(name)
    if (values.length > 1) return `${name} stands ${values.length} times in the address; leave one`
    const wrong = values.find(value => !pattern.test(value))
    if (wrong !== undefined) return `${name} must be ${expected}, got '${short(wrong)}'`
  }
  return null
}

/** What a viewer saw last, of a query without objections; null: it does not say. */
export function resumptionOf(query: URLSearchParams): Resumption | null {
  const [after, began] = [query.get('after'), query.get('began')]
  if (after === null) return null
  return began === null ? { after: Number(after) } : { after: Number(after), began: Number(began) }
}

function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}...` : text
}
