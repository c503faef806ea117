// The shared WebAssembly memory of one backend: areas are handed out one after the other and live until the backend is
// disposed. Views stay valid when it grows.
import { OutOfMemoryError } from '../../errors.ts'
import type { Matrix } from '../../types.ts'
import type { Blas } from './blas/load-blas.ts'
import { compileKernels, instantiateKernels, type Kernels, type KernelVariant } from './kernels.ts'

const pageBytes = 65536
const mostPages = 65536
/** What the kernels want at least. */
const leastPages = 512
// Kernels load whole vectors, up to 28 bytes past the last number; the gap also keeps equal rows of equal matrices from
// sharing a place in the cache, and threads from sharing a cache line.
const gapBytes = 64
const growBytes = 16 * 1024 * 1024

export interface SharedKernels {
  readonly module: WebAssembly.Module
  readonly memory: WebAssembly.Memory
  /** Where the library of products is loaded from; undefined: there is none. */
  readonly native: (Blas['here'] & { readonly base: number }) | undefined
}

export class SimdMemory {
  readonly #memory: WebAssembly.Memory
  /** Every buffer object that the memory has had: growing makes a new one over the same bytes. */
  readonly #buffers = new WeakSet<ArrayBufferLike>()
  #buffer: ArrayBufferLike
  #kernels: Kernels | undefined
  #used: number

  /** What another thread needs to run the kernels over this memory. */
  readonly shared: SharedKernels
  readonly #limit: number
  /** By name, the places of areas that the makers of equal things have in common. */
  readonly #common = new Map<string, Place[]>()
  /** Where the next area is placed while something is made `within` a name. */
  #making: { readonly places: Place[]; next: number } | undefined

  /**
   * `plainBytes`: a memory of at least so many bytes that no other thread shares and that never grows, for pages that are given no
   * shared memory.
   * @throws RangeError when the address space for it cannot be reserved.
   */
  static async create(variant: KernelVariant = 'standard', plainBytes?: number, blas?: Blas): Promise<SimdMemory> {
    const shared = plainBytes === undefined
    const initial = Math.max(leastPages, Math.ceil((plainBytes ?? 0) / pageBytes))
    const maximum = shared ? mostPages : initial
    const memory = new WebAssembly.Memory({ initial, maximum, shared })
    const module = await compileKernels(variant, shared)
    const native = blas && { sgemm: blas.sgemm, base: blas.addressOf(memory.buffer) }
    const kernels = await instantiateKernels(memory, variant, shared, native)
    const handedOut = { module, memory, native: blas && { ...blas.here, base: native!.base } }
    return new SimdMemory(memory, maximum * pageBytes, handedOut, kernels)
  }

  private constructor(memory: WebAssembly.Memory, limit: number, shared: SharedKernels, kernels: Kernels) {
    this.#memory = memory
    this.shared = shared
    this.#limit = limit
    this.#kernels = kernels
    this.#used = roundUp(kernels.heapBase())
    this.#buffer = memory.buffer
    this.#buffers.add(this.#buffer)
  }

  /** Also the check that the backend lives: @throws Error after `dispose`. */
  get kernels(): Kernels {
    if (this.#kernels === undefined) throw new Error('simd: this backend was disposed')
    return this.#kernels
  }

  /** @throws Error after `dispose`. */
  checkAlive(): void {
    if (this.#kernels === undefined) throw new Error('simd: this backend was disposed')
  }

  /** Bytes handed out. */
  get bytes(): number {
    return this.#used
  }

  /** The most that can be handed out. */
  get mostBytes(): number {
    return this.#limit
  }

  /**
   * A new area of zeros, 64-byte aligned; its address.
   * @throws OutOfMemoryError when the limit, 4 GiB unless the memory is a plain one, does not suffice, or the system refuses.
   */
  allocate(bytes: number): number {
    this.checkAlive()
    const pointer = this.#used
    const end = pointer + roundUp(bytes) + gapBytes
    if (!(end <= this.#limit)) throw this.#exhausted(bytes)
    if (end > this.#buffer.byteLength) this.#grow(end, bytes)
    this.#used = end
    return pointer
  }

  /** `length` numbers at an address that `allocate` gave. */
  floats(pointer: number, length: number): Float32Array {
    return new Float32Array(this.#buffer, pointer, length)
  }

  words(pointer: number, length: number): Uint32Array {
    return new Uint32Array(this.#buffer, pointer, length)
  }

  integers(pointer: number, length: number): Int32Array {
    return new Int32Array(this.#buffer, pointer, length)
  }

  doubles(pointer: number, length: number): Float64Array {
    return new Float64Array(this.#buffer, pointer, length)
  }

  /** The text that ends with a zero byte. */
  text(pointer: number): string {
    const bytes = new Uint8Array(this.#buffer, pointer, 256).slice()
    return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)))
  }

  /**
   * Makes something whose areas lie where those of everything else lie that is made under the same name, first on first: only one of them may
   * have numbers there that still count.
   */
  within<T>(name: string, make: () => T): T {
    const places = this.#common.get(name) ?? []
    this.#common.set(name, places)
    const before = this.#making
    this.#making = { places, next: 0 }
    try {
      return make()
    } finally {
      this.#making = before
    }
  }

  /** Whether what is made now is made `within` a name. */
  get isShared(): boolean {
    return this.#making !== undefined
  }

  /** Where an area is that is made now. */
  place(): Place {
    if (this.#making === undefined) return { pointer: 0, bytes: 0 }
    const { places, next } = this.#making
    const place = places[next] ?? { pointer: 0, bytes: 0 }
    places[next] = place
    this.#making.next++
    return place
  }

  /** Whether a matrix's numbers live here, so that kernels can reach them. */
  owns({ data }: Matrix): boolean {
    return this.ownsNumbers(data)
  }

  ownsNumbers({ buffer }: Float32Array): boolean {
    return buffer === this.#buffer || this.#buffers.has(buffer)
  }

  /** Lets go of the kernels and of the memory, as far as nobody holds a view. */
  dispose(): void {
    this.#kernels = undefined
    this.#buffer = new ArrayBuffer(0)
  }

  #grow(end: number, bytes: number): void {
    const wanted = Math.min(this.#limit, Math.max(end, this.#buffer.byteLength + growBytes))
    try {
      this.#memory.grow(Math.ceil((wanted - this.#buffer.byteLength) / pageBytes))
    } catch {
      throw this.#exhausted(bytes)
    }
    this.#buffer = this.#memory.buffer
    this.#buffers.add(this.#buffer)
  }

  #exhausted(bytes: number): OutOfMemoryError {
    return new OutOfMemoryError(
      `simd: out of memory: wanted ${bytes} bytes with ${this.#used} in use; the limit is ${this.#limit} bytes (${this.#limit / 2 ** 30} GiB)`,
    )
  }
}

interface Place {
  pointer: number
  bytes: number
}

/** An area that is moved to a larger one when more is asked of it; what stood there is not kept. */
export class Area {
  readonly #memory: SimdMemory
  readonly #place: Place

  constructor(memory: SimdMemory) {
    this.#memory = memory
    this.#place = memory.place()
  }

  /** The address of at least so many bytes. Addresses given before stay readable, but are this area's no longer. */
  at(bytes: number): number {
    const place = this.#place
    if (bytes > place.bytes) {
      // At least doubled, so that growing step by step wastes no more than twice the end.
      const room = Math.max(bytes, Math.min(2 * place.bytes, bytes + growBytes))
      place.pointer = this.#memory.allocate(room)
      place.bytes = room
    }
    return place.pointer
  }
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / 64) * 64
}
