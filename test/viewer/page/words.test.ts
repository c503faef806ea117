import { describe, expect, it } from 'vitest'
import {
  ago,
  amount,
  bytes,
  count,
  duration,
  gameNote,
  heading,
  rate,
  recipe,
  status,
  times,
} from '../../../viewer/page/words.ts'
import { tinySchema, tinyState } from '../../stream/tiny-stream.ts'

describe('words', () => {
  it('say which preset a run has only where one changes anything', () => {
    const run = { scenario: 'simple_spread', algorithm: 'ppo', seed: 7, folder: null }
    expect(recipe({ ...run, preset: 'openai' })).toBe('ppo \u00b7 seed 7')
    expect(recipe({ ...run, preset: 'mappo' })).toBe('ppo \u00b7 preset mappo \u00b7 seed 7')
    expect(recipe({ ...run, algorithm: '', preset: 'openai' })).toBe('seed 7')
  })

  it.each([
    [count(0), '0'],
    [count(625_000), '625,000'],
    [count(12_345_678), '12.35M'],
    [rate(0), '0'],
    [rate(3.44), '3.4'],
    [rate(18_234.4), '18,234'],
    [amount(-0.384), '\u22120.38'],
    [amount(-123.45), '\u2212123.5'],
    [amount(0.004049), '0.004'],
    [amount(-0.0123), '\u22120.012'],
    [amount(0), '0.00'],
    [amount(45_000), '45,000'],
    [amount(Number.NaN), 'NaN'],
    [duration(0.2), '1 s'],
    [duration(41), '41 s'],
    [duration(720), '12 min'],
    [duration(3599), '1 h 00 min'],
    [duration(3900), '1 h 05 min'],
    [duration(86_400 * 3 + 3600 * 4), '3 d 4 h'],
    [times(0.25), '0.25\u00d7'],
    [times(16), '16\u00d7'],
    [times(null), 'max'],
    [ago(0), 'just now'],
    [ago(3.44), '3.4 s ago'],
    [ago(120), '2 min ago'],
    [bytes(812), '812 B'],
    [bytes(1400), '1.4 kB'],
    [bytes(23_400_000), '23 MB'],
  ])('%s', (said, expected) => expect(said).toBe(expected))

  it('say that a server which has said goodbye trains no more', () => {
    const state = tinyState(tinySchema())
    expect(status(state, false)).toBe('running')
    expect(status(state, true)).toBe('ended')
    expect(status({ ...state, status: 'failed' }, true)).toBe('failed')
  })

  it('say what kind of game is shown', () => {
    const state = tinyState(tinySchema())
    expect(gameNote(state, false)).toContain('not a training episode')
    expect(gameNote({ ...state, status: 'playing' }, false)).toContain('No training is going on')
    const playback = { ...state, status: 'playing', timeline: { ...state.timeline, kind: 'playback' } } as const
    expect(gameNote(playback, false)).toContain('happened already')
    expect([heading(state), heading({ ...state, status: 'playing' }), heading(playback)]).toEqual([
      'Training',
      'Watching',
      'Recording',
    ])
    expect(status(playback, false)).toBe('playback')
  })
})
