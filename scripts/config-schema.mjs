// Writes docs/config.schema.json, the JSON Schema of config files for editors: npm run build:types && node scripts/config-schema.mjs
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configFileSchema } from '../dist/src/run/config/config-schema.js'

const file = join(import.meta.dirname, '../docs/config.schema.json')
// A line for each setting: it travels with the package.
writeFileSync(file, `${JSON.stringify(configFileSchema(), null, 2).replace(/\n {10,}/g, '')}\n`)
