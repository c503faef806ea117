// Recorded episodes of the published worlds, replayed; and the command that replays a folder.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { scenarios } from '../../scenarios/index.ts'
import { conformance } from '../../src/cli/author/conformance.ts'
import { parseTrace } from '../../src/envs/trace.ts'
import { replayTrace } from '../../src/envs/trace-replay.ts'

const fixtures = path.join(import.meta.dirname, '../fixtures/conformance')
const traces = readdirSync(fixtures, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.json'))

describe('recorded episodes', () => {
  it.each(traces)('%s', file => {
    const trace = parseTrace(JSON.parse(readFileSync(path.join(fixtures, file), 'utf8')))
    const { oneStep, rollout, reason } = replayTrace(scenarios[trace.scenario]!, trace)
    expect(reason).toBeNull()
    // Far below the published tolerance of 1e-9: what is left is the last bit of exp.
    for (const { state, observation, reward } of [oneStep, rollout]) {
      expect(Math.max(state, observation, reward)).toBeLessThan(1e-14)
    }
  })
})

describe('the command', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'conformance-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const run = async (where: string, options: { scenario?: string; json?: boolean } = {}) => {
    const lines: string[] = []
    const code = await conformance(where, { ...options, write: line => lines.push(line) })
    return { code, lines, last: lines.at(-1)! }
  }
  const put = (name: string, text: string) => {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), text)
  }
  const small = path.join(fixtures, 'mpe2/simple_spread--discrete--terminate.json')

  it('prints a table and the sum', async () => {
    const { code, lines, last } = await run(fixtures)
    expect(code).toBe(0)
    expect(last).toBe(`${traces.length} passed, 0 failed`)
    expect(lines.filter(line => line.startsWith('simple_spread')).map(line => line.split(/ +/).slice(1, 4))).toEqual([
      ['mpe2', '11', '0'],
      ['openai', '2', '0'],
    ])
  })

  it('tells of broken files, goes on, and ignores index.json', async () => {
    put('broken.json', '{')
    put('deep/foreign.json', '{"format":"something"}')
    put('index.json', '{')
    put('notes.md', 'not a trace')
    copyFileSync(small, path.join(folder, 'good.json'))
    const { code, lines, last } = await run(folder)
    expect(code).toBe(1)
    expect(last).toBe('1 passed, 2 failed')
    expect(lines.join('\n')).toContain('failed: broken.json: ')
    expect(lines.join('\n')).toContain(
      `failed: ${path.join('deep', 'foreign.json')}: format: expected mpe-conformance/1`,
    )
  })

  it('counts scenarios that are not built as failed, unless narrowed', async () => {
    copyFileSync(small, path.join(folder, 'good.json'))
    put('other.json', readFileSync(small, 'utf8').replace('"simple_spread"', '"not_built_yet"'))
    const all = await run(folder)
    expect(all).toMatchObject({ code: 1, last: '1 passed, 1 failed' })
    expect(all.lines.join('\n')).toContain("scenario 'not_built_yet' is not built")
    expect(await run(folder, { scenario: 'simple_spread' })).toMatchObject({ code: 0, last: '1 passed, 0 failed' })
    const unknown = await run(folder, { scenario: 'simple_spred' })
    expect(unknown).toMatchObject({ code: 2 })
    expect(unknown.last).toContain("unknown scenario 'simple_spred'; did you mean 'simple_spread'?")
  })

  it('gives one JSON object per line', async () => {
    copyFileSync(small, path.join(folder, 'good.json'))
    const { lines } = await run(folder, { json: true })
    const events = lines.map(line => JSON.parse(line))
    expect(events[0]).toMatchObject({
      event: 'trace',
      file: 'good.json',
      scenario: 'simple_spread',
      rules: 'mpe2',
      passed: true,
    })
    expect(events.at(-1)).toEqual({ event: 'summary', passed: 1, failed: 0 })
  })

  it('refuses a folder that is not there or empty', async () => {
    expect(await run(path.join(folder, 'nowhere'))).toMatchObject({ code: 2 })
    expect(await run(folder)).toMatchObject({ code: 2 })
  })
})
