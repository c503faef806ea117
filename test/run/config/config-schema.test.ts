// docs/config.schema.json: what editors know is what the program knows.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { configFileSchema } from '../../../src/run/config/config-schema.ts'
import { describeSettings } from '../../../src/run/config/describe-settings.ts'
import { algorithms, games } from '../../../src/run/run.ts'

const root = join(import.meta.dirname, '../../..')
type Schema = { properties: Record<string, Schema>; allOf: { if: Schema; then: Schema }[]; [key: string]: unknown }
const schema = configFileSchema() as Schema

describe('the schema of config files', () => {
  it('is the one that is published; else: npm run build:types && node scripts/config-schema.mjs', () => {
    expect(JSON.parse(readFileSync(join(root, 'docs/config.schema.json'), 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(schema)),
    )
  })

  it('travels with the package', () => {
    const { files, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(files).toContain('docs/config.schema.json')
    expect(exports['./config.schema.json']).toBe('./docs/config.schema.json')
  })

  it('knows every setting with its default and meaning', () => {
    for (const { key, default: value, description } of describeSettings()) {
      const [section, name] = key.split('.') as [string, string]
      const said = schema.properties[section]!.properties[name]!
      expect(said, key).toMatchObject({ description })
      // Algorithms may have defaults of their own.
      if (section !== 'learner') expect(said.default, key).toEqual(value)
      // An algorithm in a file has settings of its own.
      if (section === 'learner')
        expect(schema.properties.learner!.else).toMatchObject({
          propertyNames: { enum: expect.arrayContaining([name]) },
        })
      else expect(schema.properties[section]!.additionalProperties).toBe(false)
    }
  })

  it('knows the options of every scenario by its id, and those of all algorithms', () => {
    const { allOf } = schema.properties.scenario!
    expect(allOf.map(({ if: { properties } }) => properties.id!.const)).toEqual(Object.keys(games))
    allOf.forEach(({ then }, index) => {
      const { options } = Object.values(games)[index]!
      expect(Object.keys(then.properties)).toEqual(['id', ...Object.keys(options)])
    })
    const known = Object.keys(schema.properties.learner!.properties)
    for (const { options } of Object.values(algorithms))
      for (const name of Object.keys(options)) expect(known).toContain(name)
  })

  it('never gives one name of two algorithms two meanings', () => {
    const meanings = new Map<string, string>()
    for (const { options } of Object.values(algorithms)) {
      for (const [name, { kind, description }] of Object.entries(options)) {
        // Some have a default that depends on the algorithm: null.
        const meaning = JSON.stringify([
          kind.replace(/^optional/, '').toLowerCase(),
          description.replace(/; null: .*/, ''),
        ])
        expect(meanings.get(name) ?? meaning, name).toBe(meaning)
        meanings.set(name, meaning)
      }
    }
  })
})
