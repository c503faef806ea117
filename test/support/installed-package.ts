// The package as a stranger gets it: packed, and installed into an empty folder from the registry.
import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

export interface Packed {
  readonly filename: string
  readonly size: number
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string }[]
}

/** Packs what is built, as `npm pack` would, and installs it into `away`/app. */
export function packAndInstall(away: string): { readonly packed: Packed; readonly app: string } {
  // What prepack does, in a copy, as other tests read the same files meanwhile; only the build stands already.
  const copy = join(away, 'copy')
  mkdirSync(copy)
  for (const name of readdirSync(root)) {
    if (name === 'node_modules') symlinkSync(join(root, name), join(copy, name))
    else if (!/^(\.|coverage|runs|sweeps|compare|dist-docs|test)/.test(name))
      cpSync(join(root, name), join(copy, name), { recursive: true, filter: from => !from.endsWith('/node_modules') })
  }
  execFileSync(process.execPath, [join(copy, 'scripts/slim-package.mjs')], { stdio: 'pipe' })
  const pack = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', away], { cwd: copy })
  const packed: Packed = [JSON.parse(pack.toString())].flat()[0]
  const app = join(away, 'app')
  mkdirSync(app)
  writeFileSync(join(app, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  execFileSync('npm', ['install', '--no-audit', '--no-fund', join(away, packed.filename)], { cwd: app, stdio: 'pipe' })
  return { packed, app }
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program in a folder to its end. */
export function runIn(folder: string, program: string, ...args: readonly string[]): Promise<Ended> {
  const child = spawn(program, args, { cwd: folder, env: { ...process.env, NO_COLOR: '1' } })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', text => void (stdout += text))
  child.stderr.on('data', text => void (stderr += text))
  return new Promise((done, failed) => {
    child.on('error', failed)
    child.on('close', code => done({ code, stdout, stderr }))
  })
}
