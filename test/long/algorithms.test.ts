// Algorithms by their names: what the list shows of them, what the help says, and what a wrong setting is told.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { algorithms } from '../../src/run/run.ts'
import { marlstrom, temporaryFolder, tiny } from '../support/command.ts'

describe('marlstrom list', () => {
  it('shows every algorithm with its own settings, their defaults and meanings', async () => {
    const [tables, lines] = await Promise.all([marlstrom('list'), marlstrom('list', '--json')])
    const listed = lines.stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
      .filter(({ event }) => event === 'algorithm')
    expect(listed.map(({ id }) => id)).toEqual(Object.keys(algorithms))
    // Cells that are broken into lines, put together again.
    const text = tables.stdout.replace(/[│\s]+/g, ' ')
    for (const { id, options } of listed) {
      const algorithm = algorithms[id]!
      expect(options).toEqual(
        Object.entries(algorithm.options).map(([key, option]) => ({
          key,
          default: option.default,
          description: option.description,
        })),
      )
      expect(text).toContain(algorithm.description)
      for (const key of Object.keys(algorithm.options)) expect(text).toContain(`learner.${key}`)
    }
  })
})

describe('marlstrom train', () => {
  it('names all algorithms in its help', async () => {
    const { stdout } = await marlstrom('train', '--help')
    expect(stdout.replace(/\s+/g, ' ')).toContain(`how agents learn: ${Object.keys(algorithms).join(', ')}`)
  })

  it.each([
    [
      ['--algorithm', 'matd3', '--set', 'learner.policyDelays=3'],
      /learner\.policyDelays: unknown key 'policyDelays'.*policyDelay/,
    ],
    [['--algorithm', 'matd3', '--set', 'learner.policyDelay=0'], /learner\.policyDelay: .*at least 1, got 0/],
    [['--set', 'learner.policyDelay=3'], /learner\.policyDelay: maddpg has no 'policyDelay'; matd3 has/],
    [['--algorithm', 'mddpg'], /learner\.algorithm: unknown algorithm 'mddpg'.*maddpg/],
    [['--algorithm', 'm3ddpg', '--set', 'learner.critic=local'], /learner\.critic: m3ddpg moves/],
  ])('refuses %j with a sentence', async (settings, message) => {
    const { code, stderr } = await marlstrom('train', 'simple_spread', ...settings)
    expect(stderr).toMatch(message)
    expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(2)
    expect(code).toBe(2)
  })

  it('trains by a relative and stops and goes on with the same bits', async () => {
    const folder = temporaryFolder()
    const [whole, parts] = [join(folder, 'whole'), join(folder, 'parts')]
    const train = (out: string, episodes: string) =>
      marlstrom('train', 'simple_push', ...tiny, '--algorithm', 'matd3', '--out', out, '--episodes', episodes, '--json')
    const [{ stdout }] = await Promise.all([train(whole, '24'), train(parts, '13')])
    const { code, stdout: resumed } = await marlstrom('train', '--resume', parts, '--episodes', '24', '--json')
    expect(code).toBe(0)
    const returns = (text: string) => JSON.parse(text.trim().split('\n').at(-1)!).returns
    expect(returns(resumed)).toEqual(returns(stdout))
  })
})
