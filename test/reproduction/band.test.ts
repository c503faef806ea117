// The passing rule: ranges of means, modes of single seeds, and what counts as clearly better than chance.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Band,
  describeRange,
  fewestSeeds,
  judge,
  judgeUntrained,
  meanOf,
  verdictOf,
  widened,
} from '../../src/reproduction/band.ts'
import { bandEpisodes, bands, untrained } from '../../src/reproduction/bands.ts'
import { games } from '../../src/run/run.ts'

const passes = (band: Band, points: Record<string, readonly number[]>) =>
  judge(band, points, bandEpisodes).map(({ verdict }) => verdict === 'passed')
const verdicts = (band: Band, points: Record<string, readonly number[]>, episodes = bandEpisodes) =>
  judge(band, points, episodes).map(({ verdict }) => verdict)
const number = fc.double({ min: -500, max: 500, noNaN: true })

describe('a range', () => {
  it.each([
    [
      [-144, -135],
      [-151.2, -128.25],
    ],
    [
      [-7.7, -5.8],
      [-8.7, -4.8],
    ],
    [
      [-1.8, 0.6],
      [-2.8, 1.6],
    ],
  ])('%o is widened by 1 or 5 %, whichever is more: %o', ([low, high], [wideLow, wideHigh]) => {
    const wide = widened({ low: low!, high: high! })
    expect(wide.low).toBeCloseTo(wideLow!, 10)
    expect(wide.high).toBeCloseTo(wideHigh!, 10)
  })

  it('holds the mean over the seeds, so that one seed may stray', () => {
    const { simple_spread } = bands.openai!
    expect(passes(simple_spread!, { agent: [-140, -142.4, -136.5] })).toEqual([true])
    expect(passes(simple_spread!, { agent: [-160, -140, -130] })).toEqual([true])
    expect(passes(simple_spread!, { agent: [-160, -150, -144] })).toEqual([false])
    expect(passes(simple_spread!, { agent: [-120, -130, -125] })).toEqual([false])
  })

  it('is asked of every team', () => {
    const { simple_tag } = bands.openai!
    expect(passes(simple_tag!, { agent: [-14], adversary: [9.6] })).toEqual([true, true])
    expect(passes(simple_tag!, { agent: [-14], adversary: [20] })).toEqual([true, false])
  })

  it('is met by no run that has no number', () => {
    expect(passes(bands.openai!.simple!, { agent: [-6, Number.NaN] })).toEqual([false])
  })

  it('passes exactly where the mean is inside, by at most the allowance outside', () => {
    fc.assert(
      fc.property(
        number,
        fc.double({ min: 0, max: 50, noNaN: true }),
        fc.array(number, { minLength: 1 }),
        (low, width, values) => {
          const range = { low, high: low + width }
          const band: Band = { measure: 'training', seeds: 3, widened: true, ranges: { agent: range } }
          const mean = meanOf(values)
          const outside = Math.max(range.low - mean, mean - range.high)
          const [passed] = passes(band, { agent: values })
          if (outside <= 0) expect(passed).toBe(true)
          if (outside > Math.max(1, 0.05 * Math.max(Math.abs(range.low), Math.abs(range.high))) + 1e-9) {
            expect(passed).toBe(false)
          }
          expect(passed).toBe(mean >= widened(range).low && mean <= widened(range).high)
        },
      ),
    )
  })

  it('of a promise is open above and not widened', () => {
    const { simple_spread } = bands.modern!
    expect(passes(simple_spread!, { agent: [-125] })).toEqual([true])
    expect(passes(simple_spread!, { agent: [-125.1] })).toEqual([false])
    expect(passes(simple_spread!, { agent: [-90] })).toEqual([true])
    expect(describeRange(simple_spread!.ranges.agent!)).toBe('-125 or more')
  })
})

