// HTML and SVG as text: what is not markup already is escaped.

/** Text that is markup already. */
export interface Markup {
  readonly markup: string
}

export type Child = Markup | string | number | null | readonly Child[]

/** An element of HTML or SVG; attributes that are null, undefined or false are left out, those that are true stand alone. */
export function tag(
  name: string,
  attributes: Readonly<Record<string, string | number | boolean | null | undefined>>,
  ...children: readonly Child[]
): Markup {
  const given = Object.entries(attributes).map(([key, value]) => {
    if (value === null || value === undefined || value === false) return ''
    return value === true ? ` ${key}` : ` ${key}="${escaped(typeof value === 'number' ? short(value) : value)}"`
  })
  const open = `<${name}${given.join('')}>`
  return { markup: empty.has(name) ? open : `${open}${textOf(children)}</${name}>` }
}

/** Children as text. */
export function textOf(child: Child): string {
  if (child === null) return ''
  if (typeof child === 'number') return short(child)
  if (typeof child === 'string') return escaped(child)
  return 'markup' in child ? child.markup : child.map(textOf).join('')
}

/** Script, style or data as it is, for an element whose text browsers take literally. */
export function literal(text: string): Markup {
  return { markup: text }
}

/** Data for a script element: JSON in which nothing ends the element. */
export function jsonData(value: unknown): Markup {
  return literal(JSON.stringify(value).replaceAll('<', '\\u003c'))
}

/** Elements without content; those of SVG are closed like any other. */
const empty = new Set(['br', 'col', 'hr', 'img', 'input', 'link', 'meta'])

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  // Characters that XML does not allow would make a standalone SVG unreadable.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is meant
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '').replace(/[&<>"']/g, sign => entities[sign]!)
}

/** Coordinates need no more than two digits after the point. */
function short(value: number): string {
  return String(Math.round(value * 100) / 100)
}
