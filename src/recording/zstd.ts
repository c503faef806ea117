// Compression of chunks: zstd as WebAssembly, loaded once.
import zstd from '@foxglove/wasm-zstd'

/** Fast, and within a few percent of the higher ones on numbers. */
const level = 3

export interface Compression {
  /** As MCAP names it; empty: as it is, where compressing gains nothing. */
  compress(bytes: Uint8Array): { readonly compression: 'zstd' | ''; readonly compressed: Uint8Array }
  /** By MCAP's name. @throws Error when the bytes are damaged */
  readonly decompress: Readonly<Record<string, (bytes: Uint8Array, size: bigint) => Uint8Array>>
}

export async function loadCompression(): Promise<Compression> {
  await zstd.isLoaded
  return {
    compress(bytes) {
      const compressed = zstd.compress(bytes, level)
      return compressed.length < bytes.length
        ? { compression: 'zstd', compressed }
        : { compression: '', compressed: bytes }
    },
    decompress: {
      zstd(bytes, size) {
        // A damaged size must not ask for more memory than there is.
        if (size > mostChunkBytes) throw new RangeError(`a chunk of ${size} bytes is larger than ${mostChunkBytes}`)
        return zstd.decompress(bytes, Number(size))
      },
    },
  }
}

/** Larger chunks than this are not read: ours are a thousandth of it. */
const mostChunkBytes = 256n << 20n
