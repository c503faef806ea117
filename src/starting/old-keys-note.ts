// Tells once that settings were given by the names of an older version, and what they are called now.
import type { Overrides } from '../run/config/config.ts'
import { describeOldKeys, oldKeysIn } from '../run/config/old-keys.ts'

const said = new Set<string>()

export function noteOldKeys(
  layers: readonly { readonly source: string; readonly overrides: Overrides }[],
  tell: (sentence: string) => void,
): void {
  for (const { source, overrides } of layers) {
    const sentence = describeOldKeys(oldKeysIn(overrides))
    const note = `${source}: ${sentence}`
    if (sentence === null || said.has(note)) continue
    said.add(note)
    tell(note)
  }
}
