// What small trainings of every algorithm and every way to learn give is what they have always given, to the bit.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { layer, type Overrides } from '../../src/run/config/config.ts'
import { returnsHash } from '../support/returns-hash.ts'

const folder = join(import.meta.dirname, '../fixtures/bits')
const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'))

const base: Overrides = read('base.json')
const cases: { readonly name: string; readonly settings: Overrides }[] = read('cases.json')
/** Source: build f7898f2; see the README beside it. */
const expected: Readonly<Record<string, string>> = read('expected.json')

it('knows the hash of every case', () => {
  expect(cases.map(({ name }) => name)).toEqual(Object.keys(expected))
})

it.each(cases)('$name: the same bits', async ({ name, settings }) => {
  const given = layer(base, settings)
  const { id } = given.scenario as { id: string }
  const scenario = { id: id === 'interleaved' ? join(folder, 'interleaved.ts') : id }
  expect(await returnsHash(layer(given, { scenario }))).toBe(expected[name])
})
