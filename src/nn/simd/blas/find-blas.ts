// Where BLAS libraries are looked for, and what installs one.
import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { type Library, libraries } from './libraries.ts'

/**
 * The files to try on this system. Where its loader would look into the working directory too, which may be a stranger's, whole paths alone:
 * on Windows those of the folders of PATH.
 */
export function filesOf({ files }: Library): readonly string[] {
  const names = files[process.platform] ?? []
  return process.platform === 'win32' ? names.flatMap(name => within(pathFolders(), name)) : names
}

/** The library that the environment names, if it names one, and the place that errors about it name: `--blas` where that put it there. */
export function blasOfEnvironment(): readonly [file: string | undefined, by: string] {
  const { MARLSTROM_BLAS: file, MARLSTROM_BLAS_BY: by = 'MARLSTROM_BLAS' } = process.env
  return file === undefined ? [undefined, 'run.kernels'] : [file, by]
}

/** Whether a BLAS seems to be installed, told without loading anything: its name; null: none where they usually stand. */
export function installedBlas(): string | null {
  if (process.env.MARLSTROM_BLAS !== undefined) return process.env.MARLSTROM_BLAS
  const folders = process.platform === 'linux' ? linuxFolders() : []
  for (const library of libraries) {
    for (const file of filesOf(library)) {
      if (isAbsolute(file) ? existsSync(file) || process.platform === 'darwin' : within(folders, file).length > 0)
        return library.name
    }
  }
  return null
}

/** The line that installs one on this system. */
export function installBlas(): string {
  if (process.platform === 'darwin') return '`brew install openblas`'
  if (process.platform === 'win32')
    return 'a release from https://github.com/OpenMathLib/OpenBLAS/releases whose libopenblas.dll stands in a folder of PATH'
  const system = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : ''
  if (/^ID(_LIKE)?=.*(debian|ubuntu)/m.test(system)) return '`sudo apt-get install libopenblas0-pthread`'
  if (/^ID(_LIKE)?=.*(fedora|rhel|centos)/m.test(system)) return '`sudo dnf install openblas-threads`'
  return "OpenBLAS from the system's packages (Debian: libopenblas0-pthread, Fedora: openblas-threads)"
}

function within(folders: readonly string[], name: string): string[] {
  return folders.map(folder => join(folder, name)).filter(file => existsSync(file))
}

function pathFolders(): string[] {
  return (process.env.PATH ?? '').split(';').filter(folder => isAbsolute(folder))
}

function linuxFolders(): string[] {
  const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64'
  return [`/usr/lib/${machine}-linux-gnu`, '/usr/lib64', '/usr/lib', '/usr/local/lib64', '/usr/local/lib']
}
