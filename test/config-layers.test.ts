// Layers: the later wins, every value knows where it came from, and a wrong one where it stands.
import { describe, expect, it } from 'vitest'
import { flatten, type Layer, placed, sourcesOf } from '../src/config-layers.ts'
import { ConfigError } from '../src/errors.ts'
import { completeSettings, planRun } from '../src/plan.ts'

const layers: readonly Layer[] = [
  {
    source: 'file a.yaml',
    overrides: { learner: { algorithm: 'masac', gamma: 0.5, tau: 0.5 }, algorithm: { alpha: 0.1 } },
    place: ([section, key]) => `a.yaml:${section}:${key}`,
  },
  { source: 'argument', overrides: { scenario: { id: 'simple_tag' } } },
  { source: '--set', overrides: { learner: { tau: 0.25 }, scenario: { maxCycles: 9 } } },
]

describe('layers', () => {
  it('lie over one another, the last on top', () => {
    expect(flatten(layers).learner).toEqual({ algorithm: 'masac', gamma: 0.5, tau: 0.25 })
    expect(flatten([])).toEqual({})
  })

  it('say where every value came from', async () => {
    const plan = await planRun(flatten(layers))
    const settings = completeSettings(plan)
    const sources = sourcesOf(settings, plan, layers)
    expect(sources).toMatchObject({
      scenario: { id: 'argument', rules: 'preset openai', maxCycles: '--set', actions: 'default' },
      algorithm: { alpha: 'file a.yaml', learnAlpha: 'default' },
      learner: {
        algorithm: 'file a.yaml',
        gamma: 'file a.yaml',
        tau: '--set',
        copyTargets: 'algorithm masac',
        beta1: 'default',
      },
      run: { seed: 'default', preset: 'default' },
    })
    expect(settings).toMatchObject({
      scenario: { maxCycles: 9, rules: 'openai' },
      algorithm: { alpha: 0.1, learnAlpha: true },
    })
    const keys = (record: object) => Object.entries(record).map(([section, inner]) => [section, Object.keys(inner)])
    expect(keys(sources)).toEqual(keys(settings))
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
    await expect(placed(layers, () => Promise.reject(new RangeError('other')))).rejects.toThrow(RangeError)
  })
})
