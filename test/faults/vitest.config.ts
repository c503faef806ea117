import { defineConfig } from 'vitest/config'

// Processes killed, stopped and cut off at random moments: run by `npm run test:faults`, one file after the other, in half an hour or so.
export default defineConfig({
  // Examples import the package by its name.
  resolve: { alias: { marlstrom: new URL('../../src/index.ts', import.meta.url).pathname } },
  test: {
    include: ['test/faults/**/*.test.ts'],
    environment: 'node',
    // Only against hanging: no test depends on how fast or busy the machine is.
    testTimeout: 40 * 60_000,
    hookTimeout: 40 * 60_000,
    expect: { poll: { timeout: 60_000 } },
    fileParallelism: false,
    reporters: ['default', ['json', { outputFile: 'coverage/faults.json' }]],
  },
})
