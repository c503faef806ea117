import { existsSync, readdirSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { marlstrom, runFiles, runFilesIn, start, temporaryFolder, tiny } from '../../support/command.ts'
import { metricsOf } from '../../support/run-results.ts'

/** The table at the end, of fewer episodes than users get. */
const withTable = ['--set', 'run.summaryEpisodes=50']

const train = (out: string, ...more: string[]) => marlstrom('train', 'simple_spread', ...tiny, '--out', out, ...more)

describe('marlstrom train', () => {
  it('prints one JSON object per line, the summary last, and leaves a run folder', async () => {
    const out = join(temporaryFolder(), 'run')
    const { code, stdout, stderr } = await train(out, '--episodes', '40', ...withTable, '--json')
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const events = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(new Set(events.map(event => event.event))).toEqual(
      new Set(['progress', 'checkpoint', 'evaluation', 'summary']),
    )
    const summary = events.at(-1)
    expect(summary).toMatchObject({ event: 'summary', episodes: 40, envSteps: 1000, updates: 8, runFolder: out })
    expect(Object.keys(summary.returns)).toEqual(['agent_0', 'agent_1', 'agent_2'])
    for (const key of ['wallSeconds', 'envStepsPerSecond', 'updateMilliseconds'])
      expect(summary[key]).toBeGreaterThan(0)
    expect(runFilesIn(out)).toEqual(runFiles)
    expect(metricsOf(out).map(line => line.episodes)).toEqual([10, 20, 30, 40])
  })

  it('prints plain lines and a table for people where stdout is no terminal', async () => {
    const { stdout } = await train(join(temporaryFolder(), 'run'), '--episodes', '12', ...withTable)
    expect(stdout).not.toContain('\u001b')
    expect(stdout).toMatch(/return = return per episode, mean of the last 1,000 training episodes/)
    for (const row of [
      'trained, sampling',
      'trained, best guess',
      'scripted controller',
      'doing nothing',
      'random actions',
    ]) {
      expect(stdout).toContain(row)
    }
    expect(stdout).toMatch(/Watch it +npx marlstrom watch /)
    expect(stdout).toMatch(/Go on +npx marlstrom train --resume /)
  })

  it('says before it begins that nothing will be learnt, and speaks of no training at the end', async () => {
    const folder = temporaryFolder()
    const options = ['matrix_game', '--episodes', '40', '--set', 'run.summaryEpisodes=0']
    const { code, stdout, stderr } = await marlstrom('train', ...options, '--out', join(folder, 'words'))
    expect(code).toBe(0)
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^note: this run will end before its first update round: 40 episodes of at most 10 steps /),
    ])
    expect(stdout).toMatch(/Finished without learning\. 40 episodes, 400 environment steps, 0 update rounds/)
    expect(stdout).toMatch(/Nothing was learnt: the first update round comes at 25,600 environment steps/)
    expect(stdout).not.toMatch(/Trained|NaN/)
    const json = await marlstrom('train', ...options, '--out', join(folder, 'json'), '--json')
    expect(json.stdout).not.toMatch(/NaN/)
    const events = json.stdout.trim().split('\n')
    expect(JSON.parse(events.at(-1)!)).toMatchObject({ event: 'summary', updates: 0, updateMilliseconds: null })
  })

  it('refuses a replay buffer from which nothing can ever be learnt', async () => {
    const out = join(temporaryFolder(), 'run')
    const { code, stderr } = await marlstrom('train', 'matrix_game', '--set', 'replay.capacity=1000', '--out', out)
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: replay\.capacity: 1,000 transitions are fewer than learner\.updateAfter 25,600/)
    expect(existsSync(out)).toBe(false)
  })

  it('tells how much experience is collected, and no time left, before the first update round', async () => {
    const out = join(temporaryFolder(), 'run')
    const settings = ['--set', 'learner.updateAfter=1000000', '--set', 'run.summaryEpisodes=0', '--episodes', '100000']
    const running = start('train', 'simple_spread', ...settings, '--out', out)
    const [line] = await running.sees(/^episode .*collecting experience.*$/m)
    expect(line).toMatch(/env steps\/s, collecting experience: [\d,]+ of 1,000,000 steps$/)
    running.process.kill('SIGKILL')
  })

  it('ends cleanly on Ctrl-C, with a checkpoint to go on from', async () => {
    const out = join(temporaryFolder(), 'run')
    const endless = ['--episodes', '100000000']
    const running = start('train', 'simple_spread', ...tiny, ...endless, '--out', out, '--json')
    await running.sees(/"event":"progress"/)
    running.process.kill('SIGINT')
    const { code, stdout } = await running.finished
    expect(code).toBe(0)
    const summary = JSON.parse(stdout.trim().split('\n').at(-1)!)
    expect(summary.event).toBe('summary')
    expect(summary.episodes).toBeLessThan(100_000_000)
    const resumed = await marlstrom('train', '--resume', out, '--episodes', String(summary.episodes + 20), '--json')
    expect(JSON.parse(resumed.stdout.trim().split('\n').at(-1)!)).toMatchObject({ episodes: summary.episodes + 20 })
  })
})

describe('marlstrom evaluate', () => {
  it('refuses a checkpoint that was cut off, by name', async () => {
    const out = join(temporaryFolder(), 'run')
    await train(out, '--episodes', '12')
    const name = readdirSync(join(out, 'checkpoints')).at(-1)!
    truncateSync(join(out, 'checkpoints', name), 5000)
    const { code, stderr } = await marlstrom('evaluate', out)
    expect(code).toBe(1)
    expect(stderr).toContain(name)
    expect(stderr).toContain('cut off')
  })

  it('refuses a folder that is no run', async () => {
    const { code, stderr } = await marlstrom('evaluate', temporaryFolder())
    expect(code).toBe(2)
    expect(stderr).toContain('no run folder')
  })

  it('refuses to play no episodes', async () => {
    const { code, stderr } = await marlstrom('evaluate', 'runs/any', '--episodes', '0')
    expect(code).toBe(2)
    expect(stderr).toContain('Expected at least 1, got 0')
  })
})
