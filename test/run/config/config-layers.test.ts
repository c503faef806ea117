// Layers: the later wins, every value knows where it came from, and a wrong one where it stands.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { configLines } from '../../../src/cli/train/print-config.ts'
import { ConfigError } from '../../../src/errors.ts'
import type { Overrides } from '../../../src/run/config/config.ts'
import { readConfigFile } from '../../../src/run/config/config-file.ts'
import { flatten, type Layer, placed, sourcesOf } from '../../../src/run/config/config-layers.ts'
import { completeSettings, planRun } from '../../../src/run/plan.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const tag: Overrides = { scenario: { id: 'simple_tag' } }
const layers: readonly Layer[] = [
  {
    source: 'file a.yaml',
    overrides: { learner: { algorithm: 'masac', gamma: 0.5, tau: 0.5 }, algorithm: { alpha: 0.1 } } as Overrides,
    place: ([section, key]) => `a.yaml:${section}:${key}`,
  },
  { source: 'argument', overrides: { scenario: { id: 'simple_tag' } } },
  { source: '--set', overrides: { learner: { tau: 0.25 }, scenario: { maxCycles: 9 } } },
]

describe('layers', () => {
  it('lie over one another, the last on top', () => {
    expect(flatten(layers).learner).toEqual({ algorithm: 'masac', alpha: 0.1, gamma: 0.5, tau: 0.25 })
    expect(flatten([])).toEqual({})
  })

  it('say where every value came from', async () => {
    const plan = await planRun(flatten(layers))
    const settings = completeSettings(plan)
    const sources = sourcesOf(settings, plan, layers)
    expect(sources).toMatchObject({
      scenario: { id: 'argument', rules: 'default of training', maxCycles: '--set', actions: 'default' },
      learner: {
        algorithm: 'file a.yaml',
        gamma: 'file a.yaml',
        tau: '--set',
        alpha: 'file a.yaml',
        copyTargets: 'default of masac',
      },
      run: { seed: 'default', preset: 'default' },
    })
    expect(settings).toMatchObject({
      scenario: { maxCycles: 9, rules: 'openai' },
      learner: { alpha: 0.1, learnAlpha: true },
    })
    const keys = (record: object) => Object.entries(record).map(([section, inner]) => [section, Object.keys(inner)])
    expect(keys(sources)).toEqual(keys(settings))
  })

  it('say for whom each value of a team came from where', async () => {
    const mixed: readonly Layer[] = [
      { source: 'file', overrides: { ...tag, learner: { gamma: 0.5 }, team: { adversary: { tau: 0.2 } } } },
      { source: '--team', overrides: { team: { adversary: 'mad4pg' } } },
      { source: '--set', overrides: { team: { agent: { gamma: 0.6 } }, run: { steps: 50_000 } } },
      { source: 'preset', overrides: { run: { preset: 'modern' } } },
    ]
    const plan = await planRun(flatten(mixed))
    const sources = sourcesOf(completeSettings(plan), plan, mixed)
    expect(sources.learner).toMatchObject({ tau: 'default of mad4pg, maddpg', atoms: 'default of mad4pg' })
    expect(sources.team).toMatchObject({
      adversary: { algorithm: '--team', gamma: 'file', batch: 'default of mad4pg' },
      agent: { gamma: '--set', batch: 'preset modern' },
    })
    expect(sources.run).toMatchObject({ steps: '--set', episodes: '--set', seed: 'default' })
  })

  it('that are complete give the same plan again', async () => {
    const settings = completeSettings(await planRun(flatten(layers)))
    expect(completeSettings(await planRun(settings))).toEqual(settings)
  })

  it('place a wrong setting in the file that has the last word on it', async () => {
    const refuse = (path: string) => placed(layers, () => Promise.reject(new ConfigError(path, 'wrong')))
    await expect(refuse('learner.gamma')).rejects.toThrow(/^a\.yaml:learner:gamma: learner\.gamma: wrong$/)
    await expect(refuse('learner.tau')).rejects.toThrow(/^learner\.tau: wrong$/)
    await expect(refuse('network.hidden')).rejects.toThrow(/^network\.hidden: wrong$/)
    await expect(refuse('learner.alpha')).rejects.toThrow(/^a\.yaml:algorithm:alpha: learner\.alpha: wrong$/)
    await expect(placed(layers, () => Promise.reject(new RangeError('other')))).rejects.toThrow(RangeError)
  })
})

describe('settings as they are printed', () => {
  const mixed: Overrides = { ...tag, team: { adversary: 'mad4pg', agent: { algorithm: 'matd3', gamma: 0.5 } } }

  it('fit a screen where a whole config gives them', async () => {
    const whole = completeSettings(await planRun(mixed)) as Overrides
    const given = [
      { source: 'run a', overrides: whole },
      { source: '--steps', overrides: { run: { steps: 9 } } },
    ]
    const plan = await planRun(flatten(given))
    const lines = configLines(completeSettings(plan), sourcesOf(completeSettings(plan), plan, given))
    expect(lines.length).toBeLessThanOrEqual(50)
    expect(lines.filter(line => line.endsWith('# --steps'))).toHaveLength(2)
  })

  it('fit a screen, with the values of each team, and can be read back', async () => {
    const given = [{ source: '--team', overrides: mixed }]
    const plan = await planRun(mixed)
    const settings = completeSettings(plan)
    const lines = configLines(settings, sourcesOf(settings, plan, given))
    expect(lines.length).toBeLessThanOrEqual(50)
    expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(120)
    const at = (pattern: RegExp) => lines.findIndex(line => pattern.test(line))
    expect(at(/^ {2}agent:$/)).toBeGreaterThan(at(/^ {2}adversary:$/))
    expect(at(/^ {4}gamma: 0\.5 +# --team$/)).toBeGreaterThan(at(/^ {2}agent:$/))
    expect(at(/^ {4}<<: \{ .*returnSteps: 5.* +# default of mad4pg$/)).toBeGreaterThan(at(/^ {2}adversary:$/))
    const file = join(tempFolder(), 'printed.yaml')
    writeFileSync(file, `${lines.join('\n')}\n`)
    const again = await planRun(readConfigFile(file).overrides)
    expect(completeSettings(again)).toEqual(settings)
  })
})
