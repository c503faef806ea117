// Settings belong to an owner: what holds for which team, the one form that equal settings have, and settings that nobody has.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { layer, type Overrides } from '../../../src/run/config/config.ts'
import { flatten, type Layer, sourcesOf } from '../../../src/run/config/config-layers.ts'
import { playerNamed, settingsOf, settled } from '../../../src/run/config/team-settings.ts'
import { completeSettings, planRun } from '../../../src/run/plan.ts'
import { algorithms } from '../../../src/run/players.ts'
import { count, ratio } from '../../../src/settings/option.ts'

const tag: Overrides = { scenario: { id: 'simple_tag' } }
const settingsIn = async (given: Overrides) => Object.fromEntries((await planRun({ ...tag, ...given })).teamSettings)

describe('the settings of a team', () => {
  it('are those of its own algorithm where nobody says otherwise', async () => {
    const { adversary, agent } = await settingsIn({ team: { adversary: 'mad4pg', agent: 'maddpg' } })
    expect(adversary).toMatchObject({ returnSteps: 5, priority: 0.6, copyTargets: true, atoms: 51 })
    expect(agent).toMatchObject({ returnSteps: 1, priority: 0, copyTargets: false })
    expect(agent).not.toHaveProperty('atoms')
  })

  it('let algorithms that are explored in different ways play together', async () => {
    const { adversary, agent } = await settingsIn({ team: { adversary: 'matd3', agent: 'masac' } })
    expect([adversary!.exploration, agent!.exploration]).toEqual(['gaussian', 'policy'])
  })

  it('are given for all teams whose algorithm has them, and for one alone on top', async () => {
    const { adversary, agent } = await settingsIn({
      learner: { gamma: 0.5, policyDelay: 3 },
      team: { adversary: { algorithm: 'matd3', gamma: 0.6 } },
    })
    expect(adversary).toMatchObject({ gamma: 0.6, policyDelay: 3 })
    expect(agent).toMatchObject({ gamma: 0.5 })
    expect(agent).not.toHaveProperty('policyDelay')
  })

  it('may be said without saying who plays', async () => {
    const plan = await planRun({ ...tag, learner: { algorithm: 'ddpg' }, team: { agent: { gamma: 0.5 } } })
    expect(playerNamed(plan.config, 'agent')).toBe('ddpg')
    expect(plan.config.team).toEqual({ adversary: { gamma: 0.95 }, agent: { gamma: 0.5 } })
  })

  it('come from a preset only where it is for the algorithm', async () => {
    const { adversary, agent } = await settingsIn({ run: { preset: 'modern' }, team: { adversary: 'mad4pg' } })
    expect([agent!.gamma, agent!.batch]).toEqual([0.8, 256])
    expect([adversary!.gamma, adversary!.batch]).toEqual([0.95, 1024])
    await expect(planRun({ ...tag, run: { preset: 'modern' }, learner: { algorithm: 'mad4pg' } })).rejects.toThrow(
      /^run\.preset: modern is for maddpg, by which no team learns \(mad4pg\)/,
    )
  })

  it.each<[string, Overrides, RegExp]>([
    [
      'no team has it',
      { learner: { policyDelay: 3 } },
      /^learner\.policyDelay: maddpg has no 'policyDelay'; matd3 has$/,
    ],
    [
      'that team does not have it',
      { team: { adversary: { alpha: 1 }, agent: 'masac' } },
      /^team\.adversary\.alpha: maddpg has no 'alpha'; masac has$/,
    ],
    [
      'nobody has it',
      { team: { adversary: { gama: 1 } } },
      /^team\.adversary\.gama: unknown key 'gama'; did you mean 'gamma'/,
    ],
    [
      'it is not legal',
      { team: { adversary: { gamma: 2 } } },
      /^team\.adversary\.gamma: expected a number from 0 to 1, got 2$/,
    ],
    [
      'the team does not learn',
      { team: { adversary: { algorithm: 'random', gamma: 1 } } },
      /^team\.adversary\.gamma: the team is played by random, which does not learn here/,
    ],
    [
      'the player is none',
      { team: { adversary: { algorithm: 3 } } },
      /^team\.adversary\.algorithm: expected the name of an/,
    ],
    ['it is no record', { team: { adversary: [] as never } }, /^team\.adversary: expected a player, or a record/],
    ['the team is none', { team: { advers: { gamma: 1 } } }, /^team\.advers: unknown team/],
    [
      'one changes nothing without another',
      { learner: { groupUpdate: true } },
      /^learner\.groupUpdate: expected learner\.shareParameters=true beside it, got false, with which it changes nothing; set/,
    ],
    [
      'one of a team changes nothing without another',
      { team: { agent: { groupUpdate: true } } },
      /^team\.agent\.groupUpdate: expected team\.agent\.shareParameters=true beside it, got false/,
    ],
    [
      'a team alone goes without what one of all needs',
      { learner: { groupUpdate: true, shareParameters: true }, team: { agent: { shareParameters: false } } },
      /^learner\.groupUpdate: expected team\.agent\.shareParameters=true beside it, got false/,
    ],
  ])('are refused where %s', async (_, given, message) => {
    await expect(planRun({ ...tag, ...given })).rejects.toThrow(message)
  })

  it('of a team alone may need what is said of all', async () => {
    const { adversary, agent } = await settingsIn({
      learner: { shareParameters: true },
      team: { adversary: { groupUpdate: true }, agent: 'masac' },
    })
    expect(adversary).toMatchObject({ groupUpdate: true, shareParameters: true })
    expect(agent).not.toHaveProperty('groupUpdate')
  })

  it('are those of algorithms of one’s own too', async () => {
    const mine = { ...algorithms.maddpg!, id: 'mine', options: { width: count(3, { min: 1 }, 'how wide') } }
    const plan = await planRun(
      { ...tag, learner: { algorithm: 'mine', width: 4 }, team: { agent: 'ddpg' } },
      undefined,
      { ...algorithms, mine },
    )
    expect(plan.teamSettings.get('adversary')).toEqual({ width: 4 })
    await expect(planRun({ ...tag, learner: { width: 4 } }, undefined, { ...algorithms, mine })).rejects.toThrow(
      "learner.width: maddpg has no 'width'; mine has",
    )
  })

  it('are held against the bounds of each team’s algorithm, which is named', () => {
    const [a, b] = [
      { id: 'a', options: { size: count(1, { max: 9 }, '') } },
      { id: 'b', options: { size: count(1, { max: 3 }, ''), part: ratio(0.5, '') } },
    ]
    const config = { learner: { algorithm: 'a', size: 5 }, team: {} }
    const learners = new Map([
      ['x', a],
      ['y', b],
    ])
    const preset = { algorithms: null, settings: {} }
    expect(() => settled(config, learners, [a, b], preset)).toThrow(
      'learner.size: expected a whole number from 0 to 3, got 5 (by which b of team y learns)',
    )
    expect(settled({ ...config, team: { y: { size: 2 } } }, learners, [a, b], preset)).toEqual({
      learner: { algorithm: 'a', part: 0.5 },
      team: { x: { size: 5 }, y: { size: 2 } },
    })
  })
})

