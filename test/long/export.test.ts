// marlstrom export as a user runs it: every format, and what is said when it cannot be.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { entry, marlstrom, temporaryFolder, tiny } from '../support/command.ts'
import { newestCheckpoint, rewriteCheckpoint } from '../support/rewrite-checkpoint.ts'

let folder: string
let trained: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'marlstrom-'))
  trained = join(folder, 'run')
  // Not by `marlstrom`, which belongs to one test.
  execFileSync(process.execPath, [entry, 'train', 'simple_spread', ...tiny, '--episodes', '12', '--out', trained])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const jsonLines = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))

describe('marlstrom with --backend tfjs', () => {
  it('trains simple_spread end to end, and says on stderr alone what carries the tensors', async () => {
    const chosen = ['--backend', 'tfjs', '--set', 'run.tfjs=wasm']
    const out = join(folder, 'tfjs')
    const args = ['train', 'simple_spread', ...tiny, ...chosen, '--episodes', '30', '--json', '--out', out]
    const { code, stdout, stderr } = await marlstrom(...args)
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(jsonLines(stdout).at(-1)).toMatchObject({ event: 'summary', episodes: 30, updates: 5 })
    expect(JSON.parse(readFileSync(join(out, 'config.json'), 'utf8')).run).toMatchObject({
      backend: 'tfjs',
      tfjs: 'wasm',
    })
    const exported = await marlstrom('export', out, '--format', 'safetensors', '--agent', 'agent_0')
    expect([exported.code, exported.stderr]).toEqual([0, ''])
  })

  it('is refused with the known names when it asks for something else', async () => {
    const wrong = await marlstrom('train', 'simple_spread', '--backend', 'tfsj', '--out', join(folder, 'x'))
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      expect.stringMatching(/run\.backend: unknown backend 'tfsj'; did you mean 'tfjs'/),
    ])
    const carrier = ['--backend', 'tfjs', '--set', 'run.tfjs=webgpu', '--out', join(folder, 'x')]
    const other = await marlstrom('train', 'simple_spread', ...carrier)
    expect([other.code, other.stderr]).toEqual([
      2,
      expect.stringMatching(/run\.tfjs: expected one of auto, tensorflow, wasm, cpu, got /),
    ])
    expect(existsSync(join(folder, 'x'))).toBe(false)
  })
})

