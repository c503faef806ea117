// The order of frames over breaks, where a real connection would seldom break.
import { describe, expect, it } from 'vitest'
import { FrameOrder } from '../../src/client/frame-order.ts'
import { circlingFrame, streamed, tinySchema, tinyState, tinyWelcome } from '../stream/tiny-stream.ts'

const schema = tinySchema()
const welcome = (last: number, resumed: boolean, began = 1) => ({
  ...tinyWelcome(schema, tinyState(schema)),
  session: { id: 'tiny', title: '', began },
  history: { first: 0, last },
  resumed,
})
const live = (number: number, placed = false) => streamed({ ...circlingFrame(schema, number), placed }, { key: true })
const past = (number: number) => streamed(circlingFrame(schema, number), { past: true })
const numbers = (frames: readonly { readonly number: number }[]) => frames.map(({ number }) => number)

/** Frames up to number 10, then a break. */
function broken(): FrameOrder {
  const order = new FrameOrder()
  order.welcome(welcome(9, false))
  order.take(live(10))
  order.lose()
  return order
}

describe('frames in their order', () => {
  it('go on as they come where nothing was missed, the last one once', () => {
    const order = broken()
    order.welcome(welcome(10, true))
    expect([order.take(live(10)), numbers(order.take(live(11)))]).toEqual([[], [11]])
    const moved = broken()
    moved.welcome(welcome(10, true))
    expect(numbers(moved.take(live(10, true)))).toEqual([10])
  })

  it('wait for what was missed, and lead to each other then', () => {
    const order = broken()
    order.welcome(welcome(13, true))
    expect([order.take(live(13)), order.isBehind, order.heard]).toEqual([[], true, { number: 10, began: 1 }])
    expect(numbers(order.take(past(11)))).toEqual([11])
    expect(order.take(past(11))).toEqual([])
    expect(order.take(live(14))).toEqual([])
    const [twelve, thirteen, fourteen] = order.take(past(12))
    expect([twelve!.past, thirteen!.key, fourteen!.number]).toEqual([true, false, 14])
    expect([order.isBehind, order.heard?.number]).toEqual([false, 14])
    expect(numbers(order.take(live(15)))).toEqual([15])
  })

  it('are asked for again where the next break comes before all were there', () => {
    const order = broken()
    order.welcome(welcome(13, true))
    order.take(live(13))
    order.take(past(11))
    order.lose()
    expect(order.heard).toEqual({ number: 11, began: 1 })
    order.welcome(welcome(14, true))
    expect(order.take(live(14))).toEqual([])
    expect([numbers(order.take(past(12))), numbers(order.take(past(13)))]).toEqual([[12], [13, 14]])
  })

  it('wait no longer for what is kept no more', () => {
    const order = broken()
    order.welcome(welcome(100_000, true))
    let came: number[] = []
    for (let number = 100_000; came.length === 0; number++) came = numbers(order.take(live(number)))
    expect([came.length, came[0], order.isBehind]).toEqual([3001, 100_000, false])
  })

  it('of a session that began anew are others', () => {
    const order = broken()
    order.welcome(welcome(3, false, 2))
    expect([order.heard, numbers(order.take(live(3))), order.heard]).toEqual([null, [3], { number: 3, began: 2 }])
  })

  it('of the past that nobody missed are left out', () => {
    const order = new FrameOrder()
    order.welcome(welcome(9, false))
    expect([order.take(past(5)), numbers(order.take(live(9)))]).toEqual([[], [9]])
  })

  it('go on behind a fresh welcome on the same connection', () => {
    const order = broken()
    order.welcome(welcome(13, true))
    order.take(live(13))
    expect(order.welcome(welcome(13, false))).toEqual([])
    expect([numbers(order.take(past(11))), numbers(order.take(past(12)))]).toEqual([[11], [12, 13]])
    const changed = broken()
    changed.welcome(welcome(13, true))
    changed.take(live(13))
    expect(numbers(changed.welcome({ ...welcome(0, false), schema: { ...schema, extent: 9 } }))).toEqual([13])
  })
})
