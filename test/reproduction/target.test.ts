// Provisional targets: units, verdicts on given evaluation results, stuck seeds, numbers from memory.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { verdictOf } from '../../src/reproduction/band.ts'
import { untrained } from '../../src/reproduction/bands.ts'
import { referenceOf } from '../../src/reproduction/reference.ts'
import { converted, describePublished, judgeTarget, stuckOf } from '../../src/reproduction/target.ts'
import { targetsOf } from '../../src/reproduction/targets.ts'
import { games } from '../../src/run/run.ts'

const target = (scenario: string, algorithm = 'ppo', critic: unknown = 'joint') =>
  targetsOf(algorithm, critic).find(one => one.scenario === scenario)!
const spread = (values: readonly number[], algorithm?: string, critic?: unknown, steps?: number) => {
  const held = target('simple_spread', algorithm, critic)
  return judgeTarget(held, { agent: values }, steps ?? held.steps).verdict
}

describe('units', () => {
  it.each([
    ['halfTeam', -59.5, -119],
    ['perAgent', -14.5, -14.5],
    ['plainDistance', -13, 0.26],
  ] as const)('%s: %d is %d', (unit, printed, value) => {
    expect(converted({ printed, give: 1, unit }).value).toBeCloseTo(value, 12)
  })

  it('halfTeam is half of what an agent gets by the rules of openai: half of -3 D - 2 P - 75', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(40), (distances, collisions) => {
        const team = -1.5 * distances - collisions - 37.5
        const { value } = converted({ printed: team, give: 0, unit: 'halfTeam' })
        expect(value).toBe(-3 * distances - 2 * collisions - 75)
      }),
    )
  })

  it('plainDistance is the sum over 25 steps of both distances, whose mean counts here', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { minLength: 25, maxLength: 25 }), steps => {
        const sum = steps.reduce((all, [a, b]) => all - (a + b), 0)
        const mean = steps.reduce((all, [a, b]) => all + (a + b) / 2, 0) / 25
        expect(converted({ printed: sum, give: 0, unit: 'plainDistance' }).value).toBeCloseTo(mean, 10)
      }),
    )
  })
})

describe('a target', () => {
  it('is reached by its mean', () => {
    expect(spread([-119, -126, -124])).toBe('passed')
    expect(spread([-125])).toBe('passed')
  })

  it('is failed where a number that was looked up stands behind it, at as many steps', () => {
    expect(spread([-126])).toBe('failed')
    expect(spread([-133])).toBe('failed')
  })

  it('is undecided where only numbers from memory do, and the mean is no worse than those', () => {
    expect(spread([-133], 'ppo', 'local')).toBe('undecided')
    expect(spread([-137.6], 'ppo', 'local')).toBe('undecided')
    expect(spread([-138], 'ppo', 'local')).toBe('failed')
    expect(spread([-137], 'a2c', 'joint')).toBe('passed')
    expect(spread([-139], 'a2c', 'local')).toBe('failed')
  })

  it('says nothing of runs with other numbers of steps', () => {
    expect(spread([-119], 'ppo', 'joint', 2_000_000)).toBe('undecided')
    expect(spread([-220], 'ppo', 'joint', 2_000_000)).toBe('undecided')
  })

  it('is met by no run that has no number', () => {
    expect(spread([-119, Number.NaN])).toBe('failed')
    expect(spread([-119, Number.NaN], 'ppo', 'local')).toBe('failed')
  })

  it('of distances is better the smaller they are', () => {
    const reference = (...meanDistance: number[]) =>
      judgeTarget(target('simple_reference'), { meanDistance }, 10_000_000)
    expect(reference(0.28, 0.3)).toEqual({
      demand: 'mean of meanDistance 0.3 or less',
      got: '0.29',
      verdict: 'passed',
    })
    expect(reference(0.31).verdict).toBe('failed')
    expect(reference(0.65).verdict).toBe('failed')
  })
})

