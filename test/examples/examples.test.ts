import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'

const folder = join(import.meta.dirname, '../../examples')

/** What the last line of each example says. */
const endings: Readonly<Record<string, RegExp>> = {
  'differentiate.ts': /^half v F v (\d\.\de-\d), KL divergence \1$/,
  'exact.ts': /^keep pace and end race wins 49\.54 % against the optimal policy$/,
  'evaluate.ts': /^random: -\d+\.\d ± \d\.\d$/,
  'parallel.ts': /^agent_0 got -\d+\.\d in 25 steps$/,
  'remember.ts': /^100% of the signs recalled six steps later$/,
  'simulate.ts': /^scripted controller: -1\d\d\.\d per agent per episode$/,
  'train.ts': /^trained in 245 update rounds$/,
}

describe('examples', () => {
  it('stand in the guides as they are', () => {
    const guide = readFileSync(join(folder, '../docs/games-in-turns.md'), 'utf8')
    expect(guide).toContain(readFileSync(join(folder, 'exact.ts'), 'utf8'))
  })

  it.each(readdirSync(folder).filter(name => name.endsWith('.ts')))('%s runs as it stands', async name => {
    expect(Object.keys(endings)).toContain(name)
    const print = vi.spyOn(console, 'log').mockImplementation(() => {})
    const complain = vi.spyOn(console, 'error').mockImplementation(() => {})
    try {
      await import(join(folder, name))
      await vi.waitFor(() => expect(String(print.mock.lastCall?.[0])).toMatch(endings[name]!), {
        timeout: 240_000,
        interval: 50,
      })
      expect(complain).not.toHaveBeenCalled()
    } finally {
      vi.restoreAllMocks()
    }
  })
})
