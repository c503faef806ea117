// The trainings behind `marlstrom reproduce survey`: settings that their algorithms have, and learning that begins within a quick look.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { surveyLengths, surveyRuns, surveyScenario } from '../../src/reproduction/survey-runs.ts'
import { layer } from '../../src/run/config/config.ts'
import { endsUnlearnt } from '../../src/run/experience.ts'
import { completeSettings, planRun } from '../../src/run/plan.ts'

describe('the runs of the survey', () => {
  it.each(Object.entries(surveyRuns))('%s is planned, and learns', async (_, { settings }) => {
    const { steps } = surveyLengths.quick
    const plan = await planRun(layer(settings(steps), { scenario: { id: surveyScenario }, run: { steps } }))
    expect(endsUnlearnt(plan, completeSettings(plan).scenario!)).toBeNull()
  })

  it('are one for each system', () => {
    const survey = readFileSync(join(import.meta.dirname, '../../docs/survey.md'), 'utf8')
    const table = survey.slice(0, survey.indexOf('What was made for teams'))
    const systems = [...table.matchAll(/^\| (.+?) \([^|]*\d{4}.*?\)(, automatic temperature)? \|/gm)].map(
      ([, name]) => name,
    )
    expect(systems).toHaveLength(18)
    expect(Object.values(surveyRuns).map(({ system }) => system.replace(', automatic temperature', ''))).toEqual(
      systems,
    )
  })

  it('are all different', () => {
    const told = Object.values(surveyRuns).map(({ settings }) => JSON.stringify(settings(1000)))
    expect(new Set(told).size).toBe(told.length)
  })
})
