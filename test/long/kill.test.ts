// kill -9 at any moment: three hundred times what was written before is whole, and every run comes to the bits of one that nobody killed.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRandom, type Random } from '../../src/random.ts'
import { marlstrom, start, temporaryFolder, tiny } from '../support/command.ts'
import { expectWhole, killable, outcomeOf, trainApart, trainOn } from '../support/killable.ts'

const kills = 300
const sideBySide = 4
/** Enough for about thirty kills on the way. */
const config = killable(3000)

describe('a training run under kill -9', () => {
  const folder = temporaryRunFolder()
  let outcome: ReturnType<typeof outcomeOf>
  beforeAll(async () => {
    await trainOn(folder('whole'), config)
    outcome = outcomeOf(folder('whole'))
  })

  it(`has no torn checkpoint in ${kills} kills, and goes on bit for bit`, async () => {
    let killed = 0
    let finished = 0
    const chain = async (number: number, random: Random) => {
      for (let turn = 0; killed < kills || existsSync(folder(`${number}-${turn}`)); turn++) {
        const path = folder(`${number}-${turn}`)
        let code: number | null = null
        while (code !== 0) {
          const child = trainApart(path, config)
          // Mostly while it trains; sometimes while it starts.
          if (random.uniform() < 0.8) await child.started
          const timer = setTimeout(() => killed < kills && child.process.kill('SIGKILL'), random.between(0, 400))
          const ended = await child.ended
          clearTimeout(timer)
          code = ended.code
          expect(ended.stderr).toBe('')
          if (code === null) killed++
          expectWhole(path)
        }
        expect(outcomeOf(path)).toEqual(outcome)
        finished++
        if (killed >= kills) break
      }
    }
    await Promise.all(Array.from({ length: sideBySide }, (_, i) => chain(i, createRandom(1, 'kill', i))))
    expect(killed).toBeGreaterThanOrEqual(kills)
    expect(finished).toBeGreaterThanOrEqual(sideBySide)
    console.log(`${killed} kills, ${finished} runs finished with the bits of the run that nobody killed`)
  })

  it('by the command goes on as well, and can be evaluated in between', async () => {
    const random = createRandom(1, 'command')
    const out = join(temporaryFolder(), 'run')
    const settings = [...tiny, '--set', 'run.checkpointEvery=20']
    const begin = ['train', 'simple_spread', ...settings, '--episodes', '1000000', '--out', out, '--json']
    let before = 0
    for (let round = 0; round < 8; round++) {
      const running = start(...(round > 0 ? ['train', '--resume', out, '--json'] : begin))
      await running.sees(/"event":"checkpoint"/)
      await new Promise(wait => setTimeout(wait, random.between(0, 400)))
      running.process.kill('SIGKILL')
      await running.finished
      expectWhole(out)
      const { stdout, stderr } = await marlstrom('runs', out, '--json')
      expect(stderr).toBe('')
      const run = JSON.parse(stdout) as { status: string; episodes: number }
      expect(run.status).toBe('stopped')
      // Lines may have told more than the checkpoint that it goes on from.
      const newest = Math.max(
        ...readdirSync(join(out, 'checkpoints'))
          .map(name => Number.parseInt(name, 10))
          .filter(Number.isFinite),
      )
      expect(newest).toBeGreaterThan(before)
      expect(run.episodes).toBeGreaterThanOrEqual(newest)
      before = newest
    }
    const evaluation = await marlstrom('evaluate', out, '--episodes', '50', '--json')
    expect(evaluation.stderr).toBe('')
    expect(evaluation.code).toBe(0)
  })
})

/** Paths below one folder that is removed at the end. */
function temporaryRunFolder(): (name: string) => string {
  const base = mkdtempSync(join(tmpdir(), 'marlstrom-kill-'))
  afterAll(() => rmSync(base, { recursive: true, force: true }))
  return name => join(base, name)
}
