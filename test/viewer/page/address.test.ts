import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readAddress, writeHash } from '../../../viewer/page/address.ts'

const nothing = { session: null, embed: false, at: null, lens: null, agent: null }

describe('a link', () => {
  it('says nothing of the whole world, live', () => {
    expect(readAddress('', '')).toEqual(nothing)
    expect(writeHash({ at: null, lens: { mode: 'fixed', x: 0, y: 0, zoom: 1 }, agent: null })).toBe('')
  })

  it('names a session, a moment, a view and an agent', () => {
    expect(readAddress('?session=a%20run&embed', '#at=12&view=follow,0.5,-1,2&agent=agent_0')).toEqual({
      session: 'a run',
      embed: true,
      at: 12,
      lens: { mode: 'follow', x: 0.5, y: -1, zoom: 2 },
      agent: 'agent_0',
    })
  })

  it('brings back what it was made of', () => {
    const number = fc.integer({ min: -999, max: 999 }).map(n => n / 8)
    const lens = fc.record({
      mode: fc.constantFrom('fixed' as const, 'fit' as const, 'follow' as const),
      x: number,
      y: number,
      zoom: fc.integer({ min: 1, max: 99 }).map(n => n / 8 + 1),
    })
    fc.assert(
      fc.property(fc.option(fc.nat()), lens, fc.option(fc.string({ minLength: 1 })), (at, lens, agent) => {
        const read = readAddress('', writeHash({ at, lens, agent }))
        expect(read).toMatchObject({ at, agent })
        expect(read.lens?.x).toBeCloseTo(lens.x, 1)
        expect(read.lens?.zoom).toBeCloseTo(lens.zoom, 1)
      }),
    )
  })

  it.each(['#at=-1', '#at=x', '#at=1.5', '#view=near,0,0,1', '#view=fit,0,0', '#view=fixed,0,0,-1'])(
    'does not say what makes no sense: %s',
    hash => {
      expect(readAddress('', hash)).toEqual(nothing)
    },
  )
})
