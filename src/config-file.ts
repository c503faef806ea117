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
 * Reads a YAML or JSON file whose top is a record; `$schema` is left out.
 * @param argument What the file was given as, for messages.
 * @param expected What stands in such a file, for messages.
 * @throws ConfigError when it cannot be read, is no such text (with line and column), or is no record.
 */
export function readPlacedFile(file: string, argument: string, expected: string): PlacedFile {
  const text = textOf(file, argument)
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
  const whole = contentOf(() => document.toJS({ maxAliasCount: 100 }), file)
  if (whole !== null && !isRecord(whole)) {
    throw new ConfigError(place(0), `expected ${expected}, got ${JSON.stringify(whole)}`)
  }
  const { $schema: _, ...content } = (whole ?? {}) as Record<string, unknown>
  return {
    content,
    place(path) {
      const offset = offsetOf(document.contents, path)
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

/** Where the longest known part of a path begins. A key may hold dots, as `learner.gamma`. */
function offsetOf(contents: ParsedNode | null, path: readonly string[]): number | undefined {
  if (!isMap(contents)) return undefined
  for (let names = path.length; names > 0; names--) {
    const name = path.slice(0, names).join('.')
    const pair = contents.items.find(({ key }) => isScalar(key) && String(key.value) === name)
    if (pair === undefined || !isNode(pair.key)) continue
    return offsetOf(pair.value as ParsedNode | null, path.slice(names)) ?? pair.key.range?.[0]
  }
  return undefined
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Begins small, as all sentences after a place do. */
function sentence(message: string): string {
  const text = message.replace(/\.$/, '')
  return /^[A-Z][a-z]/.test(text) ? `${text[0]!.toLowerCase()}${text.slice(1)}` : text
}
