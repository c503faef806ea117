// What `train --print-config` prints: every setting with its value and where that came from, as YAML that --config reads back.

import { identityOf } from '../../run/config/config-identity.ts'
import { type Layer, type Sources, sourcesOf } from '../../run/config/config-layers.ts'
import { textOf } from '../../run/config/config-text.ts'
import { completeSettings, type RunPlan } from '../../run/plan.ts'
import { print } from '../terminal/print.ts'

/** Prints a plan for people, or as one JSON object: `config`, and `sources` by the same sections and keys. */
export function printConfig(plan: RunPlan, layers: readonly Layer[], json: boolean): void {
  const settings = completeSettings(plan)
  const sources = sourcesOf(settings, plan, layers)
  const { sha256 } = identityOf({ ...plan, settings })
  if (json) print(JSON.stringify({ event: 'config', sha256, config: settings, sources }))
  else print([`# config ${sha256}`, ...configLines(settings, sources)].join('\n'))
}

/** Values of one source in a section that have a line each. */
const mostApart = 6
/** Columns before the comment that says where a value came from. */
const widest = 80

/**
 * Settings as lines of YAML. What somebody has said has a line each; what is left at its defaults, and what a whole config says, is packed
 * into as few as possible, below a merge key (`<<`).
 */
export function configLines(
  settings: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  sources: Sources,
): string[] {
  const lines = Object.entries(settings).flatMap(([section, keys]) => {
    if (Object.keys(keys).length === 0) return [[`${section}: {}`, ''] as Line]
    return [[`${section}:`, ''] as Line, ...linesOf(keys, sources[section]!, '  ')]
  })
  const width = Math.max(...lines.filter(([, source]) => source !== '').map(([line]) => line.length))
  return lines.map(([line, source]) => (source === '' ? line : `${line.padEnd(width)}  # ${source}`))
}

/** A line and where its values came from; empty: it has none. */
type Line = readonly [string, string]

function linesOf(keys: Readonly<Record<string, unknown>>, sources: Sources[string], indent: string): Line[] {
  const said: Line[] = []
  const usual: Line[] = []
  const counts = new Map<string, number>()
  for (const source of Object.values(sources)) {
    if (typeof source === 'string') counts.set(source, (counts.get(source) ?? 0) + 1)
  }
  /** Of what a whole config says, as that of an earlier run, single values are no news either. */
  const isWhole = (source: string) => source.startsWith('default') || counts.get(source)! > mostApart
  for (const [key, value] of Object.entries(keys)) {
    const source = sources[key]!
    if (typeof source !== 'string') {
      said.push([`${indent}${textOf(key)}:`, ''], ...linesOf(value as Record<string, unknown>, source, `${indent}  `))
    } else if (isWhole(source)) usual.push([`${textOf(key)}: ${textOf(value)}`, source])
    else said.push([`${indent}${textOf(key)}: ${textOf(value)}`, source])
  }
  return [...said, ...packed(usual, indent)]
}

/** Pairs of one source together, in lines of one flow mapping. */
function packed(pairs: readonly Line[], indent: string): Line[] {
  const rows: { text: string; source: string }[] = []
  const begin = `${indent}<<: { `
  const sources = [...new Set(pairs.map(([, source]) => source))]
  const grouped = sources.flatMap(source => pairs.filter(pair => pair[1] === source))
  for (const [index, [pair, source]] of grouped.entries()) {
    const text = index === pairs.length - 1 ? `${pair} }` : `${pair},`
    const last = rows.at(-1)
    const fits = last !== undefined && begin.length + last.text.length + 1 + text.length <= widest
    if (fits && last.source === source) last.text += ` ${text}`
    else rows.push({ text, source })
  }
  return rows.map(({ text, source }, index) => [`${index === 0 ? begin : ' '.repeat(begin.length)}${text}`, source])
}
