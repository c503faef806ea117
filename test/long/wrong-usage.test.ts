import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { marlstrom, temporaryFolder, tiny } from '../support/command.ts'

const train = (out: string, ...more: string[]) => marlstrom('train', 'simple_spread', ...tiny, '--out', out, ...more)

describe('wrong usage', () => {
  it.each([
    [['train', 'simple_sprad'], "scenario.id: unknown scenario 'simple_sprad'; did you mean 'simple_spread'?"],
    [
      ['train', 'simple_spread', '--set', 'scenario.agent=4'],
      "scenario.agent: unknown option 'agent'; did you mean 'agents'?",
    ],
    [
      ['train', 'simple_spread', '--set', 'scenario.agents=0'],
      'scenario.agents: expected a whole number of at least 1, got 0',
    ],
    [['train', 'simple_spread', '--preset', 'openia'], "run.preset: unknown preset 'openia'; did you mean 'openai'?"],
    [
      ['train', 'simple_spread', '--set', 'learner.gama=0.9'],
      "learner.gama: unknown key 'gama'; did you mean 'gamma'?",
    ],
    [
      ['train', 'simple_spread', '--set', 'lerner.gamma=0.9'],
      "lerner: unknown section 'lerner'; did you mean 'learner'?",
    ],
    [['train', 'simple_spread', '--set', 'learner.gamma=2'], 'learner.gamma: '],
    [['train', 'simple_spread', '--set', 'gamma'], '--set: expected section.key=value'],
    [
      ['train', 'simple_spread', '--algorithm', 'madpg'],
      "learner.algorithm: unknown algorithm 'madpg'; did you mean 'maddpg'?",
    ],
    [['train', 'simple_spread', '--backend', 'simt'], "run.backend: unknown backend 'simt'; did you mean 'simd'?"],
    [['train', 'simple_spread', '--episodes', 'ten'], "Expected a whole number, got 'ten'"],
    [
      ['train', 'simple_spread', '--set', 'scenario.rules=openai', '--set', 'scenario.actions=continuous'],
      'scenario.actions: the openai rules know no continuous actions',
    ],
    [['train', 'simple_spread', '--threads', '0'], 'run.threads: '],
    [['train', 'simple_spread', '--set', 'run.kernels=fast'], 'run.kernels: '],
    [['train'], 'scenario: expected a scenario id'],
    [['trian'], 'Did you mean train?'],
    [['bench', 'steeps'], "bench: unknown benchmark 'steeps'; did you mean 'steps'?"],
  ])('%j exits with 2 and says where and what', async (args, sentence) => {
    const { code, stderr } = await marlstrom(...args)
    expect(stderr).toContain(sentence)
    expect(code).toBe(2)
  })

  it('an unwritable run folder exits with 2 before anything is trained', async () => {
    const { code, stderr } = await marlstrom('train', 'simple_spread', '--out', '/dev/null/run')
    expect(stderr).toContain('/dev/null/run cannot be written')
    expect(code).toBe(2)
  })

  it('a resumed run keeps its settings', async () => {
    const out = join(temporaryFolder(), 'run')
    await train(out, '--episodes', '5')
    const { code, stderr } = await marlstrom('train', '--resume', out, '--seed', '7')
    expect(stderr).toContain('run.seed: cannot change when a run is resumed')
    expect(code).toBe(2)
    const kernels = await marlstrom('train', '--resume', out, '--set', 'run.kernels=relaxed')
    expect(kernels.stderr).toContain('run.kernels: cannot change when a run is resumed')
  })
})
