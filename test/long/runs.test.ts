// marlstrom runs as a user calls it: lists, filters, compares and exports real and written run folders.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parquetReadObjects } from 'hyparquet'
import { describe, expect, it } from 'vitest'
import { marlstrom, startIn, temporaryFolder, tiny } from '../support/command.ts'
import { lineAt, writeRun } from '../support/run-folders.ts'

/** Three runs and a damaged one. */
function fourRuns(): string {
  const base = temporaryFolder()
  writeRun(base, 'a', { lines: [lineAt(200, { agent_0: -150, agent_1: -160 })], checkpoint: 300 })
  writeRun(base, 'b', {
    config: { learner: { algorithm: 'masac' }, run: { seed: 2 } },
    lines: [lineAt(100, { agent_0: -140 })],
  })
  writeRun(base, 'group/c', {
    config: { scenario: { id: 'simple_tag' }, team: { adversary: 'ddpg' }, run: { seed: 3 } },
    lines: [lineAt(100, { adversary_0: 5, agent_0: -7 })],
  })
  writeFileSync(join(writeRun(base, 'd'), 'config.json'), '{')
  return base
}
const events = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))

describe('marlstrom runs', () => {
  it('lists every run below, and what is wrong with damaged ones', async () => {
    const base = fourRuns()
    const { code, stdout, stderr } = await startIn(base, 'runs', '.').finished
    expect([code, stderr]).toEqual([0, ''])
    const rows = stdout.split('\n').filter(line => line.startsWith('│'))
    expect(rows.map(row => row.split('│').map(cell => cell.trim())).map(row => row.slice(1, -1))).toEqual([
      ['run', 'status', 'scenario', 'algorithm', 'preset', 'seed', 'episodes', 'env steps', 'return', 'time', 'MB'],
      ['a', 'finished', 'simple_spread', 'maddpg', 'openai', '1', '300', '5,000', 'agent -155.0', '20 s', '0.0'],
      ['b', 'stopped', 'simple_spread', 'masac', 'openai', '2', '100 of 300', '2,500', 'agent -140.0', '10 s', '0.0'],
      [
        ...['group/c', 'stopped', 'simple_tag', 'adversary: ddpg, agent: maddpg', 'openai', '3'],
        ...['100 of 300', '2,500', 'adversary 5.0, agent -7.0', '10 s', '0.0'],
      ],
    ])
    expect(stdout).toMatch(/^damaged {2}d: config\.json: .*JSON/m)
    expect(stdout).toContain('4 runs, 1 damaged; return: training return per episode, mean of the last 1,000 episodes')
  })

  it('filters and sorts, and prints JSON', async () => {
    const base = fourRuns()
    const { stdout } = await marlstrom(
      ...['runs', base, '--json', '--filter', 'scenario=simple_spread', '--filter', 'return.agent>-200'],
      ...['--sort', '-return.agent'],
    )
    expect(events(stdout)).toMatchObject([
      { event: 'run', folder: join(base, 'b'), status: 'stopped', returns: { agent: -140 }, wallSeconds: 10 },
      {
        folder: join(base, 'a'),
        status: 'finished',
        returns: { agent: -155 },
        envSteps: 5000,
        metrics: { 'return/agent_1': -160 },
        // An older config does not name it: the default of today.
        settings: { 'learner.algorithm': 'maddpg', 'learner.subPolicies': 1 },
      },
    ])
  })

  it('compares runs by the settings in which they differ', async () => {
    const base = fourRuns()
    const { stdout } = await marlstrom('runs', base, '--compare', '--filter', 'scenario=simple_spread')
    expect(stdout).toMatch(/│ run +│ learner\.algorithm │ run\.seed │ learner\.copyTargets │ episodes │ return agent │/)
    expect(stdout).toMatch(/b +│ masac +│ 2 +│ true +│ +100 │ +-140\.00 │/)
    expect(stdout).toContain('2 runs, 3 settings differ')
    const json = await marlstrom(
      'runs',
      base,
      '--compare',
      '--json',
      '--filter',
      'status!=damaged',
      '--filter',
      'seed<3',
    )
    expect(events(json.stdout).map(({ settings }) => settings)).toEqual([
      { 'learner.algorithm': 'maddpg', 'run.seed': 1, 'learner.copyTargets': false },
      { 'learner.algorithm': 'masac', 'run.seed': 2, 'learner.copyTargets': true },
    ])
  })

  it('exports runs and whole curves of a real training', async () => {
    const base = temporaryFolder()
    const out = join(base, 'run')
    expect((await marlstrom('train', 'simple_spread', ...tiny, '--episodes', '40', '--out', out)).code).toBe(0)
    const [csv, parquet] = [join(base, 'runs.csv'), join(base, 'lines.parquet')]
    const runs = await marlstrom('runs', base, '--csv', csv)
    expect(runs.stdout).toBe(`1 run written to ${csv}\n`)
    const [head, row, end] = readFileSync(csv, 'utf8').split('\n')
    expect(head).toMatch(/^folder,status,problem,scenario,.*return\.agent,.*criticLoss\/agent_0.*learner\.gamma/)
    expect(row).toContain(`${out},finished,,simple_spread,maddpg,openai,1,40,1000,7,`)
    expect(end).toBe('')
    const lines = await marlstrom('runs', out, '--metrics', '--parquet', parquet, '--json')
    const written = events(lines.stdout)
    expect(written[0]).toEqual({ event: 'file', file: parquet, rows: 4 })
    const logged = readFileSync(join(out, 'metrics.jsonl'), 'utf8')
    expect(written.slice(1)).toEqual(events(logged).map(line => ({ event: 'metrics', folder: out, ...line })))
    const { buffer } = Uint8Array.from(readFileSync(parquet))
    const curve = await parquetReadObjects({ file: buffer as ArrayBuffer })
    expect(curve.map(line => [line.folder, Number(line.envSteps), line['return/agent_0']])).toEqual(
      events(logged).map(line => [out, line.envSteps, line['return/agent_0']]),
    )
  })

  it('lists hundreds of runs, a damaged one among them', async () => {
    const base = temporaryFolder()
    const lines = Array.from({ length: 30 }, (_, i) => lineAt(10 * (i + 1), { agent_0: -i, agent_1: -i }))
    for (let seed = 0; seed < 500; seed++) {
      writeRun(base, `group-${seed % 20}/s${seed}`, { config: { run: { seed } }, lines, checkpoint: 300 })
    }
    writeFileSync(join(base, 'group-7', 's207', 'metrics.jsonl'), 'torn\n')
    const { stdout, stderr } = await marlstrom('runs', base, '--json', '--compare')
    expect(stderr).toBe('')
    const runs = events(stdout)
    expect(runs).toHaveLength(500)
    expect(new Set(runs.map(({ folder }) => folder)).size).toBe(500)
    expect(runs.filter(({ status }) => status === 'damaged')).toMatchObject([
      { folder: join(base, 'group-7', 's207'), problem: expect.stringContaining('metrics.jsonl: ') },
    ])
    expect(runs.filter(({ returns }) => returns?.agent === -29)).toHaveLength(499)
    expect(runs[1]).toMatchObject({ settings: { 'run.seed': 20 } })
  })

  it('says so where there are none', async () => {
    const { code, stdout } = await startIn(temporaryFolder(), 'runs').finished
    expect([code, stdout]).toEqual([0, 'no runs below runs\n'])
  })

  it.each([
    [['runs', 'gone'], 'folder: gone does not exist'],
    [['runs', '.', '--metrics'], '--metrics: says what is exported; add --csv FILE, --parquet FILE or --json'],
    [['runs', '.', '--metrics', '--json', '--compare'], '--compare: compares runs'],
    [['runs', '.', '--filter', 'learner.gama=1'], "--filter: no run has 'learner.gama'; did you mean 'learner.gamma'?"],
    [['runs', '.', '--sort', 'sed'], "--sort: no run has 'sed'; did you mean 'seed'?"],
  ])('%j exits with 2 and says why', async (args, sentence) => {
    const base = temporaryFolder()
    writeRun(base, 'a')
    const { code, stderr } = await startIn(base, ...args).finished
    expect(stderr).toContain(sentence)
    expect(code).toBe(2)
  })

  it('exits with 1 where a table cannot be written', async () => {
    const base = fourRuns()
    const { code, stderr } = await marlstrom('runs', base, '--csv', join(base, 'gone', 'a.csv'))
    expect(stderr).toContain(`${join(base, 'gone', 'a.csv')}: cannot be written (ENOENT`)
    expect(code).toBe(1)
  })
})
