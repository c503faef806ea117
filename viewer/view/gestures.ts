// Fingers, mouse and wheel on the surface: a press selects, one finger moves the view or a thing of the game, two fingers zoom.
import type { Point } from '../../src/picture/camera.ts'

export interface GestureEvents {
  /** A short press, in CSS pixels of the surface. */
  press(at: Point): void
  /** Somebody begins to drag here: true when a thing of the game is taken along, false when the view is moved. */
  grab(at: Point, byFinger: boolean): boolean
  /** The thing is dragged to here; the last time with `done`. */
  carry(at: Point, done: boolean): void
  pan(right: number, down: number): void
  zoom(factor: number, at: Point): void
  hover(at: Point | null): void
}

/** A pointer that moves less than this still presses. */
const STILL_PIXELS = 5

export function listenTo(surface: HTMLElement, events: GestureEvents): void {
  const down = new Map<number, Point>()
  let began: Point | null = null
  let dragging: 'view' | 'thing' | null = null

  const at = (event: { readonly clientX: number; readonly clientY: number }): Point => {
    const { left, top } = surface.getBoundingClientRect()
    return { x: event.clientX - left, y: event.clientY - top }
  }

  surface.addEventListener('pointerdown', event => {
    if (event.button !== 0) return
    surface.setPointerCapture(event.pointerId)
    down.set(event.pointerId, at(event))
    began = down.size === 1 ? at(event) : null
    if (down.size > 1 && dragging !== 'thing') dragging = 'view'
  })
  surface.addEventListener('pointermove', event => {
    const before = down.get(event.pointerId)
    const now = at(event)
    if (before === undefined) {
      if (event.pointerType === 'mouse') events.hover(now)
      return
    }
    if (began !== null && Math.hypot(now.x - began.x, now.y - began.y) < STILL_PIXELS) return
    dragging ??= events.grab(began ?? before, event.pointerType === 'touch') ? 'thing' : 'view'
    began = null
    if (dragging === 'thing') events.carry(now, false)
    else if (down.size === 1) events.pan(now.x - before.x, now.y - before.y)
    else pinch([...down].find(([id]) => id !== event.pointerId)![1], before, now)
    down.set(event.pointerId, now)
  })
  const up = (event: PointerEvent, cancelled: boolean) => {
    if (!down.delete(event.pointerId)) return
    if (began !== null && !cancelled) events.press(began)
    if (dragging === 'thing' && down.size === 0) events.carry(at(event), true)
    began = null
    if (down.size === 0) dragging = null
  }
  surface.addEventListener('pointerup', event => up(event, false))
  surface.addEventListener('pointercancel', event => up(event, true))
  surface.addEventListener('pointerleave', () => events.hover(null))
  surface.addEventListener(
    'wheel',
    event => {
      event.preventDefault()
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1
      events.zoom(Math.exp((-event.deltaY * lines) / 400), at(event))
    },
    { passive: false },
  )

  /** Two fingers: what is between them stays between them. */
  function pinch(other: Point, before: Point, now: Point): void {
    const apart = (point: Point) => Math.max(1, Math.hypot(point.x - other.x, point.y - other.y))
    events.zoom(apart(now) / apart(before), { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 })
    events.pan((now.x - before.x) / 2, (now.y - before.y) / 2)
  }
}
