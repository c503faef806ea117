// SVG to PNG by resvg, an optional dependency: without it, or without letters to draw with, a report has SVG files alone.

/** A picture as PNG, twice the size of the SVG. */
export type Rasterise = (svg: string) => Uint8Array

/** The rasteriser, or a sentence that says why there is none. */
export async function loadRasteriser(): Promise<Rasterise | string> {
  const resvg = await import('@resvg/resvg-js').catch(() => null)
  if (resvg === null)
    return 'no PNG: the optional package @resvg/resvg-js is not installed (npm install @resvg/resvg-js)'
  const { Resvg } = resvg
  const rasterise: Rasterise = svg =>
    new Resvg(svg, { fitTo: { mode: 'zoom', value: 2 }, font: { loadSystemFonts: true } }).render().asPng()
  const letter = new Resvg(probe, { font: { loadSystemFonts: true } }).render()
  if (letter.pixels.every(value => value === 0)) return 'no PNG: this machine has no fonts to draw letters with'
  return rasterise
}

/** A letter on nothing: where no font is installed, nothing comes out. */
const probe =
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><text x="5" y="30" font-size="30" font-family="sans-serif">M</text></svg>'
