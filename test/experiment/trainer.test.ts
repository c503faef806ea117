// The whole machine: what comes out, that it comes out the same every time, and that it goes on wherever it was cut.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { BehaviorSubject, filter, lastValueFrom, map, type Observable, Subject, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { fastClock, type Tick } from '../../src/engine/clock.ts'
import { NonFiniteError } from '../../src/errors.ts'
import { readCheckpoint, writeCheckpoint } from '../../src/experiment/checkpoint.ts'
import { record } from '../../src/experiment/record.ts'
import { createRunFolder } from '../../src/experiment/run-folder.ts'
import {
  countersOf,
  type Training,
  type TrainingControls,
  type TrainingEvent,
  train,
} from '../../src/experiment/trainer.ts'
import type { Overrides } from '../../src/run/config/config.ts'
import { observed } from '../support/observed.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { tick, ticks } from '../support/ticks.ts'
import { tinyRun } from '../support/tiny-config.ts'
import { tinyTraining } from '../support/tiny-training.ts'

/** Trains to the end or until the clock stops; the regular metrics without times, and where checkpoints were due. */
function events(training: Training, controls: TrainingControls = {}): object[] {
  const events$ = train(training, { clock$: ticks(1e6), ...controls })
  const regular$ = events$.pipe(filter(event => !(event.type === 'metrics' && event.isLast)))
  const { values, errors } = observed(regular$.pipe(map(event => timeless(event, training))))
  expect(errors).toEqual([])
  return values
}

function timeless(event: TrainingEvent, training: Training): object {
  if (event.type === 'rowsDue') return event
  if (event.type === 'checkpointDue') return { checkpointDue: countersOf(training) }
  if (event.type === 'evaluation') return event
  return Object.fromEntries(Object.entries(event.line).filter(([key]) => !key.startsWith('time/')))
}

/** Everything that lasts of a training, as the bytes of its checkpoint. */
function bytesOf(training: Training): Buffer {
  const file = join(tempFolder(), 'checkpoint')
  writeCheckpoint(file, training.save())
  return readFileSync(file)
}

function expectSame(a: Training, b: Training): void {
  // Equal bytes, without vitest's slow picture of the difference.
  expect(bytesOf(a).equals(bytesOf(b))).toBe(true)
}

