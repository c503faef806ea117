// Config files: settings in YAML or JSON, and the line and column of every one of them for messages.
import { readFileSync } from 'node:fs'
import { parse as parseStrictJson } from '@humanwhocodes/momoa'
import { isMap, isNode, isScalar, LineCounter, type ParsedNode, parseDocument } from 'yaml'
import type { Overrides } from './config.ts'
import type { Layer } from './config-layers.ts'
import { ConfigError } from './errors.ts'

/**
 * Reads a file of settings, sections as in a RunConfig; `.json` is JSON, all else YAML 1.2. The config.json of a run folder is one. A
 * key `$schema` at the top is for editors.
 * @throws ConfigError when it cannot be read, is no such text (with line and column), or is no record of sections.
 */
export function readConfigFile(file: string): Layer {
  const text = textOf(file)
  if (/\.json$/i.test(file)) refuseWrongJson(file, text)
  const lines = new LineCounter()
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${file}:${line}:${col}`
  }
  // Aliases beyond a hundred would be a bomb, not a config.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true })
  const [wrong] = [...document.errors, ...document.warnings]
  if (wrong !== undefined) {
    const several = wrong.code === 'MULTIPLE_DOCS'
    throw new ConfigError(place(wrong.pos[0]), several ? 'expected one document' : sentence(wrong.message))
  }
  const content = contentOf(() => document.toJS({ maxAliasCount: 100 }), file)
  if (content !== null && !isRecord(content)) {
    throw new ConfigError(place(0), `expected sections like learner: {gamma: 0.9}, got ${JSON.stringify(content)}`)
  }
  const { $schema: _, ...overrides } = (content ?? {}) as Record<string, unknown>
  for (const [section, keys] of Object.entries(overrides)) {
    // A section with nothing under it.
    if (keys === null) delete overrides[section]
  }
  return {
    source: `file ${file}`,
    overrides: overrides as Overrides,
    place(path) {
      const offset = offsetOf(document.contents, path)
      return offset === undefined ? undefined : place(offset)
    },
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '')
  } catch (error) {
    throw new ConfigError('--config', `${file} cannot be read (${(error as Error).message})`)
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

/** Where the longest known part of a path begins: the key, or the item of a list. */
function offsetOf(contents: ParsedNode | null, path: readonly string[]): number | undefined {
  let node: unknown = contents
  let offset: number | undefined
  for (const name of path) {
    if (!isMap(node)) break
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === name)
    if (pair === undefined || !isNode(pair.key)) break
    offset = pair.key.range?.[0] ?? offset
    node = pair.value
  }
  return offset
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Begins small, as all sentences after a place do. */
function sentence(message: string): string {
  const text = message.replace(/\.$/, '')
  return /^[A-Z][a-z]/.test(text) ? `${text[0]!.toLowerCase()}${text.slice(1)}` : text
}
