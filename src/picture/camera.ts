// From world units to pixels and back: the camera of one picture, and the views it can be asked for.

export interface Point {
  readonly x: number
  readonly y: number
}

/** Looks straight down; y points up in the world, down on the canvas. */
export interface Camera {
  /** Of the canvas, in CSS pixels. */
  readonly width: number
  readonly height: number
  /** Pixels per world unit. */
  readonly scale: number
  x(world: number): number
  y(world: number): number
  worldX(pixel: number): number
  worldY(pixel: number): number
}

/** Where a camera looks: the world's point in the middle of the canvas, and pixels per world unit. */
export interface Aim {
  readonly x: number
  readonly y: number
  readonly scale: number
}

/** How much of a view that fits everybody is margin. */
const FIT_MARGIN = 1.18

export function cameraAt({ x, y, scale }: Aim, width: number, height: number): Camera {
  return {
    width,
    height,
    scale,
    x: world => width / 2 + (world - x) * scale,
    y: world => height / 2 - (world - y) * scale,
    worldX: pixel => x + (pixel - width / 2) / scale,
    worldY: pixel => y - (pixel - height / 2) / scale,
  }
}

/** Shows -extent ... extent on a square canvas. */
export function aim(pixels: number, extent: number): Camera {
  return cameraAt(whole(pixels, pixels, extent), pixels, pixels)
}

/** The view that shows -extent ... extent in both directions, whatever the canvas's shape. */
export function whole(width: number, height: number, extent: number): Aim {
  return { x: 0, y: 0, scale: Math.min(width, height) / (2 * extent) }
}

/** The view that shows all discs, never closer than a quarter of the extent. Without discs: the whole. */
export function around(
  discs: readonly (Point & { readonly size: number })[],
  width: number,
  height: number,
  extent: number,
): Aim {
  if (discs.length === 0) return whole(width, height, extent)
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity]
  for (const { x, y, size } of discs) {
    left = Math.min(left, x - size)
    right = Math.max(right, x + size)
    low = Math.min(low, y - size)
    high = Math.max(high, y + size)
  }
  const wide = Math.max(FIT_MARGIN * (right - left), extent / 4)
  const tall = Math.max(FIT_MARGIN * (high - low), extent / 4)
  return { x: (left + right) / 2, y: (low + high) / 2, scale: Math.min(width / wide, height / tall) }
}

/** The same view, `factor` times closer, with the world's point under `pixel` staying there. */
export function zoomed(from: Aim, factor: number, pixel: Point, width: number, height: number): Aim {
  const scale = from.scale * factor
  const part = 1 / from.scale - 1 / scale
  return { x: from.x + (pixel.x - width / 2) * part, y: from.y - (pixel.y - height / 2) * part, scale }
}

/** The same view, moved by pixels. */
export function moved(from: Aim, right: number, down: number): Aim {
  return { ...from, x: from.x - right / from.scale, y: from.y + down / from.scale }
}
