// What the command reads from its own package: the built page and the version.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageFolder } from '../authoring/package-folder.ts'

/** The folder of the built viewer page. */
export function pageFolder(): string {
  return join(packageFolder(), 'dist', 'viewer')
}

export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')) as { version: string }).version
}
