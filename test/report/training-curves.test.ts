import { describe, expect, it } from 'vitest'
import { FileError } from '../../src/errors.ts'
import { readTrainingCurves } from '../../src/report/training-curves.ts'

const line = (episodes: number, a: number, b: number) =>
  `${JSON.stringify({ episodes, 'return/agent_0': a, 'return/agent_1': b, 'return/adversary_0': 9 })}\n`
const teams = [['agent_0', 'agent_1'], ['adversary_0']]
const read = (text: string) => readTrainingCurves('metrics.jsonl', text, teams)

describe('readTrainingCurves', () => {
  it('gives each team the mean of its agents', () => {
    expect(read(line(100, 1, 3) + line(200, 2, 6))).toEqual([
      { steps: [100, 200], values: [2, 4] },
      { steps: [100, 200], values: [9, 9] },
    ])
  })

  it('leaves out lines before the first finished episode, and takes the last of several at one number of episodes', () => {
    const none = `${JSON.stringify({ episodes: 0, envSteps: 500, updates: 3 })}\n`
    expect(read(none + line(1, 1, 3) + line(1, 5, 7) + line(2, 2, 6))[0]).toEqual({ steps: [1, 2], values: [6, 4] })
    expect(() => read(none)).toThrow(/no line was logged after a finished episode/)
  })

  it('forgives a torn last line', () => {
    expect(read(`${line(100, 1, 3)}{"episodes":200,"ret`)[0]!.steps).toEqual([100])
  })

  it('refuses other damage with the line, and nothing at all', () => {
    expect(() => read(`${line(100, 1, 3)}{"epi\n${line(300, 1, 3)}`)).toThrow(
      new FileError('metrics.jsonl', 'line 2 is damaged: expected a JSON object'),
    )
    expect(() => read('{"episodes":1,"return/agent_0":1}\n')).toThrow(
      /line 1: expected a number at 'return\/agent_1', got none/,
    )
    expect(() => read('')).toThrow(/no line was logged/)
  })
})
