// What the page uses of gifenc, which has no types of its own.
declare module 'gifenc' {
  type Palette = number[][]
  interface Options {
    /** How fine colours are told apart while the palette is chosen: rgb444 is the fastest. */
    readonly format?: 'rgb565' | 'rgb444' | 'rgba4444'
  }
  interface Encoder {
    /** `delay`: milliseconds. */
    writeFrame(
      index: Uint8Array,
      width: number,
      height: number,
      options: { readonly palette: Palette; readonly delay: number },
    ): void
    finish(): void
    bytes(): Uint8Array<ArrayBuffer>
    /** The same without a copy. */
    bytesView(): Uint8Array<ArrayBuffer>
  }
  export function GIFEncoder(): Encoder
  export function quantize(pixels: Uint8ClampedArray, colors: number, options?: Options): Palette
  export function applyPalette(pixels: Uint8ClampedArray, palette: Palette, format?: Options['format']): Uint8Array
}
