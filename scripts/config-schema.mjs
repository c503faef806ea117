// Writes docs/config.schema.json, the JSON Schema of config files for editors: npm run build:types && node scripts/config-schema.mjs
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configFileSchema } from '../dist/src/run/config/config-schema.js'

const file = join(import.meta.dirname, '../docs/config.schema.json')
writeFileSync(file, `${JSON.stringify(configFileSchema(), null, 2)}\n`)
