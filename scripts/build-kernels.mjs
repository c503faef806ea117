// Compiles the AssemblyScript kernels, with and without relaxed SIMD, and writes them, compressed, as base64 into src/nn/simd/kernels.generated.ts, so that source, dist,
// tests and worker threads load them alike. Does nothing when that file is newer than every source.
import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const root = fileURLToPath(new URL('..', import.meta.url))
const sources = join(root, 'src/nn/simd/kernels')
const target = join(root, 'src/nn/simd/kernels.generated.ts')

const flags = [
  '-O3',
  '--converge',
  '--noAssert',
  '--runtime',
  'stub',
  '--importMemory',
  '--sharedMemory',
  '--initialMemory',
  '512',
  '--maximumMemory',
  '65536',
  '--memoryBase',
  '65536',
  '--enable',
  'threads',
  '--enable',
  'simd',
]

/** Builds when needed; also vitest's global set-up. */
export async function setup() {
  if (await isFresh()) return
  const asc = await import('assemblyscript/asc')
  const folder = await mkdtemp(join(tmpdir(), 'marlstrom-kernels-'))
  try {
    const compile = async (name, more) => {
      const file = join(folder, name)
      const { error, stderr } = await asc.main([join(sources, 'index.ts'), '--outFile', file, ...flags, ...more])
      if (error) throw new Error(`the kernels do not compile: ${error.message}\n${stderr.toString()}`)
      return gzipSync(await readFile(file), { level: 9 }).toString('base64')
    }
    const text = `// Written by scripts/build-kernels.mjs from src/nn/simd/kernels: WebAssembly, compressed by gzip, as base64.
export const kernelsBase64: string =
  '${await compile('standard.wasm', [])}'
export const relaxedKernelsBase64: string =
  '${await compile('relaxed.wasm', ['--enable', 'relaxed-simd'])}'
`
    await writeFile(`${target}.${process.pid}.tmp`, text)
    await rename(`${target}.${process.pid}.tmp`, target)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function isFresh() {
  const built = await stat(target).catch(() => undefined)
  if (built === undefined) return false
  const files = [fileURLToPath(import.meta.url), ...(await readdir(sources)).map(name => join(sources, name))]
  const times = await Promise.all(files.map(async file => (await stat(file)).mtimeMs))
  return times.every(time => time < built.mtimeMs)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await setup()
