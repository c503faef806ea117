// A training is stopped with the real command: the checkpoint comes first, no table follows, and the run goes on as if never stopped.
import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { TinyViewer, until } from '../stream/tiny-stream.ts'
import { marlstrom, type Running, start, temporaryFolder, tiny } from '../support/command.ts'
import { outcomeOf } from '../support/killable.ts'

const chase = resolve(import.meta.dirname, '../support/chase.ts')
/** Twelve agents that learn from the fourth episode on. */
const settings = [
  ...['--set', 'learner.batch=32', '--set', 'learner.updateAfter=100', '--set', 'learner.updateEvery=10'],
  ...['--set', 'network.hidden=[16,16]', '--set', 'run.logEvery=5', '--set', 'run.checkpointEvery=1000000'],
  ...['--set', 'run.summaryEpisodes=200'],
]

interface Event {
  readonly event: string
  readonly episodes: number
  readonly stopped?: boolean
}

/** What a run that was started with --json has said in the end. */
async function saidBy(running: Running): Promise<{ code: number | null; events: Event[] }> {
  const { code, stdout } = await running.finished
  const events = stdout.trim().split('\n')
  return { code, events: events.map(line => JSON.parse(line)) }
}

describe('a training that is stopped', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'by %s amid update rounds has a checkpoint, no table, and goes on',
    async signal => {
      const folder = temporaryFolder()
      const out = join(folder, 'stopped')
      const running = start('train', chase, ...settings, '--episodes', '100000', '--watch', '0', '--json', '--out', out)
      await running.sees(/"updates":[1-9]/)
      running.process.kill(signal)
      const { code, events } = await saidBy(running)
      expect(code).toBe(0)
      const kinds = events.map(({ event }) => event).filter(event => event !== 'progress')
      expect(kinds).toEqual(['checkpoint', 'summary'])
      const { episodes, stopped } = events.at(-1)!
      expect(stopped).toBe(true)
      expect(existsSync(join(out, 'trainer.pid'))).toBe(false)

      const total = String(episodes + 6)
      const whole = join(folder, 'whole')
      const [resumed, alone] = await Promise.all([
        marlstrom('train', '--resume', out, '--episodes', total, '--json'),
        marlstrom('train', chase, ...settings, '--episodes', total, '--out', whole, '--json'),
      ])
      expect([resumed.code, alone.code]).toEqual([0, 0])
      expect(outcomeOf(out)).toEqual(outcomeOf(whole))
      // At its natural end it has its table.
      expect(alone.stdout).toContain('"event":"evaluation"')
    },
  )

  it('amid an episode without an end has a checkpoint and no table', async () => {
    const out = join(temporaryFolder(), 'run')
    const endless = ['--set', 'scenario.maxCycles=10000000', '--set', 'learner.updateAfter=2000', '--episodes', '2']
    const running = start('train', 'simple_spread', ...endless, '--json', '--out', out)
    await running.sees(/"updates":[1-9]/)
    running.process.kill('SIGTERM')
    const { code, events } = await saidBy(running)
    expect(code).toBe(0)
    expect(events.map(({ event }) => event).filter(event => event !== 'progress')).toEqual(['checkpoint', 'summary'])
    expect(readdirSync(join(out, 'checkpoints'))).toEqual(['000000000.safetensors'])
  })

  it('amid an evaluation of the training has a checkpoint each time, and its line is still to come', async () => {
    const out = join(temporaryFolder(), 'run')
    // It would take hours; what becomes of one that ends is tested where ticks are counted.
    const evaluated = [
      '--set',
      'run.logEvery=5',
      '--set',
      'run.evaluateEvery=10',
      '--set',
      'run.evaluateEpisodes=10000000',
    ]
    const outcomes = []
    for (const how of [
      ['simple_spread', ...tiny, ...evaluated, '--episodes', '10', '--out', out],
      ['--resume', out],
    ]) {
      const running = start('train', ...how, '--json')
      // All episodes are played; from here on it evaluates.
      await running.sees(/"event":"progress","episodes":10,/)
      running.process.kill('SIGINT')
      const { code, events } = await saidBy(running)
      expect(code).toBe(0)
      expect(events.map(({ event }) => event).filter(event => event !== 'progress')).toEqual(['checkpoint', 'summary'])
      expect(events.at(-1)).toMatchObject({ episodes: 10, stopped: true })
      outcomes.push(outcomeOf(out))
    }
    expect(outcomes[1]).toEqual(outcomes[0])
  })
})

describe('a table at the end', () => {
  it('leaves viewers served and the folder free, and is left out at Ctrl-C', async () => {
    const out = join(temporaryFolder(), 'run')
    // It would take hours.
    const more = ['--set', 'run.summaryEpisodes=10000000', '--episodes', '20', '--watch', '0', '--out', out]
    const running = start('train', 'simple_spread', ...tiny, ...more)
    const url = (await running.sees(/live page: (http:\S+)/))[1]!
    const viewer = await TinyViewer.connect(url)
    await running.sees(/playing 10,000,000 episodes of every policy for the table; Ctrl-C leaves it out/)
    await until(() => expect(viewer.state).toMatchObject({ status: 'ended', message: 'All 20 episodes are done.' }))
    expect(existsSync(join(out, 'trainer.pid'))).toBe(false)
    const seen = viewer.frames.length
    await until(() => expect(viewer.frames.length).toBeGreaterThan(seen + 3))
    running.process.kill('SIGINT')
    const { code, stdout } = await running.finished
    expect(code).toBe(0)
    expect(stdout).toContain('Trained. 20 episodes')
    expect(stdout).not.toContain('random actions')
    expect(viewer.messages.at(-1)).toEqual({ type: 'bye', message: 'the training has finished' })
  })
})
