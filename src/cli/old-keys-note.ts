// Says once on stderr that settings were given by the names of an older version, and what they are called now.
import pc from 'picocolors'
import type { Overrides } from '../config.ts'
import { describeOldKeys, oldKeysIn } from '../old-keys.ts'
import { printError } from './print.ts'

const said = new Set<string>()

export function noteOldKeys(layers: readonly { readonly source: string; readonly overrides: Overrides }[]): void {
  for (const { source, overrides } of layers) {
    const sentence = describeOldKeys(oldKeysIn(overrides))
    const note = `${source}: ${sentence}`
    if (sentence === null || said.has(note)) continue
    said.add(note)
    printError(`${pc.yellow('note:')} ${note}`)
  }
}
