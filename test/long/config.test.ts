// Settings on the command line: files and where values come from, what a run remembers, resuming, forking and diverging.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scenarioTemplate } from '../../src/authoring/template.ts'
import { canonicalJson } from '../../src/text/canonical-json.ts'
import { marlstrom, startIn, temporaryFolder, tiny } from '../support/command.ts'

const guide = readFileSync(join(import.meta.dirname, '../../docs/configuration.md'), 'utf8')
/** Short episodes on top: the summaries of `train` play thousands of them. */
const small = [...tiny, '--threads', '1', '--set', 'scenario.maxCycles=5', '--set', 'learner.updateAfter=40']
const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'))

describe('marlstrom train --print-config', () => {
  it('says where every value came from, trains nothing, and prints what --config reads back', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'a.yaml'), 'learner: {algorithm: masac, gamma: 0.9, tau: 0.5}\nrun: {seed: 8}\n')
    writeFileSync(join(folder, 'b.json'), '{"learner": {"tau": 0.25}, "scenario": {"agents": 2}}')
    const files = ['--config', 'a.yaml', '--config', 'b.json', '--print-config']
    const options = ['simple_spread', ...files, '--seed', '3', '--set', 'scenario.maxCycles=9']
    const [text, object] = await Promise.all([
      startIn(folder, 'train', ...options).finished,
      startIn(folder, 'train', ...options, '--json').finished,
    ])
    expect([text.code, text.stderr]).toEqual([0, ''])
    for (const line of [
      /^ {2}id: simple_spread +# argument$/m,
      /^ {2}agents: 2 +# file b\.json$/m,
      /^ {2}maxCycles: 9 +# --set$/m,
      /\brules: openai\b.* +# default of training$/m,
      /^ {2}gamma: 0\.9 +# file a\.yaml$/m,
      /^ {2}tau: 0\.25 +# file b\.json$/m,
      /^ {2}seed: 3 +# --seed$/m,
      /copyTargets: true.* +# default of masac$/m,
      /beta1: 0\.9, .* +# default of masac$/m,
    ]) {
      expect(text.stdout).toMatch(line)
    }
    const { event, sha256, config, sources } = JSON.parse(object.stdout)
    expect([event, config.learner.tau, sources.learner.tau]).toEqual(['config', 0.25, 'file b.json'])
    expect(readdirSync(folder).sort()).toEqual(['a.yaml', 'b.json'])

    writeFileSync(join(folder, 'all.yaml'), text.stdout)
    const again = await startIn(folder, 'train', '--config', 'all.yaml', '--print-config', '--json').finished
    expect(JSON.parse(again.stdout)).toMatchObject({ sha256, config })
  })
})

describe('wrong settings', () => {
  it.each([
    ['a.yaml', 'learner:\n  gama: 1\n', "a.yaml:2:3: learner.gama: unknown key 'gama'; did you mean 'gamma'?"],
    ['a.yaml', 'scenario:\n  agent: 4\n', "a.yaml:2:3: scenario.agent: unknown option 'agent'; did you mean 'agents'?"],
    ['a.json', '{"team": {"__proto__": "ddpg"}}', "a.json:1:11: team.__proto__: unknown key '__proto__'"],
    ['a.json', '{"learner": {"gamma": }}', 'a.json:1:23: unexpected token'],
  ])('in %s, %j, exit with 2 and say where', async (name, text, sentence) => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, name), text)
    const { code, stderr } = await startIn(folder, 'train', 'simple_spread', '--config', name).finished
    expect(stderr).toContain(sentence)
    expect(code).toBe(2)
    expect(readdirSync(folder)).toEqual([name])
  })

  it('of prototypes are refused by --set too', async () => {
    for (const setting of ['__proto__.gamma=1', 'scenario.constructor=1']) {
      const { code, stderr } = await marlstrom('train', 'simple_spread', '--set', setting)
      expect([code, stderr]).toEqual([
        2,
        expect.stringContaining(`error: ${setting.split('=')[0]!.replace(/^__proto__\..*/, '__proto__')}: unknown `),
      ])
    }
  })
})

