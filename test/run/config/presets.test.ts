// Presets: each is for an algorithm that has all of its settings, trains without being told by which, and keeps its values.
import { describe, expect, it } from 'vitest'
import { referenceOf } from '../../../src/reproduction/reference.ts'
import { presets } from '../../../src/run/config/presets.ts'
import { planRun } from '../../../src/run/plan.ts'
import { algorithms } from '../../../src/run/players.ts'

const plan = (preset: string, learner = {}, team = {}) =>
  planRun({ scenario: { id: 'simple_spread' }, run: { preset }, learner, team })

describe.each(Object.keys(presets))('preset %s', name => {
  const { algorithms: ids, settings } = presets[name]!

  it('is for its algorithm, by which teams learn where nobody says another', async () => {
    const { config, teamSettings } = await plan(name)
    expect(config.learner.algorithm).toBe(ids?.[0] ?? 'maddpg')
    expect(teamSettings.get('agent')).toMatchObject(settings.learner ?? {})
    for (const section of ['network', 'run'] as const) expect(config[section]).toMatchObject(settings[section] ?? {})
  })

  it('says nothing that its algorithms do not know', () => {
    const having = (ids ?? []).map(id => algorithms[id]!.options)
    expect(
      Object.keys(settings.learner ?? {}).filter(key => having.some(options => !Object.hasOwn(options, key))),
    ).toEqual([])
  })

  it('is refused for algorithms that it is not for', async () => {
    if (ids === null) return
    await expect(plan(name, { algorithm: 'masac' })).rejects.toThrow(`run.preset: ${name} is for ${ids.join(', ')}`)
  })
})

describe('published settings', () => {
  it.each([
    ['mappo', 10_000_000, 128, 'joint'],
    ['rmappo', 10_000_000, 128, 'joint'],
    ['ippo', 10_000_000, 128, 'local'],
    ['jaxmarl', 10_000_000, 16, 'local'],
    ['maa2c', 20_000_000, 10, 'joint'],
  ])('%s: %d steps in %d games, as long as what it is verified against', async (preset, steps, games, critic) => {
    const { config } = await plan(preset)
    const { algorithm, critic: seen } = config.learner
    expect([config.run.episodes! * 25, config.run.games, seen]).toEqual([steps, games, critic])
    expect(referenceOf({ scenario: 'simple_spread', preset, algorithm, critic: seen }).episodes! * 25).toBe(steps)
    // Each game has as many episodes as the others.
    expect((config.run.episodes! / games) % 1).toBe(0)
  })

  it('a short name counts more than what a preset says of it', async () => {
    const { config } = await plan('mappo', { algorithm: 'ippo' })
    expect(config.learner).toMatchObject({ algorithm: 'ppo', critic: 'local', rolloutSteps: 25, epochs: 10 })
  })

  it.each([
    ['mappo', 'ppo', 'joint'],
    ['ippo', 'ppo', 'local'],
    ['maa2c', 'a2c', 'joint'],
    ['ia2c', 'a2c', 'local'],
  ])('the name %s is %s with critic %s, and all else as it is by default', async (name, algorithm, critic) => {
    const [short, long] = await Promise.all([
      plan('openai', { algorithm: name }),
      plan('openai', { algorithm, critic }),
    ])
    expect(short.config).toEqual(long.config)
    const other = critic === 'joint' ? 'local' : 'joint'
    await expect(plan('openai', { algorithm: name, critic: other })).rejects.toThrow(/^learner\.critic: expected/)
  })
})
