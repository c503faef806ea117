// Evaluation while a run is trained: at the moments that were asked for, and never a bit of the training changed.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lastValueFrom, Observable, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { Tick } from '../../src/engine/clock.ts'
import { evaluate } from '../../src/experiment/evaluate.ts'
import { type RecordedEvent, record } from '../../src/experiment/record.ts'
import { createRunFolder, openRunFolder } from '../../src/experiment/run-folder.ts'
import { train } from '../../src/experiment/trainer.ts'
import { layer, type Overrides } from '../../src/run/config/config.ts'
import { evaluationOf, type Run } from '../../src/run/run.ts'
import { copySaved } from '../../src/saved.ts'
import { scalarsIn } from '../support/read-events.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { tick, ticks } from '../support/ticks.ts'
import { tinyRun } from '../support/tiny-config.ts'

const evaluated: Overrides = { run: { evaluateEvery: 10, evaluateEpisodes: 50 } }
const withTeams: Overrides = { scenario: { id: 'simple_tag' }, team: { agent: 'random' }, network: { memory: 4 } }

/** Trains on disk until the clock stops. */
async function trained(run: Run, path = join(tempFolder(), 'run'), count = 1e6) {
  mkdirSync(path, { recursive: true })
  const recorded$ = train(run, { clock$: ticks(count) }).pipe(record(run, createRunFolder(path, run.config)), toArray())
  const events = await lastValueFrom(recorded$)
  const lines: Record<string, number>[] = readFileSync(join(path, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  const without = (prefixes: string[]) =>
    lines.map(line => Object.entries(line).filter(([key]) => !prefixes.some(prefix => key.startsWith(prefix))))
  const [checkpoint] = readdirSync(join(path, 'checkpoints'))
  return {
    path,
    events,
    lines,
    training: without(['time/', 'evaluation/']),
    timeless: without(['time/']),
    checkpoint: readFileSync(join(path, 'checkpoints', checkpoint!)).toString('base64'),
  }
}

const described = (events: readonly RecordedEvent[]) =>
  events.map(event => {
    if (event.type === 'evaluation') return `evaluation ${event.trainingEpisodes}`
    return event.type === 'metrics' ? `line ${event.line.episodes}` : event.type
  })

describe('a run that is evaluated while it is trained', () => {
  it.each([
    ['several agents with one return', {}],
    ['teams, a memory and a player that learns nothing', withTeams],
    ['several games', { run: { games: 4 } }],
  ])('is trained to the same bits: %s', async (_, overrides) => {
    const alone = await trained(await tinyRun(overrides))
    const watched = await trained(await tinyRun(layer(overrides, { run: { ...overrides.run, ...evaluated.run } })))
    expect(watched.training).toEqual(alone.training)
    expect(watched.checkpoint === alone.checkpoint).toBe(true)
    expect(watched.timeless).not.toEqual(alone.timeless)
    for (const line of watched.lines) {
      const isEvaluated = Object.keys(line).some(key => key.startsWith('evaluation/'))
      expect('time/evaluation' in line).toBe(isEvaluated)
    }
  })

  it('says how it went before the line that has the figures', async () => {
    const { events, lines } = await trained(await tinyRun(evaluated))
    expect(described(events)).toEqual([
      ...['line 5', 'evaluation 10', 'line 10', 'checkpoint', 'line 15', 'evaluation 20', 'line 20', 'checkpoint'],
      ...['line 25', 'evaluation 30', 'line 30', 'checkpoint'],
    ])
    const evaluations = events.flatMap(event => (event.type === 'evaluation' ? [event.evaluation] : []))
    expect(evaluations).toMatchObject([{ episodes: 50, mode: 'greedy' }, {}, {}])
    const at = (episodes: number) => lines.find(line => line.episodes === episodes)!
    for (const [i, { returns, metrics, finalMetrics }] of evaluations.entries()) {
      for (const [id, { mean }] of Object.entries(returns)) {
        expect(at(10 * (i + 1))[`evaluation/return/${id}`]).toBe(mean)
      }
      expect(at(10 * (i + 1))['evaluation/metric/collisions']).toBe(metrics.collisions!.mean)
      expect(at(10 * (i + 1))['evaluation/finalMetric/collisions']).toBe(finalMetrics.collisions!.mean)
    }
    expect(Object.keys(at(15)).some(key => key.startsWith('evaluation/'))).toBe(false)
  })

  it('has the returns that an evaluation of its checkpoint has', async () => {
    // No update round is due at its end.
    const run = await tinyRun({ ...evaluated, learner: { updateEvery: 70 } })
    const { lines } = await trained(run)
    const { returns } = evaluate(evaluationOf(run, 'trained', 'greedy', 50))
    expect(lines.at(-1)!['evaluation/return/agent_0']).toBe(returns.agent_0!.mean)
  })

  it('is evaluated at the line that comes next where lines come less often', async () => {
    const { events } = await trained(await tinyRun({ run: { ...evaluated.run, evaluateEvery: 7 } }))
    expect(described(events).filter(event => event.startsWith('evaluation'))).toEqual([
      'evaluation 10',
      'evaluation 20',
      'evaluation 30',
    ])
  })

  it('goes on with the evaluations that it would have had, wherever it was cut', async () => {
    const whole = await trained(await tinyRun(evaluated))
    for (const cut of [60, 101, 119, 131, 205]) {
      const first = await tinyRun(evaluated)
      const before = await trained(first, undefined, cut)
      const resumed = await tinyRun(evaluated)
      resumed.restore(first.save())
      const after = await trained(resumed)
      // As when it goes on: the line at the stop is taken back.
      const { folder } = openRunFolder(before.path)
      folder.readCheckpoint()
      folder.cutMetrics(first.tracker.finished)
      const regular = before.timeless.slice(0, folder.readMetrics().length)
      expect([...regular, ...after.timeless]).toEqual(whole.timeless)
    }
  })

  it('is played tick by tick while the training waits, and played anew where it was stopped in its midst', async () => {
    const whole = await trained(await tinyRun(evaluated))
    const first = await tinyRun(evaluated)
    let turns = 0
    const clock$ = new Observable<Tick>(subscriber => {
      // The second evaluation, at a step that a checkpoint is due at.
      while (!subscriber.closed && !(first.tracker.finished >= 20 && first.evaluation!.due && ++turns > 10)) {
        subscriber.next(tick())
      }
      subscriber.complete()
    })
    const before = await lastValueFrom(train(first, { clock$ }).pipe(toArray()))
    expect(before.map(({ type }) => type).filter(type => type !== 'rowsDue')).toEqual([
      ...['metrics', 'evaluation', 'metrics', 'checkpointDue', 'metrics'],
      // At the stop.
      'metrics',
    ])
    const saved = copySaved(first.save())
    expect(saved).toMatchObject({ evaluationDue: { checkpointDue: true } })
    for (const again of ['in the same process', 'in another']) {
      const run = again === 'in another' ? await tinyRun(evaluated) : first
      if (run !== first) run.restore(saved)
      const { timeless, events } = await trained(run)
      expect(described(events).slice(0, 3), again).toEqual(['evaluation 20', 'line 20', 'checkpoint'])
      expect(timeless, again).toEqual(whole.timeless.slice(-timeless.length))
      expect(copySaved(run.save())).not.toHaveProperty('evaluationDue')
    }
  })

  it('has tags in TensorBoard for agents and teams', async () => {
    const { path, lines } = await trained(await tinyRun(layer(withTeams, evaluated)))
    const scalars = scalarsIn(path)
    const key = 'evaluation/return/adversary_0'
    const expected = lines.filter(line => key in line).map(line => [line.envSteps, Math.fround(line[key]!)])
    expect(expected).toHaveLength(3)
    expect(scalars.get(key)).toEqual(expected)
    expect(scalars.get('evaluation/return/adversary')?.map(([step]) => step)).toEqual(expected.map(([step]) => step))
  })
})