describe('a training run', () => {
  it('reports every logEvery episodes, and makes checkpoints due every checkpointEvery but at the end', async () => {
    const run = await tinyRun()
    const seen = events(run)
    expect(
      seen.map(event => ('checkpointDue' in event ? 'checkpoint' : (event as { episodes: number }).episodes)),
    ).toEqual([5, 10, 'checkpoint', 15, 20, 'checkpoint', 25, 30])
    expect(run.tracker.finished).toBe(30)
  })

  it('reports counters, the training return of every agent and the figures of the updates', async () => {
    const run = await tinyRun()
    const lines = events(run).filter(event => !('checkpointDue' in event)) as Record<string, number>[]
    expect(lines[0]).toMatchObject({ episodes: 5, envSteps: 50, updates: 0 })
    expect(Object.keys(lines[0]!)).toEqual([
      'episodes',
      'envSteps',
      'updates',
      'return/agent_0',
      'return/agent_1',
      'return/agent_2',
    ])
    // 60 transitions are there at step 60; then a round every 20 environment steps.
    expect(lines.at(-1)).toMatchObject({ episodes: 30, envSteps: 300, updates: 12 })
    expect(Object.keys(lines.at(-1)!)).toContain('criticLoss/agent_2')
    expect(lines.at(-1)!['return/agent_0']).toBe(run.returns.means()[0])
    for (const value of lines.flatMap(line => Object.values(line))) expect(Number.isFinite(value)).toBe(true)
  })

  it('of many games reports once per step, when all its episodes have been counted', async () => {
    const training = await tinyTraining({
      games: 8,
      game: { reward: ({ secrets }) => secrets[0]! },
      schedule: { episodes: 40, logEvery: 3, checkpointEvery: 20 },
    })
    const returns: number[] = []
    const add = training.returns.add.bind(training.returns)
    training.returns.add = episode => {
      returns.push(episode.returns[0]!)
      add(episode)
    }
    const seen = events(training) as Record<string, number>[]
    const lines = seen.filter(event => 'episodes' in event)
    expect(lines.map(line => line.episodes)).toEqual([8, 16, 24, 32, 40])
    for (const line of lines) {
      const counted = returns.slice(0, line.episodes!)
      expect(line['return/agent_0']).toBeCloseTo(counted.reduce((a, b) => a + b) / counted.length, 9)
    }
    expect(seen.filter(event => 'checkpointDue' in event)).toHaveLength(1)
  })

  it('does an update round for every hundredth of its steps, vector steps or not', async () => {
    for (const games of [1, 7]) {
      const training = await tinyTraining({ games, every: 10, after: 20, schedule: { episodes: 70 } })
      events(training)
      const { envSteps, updates } = countersOf(training)
      // The buffer holds 20 transitions at vector step ceil(20 / games); rounds due in it count.
      const before = (Math.ceil(20 / games) - 1) * games
      expect(updates).toBe(Math.floor(envSteps / 10) - Math.floor(before / 10))
    }
  })

  it('ends with no round under way', async () => {
    const training = await tinyTraining({ every: 5, after: 5, schedule: { episodes: 20 } })
    events(training)
    expect(training.rounds.due).toBe(false)
    expect(training.rounds.finished).toBe(20)
  })

  it('that has finished ends at once', async () => {
    const run = await tinyRun()
    events(run)
    const before = bytesOf(run)
    expect(events(run)).toEqual([])
    expect(bytesOf(run).equals(before)).toBe(true)
  })

  it('does nothing before somebody subscribes', async () => {
    const run = await tinyRun()
    train(run)
    await new Promise(resolve => setTimeout(resolve, 5))
    expect(run.vectorGame.steps).toBe(0)
  })

  it('simulates and learns in ticks of its own, one agent at a time', async () => {
    const training = await tinyTraining({ every: 10, after: 10 })
    const done: string[] = []
    const clock$ = new Subject<Tick>()
    observed(train(training, { clock$ }))
    for (let i = 0; i < 6; i++) {
      const { steps } = training.vectorGame
      const due = training.rounds.due
      const updated = training.rounds.finished
      clock$.next(tick(8))
      const moved = training.vectorGame.steps - steps
      done.push(due ? `learn${training.rounds.finished > updated ? ', round finished' : ''}` : `${moved} steps`)
      if (due) expect(moved).toBe(0)
    }
    expect(done).toEqual(['8 steps', '2 steps', 'learn', 'learn, round finished', '8 steps', '2 steps'])
  })
})

describe('the line at an end or a stop', () => {
  const linesOf = async (training: Training, controls: TrainingControls = {}) => {
    const all = await lastValueFrom(train(training, { clock$: ticks(1e6), ...controls }).pipe(toArray()))
    return all.flatMap(event => (event.type === 'metrics' ? [event] : []))
  }

  it('is there where the run is shorter than the way to its first line, and where it has ended before', async () => {
    const run = await tinyRun({ run: { episodes: 3, logEvery: 100 } })
    const [line, ...others] = await linesOf(run)
    expect(others).toEqual([])
    expect(line).toMatchObject({ isLast: true, line: { episodes: 3, envSteps: 30, updates: 0 } })
    expect(line!.line['return/agent_0']).toBe(run.returns.means()[0])
    expect(await linesOf(run)).toHaveLength(1)
  })

  it('is none where the last regular line says the same', async () => {
    const lines = await linesOf(await tinyRun())
    expect(lines.map(({ line, isLast }) => [line.episodes, isLast])).toEqual(
      [5, 10, 15, 20, 25, 30].map(episodes => [episodes, undefined]),
    )
  })

  it('of a stop at any step changes no bit of what comes after it, and no regular line', async () => {
    const straight = await tinyRun()
    const regular = events(straight)
    for (const at of [1, 33, 61, 62, 97, 131]) {
      const run = await tinyRun()
      const before = await linesOf(run, { clock$: ticks(at) })
      expect(before.at(-1)).toMatchObject({ isLast: true, line: countersOf(run) })
      const first = before.filter(({ isLast }) => !isLast).length
      const after = events(run)
      expect(after.filter(event => 'episodes' in event)).toEqual(
        regular.filter(event => 'episodes' in event).slice(first),
      )
      expectSame(run, straight)
    }
  })

  it('has no number that is none: before the first episode has finished there are no returns in it', async () => {
    const [line] = await linesOf(await tinyRun(), { clock$: ticks(7) })
    expect(line!.line).toEqual({ episodes: 0, envSteps: 7, updates: 0, 'time/seconds': expect.any(Number) })
  })
})