describe('stuck seeds', () => {
  const listener = target('simple_speaker_listener')
  const judged = (good: readonly number[]) => judgeTarget(listener, { good }, listener.steps)

  it('are counted and never averaged in', () => {
    expect(stuckOf(listener, [-12, -29.9, -14, -31])).toEqual({ seeds: 2, of: 4, meanOfOthers: -13 })
    expect(judged([...Array(9).fill(-12), -29.8])).toEqual({
      demand: 'at least 8 of 10 seeds of good at -15 or more',
      got: '9 of 10; 1 of 10 seeds (10 %) stuck at the plateau of -29.9 (not above -25), mean of the others -12.00',
      verdict: 'passed',
    })
    expect(judged([-29.9]).got).toContain(
      '1 of 1 seeds (100 %) stuck at the plateau of -29.9 (not above -25), there are no',
    )
  })

  it('eight of ten, two of three must reach the aim', () => {
    expect(judged([-12, -12, -29.9]).verdict).toBe('passed')
    expect(judged([-12, -29.9, -29.9]).verdict).toBe('failed')
    expect(judged([...Array(8).fill(-14), -29.9, -16]).verdict).toBe('passed')
    expect(judged([...Array(7).fill(-14), -29.9, -16, -16]).verdict).toBe('failed')
    expect(judged(Array(10).fill(-29.9)).verdict).toBe('failed')
  })

  it('all of them together are the seeds, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -80, max: 0, noNaN: true }), { minLength: 1 }), values => {
        const { seeds, of, meanOfOthers } = stuckOf(listener, values)!
        const others = values.filter(value => value > -25)
        expect([seeds + others.length, of]).toEqual([values.length, values.length])
        if (others.length > 0) expect(meanOfOthers).toBeGreaterThan(-25)
        else expect(meanOfOthers).toBeNaN()
      }),
    )
  })
})

describe('what runs are held against', () => {
  const kind = (preset: string, algorithm: string, critic: unknown, scenario = 'simple_spread') =>
    referenceOf({ scenario, preset, algorithm, critic }).kind

  it('bands of MADDPG by preset, targets of PPO and A2C by critic, else chance', () => {
    expect(kind('openai', 'maddpg', null)).toBe('band')
    expect(kind('modern', 'maddpg', 'state')).toBe('band')
    for (const algorithm of ['ppo', 'a2c']) {
      for (const critic of [null, 'joint', 'local', 'state']) expect(kind('openai', algorithm, critic)).toBe('target')
      expect(kind('openai', algorithm, 'set')).toBe('chance')
    }
    expect(kind('openai', 'ppo', 'joint', 'simple_tag')).toBe('chance')
    expect(kind('openai', 'masac', 'joint')).toBe('chance')
  })

  it('the sentences name each source, its unit, its steps, and what is from memory', () => {
    const { remarks, episodes } = referenceOf({
      scenario: 'simple_spread',
      preset: 'openai',
      algorithm: 'ppo',
      critic: 'joint',
    })
    expect(episodes).toBe(400_000)
    expect(remarks(400_000)).toEqual([
      'A provisional target, at as many environment steps.',
      'Published, HARL, assets/mpe_learning_curve.jpg: -119 ± 3 (printed: -59.5 ± 1.5) at 10 M steps.',
      'Published, Papoudakis et al. 2021, greatest evaluation: -133.5 ± 3.1 at 20 M steps [mem: quoted from memory].',
    ])
  })

  it('a stuck seed is no part of the mean', () => {
    const run = { scenario: 'simple_speaker_listener', preset: 'openai', algorithm: 'a2c', critic: 'local' }
    expect(referenceOf(run).mean('good', [-12, -30])).toBe(-12)
    expect(referenceOf(run).mean('good', [-30])).toBeNaN()
  })

  const all = ['ppo', 'a2c'].flatMap(algorithm =>
    ['joint', 'local'].flatMap(critic => targetsOf(algorithm, critic).map(one => [algorithm, critic, one] as const)),
  )
  it.each(all)('%s, %s: teams and figures that there are, better than chance, sources said', (_, __, one) => {
    const game = games[one.scenario]!.create()
    const isTeam = game.agents.some(({ team }) => team === one.of)
    expect(isTeam || one.of === 'meanDistance').toBe(true)
    const chance = isTeam ? untrained[one.scenario]![one.of]! : 1.14
    expect(verdictOf([judgeTarget(one, { [one.of]: Array(3).fill(chance) }, one.steps)])).not.toBe('passed')
    for (const published of one.published) {
      expect(describePublished(published).includes('[mem')).toBe(published.fromMemory === true)
    }
  })
})