/** Some settings of learners, by whichever section. */
const options = fc.record(
  {
    gamma: fc.constantFrom(0.5, 0.95, 1),
    batch: fc.constantFrom(8, 1024),
    copyTargets: fc.boolean(),
    returnSteps: fc.constantFrom(1, 5),
    clip: fc.constantFrom(null, 0.5),
  },
  { requiredKeys: [] },
)
const names = Object.keys(algorithms)
const team = fc.oneof(
  fc.constantFrom(...names),
  fc
    .record({ algorithm: fc.constantFrom(...names), own: options })
    .map(({ algorithm, own }) => ({ algorithm, ...own })),
  options,
)
const overrides: fc.Arbitrary<Overrides> = fc
  .record(
    {
      learner: fc.tuple(fc.constantFrom(...names), options).map(([algorithm, own]) => ({ algorithm, ...own })),
      team: fc.record({ adversary: team, agent: team }, { requiredKeys: [] }),
      run: fc.oneof(
        fc.record({ episodes: fc.constantFrom(7, 60_000) }),
        fc.record({ steps: fc.constantFrom(70, 1e6) }),
        fc.constant({}),
      ),
      network: fc.constantFrom({}, { hidden: [8] }),
    },
    { requiredKeys: [] },
  )
  .map(given => given as Overrides)
const layered = fc
  .array(overrides, { maxLength: 3 })
  .map(all => all.map((one, i) => ({ source: `${i}`, overrides: one })))

/** The plan, unless a setting was made up that no team's algorithm has. */
async function planned(layers: readonly Layer[]) {
  const given = layer(tag, flatten(layers))
  const plan = await planRun(given).catch(error => {
    if (!/ ha(s|ve) no '/.test(error.message)) throw error
    return null
  })
  fc.pre(plan !== null)
  return { given, plan: plan! }
}

describe('the one form of settings', () => {
  it('stands for itself, and gives the same plan over the layers that it came from', async () => {
    await fc.assert(
      fc.asyncProperty(layered, async (layers: readonly Layer[]) => {
        const { given, plan } = await planned(layers)
        const settings = completeSettings(plan)
        for (const again of [settings, layer(given, settings)]) {
          const other = await planRun(JSON.parse(JSON.stringify(again)))
          expect(completeSettings(other)).toEqual(settings)
          expect([...other.teamSettings]).toEqual([...plan.teamSettings])
        }
      }),
      { numRuns: 40 },
    )
  })

  it('keeps with each team what is not the same for all, and has a source for each value', async () => {
    await fc.assert(
      fc.asyncProperty(layered, async (layers: readonly Layer[]) => {
        const { plan } = await planned(layers)
        const { config, teamSettings } = plan
        for (const [team, settings] of teamSettings) {
          expect(settingsOf(algorithms[playerNamed(config, team)]!, config, team)).toEqual(settings)
          for (const [name, value] of Object.entries(settings)) {
            const all = [...teamSettings.values()].filter(other => Object.hasOwn(other, name))
            const agree = all.every(other => JSON.stringify(other[name]) === JSON.stringify(value))
            expect([name, Object.hasOwn(config.learner, name)]).toEqual([name, agree])
          }
        }
        const settings = completeSettings(plan)
        const keys = (record: object): unknown =>
          Object.entries(record).map(([key, value]) => [key, keyed(value) ? keys(value) : key])
        const sources = sourcesOf(settings, plan, layers)
        const { learner, team } = sources
        expect(keys({ learner, team })).toEqual(keys({ learner: keysAlone(settings.learner!), team: settings.team }))
      }),
      { numRuns: 40 },
    )
  })
})

function keyed(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Values of settings may be records too; sources are not. */
function keysAlone(record: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.keys(record).map(key => [key, key]))
}