describe('a run', () => {
  it('remembers where it came from, refuses to be another when resumed, and can be forked', async () => {
    const folder = temporaryFolder()
    const train = (...args: string[]) => startIn(folder, 'train', ...args).finished
    const at = (...path: string[]) => join(folder, ...path)
    const checkpointOf = (run: string) =>
      readFileSync(at(run, 'checkpoints', readdirSync(at(run, 'checkpoints')).at(-1)!))
    expect(await train('simple_spread', ...small, '--episodes', '20', '--out', 'run')).toMatchObject({
      code: 0,
      stderr: '',
    })

    // No repository in the temporary folder.
    const [start] = json(at('run', 'environment.json')).starts
    expect(start).toMatchObject({
      how: 'train',
      episodes: 0,
      seed: 1,
      backend: 'simd',
      kernels: 'standard',
      threads: 1,
      git: null,
    })
    expect(start.node).toBe(process.versions.node)
    const { sha256, ...rest } = start.config
    expect(sha256).toBe(createHash('sha256').update(canonicalJson(rest)).digest('hex'))

    const before = [
      readFileSync(at('run', 'config.json')),
      readFileSync(at('run', 'environment.json')),
      checkpointOf('run'),
    ]
    const refused = await train('--resume', 'run', '--seed', '7', '--set', 'learner.gamma=0.5', '--episodes', '40')
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain(
      'cannot change when a run is resumed (learner.gamma 0.95 -> 0.5, run.seed 1 -> 7);',
    )
    const unfit = await train(
      '--fork',
      'run',
      '--set',
      'scenario.agents=2',
      '--set',
      'learner.gamma=0.5',
      '--out',
      'none',
    )
    expect([unfit.code, unfit.stderr]).toEqual([
      2,
      expect.stringContaining("scenario.agents: team 'agent' was trained with 3 agents and would have 2: "),
    ])
    const fixed = await train('--fork', 'run', '--algorithm', 'ddpg', '--set', 'network.hidden=[8]')
    expect([fixed.code, fixed.stderr]).toEqual([
      2,
      expect.stringContaining('(learner.algorithm "maddpg" -> "ddpg", network.hidden [16,16] -> [8])'),
    ])
    expect(readdirSync(folder)).toEqual(['run'])
    expect([
      readFileSync(at('run', 'config.json')),
      readFileSync(at('run', 'environment.json')),
      checkpointOf('run'),
    ]).toEqual(before)

    const forks = await Promise.all([
      train('--fork', 'run', '--episodes', '40', '--out', 'same'),
      train(
        '--fork',
        'run',
        '--episodes',
        '40',
        '--seed',
        '5',
        '--set',
        'learner.learningRate=0.001',
        '--out',
        'other',
      ),
    ])
    for (const fork of forks) expect(fork).toMatchObject({ code: 0, stderr: '' })
    expect(await train('--resume', 'run', '--episodes', '40')).toMatchObject({ code: 0, stderr: '' })
    expect(checkpointOf('same').equals(checkpointOf('run'))).toBe(true)
    expect(checkpointOf('other').equals(checkpointOf('run'))).toBe(false)
    expect(metricsOf(at('same'))).toEqual(metricsOf(at('run')).filter(({ episodes }) => episodes! > 20))
    expect(json(at('other', 'config.json'))).toMatchObject({ run: { seed: 5 }, learner: { learningRate: 0.001 } })
    expect(json(at('same', 'environment.json')).starts).toMatchObject([
      { how: 'fork', episodes: 20, parent: { run: at('run'), episodes: 20, config: sha256 }, config: { sha256 } },
    ])
    expect(json(at('run', 'environment.json')).starts).toMatchObject([
      { how: 'train' },
      { how: 'resume', episodes: 20, config: { sha256 } },
    ])

    const config = json(at('run', 'config.json'))
    writeFileSync(at('run', 'config.json'), JSON.stringify({ ...config, learner: { ...config.learner, tau: 0.5 } }))
    const edited = await train('--resume', 'run', '--episodes', '50')
    expect(edited.code).toBe(2)
    expect(edited.stderr).toContain('was changed in run/config.json since the run began (learner.tau 0.01 -> 0.5)')
  })

  it('stops with a diagnosis and exit code 1 where it diverges, or goes back and says so', async () => {
    const folder = temporaryFolder()
    const doomed = [
      'simple_spread',
      ...small,
      '--episodes',
      '30',
      '--set',
      'run.checkpointEvery=5',
      '--set',
      'learner.learningRate=1e30',
      '--json',
    ]
    const rollback = ['--set', 'run.divergence=rollback', '--set', 'run.rollbackFactor=1e-32']
    const [stopped, saved] = await Promise.all([
      startIn(folder, 'train', ...doomed, '--out', 'stopped').finished,
      startIn(folder, 'train', ...doomed, ...rollback, '--out', 'saved').finished,
    ])
    expect(stopped.code).toBe(1)
    expect(stopped.stderr).toMatch(
      /agent_0: .*\(update round \d+, environment step \d+\); .*--fork stopped goes on from it/,
    )
    expect(readdirSync(join(folder, 'stopped', 'checkpoints'))).toHaveLength(2)
    expect([saved.code, saved.stderr]).toEqual([0, ''])
    const events = saved.stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(events.filter(({ event }) => event === 'rollback')).toMatchObject([{ rateScale: 1e-32, agent: 'agent_0' }])
    expect(events.at(-1)).toMatchObject({ event: 'summary', episodes: 30 })
    expect(
      metricsOf(join(folder, 'saved'))
        .map(({ rollbacks }) => rollbacks)
        .at(-1),
    ).toBe(1)
  })
})

