// The learning curve of the reference in small: three seeds of 10,000 episodes, as `npm start` trains them.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { marlstrom, temporaryFolder } from '../support/command.ts'

describe('MADDPG on simple_spread, preset openai, 10,000 episodes', () => {
  it('reaches about -165 per agent per episode in the mean of three seeds, as ten runs of openai/maddpg did', async () => {
    // Side by side on one thread each: the same bits, sooner.
    const returns = await Promise.all(
      ['1', '2', '3'].map(async seed => {
        const out = ['--threads', '1', '--out', join(temporaryFolder(), 'run')]
        const run = ['train', 'simple_spread', '--episodes', '10000', '--seed', seed]
        const { stdout } = await marlstrom(...run, ...out, '--json')
        const summary = JSON.parse(stdout.trim().split('\n').at(-1)!)
        console.log(`seed ${seed}: ${summary.returns.agent_0.toFixed(1)} in ${summary.wallSeconds.toFixed(0)} s`)
        return summary.returns.agent_0 as number
      }),
    )
    const mean = returns.reduce((sum, value) => sum + value / returns.length, 0)
    // Untrained is -221, and at 6,000 episodes runs still stand at about -180.
    expect(mean).toBeGreaterThan(-176)
    expect(mean).toBeLessThan(-150)
  })
})
