import { describe, expect, it } from 'vitest'
import { Lens, type Viewpoint } from '../../../viewer/view/lens.ts'

const sight: Viewpoint = { width: 400, height: 400, extent: 1, discs: [], followed: null }

let now = 0

/** The camera when all gliding is over. */
function settled(lens: Lens, at: Viewpoint = sight) {
  for (const end = (now += 3000); now < end + 3000; now += 16) lens.camera(at, now)
  expect(lens.gliding(at)).toBe(false)
  return lens.camera(at, now)
}

describe('the lens', () => {
  it('shows the whole world at first', () => {
    expect(settled(new Lens())).toMatchObject({ scale: 200 })
  })

  it('stays where a hand has put it, and comes back when it is told', () => {
    const lens = new Lens()
    settled(lens)
    lens.zoomBy(2, { x: 400, y: 200 })
    lens.panBy(-100, 0)
    const camera = settled(lens)
    expect(camera.scale).toBe(400)
    expect(camera.x(1)).toBeCloseTo(300)
    lens.choose('fixed')
    expect(settled(lens).scale).toBeCloseTo(200, 0)
  })

  it('follows an agent, closer when asked, until somebody moves it away', () => {
    const lens = new Lens()
    const near = { ...sight, followed: { x: 0.5, y: -0.5 } }
    lens.choose('follow')
    expect(settled(lens, near).x(0.5)).toBeCloseTo(200, 0)
    lens.zoomBy(3, { x: 0, y: 0 })
    const camera = settled(lens, near)
    expect(camera.x(0.5)).toBeCloseTo(200, 0)
    expect(camera.scale).toBeCloseTo(600, 0)
    lens.panBy(10, 0)
    expect(lens.mode).toBe('fixed')
  })

  it('is the same again when it is restored', () => {
    const lens = new Lens()
    settled(lens)
    lens.zoomBy(2.5, { x: 130, y: 260 })
    const other = new Lens()
    other.restore(lens.save())
    const [one, two] = [settled(lens), settled(other)]
    expect([two.x(0), two.y(0), two.scale]).toEqual([one.x(0), one.y(0), one.scale].map(at => expect.closeTo(at)))
  })

  it('cannot be lost in the distance', () => {
    const lens = new Lens()
    settled(lens)
    for (let i = 0; i < 50; i++) lens.zoomBy(0.5, { x: 0, y: 0 })
    expect(settled(lens).scale).toBeCloseTo(40, 3)
  })
})
