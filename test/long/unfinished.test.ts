// What a run leaves that never comes to its end: lines and checkpoints of an endless episode, and one sentence where its folder is removed.
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { marlstrom, start, temporaryFolder, tiny } from '../support/command.ts'

const endless = ['train', 'simple_spread', ...tiny, '--set', 'scenario.maxCycles=10000000', '--episodes', '1', '--json']

const linesIn = (out: string): Record<string, number>[] =>
  readFileSync(join(out, 'metrics.jsonl'), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line))

describe('an episode of ten million steps', () => {
  it('is logged by steps, and a kill loses no more than what came after the last checkpoint by the clock', async () => {
    const out = join(temporaryFolder(), 'run')
    const often = ['--set', 'run.checkpointMinutes=0.002', '--set', 'run.logSteps=500']
    const running = start(...endless, ...often, '--out', out)
    // The first may come before the first line; then both go on.
    await running.sees(/("event":"checkpoint"[\s\S]*){3}/)
    running.process.kill('SIGKILL')
    await running.finished
    const again = start('train', '--resume', out, '--json')
    await again.sees(/"event":"progress"/)
    again.process.kill('SIGINT')
    expect((await again.finished).code).toBe(0)
    const lines = linesIn(out)
    expect(lines.length).toBeGreaterThan(0)
    expect(lines.at(-1)!.envSteps).toBeGreaterThan(0)
    for (const [i, line] of lines.slice(0, -1).entries()) expect(line.envSteps).toBe(500 * (i + 1))
    for (const line of lines) {
      expect(line.episodes).toBe(0)
      expect(Object.values(line).every(Number.isFinite)).toBe(true)
    }
    expect((await marlstrom('runs', out, '--json')).stderr).toBe('')
  })

  it('has a line and a checkpoint after Ctrl-C, with the settings that it begins with', async () => {
    const out = join(temporaryFolder(), 'run')
    const running = start(...endless, '--out', out)
    await running.sees(/"event":"progress"/)
    running.process.kill('SIGINT')
    expect((await running.finished).code).toBe(0)
    const last = linesIn(out).at(-1)!
    expect(last.episodes).toBe(0)
    expect(existsSync(join(out, 'checkpoints', '000000000.safetensors'))).toBe(true)
  })
})

it('a run folder that is removed under a run is said to be gone, in one sentence, with exit code 1', async () => {
  const out = join(temporaryFolder(), 'run')
  const settings = [...tiny, '--episodes', '100000000', '--set', 'run.checkpointEvery=50', '--json']
  const running = start('train', 'simple_spread', ...settings, '--out', out)
  await running.sees(/"event":"checkpoint"/)
  // Files may come in between: it is gone when it is.
  while (existsSync(out)) {
    try {
      rmSync(out, { recursive: true, force: true })
    } catch {}
  }
  const { code, stderr } = await running.finished
  expect(stderr).toMatch(/^error: the run folder \S*run is gone; it was removed or renamed while .*\n$/)
  expect(code).toBe(1)
  expect(existsSync(out)).toBe(false)
})
