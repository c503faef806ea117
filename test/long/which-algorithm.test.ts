// What is measured of algorithms, in small: curves by steps and seconds, of the team that counts, and the page with them.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../support/command.ts'

const script = resolve(import.meta.dirname, '../../scripts/which-algorithm.mjs')

it('takes the evaluation at the end, not those on the way', async () => {
  const { evaluated } = (await import(pathToFileURL(resolve(script, '../kept-runs.mjs')).href)) as {
    evaluated(events: readonly object[], mode: string, policy: string, counts: (id: string) => boolean): number
  }
  const event = (mode: string, mean: number, more = {}) => ({
    ...{ event: 'evaluation', policy: 'trained', mode, ...more },
    returns: { a_0: { mean }, a_1: { mean: mean + 2 }, b_0: { mean: 100 } },
  })
  const events = [event('greedy', 1, { trainingEpisodes: 5 }), event('sample', 3), event('greedy', 7)]
  expect(evaluated(events, 'greedy', 'trained', id => id.startsWith('a'))).toBe(8)
})

it('measures what is missing, and writes the page', async () => {
  const to = temporaryFolder()
  const measure = async (...args: readonly string[]) => {
    const where = ['--to', to, '--runs', join(to, 'runs'), '--seeds', '1', '--scale', '0.0004']
    return (await promisify(execFile)(process.execPath, [script, ...where, ...args])).stdout
  }
  const asked = [
    '--scenarios',
    'simple_tag',
    '--algorithms',
    'modern,maa2c',
    '--steps',
    'maa2c=1500000',
    '--limit',
    '1',
  ]
  expect(await measure(...asked)).toContain('1 runs are left')
  expect(await measure(...asked)).toContain('all is measured')
  expect(await measure(...asked)).not.toContain('training')
  const [first, second, ...others] = readFileSync(join(to, 'search/which-algorithm.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(others).toEqual([])
  expect(first).toMatchObject({ scenario: 'simple_tag', algorithm: 'modern', seed: 1, steps: 250 })
  expect(second).toMatchObject({ algorithm: 'maa2c', steps: 600 })
  for (const { curve } of [first, second]) {
    const steps = curve.map(([at]: readonly number[]) => at)
    expect(steps.length).toBeGreaterThan(1)
    expect(steps).toEqual([...steps].sort((a, b) => a - b))
    // Predators are never paid less than nothing.
    for (const [, , value] of curve) expect(value).toBeGreaterThanOrEqual(0)
  }
  const page = readFileSync(join(to, 'which-algorithm.md'), 'utf8')
  expect(page).toMatch(/### simple_tag\n\nReturn of predators, against the scripted prey/)
  expect(page).toMatch(/\| MADDPG, preset `modern` \| \d+\.\d \| \d+\.\d \| \d+\.\d \| {2}\| {2}\|/)
  expect(page).not.toContain('### simple_spread')
  await expect(measure('--algorithms', 'mapo')).rejects.toThrow(/--algorithms: expected modern, .*, got mapo/)
}, 60_000)
