import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Examples import the package by its name.
  resolve: {
    alias: {
      'marlstrom/client': new URL('src/client/node.ts', import.meta.url).pathname,
      marlstrom: new URL('src/index.ts', import.meta.url).pathname,
    },
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/long/**', 'test/faults/**'],
    environment: 'node',
    // Files share a worker's modules: loading them anew for each of three hundred files took a third of the time.
    // So a test leaves the process (environment, globals, working folder) as it found it.
    isolate: false,
    unstubEnvs: true,
    unstubGlobals: true,
    // Vitest leaves a core free by default: on two that would be one file after the other.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Only against hanging: no test depends on how fast or busy the machine is.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    reporters: ['default', ['json', { outputFile: process.env.SPEC_REPORT ?? 'coverage/spec.json' }]],
  },
})
