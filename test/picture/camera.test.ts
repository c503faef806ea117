import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aim, around, cameraAt, moved, whole, zoomed } from '../../src/picture/camera.ts'

const finite = (min: number, max: number) => fc.double({ min, max, noNaN: true })
const aims = fc.record({ x: finite(-5, 5), y: finite(-5, 5), scale: finite(1, 2000) })

describe('a camera', () => {
  it('shows the square around 0 with y up', () => {
    const camera = aim(400, 2)
    expect([camera.x(-2), camera.x(2), camera.y(2), camera.y(-2), camera.x(0)]).toEqual([0, 400, 0, 400, 200])
    expect(whole(800, 400, 2)).toEqual({ x: 0, y: 0, scale: 100 })
  })

  it('knows the way back from pixels', () => {
    fc.assert(
      fc.property(aims, finite(-5, 5), finite(-5, 5), (view, x, y) => {
        const camera = cameraAt(view, 640, 480)
        expect(camera.worldX(camera.x(x))).toBeCloseTo(x, 6)
        expect(camera.worldY(camera.y(y))).toBeCloseTo(y, 6)
      }),
    )
  })

  it('zooms around the pixel under the pointer', () => {
    fc.assert(
      fc.property(aims, finite(0.1, 10), finite(0, 640), finite(0, 480), (view, factor, x, y) => {
        const closer = zoomed(view, factor, { x, y }, 640, 480)
        expect(closer.scale).toBeCloseTo(view.scale * factor, 6)
        const [before, after] = [cameraAt(view, 640, 480), cameraAt(closer, 640, 480)]
        expect(after.x(before.worldX(x))).toBeCloseTo(x, 3)
        expect(after.y(before.worldY(y))).toBeCloseTo(y, 3)
      }),
    )
  })

  it('moves with the pointer', () => {
    const view = { x: 1, y: 1, scale: 100 }
    const [before, after] = [cameraAt(view, 640, 480), cameraAt(moved(view, 30, -20), 640, 480)]
    expect([after.x(0) - before.x(0), after.y(0) - before.y(0)]).toEqual([30, -20])
  })

  it('has everybody in a view that fits, and stays at a distance', () => {
    const size = 0.1
    const discs = fc.array(fc.record({ x: finite(-9, 9), y: finite(-9, 9), size: fc.constant(size) }), { minLength: 1 })
    fc.assert(
      fc.property(discs, discs => {
        const camera = cameraAt(around(discs, 640, 480, 2), 640, 480)
        for (const { x, y } of discs) {
          expect(camera.x(x) - size * camera.scale).toBeGreaterThanOrEqual(0)
          expect(camera.x(x) + size * camera.scale).toBeLessThanOrEqual(640)
          expect(camera.y(y) - size * camera.scale).toBeGreaterThanOrEqual(0)
          expect(camera.y(y) + size * camera.scale).toBeLessThanOrEqual(480)
        }
        expect(camera.scale).toBeLessThanOrEqual(480 / (2 / 4))
      }),
    )
    expect(around([], 640, 480, 2)).toEqual(whole(640, 480, 2))
  })
})
