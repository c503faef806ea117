// Which actors are kept as the best: by whose return, in training or in evaluations, and what is said where a mean says nothing.
import { join } from 'node:path'
import { lastValueFrom, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { bestChoice, createConstantSumWatch, meanOf } from '../../src/experiment/keep-best.ts'
import { record } from '../../src/experiment/record.ts'
import { createRunFolder, type RunFolder } from '../../src/experiment/run-folder.ts'
import { train } from '../../src/experiment/trainer.ts'
import type { Overrides } from '../../src/run/config/config.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { ticks } from '../support/ticks.ts'
import { tinyRun } from '../support/tiny-config.ts'

const agents = ['adversary_0', 'adversary_1', 'agent_0'].map(id => ({ id, team: id.replace(/_\d$/, '') })) as never

async function recorded(overrides: Overrides) {
  const folder = createRunFolder(join(tempFolder(), 'run'), {})
  const run = await tinyRun(overrides)
  const events = await lastValueFrom(train(run, { clock$: ticks(1e6) }).pipe(record(run, folder), toArray()))
  return { run, folder, events }
}

const bestIn = (folder: RunFolder) =>
  (folder.readCheckpoint(() => false, 'best') as unknown as { best: { episodes: number; value: number; by: string } })
    .best

describe('the best actors', () => {
  it.each([
    [false, null],
    [true, { by: 'training', agents: [0, 1, 2], ofAll: true }],
    ['return', { by: 'training', agents: [0, 1, 2], ofAll: true }],
    ['evaluation', { by: 'evaluation', agents: [0, 1, 2], ofAll: true }],
    ['return/adversary', { by: 'training', agents: [0, 1], ofAll: false }],
    ['evaluation/agent_0', { by: 'evaluation', agents: [2], ofAll: false }],
  ])('are chosen by %j', (keepBest, choice) => {
    expect(bestChoice(keepBest, agents)).toEqual(choice)
  })

  it('are those of the highest mean return of the team', async () => {
    const { folder, events, run } = await recorded({
      scenario: { id: 'simple_tag', maxCycles: 10 },
      run: { keepBest: 'return/adversary', checkpointEvery: 5, logEvery: 5 },
    })
    const adversaries = run.agents.filter(({ team }) => team === 'adversary')
    const values = events.flatMap(event => {
      if (event.type !== 'metrics') return []
      return [adversaries.reduce((sum, { id }) => sum + event.line[`return/${id}`]!, 0) / adversaries.length]
    })
    expect(bestIn(folder).value).toBeCloseTo(Math.max(...values), 10)
    expect(bestIn(folder).by).toBe('return/adversary')
  })

  it('are those of the best evaluation', async () => {
    const { folder, events, run } = await recorded({
      run: { keepBest: 'evaluation', evaluateEvery: 5, evaluateEpisodes: 50 },
    })
    const evaluations = events.flatMap(event => (event.type === 'evaluation' ? [event] : []))
    const means = evaluations.map(({ evaluation: { returns } }) =>
      meanOf(
        bestChoice(true, run.agents)!,
        run.agents.map(({ id }) => returns[id]!.mean),
      ),
    )
    expect(evaluations.length).toBe(6)
    expect(bestIn(folder)).toEqual({
      episodes: evaluations[means.indexOf(Math.max(...means))]!.trainingEpisodes,
      value: Math.max(...means),
      by: 'evaluation',
    })
  })

  it('are kept anew where they are chosen by something else', () => {
    const folder = createRunFolder(join(tempFolder(), 'run'), {})
    const saved = () => ({ learners: {} })
    folder.keepBest(1, 5, saved)
    folder.keepBest(2, 4, saved)
    expect(bestIn(folder)).toMatchObject({ episodes: 1, by: 'return' })
    folder.keepBest(3, -4, saved, 'evaluation')
    expect(bestIn(folder)).toMatchObject({ episodes: 3, value: -4, by: 'evaluation' })
  })

  it('of a zero-sum game are said to be chosen by rounding, once', async () => {
    const { events } = await recorded({
      scenario: { id: 'matrix_game', game: 'matching_pennies', maxCycles: 5 },
      run: { keepBest: true, logEvery: 3 },
    })
    const remarks = events.flatMap(event => (event.type === 'remark' ? [event.message] : []))
    expect(remarks).toEqual([expect.stringMatching(/^run\.keepBest: .* always sum to .*run\.keepBest=return\/<team>$/)])
  })
})

describe('a sum of returns', () => {
  const watched = (keepBest: string | boolean, lines: readonly (readonly number[])[]) => {
    const watch = createConstantSumWatch(bestChoice(keepBest, agents)!)
    return lines.map(watch).filter(sentence => sentence !== null)
  }
  const zero = [1, 2, 3, 4, 5, 6, 7].map(x => [x, 0.5, -x - 0.5 + 1e-12])

  it('that stays the same while returns change is remarked on', () => {
    expect(watched(true, zero)).toHaveLength(1)
    expect(watched('return/adversary', zero)).toEqual([])
    expect(watched(true, zero.slice(0, 4))).toEqual([])
  })

  it('that changes is not, nor one of returns that stay the same', () => {
    expect(watched(true, [...zero.slice(0, 4), [1, 1, 1], ...zero])).toEqual([])
    expect(
      watched(
        true,
        zero.map(() => [1, 2, -3]),
      ),
    ).toEqual([])
  })
})
