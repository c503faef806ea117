// The BLAS of this machine, for tests that want one: without it they are skipped by name; where CI is set they fail.
import { beforeAll, describe } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { type Blas, loadBlas } from '../../src/nn/simd/blas/load-blas.ts'

/** A `describe` whose tests multiply by a native library. */
export function describeWithBlas(name: string, tests: (blas: Blas) => void): void {
  const found = blasOrReason()
  const missing = typeof found === 'string'
  if (missing && !process.env.CI) console.warn(`skipped: ${name} (${found})`)
  describe.skipIf(missing && !process.env.CI)(name, () => {
    beforeAll(() => {
      if (missing) throw new Error(found)
    })
    tests(found as Blas)
  })
}

function blasOrReason(): Blas | string {
  try {
    return loadBlas()
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
}
