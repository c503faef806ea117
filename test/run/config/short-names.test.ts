// Short names of algorithms: stored as what they stand for, of the right teams alone, contradictions refused.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Overrides } from '../../../src/run/config/config.ts'
import { describeShortName, spelledOut, withoutShortNames } from '../../../src/run/config/short-names.ts'
import { planRun, withOwn } from '../../../src/run/plan.ts'
import { algorithms, shortNames } from '../../../src/run/players.ts'

/** Names for algorithms that are there whatever else is. */
const known = {
  seeing: { algorithm: 'masac', settings: { critic: 'joint' } },
  alone: { algorithm: 'masac', settings: { critic: 'local' } },
}
const plan = (given: Overrides) => planRun({ scenario: { id: 'simple_tag' }, ...given }, undefined, algorithms, known)

describe('a short name', () => {
  it('is stored as its algorithm and settings, all else as by default', async () => {
    const [short, long] = await Promise.all([
      plan({ learner: { algorithm: 'alone' } }),
      plan({ learner: { algorithm: 'masac', critic: 'local' } }),
    ])
    expect(short.config).toEqual(long.config)
    expect(short.config.learner).toMatchObject({ algorithm: 'masac', critic: 'local' })
    expect(short.config.team).toEqual({})
  })

  it('of one team speaks of that team alone', async () => {
    const { config } = await plan({ learner: { algorithm: 'seeing' }, team: { adversary: 'alone' } })
    expect(config.learner).toMatchObject({ algorithm: 'masac' })
    expect(config.learner).not.toHaveProperty('critic')
    expect(config.team).toEqual({
      adversary: { algorithm: 'masac', critic: 'local' },
      agent: { critic: 'joint' },
    })
  })

  it('of all teams leaves those alone that learn otherwise, and those that do not learn', async () => {
    const other = await plan({ learner: { algorithm: 'alone' }, team: { adversary: 'maddpg' } })
    expect([...other.teamSettings].map(([team, { critic }]) => [team, critic])).toEqual([
      ['adversary', null],
      ['agent', 'local'],
    ])
    const { config } = await plan({ learner: { algorithm: 'alone' }, team: { adversary: 'random' } })
    expect([config.team, config.learner.critic]).toEqual([{ adversary: 'random' }, 'local'])
  })

  it('in a record of a team goes with the settings there', async () => {
    const { config } = await plan({ team: { agent: { algorithm: 'alone', gamma: 0.5 } } })
    expect(config.team.agent).toMatchObject({ algorithm: 'masac', critic: 'local', gamma: 0.5 })
  })

  it('and what a run has stored are one: settings laid over themselves stay as they are', async () => {
    const first = await plan({ learner: { algorithm: 'alone' }, team: { adversary: 'seeing' } })
    const again = await plan(first.config as Overrides)
    expect(again.config).toEqual(first.config)
  })

  it('may be said together with what it stands for', async () => {
    const { config } = await plan({ learner: { algorithm: 'alone', critic: 'local' } })
    expect(config.learner.critic).toBe('local')
  })

  it.each<[string, Overrides, RegExp]>([
    [
      'of all teams',
      { learner: { algorithm: 'seeing', critic: 'local' } },
      /^learner\.critic: expected joint, as seeing is short for masac with critic=joint, got "local"; say masac in place of seeing, or/,
    ],
    [
      'of one team',
      { team: { agent: { algorithm: 'alone', critic: 'state' } } },
      /^team\.agent\.critic: expected local, as alone is short for masac with critic=local, got "state"/,
    ],
    [
      'of a team that learns as all do',
      { learner: { algorithm: 'alone' }, team: { agent: { critic: 'joint' } } },
      /^team\.agent\.critic: expected local, as alone is short/,
    ],
  ])('contradicted is refused: %s', async (_, given, message) => {
    await expect(plan(given)).rejects.toThrow(message)
  })

  it('that nobody knows is refused with what is near', async () => {
    await expect(planRun({ scenario: { id: 'simple' }, learner: { algorithm: 'madpg' } })).rejects.toThrow(
      /^learner\.algorithm: unknown algorithm 'madpg'; did you mean 'maddpg'/,
    )
  })
})

describe('settings without short names', () => {
  const name = fc.constantFrom('masac', 'maddpg', 'random', 'seeing', 'alone')
  const said = fc.option(fc.oneof(name, fc.record({ algorithm: name }), fc.constant({ gamma: 0.5 })), {
    nil: undefined,
  })

  it('have none, say of every team who plays it as before, and change no second time', () => {
    fc.assert(
      fc.property(name, said, said, (algorithm, a, b) => {
        const team = Object.fromEntries(Object.entries({ a, b }).filter(([, one]) => one !== undefined)) as never
        const config = { learner: { algorithm }, team }
        const once = withoutShortNames(config, ['a', 'b'], known)
        expect(JSON.stringify(once)).not.toMatch(/seeing|alone/)
        expect(withoutShortNames(once, ['a', 'b'], known)).toEqual(once)
        for (const [which, given] of Object.entries({ a, b })) {
          const player = typeof given === 'string' ? given : ((given as { algorithm?: string })?.algorithm ?? algorithm)
          const found = (once.team as Record<string, unknown>)[which] ?? {}
          const record = typeof found === 'string' ? { algorithm: found } : (found as Record<string, unknown>)
          const short = known[player as keyof typeof known]
          expect(record.algorithm ?? once.learner.algorithm).toBe(short?.algorithm ?? player)
          expect(record.critic).toBe(short?.settings.critic)
        }
      }),
    )
  })

  it('are spelled out where they stand', () => {
    const given = { learner: { algorithm: 'alone', gamma: 0.9 }, team: { a: 'seeing', b: 'random', c: { gamma: 0.5 } } }
    expect(spelledOut(given, known)).toEqual({
      learner: { algorithm: 'masac', critic: 'local', gamma: 0.9 },
      team: { a: { algorithm: 'masac', critic: 'joint' }, b: 'random', c: { gamma: 0.5 } },
    })
    expect(spelledOut({ run: { seed: 3 } }, known)).toEqual({ run: { seed: 3 } })
  })
})

describe('the short names that there are', () => {
  it('stand for settings of their algorithms, and nothing else has their names', () => {
    for (const [name, short] of Object.entries(shortNames)) {
      const { options } = algorithms[short.algorithm]!
      expect(Object.keys(short.settings).filter(key => !Object.hasOwn(options, key))).toEqual([])
      expect(algorithms).not.toHaveProperty(name)
      expect(describeShortName(short)).toContain(`${short.algorithm} with `)
      expect(() => withOwn({ [name]: { ...algorithms.maddpg!, id: name } })).toThrow(/is taken by marlstrom itself/)
    }
  })
})
