// The corridor in a file of its own, as users write games.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempFolder } from './temp-folder.ts'

/** Gone after the test. `soft`: whether probabilities are legal too. */
export function corridorFile(soft = false): string {
  const file = join(tempFolder(), 'corridor.ts')
  const source = `import { corridorDefinition } from ${JSON.stringify(join(import.meta.dirname, 'corridor-game.ts'))}\n`
  writeFileSync(file, `${source}export const corridor = corridorDefinition({ soft: ${soft} })\n`)
  return file
}
