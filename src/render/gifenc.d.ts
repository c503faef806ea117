// What pictures on disk and on the page use of gifenc, which has no types of its own.
declare module 'gifenc' {
  type Palette = number[][]
  interface FrameOptions {
    readonly palette?: Palette
    readonly transparent?: boolean
    readonly transparentIndex?: number
    /** Milliseconds. */
    readonly delay?: number
    /** 1: the next frame is drawn on top of this one. */
    readonly dispose?: number
  }
  interface QuantizeOptions {
    /** How fine colours are told apart while the palette is chosen: rgb444 is the fastest. */
    readonly format?: 'rgb565' | 'rgb444' | 'rgba4444'
  }
  type Pixels = Uint8Array | Uint8ClampedArray
  interface Encoder {
    writeFrame(index: Uint8Array, width: number, height: number, options: FrameOptions): void
    finish(): void
    bytes(): Uint8Array<ArrayBuffer>
    /** The same without a copy. */
    bytesView(): Uint8Array<ArrayBuffer>
  }
  export function GIFEncoder(): Encoder
  export function quantize(pixels: Pixels, colors: number, options?: QuantizeOptions): Palette
  export function applyPalette(pixels: Pixels, palette: Palette, format?: QuantizeOptions['format']): Uint8Array
}
