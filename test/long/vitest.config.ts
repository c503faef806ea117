import { defineConfig } from 'vitest/config'

// Minutes, not seconds: run by `npm run test:long`, one file after the other, so that trainings have the machine to themselves.
export default defineConfig({
  // Examples import the package by its name.
  resolve: {
    alias: {
      'marlstrom/client': new URL('../../src/client/node.ts', import.meta.url).pathname,
      marlstrom: new URL('../../src/index.ts', import.meta.url).pathname,
    },
  },
  test: {
    include: ['test/long/**/*.test.ts'],
    environment: 'node',
    // Only against hanging: no test depends on how fast or busy the machine is.
    testTimeout: 40 * 60_000,
    hookTimeout: 40 * 60_000,
    expect: { poll: { timeout: 60_000 } },
    fileParallelism: false,
    reporters: ['default', ['json', { outputFile: 'coverage/long.json' }]],
  },
})