describe('an episode without an end', () => {
  it('is logged, and kept, by environment steps', async () => {
    const training = await tinyTraining({
      game: { length: 1e9 },
      games: 2,
      every: 10,
      after: 20,
      schedule: { episodes: 1, logEvery: 100, logSteps: 30, checkpointEvery: 100, checkpointSteps: 50 },
    })
    const seen = events(training, { clock$: ticks(120) }) as Record<string, number>[]
    const lines = seen.filter(event => 'episodes' in event)
    const steps = countersOf(training).envSteps
    expect(steps).toBeGreaterThan(100)
    expect(lines.map(line => line.envSteps)).toEqual(
      Array.from({ length: Math.floor(steps / 30) }, (_, i) => (i + 1) * 30),
    )
    for (const line of lines) {
      expect(line.episodes).toBe(0)
      expect(Object.values(line).every(Number.isFinite)).toBe(true)
      expect(Object.keys(line).filter(key => key.startsWith('return/'))).toEqual([])
    }
    expect(lines.at(-1)).toHaveProperty('criticLoss/agent_0')
    const checkpoints = seen.flatMap(event =>
      'checkpointDue' in event
        ? [(event as unknown as { checkpointDue: { envSteps: number } }).checkpointDue.envSteps]
        : [],
    )
    expect(checkpoints).toEqual(Array.from({ length: Math.floor(steps / 50) }, (_, i) => (i + 1) * 50))
  })

  it('that was cut goes on with the same lines, counted from the last one', async () => {
    const options = {
      game: { length: 1e9 },
      every: 10,
      after: 20,
      schedule: { episodes: 1, logEvery: 100, logSteps: 30, checkpointEvery: 100 },
    }
    const straight = await tinyTraining(options)
    const expected = events(straight, { clock$: ticks(150) })
    const [cut, resumed] = [await tinyTraining(options), await tinyTraining(options)]
    const before = events(cut, { clock$: ticks(65) })
    resumed.restore(cut.save())
    expect([...before, ...events(resumed, { clock$: ticks(85) })]).toEqual(expected)
    expectSame(resumed, straight)
  })

  it('with many short ones beside it has no lines more than before', async () => {
    const run = await tinyRun({ run: { logSteps: 50 } })
    expect(events(run).flatMap(event => ('episodes' in event ? [event.episodes] : []))).toEqual([5, 10, 15, 20, 25, 30])
  })
})

describe('the same seed', () => {
  const keep = async (overrides: Overrides = {}, clock$: Observable<Tick> = fastClock()) => {
    const run = await tinyRun(overrides)
    const path = join(tempFolder(), 'run')
    await lastValueFrom(train(run, { clock$ }).pipe(record(run, createRunFolder(path, run.config))))
    const lines = readFileSync(join(path, 'metrics.jsonl'), 'utf8').trim().split('\n')
    const checkpoints = join(path, 'checkpoints')
    const [checkpoint] = readdirSync(checkpoints)
    return {
      metrics: lines.map(line => Object.entries(JSON.parse(line)).filter(([key]) => !key.startsWith('time/'))),
      checkpoint: readFileSync(join(checkpoints, checkpoint!)).toString('base64'),
    }
  }

  it.each([1, 4])('gives the same metrics and checkpoints, byte by byte, with %i games', async games => {
    const first = await keep({ run: { games } })
    expect(first.metrics.length).toBeGreaterThan(3)
    const second = await keep({ run: { games } })
    expect(second.metrics).toEqual(first.metrics)
    expect(second.checkpoint === first.checkpoint).toBe(true)
  })

  it('gives the same whatever the clock: one step per tick, a few, or all that go into some milliseconds', async () => {
    const first = await keep({}, fastClock(8))
    for (const clock$ of [ticks(1e6, 1), ticks(1e6, 7), ticks(1e6, 1000), fastClock(0), fastClock(1)]) {
      const other = await keep({}, clock$)
      expect(other.metrics).toEqual(first.metrics)
      expect(other.checkpoint === first.checkpoint).toBe(true)
    }
  })

  it('is not another seed', async () => {
    const [first, second] = [await keep(), await keep({ run: { seed: 8 } })]
    expect(second.metrics).not.toEqual(first.metrics)
  })
})

