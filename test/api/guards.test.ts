// Functions refuse what the command refuses, before anything is opened: the run folders here are not there.
import { expect, it } from 'vitest'
import { ConfigError, crossplay, evaluateRun, recordGame, render, report } from '../../src/index.ts'

it.each([
  ['--episodes', () => evaluateRun('none', { episodes: -1 })],
  ['--episodes', () => evaluateRun('none', { episodes: 1.5 })],
  ['--mode', () => evaluateRun('none', { mode: 'best' as 'greedy' })],
  ['--seed', () => evaluateRun('none', { seed: -1 })],
  ['--episodes', () => crossplay(['none', 'other'], { episodes: 0 })],
  ['--mode', () => crossplay(['none', 'other'], { mode: 'best' as 'greedy' })],
  ['--episodes', () => report(['none'], { episodes: Number.NaN })],
  ['episodes', () => recordGame('none', { episodes: 0.5 })],
  ['--episode', () => render('none', 'x.svg', { episode: 0 })],
  ['--theme', () => render('none', 'x.svg', { theme: 'blue' as 'dark' })],
])('%s (%#)', async (path, ask) => {
  const error = await ask().then(
    () => null,
    thrown => thrown,
  )
  expect(error).toBeInstanceOf(ConfigError)
  expect((error as Error).message).toMatch(new RegExp(`^${path}: expected (a whole number of at least|one of)`))
})
