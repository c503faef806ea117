// Tests: everything under test/ that ends in .test.ts. The kernels are compiled first, if they are not fresh.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    testTimeout: 30_000,
    globalSetup: ['scripts/build-kernels.mjs'],
  },
})
