// SVG to pixels by resvg, an optional dependency: without it, or without letters to draw with, there are SVG files alone.

/** A drawing as pixels. */
export interface Raster {
  readonly width: number
  readonly height: number
  /** [height, width, 4] red, green, blue, opacity. */
  readonly pixels: Uint8Array
  /** The same as a file. */
  png(): Uint8Array
}

/** Draws an SVG, `zoom` times its size. */
export type Rasterise = (svg: string, zoom: number) => Raster

/** The rasteriser, or a sentence that says why there is none. */
export async function loadRasteriser(): Promise<Rasterise | string> {
  const resvg = await import('@resvg/resvg-js').catch(() => null)
  if (resvg === null)
    return 'no PNG: the optional package @resvg/resvg-js is not installed (npm install @resvg/resvg-js)'
  const { Resvg } = resvg
  const rasterise: Rasterise = (svg, zoom) => {
    const image = new Resvg(svg, { fitTo: { mode: 'zoom', value: zoom }, font: { loadSystemFonts: true } }).render()
    return { width: image.width, height: image.height, pixels: image.pixels, png: () => image.asPng() }
  }
  if (rasterise(probe, 1).pixels.every(value => value === 0))
    return 'no PNG: this machine has no fonts to draw letters with'
  return rasterise
}

/** A letter on nothing: where no font is installed, nothing comes out. */
const probe =
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><text x="5" y="30" font-size="30" font-family="sans-serif">M</text></svg>'
