// The kernels of a run (run.kernels), and where a native library multiplies: which one it is, that a run keeps it, and what to say of it.
import { ConfigError } from '../errors.ts'
import type { SimdOptions } from '../nn/simd/backend.ts'
import { installedBlas } from '../nn/simd/blas/find-blas.ts'
import { hasKoffi, loadBlas, remarkOn } from '../nn/simd/blas/load-blas.ts'
import type { Saved } from '../types.ts'
import type { RunConfig } from './config/config.ts'

/** Trainings from so long on are told of a library. */
const long = { episodes: 20_000, steps: 500_000 } as const
const anyLibrary = 'any'

/**
 * What the simd backend of a run is made with. What only acts has the same bits without a library and wants none.
 * @throws ConfigError where kernels=blas finds no library
 */
export function kernelOptions({ kernels }: RunConfig['run'], learns: boolean): Pick<SimdOptions, 'kernels' | 'blas'> {
  if (kernels !== 'blas') return { kernels }
  return learns ? { blas: loadBlas() } : {}
}

/**
 * The config with the library that is here as run.blas. `accepts`: whether it may be another one than that says.
 * @throws ConfigError where it may not, and where there is none
 */
export function withLibrary<C extends RunConfig>(config: C, accepts: boolean): C {
  const { backend, kernels, blas } = config.run
  if (backend !== 'simd' || kernels !== 'blas') return withBlas(config, anyLibrary)
  const { id } = loadBlas()
  if (blas !== anyLibrary && blas !== id && !accepts) {
    throw new ConfigError(
      'run.blas',
      `expected ${blas}, got ${id}, whose bits are others; --blas names another library, --accept-other-kernels goes on with this one, ` +
        '--set run.blas=any begins a new run with it',
    )
  }
  return withBlas(config, id)
}

function withBlas<C extends RunConfig>(config: C, blas: string): C {
  return config.run.blas === blas ? config : { ...config, run: { ...config.run, blas } }
}

/** The kernels as checkpoints name them: `standard`, `blas (OpenBLAS 0.3.21 Cooperlake)`. */
export function kernelsNamed({ kernels, blas }: Pick<RunConfig['run'], 'kernels' | 'blas'>): string {
  return kernels === 'blas' ? `blas (${blas})` : kernels
}

/** The kernels decide the bits: a run that went on with others would be neither the one nor the other. */
export function refuseOtherKernels(saved: Saved, now: string): void {
  const { kernels: before = 'standard' } = (saved ?? {}) as Record<string, Saved>
  if (before === now) return
  throw new ConfigError(
    'run.kernels',
    `the run was trained with '${before}' kernels and keeps them, got '${now}'; --accept-other-kernels goes on with these, by other bits`,
  )
}

/** What to say of the kernels when a training begins: its library, or what one would bring to a long one; null: nothing. */
export function noteOfKernels({ run }: Pick<RunConfig, 'run'>): string | null {
  const { backend, kernels, episodes, steps } = run
  if (backend !== 'simd') return null
  if (kernels === 'blas') return describeLibrary()
  if (kernels !== 'standard' || (steps === null ? episodes! < long.episodes : steps < long.steps)) return null
  const library = installedBlas()
  if (library === null) return null
  const first = hasKoffi() ? '' : 'npm install koffi@3 and then '
  return `${library} is installed: with ${first}--set run.kernels=blas learning takes 30 to 70 % of the time, by other bits (docs/backends.md)`
}

/** Which library multiplies, and what lowers it. @throws ConfigError where there is none */
export function describeLibrary(): string {
  const library = loadBlas()
  const remark = remarkOn(library)
  return `learning multiplies by ${library.id}${remark === null ? '' : `: ${remark}`}`
}
