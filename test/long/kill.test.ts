// kill -9 at any moment: what was written before stays readable, and the run goes on from its newest checkpoint.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/random.ts'
import { marlstrom, start, temporaryFolder, tiny } from '../support/command.ts'

describe('a training run under kill -9', () => {
  it('keeps its folder readable and can be resumed, twenty times over', async () => {
    const random = createRandom(1, 'kill')
    const out = join(temporaryFolder(), 'run')
    const settings = [...tiny, '--set', 'run.checkpointEvery=20', '--set', 'replay.capacity=20000']
    const begin = ['train', 'simple_spread', ...settings, '--episodes', '1000000', '--out', out, '--json']
    let episodes = 0
    for (let round = 0; round < 20; round++) {
      const resumed =
        existsSync(join(out, 'checkpoints')) &&
        readdirSync(join(out, 'checkpoints')).some(name => name.endsWith('.safetensors'))
      const running = start(...(resumed ? ['train', '--resume', out, '--json'] : begin))
      await running.sees(/"event":"checkpoint"/)
      await new Promise(wait => setTimeout(wait, random.between(0, 400)))
      running.process.kill('SIGKILL')
      await running.finished

      const lines = readFileSync(join(out, 'metrics.jsonl'), 'utf8').split('\n').slice(0, -1)
      for (const line of lines) expect(JSON.parse(line).episodes).toBeGreaterThan(0)
      const evaluation = await marlstrom('evaluate', out, '--episodes', '50', '--json')
      expect(evaluation.stderr).toBe('')
      expect(evaluation.code).toBe(0)
      const newest = Number.parseInt(
        readdirSync(join(out, 'checkpoints'))
          .filter(name => name.endsWith('.safetensors'))
          .sort()
          .at(-1)!,
        10,
      )
      expect(newest).toBeGreaterThan(episodes)
      episodes = newest
    }
  })
})
