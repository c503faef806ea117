// docs/api.md: the functions of its table are there. Its programs run in test/long/pages.test.ts.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import * as names from '../../src/index.ts'

it('names functions that there are', () => {
  const guide = readFileSync(join(import.meta.dirname, '../../docs/api.md'), 'utf8')
  const rows = [...guide.matchAll(/^\| `(\w+)\(/gm)].map(match => match[1]!)
  expect(rows.length).toBe(14)
  expect(rows.filter(name => typeof (names as Record<string, unknown>)[name] !== 'function')).toEqual([])
})
