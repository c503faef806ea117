// Every algorithm over replay with actors that remember, shared parameters and sub-policies, all at once: it trains, and goes on to the bit.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readCheckpoint, writeCheckpoint } from '../../src/experiment/checkpoint.ts'
import { evaluate } from '../../src/experiment/evaluate.ts'
import { train } from '../../src/experiment/trainer.ts'
import type { Overrides } from '../../src/run/config/config.ts'
import { algorithms, evaluationOf, type Run } from '../../src/run/run.ts'
import { observed } from '../support/observed.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { ticks } from '../support/ticks.ts'
import { tinyRun } from '../support/tiny-config.ts'
import { learnsFromReplay, settingsIn } from '../support/tiny-roster.ts'

const everything: Overrides = {
  scenario: { id: 'simple_tag' },
  learner: { shareParameters: true, subPolicies: 2, updateEvery: 20 },
  network: { hidden: [6], memory: 5, memorySteps: 3 },
  run: { episodes: 1000, games: 2 },
}

function play(run: Run, count: number): void {
  expect(observed(train(run, { clock$: ticks(count) })).errors).toEqual([])
}

/** A checkpoint of the run. */
function checkpointOf(run: Run): string {
  const file = join(tempFolder(), 'checkpoint')
  writeCheckpoint(file, run.save())
  return file
}

const overReplay = Object.keys(algorithms).filter(id => learnsFromReplay(algorithms[id]!))

describe.each(overReplay)('%s with memory, shared parameters and sub-policies', algorithm => {
  it('goes on to the bit after a cut in the middle of a round, and acts by what it learnt', async () => {
    const learner = settingsIn(algorithms[algorithm]!, { ...everything.learner, algorithm })
    const settings = { ...everything, learner }
    const whole = await tinyRun(settings)
    play(whole, 33)
    while (!whole.rounds.due) play(whole, 1)
    const file = checkpointOf(whole)
    const resumed = await tinyRun(settings)
    resumed.restore(readCheckpoint(file))
    for (const run of [whole, resumed]) play(run, 60)
    expect(whole.rounds.finished).toBeGreaterThan(3)
    const [end, other] = [whole, resumed].map(checkpointOf)
    expect(readFileSync(end!).equals(readFileSync(other!))).toBe(true)

    const acting = await tinyRun(settings)
    acting.restoreLearners(readCheckpoint(end!))
    const [returns, expected] = [acting, whole].map(run => evaluate(evaluationOf(run, 'trained', 'sample', 50)).returns)
    expect(returns).toEqual(expected)
  })
})

describe('shared parameters', () => {
  it('are one network per team, that every member moves', async () => {
    const run = await tinyRun({ ...everything, learner: { shareParameters: true } })
    const [first, second, third, prey] = run.roster.map(({ actor }) => actor.networks[0]!)
    expect(second).toBe(first)
    expect(third).toBe(first)
    expect(prey).not.toBe(first)
    const before = Float32Array.from(first!.parameters)
    while (run.rounds.finished === 0) play(run, 1)
    expect(first!.parameters).not.toEqual(before)
  })

  it('keep agents apart who see and do the same', async () => {
    const run = await tinyRun({ learner: { shareParameters: true } })
    const [same] = run.agents
    const observations = { rows: 1, columns: same!.observationSize, data: new Float32Array(same!.observationSize) }
    const acts = run.roster.map(({ actor }) => [...actor.greedy(observations).data].join())
    expect(new Set(acts).size).toBe(3)
  })
})

describe('a memory', () => {
  it('is refused where the backend has none', async () => {
    await expect(tinyRun({ network: { memory: 4 }, run: { backend: 'tfjs', tfjs: 'cpu' } })).rejects.toThrow(
      /network\.memory: expected 0, got 4: backend 'tfjs-cpu' has no recurrent layers; run\.backend=simd has/,
    )
  })
})
