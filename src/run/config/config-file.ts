// Config files: settings in YAML or JSON, and the line and column of every one of them for messages.
import { readFileSync } from 'node:fs'
import { parse as parseStrictJson } from '@humanwhocodes/momoa'
import {
  type CST,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  Parser,
  parseDocument,
} from 'yaml'
import { ConfigError } from '../../errors.ts'
import type { Overrides } from './config.ts'
import type { Layer } from './config-layers.ts'

/**
 * Reads a file of settings, sections as in a RunConfig; `.json` is JSON, all else YAML 1.2. The config.json of a run folder is one. A
 * key `$schema` at the top is for editors.
 * @throws ConfigError when it cannot be read, is no such text (with line and column), or is no record of sections.
 */
export function readConfigFile(file: string): Layer {
  const { content, place } = readPlacedFile(file, '--config', 'sections like learner: {gamma: 0.9}')
  for (const [section, keys] of Object.entries(content)) {
    // A section with nothing under it.
    if (keys === null) delete content[section]
  }
  return { source: `file ${file}`, overrides: content as Overrides, place }
}

/** What a file says, and where it says it. */
export interface PlacedFile {
  readonly content: Record<string, unknown>
  /** `sweep.yaml:3:5`: where the longest known part of a path begins; undefined: nowhere. */
  place(path: readonly string[]): string | undefined
}

/**
 * Reads a YAML or JSON file whose top is a record; `$schema`, and keys that begin with `x-` (for anchors), are left out. Merge keys (`<<`)
 * are carried out.
 * @param argument What the file was given as, for messages.
 * @param expected What stands in such a file, for messages.
 * @throws ConfigError when it cannot be read, is no such text (with line and column), or is no record.
 */
export function readPlacedFile(file: string, argument: string, expected: string): PlacedFile {
  const text = textOf(file, argument)
  const lines = new LineCounter()
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${file}:${line}:${col}`
  }
  const tooDeep = tooDeepIn(text)
  if (tooDeep !== undefined) {
    // Nothing has counted the lines yet.
    parseDocument('', { lineCounter: lines })
    for (const end of text.matchAll(/\n/g)) lines.addNewLine(end.index + 1)
    throw new ConfigError(place(tooDeep), `expected settings nested at most ${deepest} levels deep, got more`)
  }
  if (/\.json$/i.test(file)) refuseWrongJson(file, text)
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true, merge: true })
  const [wrong] = [...document.errors, ...document.warnings]
  if (wrong !== undefined) {
    const several = wrong.code === 'MULTIPLE_DOCS'
    throw new ConfigError(place(wrong.pos[0]), several ? 'expected one document' : sentence(wrong.message))
  }
  const circular = selfReference(document)
  if (circular !== undefined)
    throw new ConfigError(place(circular), 'refers to the node that it stands in; expected another')
  // Aliases beyond a hundred would be a bomb, not a config.
  const whole = contentOf(() => document.toJS({ maxAliasCount: 100 }), file)
  if (whole !== null && !isRecord(whole)) {
    throw new ConfigError(place(0), `expected ${expected}, got ${JSON.stringify(whole)}`)
  }
  const content = Object.fromEntries(
    Object.entries((whole ?? {}) as object).filter(([key]) => key !== '$schema' && !key.startsWith('x-')),
  )
  return {
    content,
    place(path) {
      const offset = offsetOf(document, document.contents, path)
      return offset === undefined ? undefined : place(offset)
    },
  }
}

function textOf(file: string, argument: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '')
  } catch (error) {
    throw new ConfigError(argument, `${file} cannot be read (${(error as Error).message})`)
  }
}

/** YAML understands all JSON, and much that is none. */
function refuseWrongJson(file: string, text: string): void {
  try {
    parseStrictJson(text, { mode: 'json' })
  } catch (error) {
    const { message, line, column } = error as Error & { line: number; column: number }
    throw new ConfigError(`${file}:${line}:${column}`, sentence(message.replace(/ \(\d+:\d+\)$/, '')))
  }
}

/** Aliases are resolved only now. */
function contentOf(read: () => unknown, file: string): unknown {
  try {
    return read()
  } catch (error) {
    throw new ConfigError(file, sentence((error as Error).message))
  }
}

/** Where the longest known part of a path begins, merged records included. A key may hold dots, as `learner.gamma`. */
function offsetOf(document: Document.Parsed, contents: unknown, path: readonly string[]): number | undefined {
  const map = isAlias(contents) ? contents.resolve(document) : contents
  if (!isMap(map)) return undefined
  for (let names = path.length; names > 0; names--) {
    const name = path.slice(0, names).join('.')
    const pair = map.items.find(({ key }) => isScalar(key) && String(key.value) === name)
    if (pair === undefined || !isNode(pair.key)) continue
    return offsetOf(document, pair.value, path.slice(names)) ?? pair.key.range?.[0]
  }
  const merged = map.items.find(({ key }) => isScalar(key) && (key.value === '<<' || key.source === '<<'))?.value
  const records = isCollection(merged) && !isMap(merged) ? merged.items : [merged]
  return records.map(record => offsetOf(document, record, path)).find(offset => offset !== undefined)
}

/** Levels of nesting that no config comes near, and that every reader can take. */
const deepest = 100

/** Where a text is nested too deep; undefined: nowhere. Told without recursion. */
function tooDeepIn(text: string): number | undefined {
  const open: { token: CST.Token; depth: number }[] = [...new Parser().parse(text)].map(token => ({ token, depth: 0 }))
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next
    if (depth > deepest) return token.offset
    if (token.type === 'document' && token.value) open.push({ token: token.value, depth })
    if (!('items' in token)) continue
    for (const { key, value } of token.items) {
      for (const inner of [key, value]) if (inner) open.push({ token: inner, depth: depth + 1 })
    }
  }
  return undefined
}

/** Where an alias stands for a node that it lies in; undefined: nowhere. */
function selfReference(document: Document.Parsed): number | undefined {
  const within = (node: unknown, above: readonly unknown[]): number | undefined => {
    if (isPair(node)) return within(node.key, above) ?? within(node.value, above)
    if (isAlias(node)) return above.includes(node.resolve(document)) ? node.range?.[0] : undefined
    if (!isCollection(node)) return undefined
    return node.items.map(item => within(item, [...above, node])).find(offset => offset !== undefined)
  }
  return within(document.contents, [])
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Begins small, as all sentences after a place do. */
function sentence(message: string): string {
  const text = message.replace(/\.$/, '')
  return /^[A-Z][a-z]/.test(text) ? `${text[0]!.toLowerCase()}${text.slice(1)}` : text
}
