// Gives files the executable bit, so that `npx marlstrom` works from a clone.
import { chmodSync } from 'node:fs'

for (const file of process.argv.slice(2)) chmodSync(file, 0o755)
