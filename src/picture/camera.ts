// A fixed camera that looks straight down: from world units to pixels.

export interface Point {
  readonly x: number
  readonly y: number
}

/** y points up in the world, down on the canvas. */
export interface Camera {
  /** Width and height of the canvas. */
  readonly pixels: number
  /** Pixels per world unit. */
  readonly scale: number
  x(world: number): number
  y(world: number): number
}

/** Shows -extent ... extent in both directions. */
export function aim(pixels: number, extent: number): Camera {
  const scale = pixels / (2 * extent)
  return { pixels, scale, x: world => pixels / 2 + world * scale, y: world => pixels / 2 - world * scale }
}
