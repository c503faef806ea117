// The passing rule: ranges of means, modes of single seeds, and what counts as clearly better than chance.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Band, describeRange, judge, judgeUntrained, meanOf, widened } from '../../src/reproduction/band.ts'
import { bands, untrained } from '../../src/reproduction/bands.ts'
import { games } from '../../src/run/run.ts'

const passes = (band: Band, points: Record<string, readonly number[]>) =>
  judge(band, points).map(({ passed }) => passed)
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

  it('simple_speaker_listener: six of ten above -25, every seed in a mode', () => {
    expect(passes(listener!, { good: seeds(6, 4) })).toEqual([true, true])
    expect(passes(listener!, { good: seeds(5, 5) })).toEqual([true, false])
    expect(passes(listener!, { good: [...seeds(6, 3), -26] })).toEqual([false, true])
    expect(passes(listener!, { good: [...seeds(6, 3), -60] })).toEqual([false, true])
  })

  it('simple_crypto: two of ten in the high mode, every seed in a mode, eve by her mean', () => {
    const good = [16, 17.2, ...Array(8).fill(2.4)]
    expect(passes(crypto!, { good, adversary: good.map(() => -15) })).toEqual([true, true, true])
    expect(passes(crypto!, { good: [12, ...good.slice(1)], adversary: good.map(() => -15) })).toEqual([
      true,
      false,
      false,
    ])
    expect(passes(crypto!, { good, adversary: good.map(() => -24) })).toEqual([false, true, true])
  })

  it('fewer seeds are asked for the same share of successes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 20 }), (good, bad) => {
        fc.pre(good + bad > 0)
        expect(passes(listener!, { good: seeds(good, bad) })[1]).toBe(good / (good + bad) >= 0.6 - 1e-12)
      }),
    )
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
    const judged = (points: Record<string, number[]>) => judgeUntrained(untrained.simple_world_comm!, points).passed
    expect(judged({ agent: [-30, -30], adversary: [20, 15] })).toBe(true)
    expect(judged({ agent: [-30, -30], adversary: [20, 1.4] })).toBe(false)
    expect(judged({ agent: [-9, -9], adversary: [0, 0] })).toBe(true)
    expect(judged({ agent: [-11, -11], adversary: [0, 0] })).toBe(false)
    expect(judgeUntrained(untrained.simple_reference!, { agent: [-70, -40] }).passed).toBe(false)
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
    expect(judge(band, chance).every(({ passed }) => passed)).toBe(false)
  })
})
