// Config files: YAML and JSON, where a setting stands, and what is wrong with a file by line and column.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../../src/errors.ts'
import { readConfigFile } from '../../../src/run/config/config-file.ts'
import { tempFolder } from '../../support/temp-folder.ts'

describe('a config file', () => {
  it.each([
    ['a.yaml', '# why\nlearner:\n  gamma: .9   # less\n  clip: null\nnetwork: {hidden: [8, 8]}\n'],
    ['a.yml', '\uFEFFlearner: {gamma: 0.9, clip: ~}\nnetwork:\n  hidden:\n    - 8\n    - 8\nrun:\n'],
    ['a.json', '{\n\t"$schema": "x", "learner": {"gamma": 9e-1, "clip": null},\r\n"network": {"hidden": [8, 8]}}'],
    ['aliases.yaml', 'network: {hidden: [&n 8, *n]}\nlearner: {gamma: 0.9, clip: null}\n'],
  ])('%s says settings by section', (name, text) => {
    const file = write(name, text)
    const { overrides, source } = readConfigFile(file)
    expect(overrides).toEqual({ learner: { gamma: 0.9, clip: null }, network: { hidden: [8, 8] } })
    expect(source).toBe(`file ${file}`)
  })

  it('has merge keys, and keys that begin with x- for what they merge', () => {
    const text =
      'x-base: &base {seed: 3, episodes: 9, gama: 1}\nrun:\n  <<: *base\n  episodes: 5\nlearner: {<<: [{tau: 1}, {tau: 2}]}\n'
    const { overrides, place } = readConfigFile(write('a.yaml', text))
    expect(overrides).toEqual({ run: { seed: 3, episodes: 5, gama: 1 }, learner: { tau: 1 } })
    expect(place!(['run', 'gama'])).toMatch(/a\.yaml:1:38$/)
    expect(place!(['run', 'episodes'])).toMatch(/a\.yaml:4:3$/)
    expect(place!(['learner', 'tau'])).toMatch(/a\.yaml:5:17$/)
  })

  it('that is empty says nothing', () => {
    expect(readConfigFile(write('a.yaml', '# later\n')).overrides).toEqual({})
  })

  it('knows where its settings stand', () => {
    const file = write('a.yaml', 'learner:\n  gamma: 1\n  learningRate: {from: 1, too: 2}\n')
    const { place } = readConfigFile(file)
    expect(place!(['learner', 'gamma'])).toBe(`${file}:2:3`)
    expect(place!(['learner', 'learningRate', 'too'])).toBe(`${file}:3:27`)
    expect(place!(['learner', 'tau'])).toBe(`${file}:1:1`)
    expect(place!(['run', 'seed'])).toBeUndefined()
  })

  it.each([
    ['a.json', '{"learner": {"gamma": }}', ':1:23: unexpected token'],
    ['a.json', '{"learner": {"gamma": 1,}}', ':1:25: unexpected token'],
    ['a.json', '{\n  "learner": {"gamma": 1}', ':2:26: unexpected end of input'],
    ['a.json', '{\n// gamma\n}', ':2:1: '],
    ['a.json', 'learner: 1', ':1:1: unexpected character'],
    ['a.json', '', ':1:1: unexpected end of input'],
    ['a.json', '{"run": {},\n "run": {}}', ':2:2: map keys must be unique'],
    ['a.yaml', 'learner: {gamma: 1\nrun: {}', ':2:1: '],
    ['a.yaml', 'learner:\n\tgamma: 1\n', ':2:1: tabs are not allowed as indentation'],
    ['a.yaml', 'learner:\n  gamma: 1\n  gamma: 2\n', ':3:3: map keys must be unique'],
    ['a.yaml', 'run: {}\n---\nrun: {}\n', ':2:1: expected one document'],
    ['a.yaml', 'learner: !!js/function x\n', ':1:10: unresolved tag'],
    ['a.yaml', 'learner: *gone\n', ': unresolved alias'],
    ['a.yaml', 'run: &a {x: *a}\n', ':1:13: refers to the node that it stands in'],
    ['a.yaml', 'run: &a\n  <<: *a\n', ':2:7: refers to the node that it stands in'],
    ['a.yaml', '- learner\n', ':1:1: expected sections like learner: {gamma: 0.9}, got ["learner"]'],
  ])('%s with %j is refused by place', (name, text, sentence) => {
    const file = write(name, text)
    expect(() => readConfigFile(file)).toThrow(ConfigError)
    expect(() => readConfigFile(file)).toThrow(`${file}${sentence}`)
  })

  it('that is nested deeper than any config is refused by place', () => {
    const [flow, compact] = [`${'['.repeat(9000)}${']'.repeat(9000)}`, `${'- '.repeat(9000)}1`]
    for (const [name, text] of [
      ['a.yaml', `run:\n  x: ${flow}`],
      ['a.yaml', `run:\n  ${compact}`],
      ['a.json', `{"run":\n${flow}}`],
    ] as const) {
      const file = write(name, text)
      expect(() => readConfigFile(file)).toThrow(
        /^[^:]*:2:\d+: expected settings nested at most 100 levels deep, got more$/,
      )
    }
  })

  it('that grows without end is refused', () => {
    const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`)
    expect(() => readConfigFile(write('a.yaml', ['l0: &l0 [1]', ...levels].join('\n')))).toThrow(
      /excessive alias count/i,
    )
  })

  it('that is not there is refused', () => {
    expect(() => readConfigFile('/nowhere/a.yaml')).toThrow(/^--config: \/nowhere\/a\.yaml cannot be read \(ENOENT/)
  })

  it('hands on keys of prototypes as they are, for the config to refuse', () => {
    const { overrides } = readConfigFile(write('a.yaml', 'learner:\n  __proto__: {polluted: 1}\n'))
    expect(Object.keys(overrides.learner!)).toEqual(['__proto__'])
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })
})

function write(name: string, text: string): string {
  const file = join(tempFolder(), name)
  writeFileSync(file, text)
  return file
}
