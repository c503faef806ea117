import { describe, expect, it } from 'vitest'
import { PagePace } from '../../../viewer/page/pace.ts'

/** The rates asked for while pictures come every `passed` ms. */
function asked(pace: PagePace, passed: number, from: number): number[] {
  const rates: number[] = []
  for (let now = from; now < from + 20_000; now += passed) {
    const rate = pace.picture(passed, now)
    if (rate !== null) rates.push(rate)
  }
  return rates
}

describe('the pace', () => {
  it('asks for nothing while pictures come in time', () => {
    expect(asked(new PagePace(), 16, 0)).toEqual([])
    expect(asked(new PagePace(), 33, 0)).toEqual([])
  })

  it('asks for fewer frames while they come late, and for all again when they do not', () => {
    const pace = new PagePace()
    expect(asked(pace, 200, 0)).toEqual([15, 8, 5])
    expect(asked(pace, 16, 20_000)).toEqual([10, 20, 30])
  })
})
