// A folder of a reader of the docs, in which the package is installed.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempFolder } from './temp-folder.ts'

const root = join(import.meta.dirname, '../..')

/** A new folder in which `marlstrom` and rxjs can be imported by name; gone after the test. */
export function readersFolder(): string {
  const folder = tempFolder()
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(root, join(folder, 'node_modules/marlstrom'))
  symlinkSync(join(root, 'node_modules/rxjs'), join(folder, 'node_modules/rxjs'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  return folder
}
