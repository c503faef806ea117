// Settings as YAML that `--config` reads back.

import { canonicalJson } from '../../text/canonical-json.ts'
import type { Overrides } from './config.ts'

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

/** Words as they are, all else as JSON with blanks: both are YAML. */
export function textOf(value: unknown): string {
  const isWord =
    typeof value === 'string' &&
    /^[A-Za-z_][\w/.]*$/.test(value) &&
    !/^(true|false|null|y|n|yes|no|on|off)$/i.test(value)
  return isWord ? value : canonicalJson(value)
}