describe('a run of a scenario file', () => {
  it('is the same wherever the file lies, and another when its code is', async () => {
    const folder = temporaryFolder()
    const hashOf = async (name: string, change: (text: string) => string) => {
      mkdirSync(join(folder, name))
      writeFileSync(join(folder, name, 'mine.ts'), change(scenarioTemplate('mine')))
      const { stdout } = await marlstrom('train', join(folder, name, 'mine.ts'), '--print-config', '--json')
      return JSON.parse(stdout).sha256
    }
    const [one, two, other] = await Promise.all([
      hashOf('one', text => text),
      hashOf('two', text => text),
      hashOf('other', text => text.replace('-distance(', '-2 * distance(')),
    ])
    expect(two).toBe(one)
    expect(other).not.toBe(one)
  })

  it('stops where its rewards are beyond what gradients can hold, when rollbacks did not help', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'mine.ts'), scenarioTemplate('mine').replace('-distance(', '-1e38 * distance('))
    const rollback = ['--set', 'run.divergence=rollback', '--set', 'run.rollbacks=1']
    const { code, stderr } = await startIn(folder, 'train', './mine.ts', ...small, ...rollback, '--out', 'run').finished
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /mine\.ts: agent_\d: critic: optimizer: the gradient of .* is not finite; .* last finite figures of agent_\d: criticLoss /,
    )
    expect(stderr).toContain('; a rollback did not help; the last checkpoint is as it was')
  })
})

describe('docs/configuration.md', () => {
  it('shows a file and commands that work', async () => {
    const folder = temporaryFolder()
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'spread.yaml'), guide.match(/^```yaml\n([\s\S]*?)^```/m)![1]!)
    const commands = [...guide.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(match => match[1]!.trim().split('\n'))
    expect(commands.length).toBe(6)
    for (const command of commands) {
      const [npx, name, ...args] = command.replace(/--episodes (\d+)000/g, '--episodes $1').split(' ')
      expect([npx, name]).toEqual(['npx', 'marlstrom'])
      const more =
        args.includes('--resume') || args.includes('--fork')
          ? []
          : [...small, '--set', 'run.episodes=20', '--set', 'run.checkpointEvery=10']
      const { code, stderr } = await startIn(folder, ...args, ...more).finished
      expect([command, code, stderr]).toEqual([command, 0, ''])
    }
    expect(existsSync(join(folder, 'runs/slower/config.json'))).toBe(true)
  })
})

/** metrics.jsonl without its times. */
function metricsOf(folder: string): Record<string, number>[] {
  return readFileSync(join(folder, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map(
      line => Object.fromEntries(Object.entries(JSON.parse(line)).filter(([key]) => !key.startsWith('time/'))) as never,
    )
}
