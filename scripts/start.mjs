// Builds, then runs the command with the words that follow, in this very process: `node scripts/start.mjs train simple_spread`.
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from './build.mjs'

if (await build()) {
  const main = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url))
  process.argv[1] = main
  await import(pathToFileURL(main).href)
} else {
  process.exitCode = 1
}
