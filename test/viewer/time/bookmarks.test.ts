import { describe, expect, it } from 'vitest'
import { Bookmarks } from '../../../viewer/time/bookmarks.ts'

function storeOf(text: string | null) {
  let kept = text
  return { getItem: () => kept, setItem: (_: string, value: string) => void (kept = value) }
}
const mark = (number: number) => ({ number, at: 1000 + number, name: `step ${number}` })

describe('bookmarks', () => {
  it('are found again, in order, and taken away by the same press', () => {
    const store = storeOf(null)
    const marks = new Bookmarks('run', store)
    for (const number of [30, 10, 20]) marks.toggle(mark(number))
    expect(new Bookmarks('run', store).all.map(({ number }) => number)).toEqual([10, 20, 30])
    expect([marks.next(15, 1)?.number, marks.next(15, -1)?.number, marks.next(30, 1)]).toEqual([20, 10, undefined])
    marks.toggle(mark(20))
    expect(new Bookmarks('run', store).all.map(({ number }) => number)).toEqual([10, 30])
  })

  it.each([null, '', '{', '{}', '[1, null, {"number": "x"}]'])('begin empty where the store says %j', text => {
    expect(new Bookmarks('run', storeOf(text)).all).toEqual([])
  })

  it('live as long as the page where nothing can be stored', () => {
    const full = {
      getItem: () => null,
      setItem() {
        throw new Error('full')
      },
    }
    for (const store of [full, null]) {
      const marks = new Bookmarks('run', store)
      marks.toggle(mark(1))
      expect(marks.all).toHaveLength(1)
    }
  })
})
