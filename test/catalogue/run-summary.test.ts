// What is told of a run folder from its config, the end of its metrics and its names; damaged ones with a reason.
import { appendFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findRuns } from '../../src/catalogue/find-runs.ts'
import { type CatalogueContext, type KnownRun, summarizeRun } from '../../src/catalogue/run-summary.ts'
import { writeCheckpoint } from '../../src/experiment/checkpoint.ts'
import { lineAt, writeRun } from '../support/run-folders.ts'
import { tempFolder } from '../support/temp-folder.ts'

const context: CatalogueContext = {
  defaults: new Map<string, unknown>([['run.kernels', 'standard']]),
  learnerDefaults: (id: string) => new Map<string, unknown>(id === 'maddpg' ? [['learner.estimator', 'soft']] : []),
  teamsOf: ({ id }) =>
    id === 'simple_crypto'
      ? new Map([
          ['alice', 'good'],
          ['bob', 'good'],
          ['eve', 'adversary'],
        ])
      : null,
}
const runsBelow = (root: string) => [...findRuns(root)].map(found => summarizeRun(found, context))

describe('a run folder', () => {
  it('is summed up', () => {
    const base = tempFolder()
    const lines = [
      lineAt(100, { agent_0: -3 }),
      lineAt(200, { agent_0: -1, agent_1: -2 }, { 'criticLoss/agent_0': 0.5 }),
    ]
    const folder = writeRun(base, 'a', { lines, checkpoint: 200 })
    const [run, ...others] = runsBelow(base)
    expect(others).toEqual([])
    expect(run).toMatchObject({
      folder,
      status: 'stopped',
      scenario: 'simple_spread',
      algorithm: 'maddpg',
      preset: 'openai',
      seed: 1,
      episodes: 200,
      plannedEpisodes: 300,
      metrics: lines[1],
      returns: { agent: -1.5 },
    })
    expect(run!.bytes).toBeGreaterThan(JSON.stringify(lines).length)
    const { settings } = run as KnownRun
    expect(settings.get('network.hidden')).toEqual([64, 64])
    // What a config of an older version does not name.
    expect(settings.get('learner.estimator')).toBe('soft')
  })

  it('is finished by its checkpoint where the last line came before the end, and has none before the first', () => {
    const base = tempFolder()
    writeRun(base, 'ended', { lines: [lineAt(200, { agent_0: 1 })], checkpoint: 300 })
    writeRun(base, 'short', { config: { run: { episodes: 40 } }, checkpoint: 40 })
    writeRun(base, 'begun')
    expect(runsBelow(base)).toMatchObject([
      { status: 'stopped', episodes: 0, returns: {}, metrics: {} },
      { status: 'finished', episodes: 300 },
      { status: 'finished', episodes: 40, returns: {} },
    ])
  })

  it('is stopped while it has yet to learn from its last episode, and where its last checkpoint came before that', () => {
    const base = tempFolder()
    const at = (name: string, pending: number) => {
      const folder = writeRun(base, name, { lines: [lineAt(300, { agent_0: 1 })], checkpoint: 300 })
      writeCheckpoint(join(folder, 'checkpoints', '000000300.safetensors'), {
        tracker: { finished: 300 },
        rounds: { pending },
      })
    }
    at('due', 1)
    at('finished', 0)
    writeRun(base, 'killed', { lines: [lineAt(300, { agent_0: 1 })], checkpoint: 200 })
    expect(runsBelow(base)).toMatchObject([
      { status: 'stopped', episodes: 300 },
      { status: 'finished', episodes: 300 },
      { status: 'stopped', episodes: 300 },
    ])
  })

  it('is running while the process that marked it lives', () => {
    const base = tempFolder()
    writeFileSync(join(writeRun(base, 'a'), 'trainer.pid'), String(process.ppid))
    writeFileSync(join(writeRun(base, 'b'), 'trainer.pid'), '2147483646')
    writeFileSync(join(writeRun(base, 'c'), 'trainer.pid'), '')
    expect(runsBelow(base).map(({ status }) => status)).toEqual(['running', 'stopped', 'stopped'])
  })

  it('has the returns and the algorithms of its teams', () => {
    const base = tempFolder()
    writeRun(base, 'crypto', {
      config: { scenario: { id: 'simple_crypto' }, team: { adversary: 'ddpg' } },
      lines: [lineAt(100, { alice: 1, bob: 3, eve: -5 })],
    })
    writeRun(base, 'own', {
      config: { scenario: { id: 'mine.ts' }, team: { guard: 'random' } },
      lines: [lineAt(100, { guard_0: 1, guard_1: 3, thief: -5 })],
    })
    expect(runsBelow(base)).toMatchObject([
      { returns: { good: 2, adversary: -5 }, algorithm: 'good: maddpg, adversary: ddpg' },
      { returns: { guard: 2, thief: -5 }, algorithm: 'guard: random, others: maddpg' },
    ])
  })

  it('is listed with its last whole line while another is written', () => {
    const base = tempFolder()
    const folder = writeRun(base, 'a', { lines: [lineAt(100, { agent_0: -3 })] })
    appendFileSync(join(folder, 'metrics.jsonl'), '{"episodes":20')
    expect(runsBelow(base)).toMatchObject([{ status: 'stopped', episodes: 100 }])
  })

  it.each<[string, (folder: string) => void, string]>([
    ['without a config', folder => rmSync(join(folder, 'config.json')), 'config.json is missing'],
    ['with half a config', folder => writeFileSync(join(folder, 'config.json'), '{"run'), 'config.json: '],
    [
      'with a foreign config',
      folder => writeFileSync(join(folder, 'config.json'), '[]'),
      'config.json: expected an object',
    ],
    [
      'with a config that lacks the scenario',
      folder => writeFileSync(join(folder, 'config.json'), '{"run":{"episodes":3},"learner":{"algorithm":"x"}}'),
      'config.json: scenario.id: expected a string, got none',
    ],
    [
      'with episodes that are no number',
      folder => writeFileSync(join(folder, 'config.json'), '{"run":{"episodes":"many"}}'),
      'config.json: run.episodes: expected a number, got "many"',
    ],
    ['with lines that are none', folder => writeFileSync(join(folder, 'metrics.jsonl'), 'PNG\n\n'), 'metrics.jsonl: '],
    [
      'with a folder for metrics',
      folder => {
        rmSync(join(folder, 'metrics.jsonl'))
        mkdirSync(join(folder, 'metrics.jsonl'))
      },
      'metrics.jsonl: ',
    ],
  ])('%s is damaged, and the others are listed', (_, damage, problem) => {
    const base = tempFolder()
    damage(writeRun(base, 'a', { lines: [lineAt(100, { agent_0: 1 })] }))
    writeRun(base, 'b')
    const [damaged, whole] = runsBelow(base)
    expect(damaged).toMatchObject({ status: 'damaged', problem: expect.stringContaining(problem) })
    expect(whole!.status).toBe('stopped')
  })
})

describe('finding run folders', () => {
  it('looks into folders but not into runs, links and packages; numbers count as such', () => {
    const base = tempFolder()
    const opponent = (name: string) => writeRun(join(base, name, 'opponents'), 'agent')
    for (const name of ['s10', 's9', 'deep/er/s1']) writeRun(base, name)
    opponent('s9')
    writeRun(base, 'node_modules/package')
    writeRun(base, '.hidden/run')
    mkdirSync(join(base, 'empty'))
    symlinkSync(base, join(base, 'link'))
    expect([...findRuns(base)].map(({ folder }) => folder)).toEqual(['deep/er/s1', 's9', 's10'].map(n => join(base, n)))
    expect([...findRuns(join(base, 's9'))].map(({ folder }) => folder)).toEqual([join(base, 's9')])
  })

  it('tells what it cannot look into', () => {
    const base = tempFolder()
    expect(runsBelow(join(base, 'gone'))).toMatchObject([
      { status: 'damaged', problem: expect.stringContaining('ENOENT') },
    ])
  })
})
