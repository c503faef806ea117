// Standings: who is best, with what certainty; what mattered; and the log that they come from.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { merit, overSeeds } from '../../src/jobs/objective.ts'
import { createRandom } from '../../src/random.ts'
import { importanceOf } from '../../src/sweep/importance.ts'
import { standingsOf } from '../../src/sweep/standings.ts'
import { sweepOf } from '../../src/sweep/sweep-file.ts'
import { openTrialLog } from '../../src/sweep/trial-log.ts'
import type { TrialRecord } from '../../src/sweep/trial-record.ts'
import { tempFolder } from '../support/temp-folder.ts'

const { objective } = sweepOf({ base: {}, space: { 'learner.gamma': [1] }, trials: 1 })

function record(trial: number, values: readonly number[] | null, rung = 0, settings = {}): TrialRecord {
  const seeds = (values ?? [0]).map((value, i) => ({
    seed: i + 1,
    run: `runs/${trial}`,
    value: values && value,
    seconds: 1,
  }))
  const value = values === null ? null : overSeeds(objective, values)
  return {
    trial,
    id: `t${trial}`,
    rung,
    episodes: 10,
    settings,
    status: values === null ? 'failed' : 'done',
    value,
    seeds,
  }
}

describe('standings', () => {
  it('put the longest trained first, then the better, failures last', () => {
    const records = [
      record(0, [5]),
      record(1, [9]),
      record(2, null),
      record(3, [7]),
      record(3, [6], 1),
      record(1, [4], 1),
    ]
    expect(standingsOf(records, objective).map(({ record: { trial } }) => trial)).toEqual([3, 1, 0, 2])
    const minimised = standingsOf([record(0, [5]), record(1, [9])], { ...objective, goal: 'minimise' })
    expect(minimised[0]!.record.trial).toBe(0)
  })

  it('have an interval over seeds, none of one seed', () => {
    const [several, one] = standingsOf([record(0, [3, 4, 5, 6]), record(1, [1])], objective)
    expect(several!.interval).toMatchObject({ value: 4.5 })
    expect(several!.interval!.low).toBeGreaterThanOrEqual(3)
    expect(several!.interval!.high).toBeLessThanOrEqual(6)
    expect(several!.interval!.low).toBeLessThan(several!.interval!.high)
    expect(one!.interval!.low).toBeNaN()
  })

  it('are of a mean, a median, a middle half or the worst of the seeds', () => {
    const over = (how: 'mean' | 'median' | 'iqm' | 'worst', goal: 'maximise' | 'minimise' = 'maximise') =>
      overSeeds({ ...objective, over: how, goal }, [1, 2, 3, 10])
    expect([over('mean'), over('median'), over('iqm'), over('worst'), over('worst', 'minimise')]).toEqual([
      4, 2.5, 2.5, 1, 10,
    ])
    expect(merit(objective, null)).toBe(Number.NEGATIVE_INFINITY)
    expect(merit({ ...objective, goal: 'minimise' }, 3)).toBe(-3)
  })
})

describe('importance', () => {
  it('is the share of the variance that a setting explains, none for one that does nothing', () => {
    const random = createRandom(1, 'importance')
    const records = Array.from({ length: 200 }, (_, trial) => {
      const settings = { a: random.uniform(), b: random.integer(2), c: random.uniform() }
      return record(trial, [4 * settings.b + 0.01 * random.uniform() + settings.a], 0, settings)
    })
    const found = importanceOf(standingsOf(records, objective))!
    const share = (key: string) => found.find(each => each.key === key)!.share
    // Variances: 4 of b, 1/12 of a; quarters hold 15/16 of the latter.
    expect(share('b')).toBeCloseTo(4 / (4 + 1 / 12), 1)
    expect(share('c')).toBeLessThan(0.02)
    expect(found[0]!.key).toBe('b')
    expect(importanceOf(standingsOf(records.slice(0, 7), objective))).toBeNull()
  })
})

describe('the log of trials', () => {
  it('gives back what was appended, drops what a crash tore, and goes on after it', () => {
    const file = join(tempFolder(), 'trials.jsonl')
    openTrialLog(file).append(record(0, [1, 2]))
    openTrialLog(file).append(record(1, null))
    appendFileSync(file, '{"trial":2,"id":"ä')
    const log = openTrialLog(file)
    expect(log.before).toEqual([record(0, [1, 2]), record(1, null)])
    log.append(record(2, [3]))
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(4)
    expect(openTrialLog(file).before).toHaveLength(3)
  })

  it('refuses a whole line that is no record', () => {
    const file = join(tempFolder(), 'trials.jsonl')
    writeFileSync(file, `${JSON.stringify(record(0, [1]))}\n{"trial":"x"}\n`)
    expect(() => openTrialLog(file)).toThrow(/trials.jsonl:2: damaged/)
  })
})
