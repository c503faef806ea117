// Runs a user's bundled file and gives what it exports; errors name lines of the source.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Whereabouts } from '../envs/watched-hooks.ts'
import { FileError } from '../errors.ts'
import type { Bundle } from './bundle.ts'
import { noteUserFiles, placeOf } from './error-place.ts'
import { beforeStuckEnd } from './played-here.ts'

/**
 * The exports of a bundle. `where`: kept up to date while it is loaded.
 * @throws FileError with file and line where its code throws while it is loaded
 */
export async function importModule(
  { file, code, hash, inputs, sources }: Omit<Bundle, 'kept'>,
  where?: Whereabouts,
): Promise<Readonly<Record<string, unknown>>> {
  process.setSourceMapsEnabled(true)
  noteUserFiles(file, [...inputs, ...sources])
  const folder = mkdtempSync(join(tmpdir(), 'marlstrom-'))
  const name = join(folder, `${basename(file).replace(/\W+/g, '-')}-${hash}.mjs`)
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const forget = beforeStuckEnd(remove)
  try {
    writeFileSync(name, code)
    if (where !== undefined) where.hook = 'loading'
    return (await import(pathToFileURL(name).href)) as Record<string, unknown>
  } catch (error) {
    throw new FileError(placeOf(error) ?? file, `cannot be loaded: ${(error as Error)?.message ?? error}`)
  } finally {
    if (where !== undefined) where.hook = ''
    forget()
    remove()
  }
}
