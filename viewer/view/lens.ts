// Which view the page has chosen: the whole world, everybody, or one agent; moved by hand, and gliding from one to the next.
import { type Aim, around, type Camera, cameraAt, moved, type Point, whole, zoomed } from '../../src/picture/camera.ts'

export type LensMode = 'fixed' | 'fit' | 'follow'

/** What a view needs to know of the picture. */
export interface Viewpoint {
  readonly width: number
  readonly height: number
  readonly extent: number
  /** Who is there. */
  readonly discs: readonly (Point & { readonly size: number })[]
  /** Where the followed agent is; null: nobody is followed, or it is gone. */
  readonly followed: Point | null
}

/** What a link keeps of a view. `zoom` 1 shows the whole world. */
export interface SavedLens {
  readonly mode: LensMode
  readonly x: number
  readonly y: number
  readonly zoom: number
}

const GLIDE_MS = 90
const ZOOM = { least: 0.2, most: 40 } as const

export class Lens {
  mode: LensMode = 'fixed'
  /** Middle and zoom as chosen by hand. */
  private chosen: Point & { readonly zoom: number } = { x: 0, y: 0, zoom: 1 }
  private shown: Aim | null = null
  private size = { width: 0, height: 0, extent: 0 }
  private before = 0
  /** Nothing glides: by the person's own wish, or because a picture is taken. */
  still = false

  /** The camera at `now` (ms). */
  camera(viewpoint: Viewpoint, now: number): Camera {
    const { width, height, extent } = viewpoint
    const target = this.target(viewpoint)
    const same = this.size.width === width && this.size.height === height && this.size.extent === extent
    const passed = Math.min(100, Math.max(0, now - this.before))
    this.before = now
    this.size = { width, height, extent }
    this.shown =
      this.shown === null || !same || this.still
        ? target
        : towards(this.shown, target, 1 - Math.exp(-passed / GLIDE_MS))
    return cameraAt(this.shown, width, height)
  }

  /** Whether the next picture has another camera though nothing else moves. */
  gliding(viewpoint: Viewpoint): boolean {
    if (this.shown === null) return true
    const to = this.target(viewpoint)
    const away = Math.hypot(to.x - this.shown.x, to.y - this.shown.y) * to.scale
    return away > 0.2 || Math.abs(to.scale / this.shown.scale - 1) > 0.001
  }

  choose(mode: LensMode): void {
    this.mode = mode
    this.chosen = { x: 0, y: 0, zoom: mode === 'follow' ? Math.max(1, this.zoom) : 1 }
  }

  /** Closer by `factor`, around a pixel; who is followed stays in the middle. */
  zoomBy(factor: number, pixel: Point): void {
    if (this.shown === null) return
    const { width, height } = this.size
    const bounded = Math.min(Math.max(factor, ZOOM.least / this.zoom), ZOOM.most / this.zoom)
    if (this.mode === 'follow') {
      this.chosen = { ...this.chosen, zoom: this.zoom * bounded }
      return
    }
    this.take(zoomed(this.shown, bounded, pixel, width, height))
  }

  panBy(right: number, down: number): void {
    if (this.shown !== null) this.take(moved(this.shown, right, down))
  }

  save(): SavedLens {
    const { x, y } = this.chosen
    return { mode: this.mode, x, y, zoom: this.mode === 'fit' ? 1 : this.chosen.zoom }
  }

  restore({ mode, x, y, zoom }: SavedLens): void {
    this.mode = mode
    this.chosen = { x, y, zoom: Math.min(Math.max(zoom, ZOOM.least), ZOOM.most) }
  }

  /** By hand: from here on this view, fixed, at once. */
  private take(view: Aim): void {
    this.mode = 'fixed'
    this.chosen = { x: view.x, y: view.y, zoom: view.scale / this.base }
    this.shown = view
  }

  private target({ width, height, extent, discs, followed }: Viewpoint): Aim {
    const all = whole(width, height, extent)
    if (this.mode === 'fit') return around(discs, width, height, extent)
    const { x, y, zoom } = this.chosen
    const middle = this.mode === 'follow' && followed ? followed : { x, y }
    return { x: middle.x, y: middle.y, scale: all.scale * zoom }
  }

  private get base(): number {
    return whole(this.size.width, this.size.height, this.size.extent).scale
  }

  private get zoom(): number {
    return this.shown === null || this.base === 0 ? 1 : this.shown.scale / this.base
  }
}

function towards(from: Aim, to: Aim, part: number): Aim {
  return {
    x: from.x + part * (to.x - from.x),
    y: from.y + part * (to.y - from.y),
    scale: from.scale * (to.scale / from.scale) ** part,
  }
}
