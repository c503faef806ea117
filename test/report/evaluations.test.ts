// Evaluations on the way of a training, in reports: read from its lines, over steps and over seconds, and where all have had as much.
import { describe, expect, it } from 'vitest'
import { equalRows } from '../../src/report/evaluation-section.ts'
import { groupRuns } from '../../src/report/groups.ts'
import type { EvaluationCurve } from '../../src/report/measured-run.ts'
import { createReport } from '../../src/report/report.ts'
import { readEvaluations } from '../../src/report/training-curves.ts'
import { measured } from './measured.ts'

const line = (envSteps: number, seconds: number, evaluation: object) =>
  `${JSON.stringify({ episodes: envSteps, envSteps, 'return/a': 0, 'time/seconds': seconds, ...evaluation })}\n`
const evaluated = (value: number, took?: number) => ({
  ...{ 'evaluation/return/a': value, 'evaluation/return/b': value + 2 },
  ...(took === undefined ? {} : { 'time/evaluation': took }),
})
const read = (text: string) => readEvaluations('metrics.jsonl', text, [['a', 'b'], ['a']])

describe('readEvaluations', () => {
  it('leaves out lines without one, and the seconds that evaluations took', () => {
    const lines = [line(100, 2, evaluated(1, 0.5)), line(150, 3, {}), line(200, 5, evaluated(4, 1))]
    expect(read(`${lines.join('')}{"torn`)).toEqual([
      { envSteps: [100, 200], seconds: [1.5, 3.5], values: [2, 5] },
      { envSteps: [100, 200], seconds: [1.5, 3.5], values: [1, 4] },
    ])
  })

  it('knows no seconds where lines do not say what evaluations took, and nothing where there were none', () => {
    expect(read(line(100, 2, evaluated(1)))[0]).toEqual({ envSteps: [100], seconds: null, values: [2] })
    expect(read(line(100, 2, {}))).toEqual([null, null])
    expect(() => read(`{"da\n${line(100, 2, {})}`)).toThrow(/line 1 is damaged/)
  })
})

/** Fast: 100 steps a second; slow: 10. */
const fast: EvaluationCurve = { envSteps: [100, 200, 300], seconds: [1, 2, 3], values: [-30, -20, -10] }
const slow: EvaluationCurve = { envSteps: [20, 100, 300], seconds: [2, 10, 30], values: [-40, -10, 0] }
const runs = [
  ...[1, 2].map(seed => measured({ who: 'fast', seed, evaluations: fast })),
  ...[1, 2].map(seed => measured({ who: 'slow', seed, evaluations: slow })),
]
const rowsOf = (of: typeof runs) => {
  const { tasks, groups } = groupRuns(of)
  return equalRows(tasks[0]!, groups)
}

describe('methods at equal steps and at equal seconds', () => {
  it('are read where all runs have come to', () => {
    const rows = rowsOf(runs)
    expect(rows.map(({ steps, atSteps }) => [steps, atSteps.value])).toEqual([
      [300, -10],
      [300, 0],
    ])
    // After three seconds the slow one was evaluated at two and will be at ten: an eighth of the way.
    expect(rows.map(({ seconds, atSeconds }) => [seconds, atSeconds!.value])).toEqual([
      [3, -10],
      [3, -40 + 30 / 8],
    ])
    expect(rows.map(({ took }) => took)).toEqual([3, 30])
  })

  it('claim nothing about a time before the first evaluation', () => {
    const late = { ...slow, seconds: [4, 10, 30] }
    const rows = rowsOf([runs[0]!, measured({ who: 'slow', evaluations: late })])
    expect(rows.map(({ atSeconds }) => atSeconds?.value ?? null)).toEqual([-10, null])
  })

  it('have two plots and a table on the page, and none where nothing was evaluated', () => {
    const request = {
      title: 'A report',
      leftOut: [],
      baselines: new Map(),
      evaluation: { mode: 'greedy', seed: 0 },
      player: '',
    }
    const { html, figures, equal, methods } = createReport({ ...request, runs })
    expect(figures.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['simple_spread-agent-evaluation-steps', 'simple_spread-agent-evaluation-seconds']),
    )
    expect(html).toContain('At 300 steps')
    expect(html).toContain('At 3.00 s')
    expect(equal.map(({ method }) => methods[method])).toEqual(['fast', 'slow'])
    const without = createReport({ ...request, runs: [measured()] })
    expect(without.html).not.toContain('At equal steps')
    expect(without.equal).toEqual([])
  })

  it('are drawn over steps alone where no second is shared by the seeds of a method', () => {
    const apart = [
      { ...fast, seconds: [1, 1, 1] },
      { ...fast, seconds: [2, 2, 2] },
    ]
    const { figures } = createReport({
      ...{ title: '', leftOut: [], baselines: new Map(), evaluation: { mode: 'greedy', seed: 0 }, player: '' },
      runs: apart.map((evaluations, i) => measured({ seed: i + 1, evaluations })),
    })
    const names = figures.map(({ name }) => name)
    expect(names).toContain('simple_spread-agent-evaluation-steps')
    expect(names).not.toContain('simple_spread-agent-evaluation-seconds')
  })
})
