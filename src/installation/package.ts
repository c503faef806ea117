// The installed package: the folder of the built page, and the version.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageFolder } from './package-folder.ts'

/** The folder of the built viewer page. */
export function pageFolder(): string {
  return join(packageFolder(), 'dist', 'viewer')
}

export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')) as { version: string }).version
}
