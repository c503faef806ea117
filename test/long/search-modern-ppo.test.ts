// The search for preset modern-ppo, in small: results are kept, what is there is not trained again, and the page shows it.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../support/command.ts'

const script = resolve(import.meta.dirname, '../../scripts/search-modern-ppo.mjs')

it('trains what is missing, and writes the page', async () => {
  const to = temporaryFolder()
  // 800 steps: one rollout of 32 games.
  const search = async (...args: readonly string[]) => {
    const where = ['--to', to, '--runs', join(to, 'runs'), '--jobs', '1']
    return (await promisify(execFile)(process.execPath, [script, '--scale', '0.0008', ...where, ...args])).stdout
  }
  const results = () =>
    readFileSync(join(to, 'modern-ppo.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))

  expect(await search('--stage', 'first', '--recipe', '4,8', '--limit', '1')).toContain(
    '1 runs of stage first are left',
  )
  expect(results()).toEqual([
    {
      ...{ stage: 'first', recipe: 'base', seed: 1, steps: 800, kernels: 'standard' },
      ...{ greedy: expect.any(Number), sample: expect.any(Number), seconds: expect.any(Number) },
    },
  ])
  const [before] = results()
  expect(await search('--stage', 'first', '--recipe', '4,8')).toContain('stage first is complete')
  expect(results()).toEqual([before, expect.objectContaining({ recipe: 'base lambda=0.9' })])
  const page = readFileSync(join(to, 'modern-ppo.md'), 'utf8')
  expect(page).toContain(`| \`base\` | ${before.greedy.toFixed(1)} |`)
  await expect(search('--stage', 'second')).rejects.toThrow(/stage second wants 24 recipes of stage first, 2 are done/)
  await expect(search('--stage', 'first', '--recipe', 'speed=3')).rejects.toThrow(/speed: expected one of lr, /)
}, 60_000)
