// marlstrom reproduce survey as a process: every system is trained a little and has a row, once more without training, and what is refused.
import { describe, expect, it } from 'vitest'
import { surveyRuns } from '../../src/reproduction/survey-runs.ts'
import { startIn, temporaryFolder } from '../support/command.ts'

describe('marlstrom reproduce survey', () => {
  it('prints a row for each system, from runs that it keeps', async () => {
    const cwd = temporaryFolder()
    const asked = ['reproduce', 'survey', '--quick', '--episodes', '1100', '--markdown']
    const first = await startIn(cwd, ...asked).finished
    expect([first.code, first.stderr]).toEqual([0, ''])
    const rows = first.stdout.split('\n').filter(line => line.startsWith('| '))
    expect(rows.slice(2).map(row => row.split(' | ')[0])).toEqual(
      Object.values(surveyRuns).map(({ system }) => `| ${system}`),
    )
    expect(first.stdout).toContain('27,500 environment steps each, seed 1')
    const again = await startIn(cwd, ...asked).finished
    expect(again.stdout).not.toContain(': trained')
    expect(again.stdout.split('\n').filter(line => line.startsWith('| '))).toEqual(rows)
  })

  it.each([
    [['survey', 'navigation'], "table: expected survey by itself, got 'navigation' beside it"],
    [['survey', '--preset', 'modern'], '--preset: expected none with survey'],
    [['survy'], "table: unknown table 'survy'; did you mean 'survey'?"],
  ])('refuses %j', async (asked, message) => {
    const { code, stderr } = await startIn(temporaryFolder(), 'reproduce', ...asked).finished
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })
})