describe('runs that fall into groups', () => {
  const { simple_speaker_listener: listener, simple_crypto: crypto } = bands.openai!
  const seeds = (good: number, bad: number) => [...Array(good).fill(-16), ...Array(bad).fill(-29.5)]

  it('simple_speaker_listener: a share not below eight of ten by the exact test, every seed in a mode', () => {
    expect(verdicts(listener!, { good: seeds(16, 4) })).toEqual(['passed', 'passed'])
    // Of 20 against 8 of 10: p = 0.074 of 9, 0.045 of 8.
    expect(verdicts(listener!, { good: seeds(9, 11) })).toEqual(['passed', 'passed'])
    expect(verdicts(listener!, { good: seeds(8, 12) })).toEqual(['passed', 'failed'])
    expect(verdicts(listener!, { good: [...seeds(16, 3), -26] })).toEqual(['failed', 'passed'])
    expect(verdicts(listener!, { good: [...seeds(16, 3), -60] })).toEqual(['failed', 'passed'])
  })

  it('simple_crypto: a share not below four of ten, every seed in a mode, eve by her mean', () => {
    const good = [16, 17.2, ...Array(18).fill(2.4)]
    const eve = (value: number) => good.map(() => value)
    expect(verdicts(crypto!, { good, adversary: eve(-15) })).toEqual(['passed', 'passed', 'passed'])
    const none = Array(20).fill(2.4)
    expect(verdicts(crypto!, { good: none, adversary: eve(-15) })).toEqual(['passed', 'passed', 'failed'])
    expect(verdicts(crypto!, { good: [12, ...good.slice(1)], adversary: eve(-15) })[1]).toBe('failed')
    expect(verdicts(crypto!, { good, adversary: eve(-24) })).toEqual(['failed', 'passed', 'passed'])
  })

  it('under 20 seeds nothing is decided, and the interval of the difference is said all the same', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(20), (good, bad) => {
        fc.pre(good + bad > 0)
        expect(verdicts(listener!, { good: seeds(good, bad) })[1] === 'undecided').toBe(good + bad < fewestSeeds)
      }),
    )
    expect(judge(listener!, { good: seeds(3, 7) }, bandEpisodes)[1]).toEqual({
      demand:
        'share of seeds of good above -25 not below the 8 of 10 of the published runs (one-sided exact test, p < 0.05)',
      got: '3 of 10: undecided under 20 seeds; difference -50 (-74 ... -7) percentage points, p = 0.035',
      verdict: 'undecided',
    })
  })

  it('is held against runs of as many episodes alone', () => {
    const [, share] = judge(listener!, { good: seeds(21, 19) }, 10_000)
    expect(share).toMatchObject({
      verdict: 'passed',
      demand: expect.stringContaining("10 of 20 of openai/maddpg's own"),
    })
    expect(share!.got).toMatch(/^21 of 40: not below; difference 3 \(-23 ... 27\) percentage points, p = 0\.676$/)
    const [, none] = judge(listener!, { good: seeds(40, 0) }, 20_000)
    expect(none).toMatchObject({
      verdict: 'undecided',
      got: '40 of 40: undecided, there are none of 20,000 episodes (known: 60,000, 10,000)',
    })
  })

  it('what failed decides over what is undecided', () => {
    const of = (...all: ('passed' | 'failed' | 'undecided')[]) => verdictOf(all.map(verdict => ({ verdict })))
    expect([of(), of('passed'), of('passed', 'undecided'), of('undecided', 'failed')]).toEqual([
      'passed',
      'passed',
      'undecided',
      'failed',
    ])
  })

  it('modern: nine of ten, and the mean', () => {
    const { simple_speaker_listener } = bands.modern!
    expect(passes(simple_speaker_listener!, { good: [...Array(9).fill(-13), -29] })).toEqual([true, true])
    expect(passes(simple_speaker_listener!, { good: [...Array(8).fill(-10), -29, -29] })).toEqual([true, false])
    expect(passes(simple_speaker_listener!, { good: Array(10).fill(-17) })).toEqual([false, true])
  })
})

describe('without a reference', () => {
  it('every seed of one team is clearly above untrained', () => {
    const judged = (points: Record<string, number[]>) =>
      judgeUntrained(untrained.simple_world_comm!, points).verdict === 'passed'
    expect(judged({ agent: [-30, -30], adversary: [20, 15] })).toBe(true)
    expect(judged({ agent: [-30, -30], adversary: [20, 1.4] })).toBe(false)
    expect(judged({ agent: [-9, -9], adversary: [0, 0] })).toBe(true)
    expect(judged({ agent: [-11, -11], adversary: [0, 0] })).toBe(false)
    expect(judgeUntrained(untrained.simple_reference!, { agent: [-70, -40] }).verdict).toBe('failed')
  })
})

describe('the numbers', () => {
  it.each(
    Object.entries(bands).flatMap(([preset, all]) =>
      Object.entries(all).map(([id, band]) => [preset, id, band] as const),
    ),
  )('%s %s speak of teams that there are, and learning is needed to pass', (_, id, band) => {
    const teams = new Set(games[id]!.create().agents.map(({ team }) => team))
    const named = [...Object.keys(band.ranges), ...(band.modes ? [band.modes.team] : [])]
    expect(named.filter(team => !teams.has(team))).toEqual([])
    expect(Object.keys(untrained[id]!).sort()).toEqual([...teams].sort())
    const chance = Object.fromEntries(Object.entries(untrained[id]!).map(([team, value]) => [team, [value]]))
    expect(verdictOf(judge(band, chance, bandEpisodes))).toBe('failed')
  })
})
