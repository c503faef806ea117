// evaluateRun, exportRun, render, report, crossplay, sweep: what is done with runs, by real folders and files.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NEVER, of } from 'rxjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  ConfigError,
  crossplay,
  evaluateRun,
  exportRun,
  render,
  report,
  standingsOf,
  sweep,
  trainRun,
} from '../../src/index.ts'
import { openTrainedRun } from '../../src/starting/open-run.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { tinyConfig } from '../support/tiny-config.ts'

const folder = mkdtempSync(join(tmpdir(), 'marlstrom-api-'))
const [one, two] = [join(folder, 'one'), join(folder, 'two')]
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeAll(async () => {
  for (const [seed, out] of [one, two].entries()) {
    const scenario = { id: 'simple_push', maxCycles: 10 }
    const training = await trainRun({ ...tinyConfig, scenario, run: { ...tinyConfig.run, seed } }, { out })
    await training.finished()
    await training.close()
  }
})

describe('evaluateRun', () => {
  it('gives the standings of the run, tick by tick', async () => {
    const { run } = await openTrainedRun(one, () => {})
    const expected = standingsOf(run, { modes: ['sample', 'greedy'], episodes: 50, seed: 2, baselines: true })
    run.dispose()
    let turns = 0
    const timer = setInterval(() => turns++, 0)
    const evaluated = await evaluateRun(one, { episodes: 50, seed: 2 })
    clearInterval(timer)
    expect(evaluated.standings).toEqual(expected)
    expect(evaluated).toMatchObject({ run: one, scenario: 'simple_push', who: 'maddpg', teams: ['adversary', 'agent'] })
    expect(turns).toBeGreaterThan(1)
    const [alone, ...none] = (await evaluateRun(one, { episodes: 50, seed: 2, mode: 'sample', baselines: false }))
      .standings
    expect([alone, none]).toEqual([expected[0], []])
  })

  it('refuses what is no run, and exact figures of a game that is not in turns', async () => {
    await expect(evaluateRun(folder)).rejects.toThrow(`run: ${folder} is no run folder`)
    await expect(evaluateRun(one, { exact: true })).rejects.toThrow(ConfigError)
    await expect(evaluateRun(one, { checkpoint: 7 })).rejects.toThrow('7')
  })
})

it('crossplay plays every pairing, and refuses one run alone and the same twice', async () => {
  const { runs, seats, matches, responses } = await crossplay([one, two], { episodes: 50 })
  expect(runs).toEqual([one, two].map(path => ({ path, label: path === one ? 'one' : 'two' })))
  expect(seats.map(({ name }) => name)).toEqual(['adversary', 'agent'])
  expect(matches.map(({ runs }) => runs)).toEqual([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ])
  expect(responses).toEqual([])
  await expect(crossplay([one])).rejects.toThrow('expected two runs or more')
  await expect(crossplay([one, join(one, '.')])).rejects.toThrow('is named twice')
})

it('render draws a run and a scenario as SVG, PNG and GIF', async () => {
  const to = (name: string) => join(folder, name)
  expect(await render(one, to('run.svg'))).toMatchObject({
    file: to('run.svg'),
    steps: 10,
    title: 'simple_push · maddpg',
  })
  expect(readFileSync(to('run.svg'), 'utf8')).toMatch(/^<svg/)
  await render('simple', to('x.png'), { width: 64, step: 3, scenario: { maxCycles: 4 } })
  expect(readFileSync(to('x.png')).subarray(1, 4).toString()).toBe('PNG')
  const drawn: number[] = []
  await render('simple', to('x.gif'), { width: 64, to: 3, progress: pictures => void drawn.push(pictures) })
  expect(readFileSync(to('x.gif')).subarray(0, 3).toString()).toBe('GIF')
  expect(drawn.length).toBeGreaterThan(2)
  for (const [out, options, sentence] of [
    [to('x.jpg'), {}, '--out: expected a file that ends in .gif, .png, .svg'],
    [to('nowhere/x.svg'), {}, 'there is no folder'],
    [to('x.svg'), { width: 10 }, '--width: expected 64 ... 4096 pixels, got 10'],
    [to('x.svg'), { speed: 0 }, '--speed: expected a number in 0.05 ... 64, got 0'],
  ] as const) {
    await expect(render('simple', out, options)).rejects.toThrow(sentence)
  }
  await expect(render(one, to('y.svg'), { scenario: { maxCycles: 5 } })).rejects.toThrow('its own settings')
})

it('report writes a page with plots, and says what it leaves out', async () => {
  const out = join(folder, 'report.html')
  const left: string[] = []
  const made = await report([one, two, folder], { out, episodes: 50, leftOut: ({ path }) => void left.push(path) })
  expect(made).toMatchObject({ file: out, groups: [[one, two]], leftOut: [{ path: folder }], note: null })
  expect(left).toEqual([folder])
  expect(readFileSync(out, 'utf8')).toContain('simple_push')
  expect(readdirSync(made.plots).filter(name => name.endsWith('.svg')).length).toBeGreaterThan(0)
  await expect(report([folder], { out })).rejects.toThrow('none of 1 can be reported on')
  await expect(report([one, one], { out })).rejects.toThrow('is named twice')
})

it('exportRun writes actors that answer as the run does, and a page', async () => {
  const files = await exportRun(one, { format: 'js', agent: ['agent_0'] })
  expect(files).toEqual([
    { file: expect.stringMatching(/agent_0/), agent: 'agent_0', difference: expect.any(Number), bytes: null },
  ])
  expect(files[0]!.difference).toBeLessThan(1e-4)
  expect(existsSync(files[0]!.file)).toBe(true)
  await expect(exportRun(one, { format: 'pdf' })).rejects.toThrow("unknown format 'pdf'")
  await expect(exportRun(one, { format: 'page', subPolicy: 1 })).rejects.toThrow('a page holds all agents')
})

describe('sweep', () => {
  const text = `base:
  scenario: { id: simple_spread, maxCycles: 5 }
  network: { hidden: [4] }
  learner: { batch: 8, updateAfter: 20 }
  run: { episodes: 6 }
space:
  learner.gamma: [0.9, 0.95]
strategy: grid
seeds: 1
`
  it('trains every trial, keeps a table and the best settings, and goes on where it was stopped', async () => {
    const [file, out] = [join(tempFolder(), 'spread.yaml'), join(tempFolder(), 'sweep')]
    writeFileSync(file, text)
    await expect(sweep(file, { out, jobs: 1, stop$: of(1) })).rejects.toThrow()
    const shown: string[] = []
    const show = (event: { readonly type: string }) => void shown.push(event.type)
    const { folder, standings } = await sweep(file, { out, jobs: 1, show, stop$: NEVER })
    expect([folder, standings.map(({ record }) => record.status)]).toEqual([out, ['done', 'done']])
    expect(shown.filter(type => type === 'trial').length).toBe(2)
    expect(readFileSync(join(out, 'trials.csv'), 'utf8')).toMatch(/^trial,id,status/)
    expect(existsSync(join(out, 'best.yaml'))).toBe(true)
    writeFileSync(file, text.replace('0.95', '0.5'))
    await expect(sweep(file, { out })).rejects.toThrow('is another sweep')
  })
})