describe('a training run that was cut', () => {
  /** Ticks of the whole miniature run when each has room for one step. */
  const lengthInTicks = async () => {
    const clock$ = new Subject<Tick>()
    const seen = observed(train(await tinyRun(), { clock$ }))
    let count = 0
    for (; !seen.completed; count++) clock$.next(tick(1))
    return count
  }

  it('goes on with the same bits after a checkpoint at any moment, in the middle of an update round too', async () => {
    const end = await lengthInTicks()
    let inRound = 0
    const cutAt = async (at: number) => {
      const whole = await tinyRun({ run: { episodes: 1000 } })
      const before = events(whole, { clock$: ticks(at) })
      const file = join(tempFolder(), 'cut')
      writeCheckpoint(file, whole.save())
      if (whole.rounds.due) inRound++
      const resumed = await tinyRun({ run: { episodes: 1000 } })
      resumed.restore(readCheckpoint(file))
      expect(countersOf(resumed)).toEqual(countersOf(whole))
      expectSame(resumed, whole)
      // 300 ticks: more than 200 vector steps and their update rounds.
      const after = events(whole, { clock$: ticks(300) })
      expect(events(resumed, { clock$: ticks(300) })).toEqual(after)
      expectSame(resumed, whole)
      // And the cut itself was none.
      const uncut = await tinyRun({ run: { episodes: 1000 } })
      expect(events(uncut, { clock$: ticks(at + 300) })).toEqual([...before, ...after])
      expectSame(uncut, whole)
    }
    await fc.assert(fc.asyncProperty(fc.integer({ min: 0, max: end }), cutAt), { numRuns: 12 })
    // Step 60 makes the first round due: ticks 61, 62 and 63 belong to it.
    for (const at of [59, 60, 61, 62, 63, 64]) await cutAt(at)
    expect(inRound).toBeGreaterThanOrEqual(3)
  })

  it('goes on with the same bits with several games, terminations and agents that leave early', async () => {
    const options = {
      games: 3,
      every: 7,
      after: 30,
      game: { length: 6, ending: 'terminated', leaves: { 0: 2 } },
    } as const
    for (const at of [1, 5, 13, 40, 41, 77]) {
      const whole = await tinyTraining({ ...options, schedule: { episodes: 1e6, logEvery: 10 } })
      const resumed = await tinyTraining({ ...options, schedule: { episodes: 1e6, logEvery: 10 } })
      events(whole, { clock$: ticks(at) })
      const file = join(tempFolder(), 'cut')
      writeCheckpoint(file, whole.save())
      resumed.restore(readCheckpoint(file))
      expectSame(resumed, whole)
      expect(events(resumed, { clock$: ticks(200) })).toEqual(events(whole, { clock$: ticks(200) }))
      expectSame(resumed, whole)
    }
  })

  it('goes on to the end that it would have had', async () => {
    const whole = await tinyRun()
    const lines = events(whole)
    const cut = await tinyRun({ run: { episodes: 12 } })
    const before = events(cut)
    const resumed = await tinyRun()
    resumed.restore(cut.save())
    // The end of the shorter run is no end of the longer one, so only metrics are compared.
    const metrics = (all: object[]) => all.filter(event => 'episodes' in event)
    expect(metrics([...before, ...events(resumed)])).toEqual(metrics(lines))
    expectSame(resumed, whole)
  })
})

