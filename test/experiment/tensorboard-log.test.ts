// A training run's TensorBoard events: the numbers of metrics.jsonl under stable tags, on a resumed run too.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { concat, lastValueFrom, throwError } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { record } from '../../src/experiment/record.ts'
import { createRunFolder, openRunFolder } from '../../src/experiment/run-folder.ts'
import { countersOf, train } from '../../src/experiment/trainer.ts'
import { observed } from '../support/observed.ts'
import { eventFilesIn, readEvents, scalarsIn } from '../support/read-events.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { ticks } from '../support/ticks.ts'
import { tinyConfig, tinyRun } from '../support/tiny-config.ts'

const newFolder = () => createRunFolder(join(tempFolder(), 'run'), {})
const linesIn = (path: string): Record<string, number>[] =>
  readFileSync(join(path, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))

describe('TensorBoard events of a training run', () => {
  it('say what metrics.jsonl says, by environment steps, and how fast it went', async () => {
    const run = await tinyRun()
    const folder = newFolder()
    await lastValueFrom(train(run, { clock$: ticks(1e6) }).pipe(record(run, folder)))
    const lines = linesIn(folder.path)
    const scalars = scalarsIn(folder.path)
    expect(new Set(scalars.keys())).toEqual(
      new Set([
        'progress/episodes',
        'progress/updates',
        ...['agent', 'agent_0', 'agent_1', 'agent_2'].map(who => `episode/return/${who}`),
        ...[0, 1, 2].flatMap(i => [`loss/critic/agent_${i}`, `loss/actor/agent_${i}`]),
        'time/seconds',
        'time/env_steps_per_s',
        'time/update_ms',
      ]),
    )
    for (const [tag, key] of [
      ['progress/episodes', 'episodes'],
      ['episode/return/agent_2', 'return/agent_2'],
      ['loss/critic/agent_1', 'criticLoss/agent_1'],
    ] as const) {
      expect(scalars.get(tag)).toEqual(
        lines.filter(line => key in line).map(line => [line.envSteps, Math.fround(line[key]!)]),
      )
    }
    for (const tag of ['time/env_steps_per_s', 'time/update_ms']) {
      for (const [, value] of scalars.get(tag)!) expect(value, tag).toBeGreaterThan(0)
    }
    const described = eventFilesIn(folder.path)
      .flatMap(name => readEvents(join(folder.path, name)))
      .flatMap(({ summary }) => summary?.value ?? [])
      .filter(({ metadata }) => metadata !== undefined)
    expect(described.map(({ tag }) => tag).sort()).toEqual([...scalars.keys()].sort())
  })

  it('of on-policy learning have its diagnoses, of the group that learns as one', async () => {
    const learner = { algorithm: 'ppo', rolloutSteps: 20, epochs: 2 }
    const run = await tinyRun({ run: { games: 2 } }, { ...tinyConfig, learner })
    const folder = newFolder()
    await lastValueFrom(train(run, { clock$: ticks(1e6) }).pipe(record(run, folder)))
    const lines = linesIn(folder.path)
    const scalars = scalarsIn(folder.path)
    const bounds: Readonly<Record<string, readonly [tag: string, low: number, high: number]>> = {
      entropy: ['learner/entropy', 0, Math.log(5)],
      approximateKl: ['learner/approximate_kl', 0, 1],
      clipFraction: ['learner/clip_fraction', 0, 1],
      explainedVariance: ['learner/explained_variance', Number.NEGATIVE_INFINITY, 1],
      truncatedShare: ['learner/truncated_share', 0.1, 0.1],
      valueLoss: ['loss/value', 0, Number.POSITIVE_INFINITY],
      actorGradientNorm: ['learner/actor_gradient_norm', 0, Number.POSITIVE_INFINITY],
      criticGradientNorm: ['learner/critic_gradient_norm', 0, Number.POSITIVE_INFINITY],
    }
    for (const [name, [tag, low, high]] of Object.entries(bounds)) {
      const values = lines.flatMap(line => (`${name}/agent` in line ? [[line.envSteps, line[`${name}/agent`]!]] : []))
      expect(values.length, name).toBeGreaterThan(2)
      for (const [, value] of values) {
        expect(value, name).toBeGreaterThanOrEqual(low)
        expect(value, name).toBeLessThanOrEqual(high)
      }
      expect(scalars.get(`${tag}/agent`), name).toEqual(values.map(([step, value]) => [step, Math.fround(value!)]))
    }
  })

  it('are there line by line while the training runs', async () => {
    const run = await tinyRun()
    const folder = newFolder()
    const seen: number[] = []
    train(run, { clock$: ticks(1e6) })
      .pipe(record(run, folder))
      .subscribe(({ type }) => {
        if (type === 'metrics') seen.push(scalarsIn(folder.path).get('progress/episodes')!.length)
      })
    expect(seen).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('of a run that lost its last lines go on where its checkpoint is, and are those of a run that lost none', async () => {
    const folder = newFolder()
    const killed = await tinyRun()
    // Episode 20 has a checkpoint; what comes after it is lost with the process.
    const clock$ = concat(
      ticks(300),
      throwError(() => new Error('killed')),
    )
    expect(observed(train(killed, { clock$ }).pipe(record(killed, folder))).errors).toHaveLength(1)
    expect(scalarsIn(folder.path).get('progress/episodes')).toHaveLength(5)
    const resumed = await tinyRun()
    const opened = openRunFolder(folder.path).folder
    resumed.restore(opened.readCheckpoint())
    expect(countersOf(resumed).episodes).toBe(20)
    opened.cutMetrics(20)
    await lastValueFrom(train(resumed, { clock$: ticks(1e6) }).pipe(record(resumed, opened)))
    expect(eventFilesIn(folder.path)).toHaveLength(2)
    const lines = linesIn(folder.path)
    expect(lines.map(({ episodes }) => episodes)).toEqual([5, 10, 15, 20, 25, 30])
    expect(scalarsIn(folder.path).get('episode/return/agent_0')).toEqual(
      lines.map(line => [line.envSteps, Math.fround(line['return/agent_0']!)]),
    )
    const seconds = lines.map(line => line['time/seconds']!)
    expect(seconds).toEqual([...seconds].sort((a, b) => a - b))
  })

  it('are not written where the settings say so', async () => {
    const run = await tinyRun({ run: { tensorboard: false } })
    const folder = newFolder()
    await lastValueFrom(train(run, { clock$: ticks(1e6) }).pipe(record(run, folder)))
    expect(eventFilesIn(folder.path)).toEqual([])
  })
})
