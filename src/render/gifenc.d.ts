// What is used of gifenc, which has no types of its own.
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
  interface Encoder {
    writeFrame(index: Uint8Array, width: number, height: number, options: FrameOptions): void
    finish(): void
    bytes(): Uint8Array
  }
  const gifenc: {
    GIFEncoder(): Encoder
    quantize(pixels: Uint8Array, colors: number): Palette
    applyPalette(pixels: Uint8Array, palette: Palette): Uint8Array
  }
  export default gifenc
}
