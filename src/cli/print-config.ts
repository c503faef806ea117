// What `train --print-config` prints: every setting with its value and where that came from, as YAML that --config reads back.

import type { Overrides } from '../config.ts'
import { canonicalJson, identityOf } from '../config-identity.ts'
import { type Layer, sourcesOf } from '../config-layers.ts'
import { completeSettings, type RunPlan } from '../plan.ts'
import { print } from './print.ts'

/** Prints a plan for people, or as one JSON object: `config`, and `sources` by the same sections and keys. */
export function printConfig(plan: RunPlan, layers: readonly Layer[], json: boolean): void {
  const settings = completeSettings(plan)
  const sources = sourcesOf(settings, plan, layers)
  const { sha256 } = identityOf({ ...plan, settings })
  if (json) {
    print(JSON.stringify({ event: 'config', sha256, config: settings, sources }))
    return
  }
  const rows = Object.entries(settings).flatMap(([section, keys]) =>
    Object.entries(keys).map(([key, value]) => [
      section,
      `  ${textOf(key)}: ${textOf(value)}`,
      sources[section]![key]!,
    ]),
  ) as [string, string, string][]
  const width = Math.min(60, Math.max(...rows.map(([, line]) => line.length)))
  let last = ''
  print(`# config ${sha256}`)
  for (const [section, line, source] of rows) {
    if (section !== last) print(`${section}:`)
    last = section
    print(`${line.padEnd(width)}  # ${source}`)
  }
}

/** Settings as YAML that --config reads back. */
export function settingsText(settings: Overrides): string {
  const sections = Object.entries(settings).filter(([, keys]) => Object.keys(keys ?? {}).length > 0)
  return sections
    .flatMap(([section, keys]) => [
      `${section}:`,
      ...Object.entries(keys ?? {}).map(([key, value]) => `  ${textOf(key)}: ${textOf(value)}`),
    ])
    .map(line => `${line}\n`)
    .join('')
}

/** Words as they are, all else as JSON: both are YAML. */
function textOf(value: unknown): string {
  const isWord =
    typeof value === 'string' &&
    /^[A-Za-z_][\w/.]*$/.test(value) &&
    !/^(true|false|null|y|n|yes|no|on|off)$/i.test(value)
  return isWord ? value : canonicalJson(value)
}