describe('pause and stop', () => {
  it('pause holds the clock, and going on gives the same bits', async () => {
    const [straight, paused] = [await tinyRun(), await tinyRun()]
    const expected = events(straight)
    const paused$ = new BehaviorSubject(false)
    const clock$ = new Subject<Tick>()
    const seen = observed(train(paused, { paused$, clock$ }).pipe(map(event => timeless(event, paused))))
    for (let i = 0; !seen.completed; i++) {
      clock$.next(tick(1))
      if (i % 17 !== 0) continue
      paused$.next(true)
      const { steps } = paused.vectorGame
      for (let n = 0; n < 3; n++) clock$.next(tick(5))
      expect(paused.vectorGame.steps).toBe(steps)
      paused$.next(false)
    }
    expect(seen.values).toEqual(expected)
    expectSame(paused, straight)
  })

  it('paused from the start, does nothing until it is let go', async () => {
    const run = await tinyRun()
    const paused$ = new BehaviorSubject(true)
    const seen = observed(train(run, { paused$, clock$: ticks(1e6) }))
    expect(run.vectorGame.steps).toBe(0)
    paused$.next(false)
    expect(seen.values.length).toBeGreaterThan(0)
  })

  it('stop ends between two ticks, paused or not', async () => {
    for (const paused of [false, true]) {
      const run = await tinyRun()
      const stop$ = new Subject<void>()
      const clock$ = new Subject<Tick>()
      const paused$ = new BehaviorSubject(false)
      const seen = observed(train(run, { stop$, clock$, paused$ }))
      for (let i = 0; i < 40; i++) clock$.next(tick(1))
      paused$.next(paused)
      expect(seen.completed).toBe(false)
      stop$.next()
      expect(seen.completed).toBe(true)
      expect(clock$.observed).toBe(false)
      expect(run.vectorGame.steps).toBe(40)
    }
  })

  it('stop from within an event leaves nothing half counted', async () => {
    const [stopped, reference] = [await tinyRun(), await tinyRun()]
    const stop$ = new Subject<void>()
    train(stopped, { stop$, clock$: ticks(1e6, 50) }).subscribe(() => stop$.next())
    observed(train(reference, { clock$: ticks(50) }))
    expect(stopped.tracker.finished).toBe(5)
    // Only what the metrics line took away was taken.
    expectSame(stopped, reference)
  })
})

describe('a number that is not finite', () => {
  const failure = (training: Training) => {
    const { errors, completed } = observed(train(training, { clock$: ticks(1e4) }))
    expect(completed).toBe(false)
    expect(errors).toHaveLength(1)
    expect(errors[0]).toBeInstanceOf(NonFiniteError)
    return String(errors[0])
  }

  it('in a reward is the error of the stream, with agent, step and game', async () => {
    let steps = 0
    const reward = ({ agent }: { agent: number }) => (agent === 1 && ++steps === 23 ? Number.NaN : 0)
    expect(failure(await tinyTraining({ game: { reward } }))).toMatch(
      /reward of agent_1 is not finite at step 23 of game 0/,
    )
  })

  it('in an observation is the error of the stream, with agent, part and step', async () => {
    const see = ({ step, agent }: { step: number; agent: number }) => [
      step === 4 && agent === 0 ? Number.POSITIVE_INFINITY : 1,
    ]
    const message = failure(await tinyTraining({ game: { see } }))
    expect(message).toMatch(/observation 'all' of agent_0 is not finite at step 4 of game 0/)
  })

  it('in a loss is the error of the stream, with agent, loss, round and step', async () => {
    const training = await tinyTraining({ every: 10, after: 30 })
    poison(training, 1, 'targetCritic', 'layer1.bias', Number.NaN)
    expect(failure(training)).toMatch(/agent_1: critic loss is NaN.*\(update round 1, environment step 30\)/)
  })

  it('in a gradient is the error of the stream, with agent, network, tensor, round and step', async () => {
    const training = await tinyTraining({ every: 10, after: 30, hidden: [8, 8] })
    poison(training, 0, 'critic', 'layer2.weight', 1e36)
    expect(failure(training)).toMatch(
      /agent_0: critic: .*gradient of layer\d\.(weight|bias) is not finite.*\(update round 1, environment step 30\)/,
    )
  })

  function poison(training: Training, agent: number, network: string, tensor: string, value: number): void {
    const saved = training.roster[agent]!.save() as Record<
      string,
      Record<string, Float32Array | { data: Float32Array }>
    >
    const found = saved[network]![tensor]!
    ;('data' in found ? found.data : found).fill(value)
    training.roster[agent]!.restore(saved as never)
  }
})
