// The folder of the installed package, found from source and from dist.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder that holds marlstrom's package.json. */
export function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  return folder
}

/** A compiled file of the package: scenario files and threads are run by plain Node.js, which cannot read TypeScript. */
export function compiledFile(name: string): string {
  return join(packageFolder(), 'dist', 'src', name)
}
