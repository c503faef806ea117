// Loads a BLAS, a native library of matrix products, through koffi: one that a person named, else the first that this machine has.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type * as koffi from 'koffi'
import { ConfigError } from '../../../errors.ts'
import type { NativeProducts } from '../kernels.ts'
import { blasOfEnvironment, filesOf, installBlas } from './find-blas.ts'
import { type Find, type Library, libraries, type NativeFunction } from './libraries.ts'

/** A native library of matrix products, as it was found on this machine. */
export interface Blas {
  /** `OpenBLAS` */
  readonly name: string
  /** `0.3.21` */
  readonly version: string
  /** The processor that it works for, by its own name: `SkylakeX`. */
  readonly core: string
  /** All three: with one library of one version on one core the same products have the same bits. */
  readonly id: string
  /** The variable of the environment that chose the core, with its value; null: none. */
  readonly chosenBy: string | null
  readonly sgemm: NativeProducts['sgemm']
  /** Where a buffer begins in the process. */
  addressOf(buffer: ArrayBufferLike): number
  /** What another thread loads it by. */
  readonly here: {
    readonly koffi: string
    readonly library: string
    readonly prototype: string
    readonly oneThread: string | undefined
  }
}

// Addresses as numbers: the fastest that a call takes them, and exact below 2^53.
const prototype =
  'void cblas_sgemm(int, int, int, int, int, int, float, uintptr_t, int, uintptr_t, int, float, uintptr_t, int)'

const loaded = new Map<string, Blas>()

/**
 * `given`: a library's file, or the name that the system's loader finds it by; default: the environment variable MARLSTROM_BLAS, else
 * OpenBLAS, MKL or BLIS where the system looks for libraries, or Accelerate.
 * @throws ConfigError where koffi or a library is missing, with what installs it, or where the one that was given is of no use.
 */
export function loadBlas(given?: string): Blas {
  return loadNamed(...(given === undefined ? blasOfEnvironment() : ([given, 'loadBlas'] as const)))
}

/** `by`: the place that an error names. */
function loadNamed(given: string | undefined, by: string): Blas {
  const known = loaded.get(given ?? '')
  if (known !== undefined) return known
  const native = loadKoffi()
  const reasons: string[] = []
  for (const file of given === undefined ? libraries.flatMap(filesOf) : [given]) {
    try {
      const blas = open(native, file)
      loaded.set(given ?? '', blas)
      return blas
    } catch (error) {
      reasons.push(`${file}: ${(error as Error).message}`)
    }
  }
  if (given !== undefined) throw new ConfigError(by, `cannot be used as a BLAS: ${reasons.join('; ')}`)
  throw new ConfigError(
    by,
    `'blas' found no library of matrix products here; install one with ${installBlas()}, or say where one is with --blas or MARLSTROM_BLAS`,
  )
}

/** What to say of a library beside its id; null: nothing. */
export function remarkOn({ chosenBy }: Blas): string | null {
  return chosenBy === null
    ? null
    : `${chosenBy} in the environment chose its code, which may be slower than what it takes where the variable is not set`
}

/** Whether the package that calls native libraries is there. */
export function hasKoffi(): boolean {
  try {
    createRequire(import.meta.url).resolve('koffi')
    return true
  } catch {
    return false
  }
}

interface Koffi {
  readonly koffi: typeof koffi
  readonly path: string
}

function loadKoffi(): Koffi {
  // As this file finds it: whatever stands in the working directory is not trusted with native code.
  const require = createRequire(import.meta.url)
  try {
    const path = require.resolve('koffi')
    return { koffi: require(path), path }
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND' ? '' : ` (${(error as Error).message})`
    throw new ConfigError(
      'run.kernels',
      `'blas' calls native libraries through a package more: npm install koffi@3${reason}`,
    )
  }
}

/** @throws Error where it cannot be loaded, or is none of those that are known. */
function open({ koffi, path }: Koffi, file: string): Blas {
  let handle = loadQuietly(koffi, file)
  const find: Find = declaration => {
    try {
      return handle.func(declaration)
    } catch {
      return undefined
    }
  }
  const library = libraries.find(({ mark, name }) => find(mark) !== undefined || file.includes(`/${name}.framework/`))
  if (library === undefined || find(prototype) === undefined)
    throw new Error(`none of ${libraries.map(({ name }) => name).join(', ')}`)
  if (String(find('str openblas_get_config()')?.()).includes('USE64BITINT'))
    throw new Error('expected counts of 32 bits, got an OpenBLAS with counts of 64')
  library.prepare?.(find)
  let said = library.describe(find)
  const better = betterCore(library, said.core)
  if (better !== undefined) {
    handle.unload()
    handle = withVariable('OPENBLAS_CORETYPE', better, () => loadQuietly(koffi, file))
    said = library.describe(find)
  }
  const oneThread = library.oneThread && find(library.oneThread) ? library.oneThread : undefined
  if (oneThread !== undefined) find(oneThread)!(1)
  const move = copyFunction(koffi)
  const chosenBy = library.variables.find(name => process.env[name] !== undefined)
  return {
    name: library.name,
    ...said,
    id: `${library.name} ${said.version} ${said.core}`,
    chosenBy: chosenBy === undefined ? null : `${chosenBy}=${process.env[chosenBy]}`,
    sgemm: find(prototype)!,
    addressOf(buffer) {
      const view = new Uint8Array(buffer)
      return Number(move(view, view, 0))
    },
    here: { koffi: path, library: file, prototype, oneThread },
  }
}

/** Without the threads that OpenBLAS starts for every core when it is loaded. */
function loadQuietly(native: typeof koffi, file: string): koffi.LibraryHandle {
  return withVariable('OPENBLAS_NUM_THREADS', '1', () => native.load(file))
}

function withVariable<T>(name: string, value: string, work: () => T): T {
  const before = process.env[name]
  process.env[name] = value
  try {
    return work()
  } finally {
    if (before === undefined) delete process.env[name]
    else process.env[name] = before
  }
}

/** memcpy, which tells addresses: it returns the first of its own. */
function copyFunction(native: typeof koffi): NativeFunction {
  const system = process.platform === 'win32' ? native.load('msvcrt.dll') : native.load(null)
  return system.func('uintptr_t memcpy(void *, const void *, size_t)')
}

/** Cores of OpenBLAS without AVX2: what an older version falls back to on a processor that it does not know. */
const oldCores = /^(prescott|core2|penryn|dunnington|nehalem|atom|nano|opteron|barcelona|bobcat|generic|sandybridge)/i

/** The core for what the processor can do, where an OpenBLAS takes one of twenty years ago instead. */
function betterCore({ name }: Library, core: string): string | undefined {
  if (name !== 'OpenBLAS' || process.env.OPENBLAS_CORETYPE !== undefined || !oldCores.test(core)) return undefined
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  const flags = new Set(/^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' '))
  const has = (...names: string[]) => names.every(name => flags.has(name))
  if (has('avx512f', 'avx512bw', 'avx512dq', 'avx512vl')) return has('avx512_bf16') ? 'Cooperlake' : 'SkylakeX'
  return has('avx2', 'fma') ? 'Haswell' : undefined
}