describe('marlstrom export', () => {
  it.each([
    ['tfjs', join('agent_1', 'model.json')],
    ['onnx', 'agent_1.onnx'],
    ['safetensors', 'agent_1.safetensors'],
    ['js', 'agent_1.js'],
  ])('writes %s into the run folder', async (format, file) => {
    const { code, stdout, stderr } = await marlstrom('export', trained, '--format', format, '--json')
    expect([code, stderr]).toEqual([0, ''])
    const events = jsonLines(stdout)
    expect(events.map(event => event.agent)).toEqual(['agent_0', 'agent_1', 'agent_2'])
    expect(events[1]).toMatchObject({ event: 'export', format, file: join(trained, 'export', file) })
    expect(existsSync(events[1].file)).toBe(true)
    expect(events[1].difference === null).toBe(format === 'onnx')
  })

  it('writes one agent where it is told to, in words for people', async () => {
    const out = join(temporaryFolder(), 'deep', 'folder')
    const { code, stdout } = await marlstrom('export', trained, '--format', 'js', '--agent', 'agent_2', '--out', out)
    expect(code).toBe(0)
    expect(stdout).toMatch(/agent_2\.js {3}\(run and compared with the actor: largest difference \d\.\de-\d+\)\n$/)
    expect(readdirSync(out)).toEqual(['agent_2.js'])
  })

  it.each<[string, string[], RegExp]>([
    ['no format', [], /required option '--format <name>' not specified/],
    ['an unknown format', ['--format', 'onx'], /--format: unknown format 'onx'; did you mean 'onnx'/],
    ['an unknown agent', ['--format', 'js', '--agent', 'agent_9'], /--agent: unknown agent 'agent_9'; did you mean/],
    [
      'a folder that cannot be',
      ['--format', 'js', '--out', '/dev/null/x'],
      /--out: the folder \/dev\/null\/x cannot be written/,
    ],
  ])('with %s ends with 2', async (_, options, message) => {
    const { code, stdout, stderr } = await marlstrom('export', trained, ...options)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(message)
  })

  it('of what is no run ends with 2', async () => {
    const { code, stderr } = await marlstrom('export', temporaryFolder(), '--format', 'js')
    expect([code, stderr]).toEqual([2, expect.stringMatching(/is no run folder/)])
  })

  const weight = 'learners/agent_1/actor/layer1.weight'
  it.each<[string, (run: string) => void, RegExp]>([
    ['cut off', run => truncateSync(newestCheckpoint(run), 20_000), /cut off|expected \d+ bytes/],
    [
      'no safetensors file',
      run => writeFileSync(newestCheckpoint(run), 'weights of another program'),
      /no safetensors file/,
    ],
    ['missing', run => rmSync(newestCheckpoint(run)), /holds no checkpoint yet/],
    [
      'of another version',
      run =>
        rewriteCheckpoint(newestCheckpoint(run), ({ metadata }) => void (metadata.format = 'marlstrom-checkpoint/9')),
      /expected a checkpoint of format marlstrom-checkpoint\/3, got marlstrom-checkpoint\/9/,
    ],
    [
      'of another network',
      run =>
        rewriteCheckpoint(newestCheckpoint(run), ({ tensors }) =>
          tensors.set(weight, { shape: [2, 2], data: new Float32Array(4) }),
        ),
      /does not fit the run's config\.json: tensor layer1\.weight: expected shape \[16,16\], got \[2,2\]/,
    ],
    [
      'of other numbers',
      run =>
        rewriteCheckpoint(newestCheckpoint(run), ({ tensors }) =>
          tensors.set(weight, { shape: [16, 16], data: new Float64Array(256) }),
        ),
      /tensor layer1\.weight: expected float32 numbers, got a Float64Array/,
    ],
    [
      'of other agents',
      run =>
        rewriteCheckpoint(newestCheckpoint(run), ({ metadata }) => {
          metadata.state = metadata.state!.replace('"agent_2"', '"agent_7"')
        }),
      /nothing was saved of agent_2/,
    ],
    [
      'full of NaN',
      run =>
        rewriteCheckpoint(
          newestCheckpoint(run),
          ({ tensors }) => void (tensors.get(weight)!.data as Float32Array).fill(Number.NaN),
        ),
      /layer1\.weight of agent_1 holds numbers that are not finite; nothing was written/,
    ],
  ])('of a run whose checkpoint is %s ends with 1 and writes nothing', async (_, spoil, message) => {
    const run = join(temporaryFolder(), 'run')
    await cp(trained, run, { recursive: true, filter: source => !source.endsWith('export') })
    spoil(run)
    const { code, stdout, stderr } = await marlstrom('export', run, '--format', 'js')
    expect(stderr).toMatch(message)
    expect([code, stdout]).toEqual([1, ''])
    expect(existsSync(join(run, 'export'))).toBe(false)
  })

  it('of a run with a setting of another version ends with 2 and names it', async () => {
    const run = join(temporaryFolder(), 'run')
    await cp(trained, run, { recursive: true })
    const file = join(run, 'config.json')
    const config = JSON.parse(readFileSync(file, 'utf8'))
    writeFileSync(file, JSON.stringify({ ...config, run: { ...config.run, quantum: true } }))
    const { code, stderr } = await marlstrom('export', run, '--format', 'js')
    expect([code, stderr]).toEqual([2, expect.stringMatching(/run\.quantum: unknown key 'quantum'/)])
    writeFileSync(file, '{"scenario":')
    expect((await marlstrom('export', run, '--format', 'js')).code).toBe(1)
  })
})

describe('help texts and runs on simd', () => {
  it('never load TensorFlow.js', async () => {
    // A loader that fails on it: nothing may ask for it.
    const guard = `data:text/javascript,${encodeURIComponent(
      "import { register } from 'node:module'; register('data:text/javascript,' + encodeURIComponent(\"export const resolve = (s, c, next) => { if (s.startsWith('@tensorflow/')) throw new Error('TensorFlow.js was loaded'); return next(s, c) }\"))",
    )}`
    process.env.NODE_OPTIONS = `--import "${guard}"`
    try {
      const help = await marlstrom('--help')
      expect([help.code, help.stderr]).toEqual([0, ''])
      const run = await marlstrom(
        'train',
        'simple_spread',
        ...tiny,
        '--episodes',
        '12',
        '--json',
        '--out',
        join(folder, 'simd'),
      )
      expect([run.code, run.stderr]).toEqual([0, ''])
      const other = await marlstrom(
        'train',
        'simple_spread',
        ...tiny,
        '--backend',
        'tfjs',
        '--out',
        join(folder, 'guarded'),
      )
      expect(other.stderr).toContain('TensorFlow.js was loaded')
    } finally {
      delete process.env.NODE_OPTIONS
    }
  })
})
