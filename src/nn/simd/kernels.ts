// The compiled WebAssembly kernels as typed functions over one shared memory.
import { ConfigError } from '../../errors.ts'
import { kernelsBase64, relaxedKernelsBase64 } from './kernels.generated.ts'

/**
 * What kernels/index.ts exports. Pointers and strides are bytes, counts are numbers of floats or rows; a matrix is rows of
 * float32 numbers `stride` bytes apart. Kernels allocate nothing and keep nothing.
 */
export interface Kernels {
  /** Panels of eight columns of W [inner, columns] for `productForward`; 32 * inner * ceil(columns / 8) bytes. */
  packColumns(w: number, stride: number, inner: number, columns: number, to: number): void
  /** The same of the transpose of W [columns, inner]. */
  packRows(w: number, stride: number, inner: number, columns: number, to: number): void
  productForward(
    x: number,
    xStride: number,
    packed: number,
    bias: number,
    y: number,
    yStride: number,
    rows: number,
    inner: number,
    columns: number,
    activation: number,
  ): void
  /** The same numbers as `productForward`, from weights as they stand: for few rows. */
  productDirect(
    x: number,
    xStride: number,
    w: number,
    wStride: number,
    bias: number,
    y: number,
    yStride: number,
    rows: number,
    inner: number,
    columns: number,
    activation: number,
  ): void
  /** The one-column product, for any number of rows. */
  productColumn(
    x: number,
    xStride: number,
    w: number,
    bias: number,
    y: number,
    yStride: number,
    rows: number,
    inner: number,
    activation: number,
  ): void
  /** y = (x W) * activation'(h), h the activation's results [rows, columns], or 0 for none. */
  productDerive(
    x: number,
    xStride: number,
    packed: number,
    h: number,
    hStride: number,
    y: number,
    yStride: number,
    rows: number,
    inner: number,
    columns: number,
    activation: number,
  ): void
  /** dW [inputs, columns] += x^T g */
  weightGradient(
    x: number,
    xStride: number,
    g: number,
    gStride: number,
    dw: number,
    dwStride: number,
    rows: number,
    inputs: number,
    columns: number,
  ): void
  weightGradientColumn(
    x: number,
    xStride: number,
    g: number,
    gStride: number,
    dw: number,
    rows: number,
    inputs: number,
  ): void
  /** db [columns] += the sum of g's rows */
  biasGradient(g: number, gStride: number, db: number, rows: number, columns: number): void
  /** to = gradient * activation'(x), y = activation(x) */
  deriveAll(gradient: number, y: number, to: number, count: number, activation: number): void
  /** x = activation(x) */
  activateAll(x: number, count: number, activation: number): void
  /** x = tanh x */
  tanhAll(x: number, count: number): void
  sumOfSquares(x: number, count: number): number
  adam(
    parameters: number,
    gradients: number,
    first: number,
    second: number,
    count: number,
    scale: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    rate: number,
  ): void
  softUpdate(target: number, online: number, count: number, tau: number, rest: number): void
  copyRows(from: number, fromStride: number, to: number, toStride: number, rows: number, bytes: number): void
  /** Carries out all chunks of a job (thread-pool.ts) on the calling thread. */
  runAll(job: number, chunks: number): number
  /** Carries out the chunks of a job that other threads have not taken. */
  runShare(control: number, job: number, threads: number, thread: number): number
  /** Gated recurrent unit; gates [rows, 3 size] come as x W + b and become r z n, recurrent = h U + c, before = h: see kernels/gru.ts. */
  gruForward(gates: number, recurrent: number, before: number, after: number, rows: number, size: number): void
  gruBackward(
    gates: number,
    recurrent: number,
    before: number,
    above: number,
    later: number,
    gatesGradient: number,
    recurrentGradient: number,
    direct: number,
    rows: number,
    size: number,
  ): void
  gruTangent(
    gates: number,
    recurrent: number,
    before: number,
    gatesTangent: number,
    recurrentTangent: number,
    beforeTangent: number,
    afterTangent: number,
    rows: number,
    size: number,
  ): void
  /** to [rows, size] = a + b (b may be 0: none), zeros in rows whose `keep` is 0 (keep may be 0: all are kept). */
  keepRows(a: number, aStride: number, b: number, keep: number, to: number, rows: number, size: number): void
  /**
   * Pieces of sets: y [rows * count, size] -> [means, largest] in each row of `to`, and which piece was the largest (chosen, integers); a
   * piece is there where its number from `flags` on is not 0: see kernels/pooling.ts.
   */
  poolPieces(
    flags: number,
    rowStride: number,
    pieceStride: number,
    y: number,
    to: number,
    toStride: number,
    chosen: number,
    rows: number,
    count: number,
    size: number,
  ): void
  poolGradient(
    flags: number,
    rowStride: number,
    pieceStride: number,
    g: number,
    gStride: number,
    chosen: number,
    to: number,
    rows: number,
    count: number,
    size: number,
  ): void
  poolTangent(
    flags: number,
    rowStride: number,
    pieceStride: number,
    moving: number,
    chosen: number,
    to: number,
    toStride: number,
    rows: number,
    count: number,
    size: number,
  ): void
  /** `row`: the row of the whole batch that `logits` begins with; `room`: 16 bytes per column. */
  gumbelSoftmax(
    logits: number,
    to: number,
    stride: number,
    rows: number,
    row: number,
    noiseColumns: number,
    from: number,
    end: number,
    low: number,
    high: number,
    temperature: number,
    room: number,
  ): void
  gumbelSoftmaxGradient(
    sample: number,
    gradient: number,
    to: number,
    stride: number,
    rows: number,
    from: number,
    end: number,
    temperature: number,
  ): void
  /** The uniform numbers that `gumbelSoftmax` draws for elements from ... from + count - 1: for tests. */
  uniforms(to: number, from: number, count: number, low: number, high: number): void
  /** For benchmarks: `times` times 16 operations of one cycle that wait for one another. */
  chain(times: number, word: number): number
  heapBase(): number
}

/** The numbers of kernels/activation.ts. */
export const activationCode = { identity: 0, relu: 1, tanh: 2, leakyRelu: 3, elu: 4 } as const

/** `relaxed`: products with fused multiply-add (one rounding instead of two), where the engine has relaxed SIMD. */
export type KernelVariant = 'standard' | 'relaxed'

const sources: Readonly<Record<KernelVariant, string>> = { standard: kernelsBase64, relaxed: relaxedKernelsBase64 }
const compiled = new Map<string, Promise<WebAssembly.Module>>()

/**
 * Compiles once per process. `shared`: for a memory that threads share, as the kernels were built.
 * @throws ConfigError when the engine does not have what the variant needs.
 */
export function compileKernels(variant: KernelVariant = 'standard', shared = true): Promise<WebAssembly.Module> {
  const name = `${variant} ${shared}`
  const module = compiled.get(name) ?? compile(variant, shared)
  compiled.set(name, module)
  return module
}

async function compile(variant: KernelVariant, shared: boolean): Promise<WebAssembly.Module> {
  const compressed = Uint8Array.from(atob(sources[variant]), character => character.charCodeAt(0))
  const stream = new Blob([compressed]).stream().pipeThrough(new DecompressionStream('gzip'))
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer())
  if (!shared) importPlainMemory(bytes)
  if (!WebAssembly.validate(bytes)) throw new ConfigError('run.kernels', refusal(variant))
  return WebAssembly.compile(bytes)
}

/** A native library's products for the kernels over one memory. */
export interface NativeProducts {
  /** `cblas_sgemm` with addresses as numbers. */
  readonly sgemm: (...values: number[]) => void
  /** Where the memory begins in the process. */
  readonly base: number
}

/** `native`: what the standard kernels multiply by in the jobs that say so; default: those jobs must not be run. */
export async function instantiateKernels(
  memory: WebAssembly.Memory,
  variant: KernelVariant = 'standard',
  shared = true,
  { sgemm, base }: NativeProducts = { sgemm: () => {}, base: 0 },
): Promise<Kernels> {
  const imports = { env: { memory, sgemm, base } }
  const instance = await WebAssembly.instantiate(await compileKernels(variant, shared), imports)
  return instance.exports as unknown as Kernels
}

/** How the import of a memory begins in the bytes of a module: its two names, that it is a memory, and that it has a limit and is shared. */
const sharedMemoryImport = [3, ...textBytes('env'), 6, ...textBytes('memory'), 2, 3]
const limitAlone = 1

/** Makes kernels of the same instructions over a memory that is not shared: atomic ones are legal on it too. */
function importPlainMemory(bytes: Uint8Array): void {
  const last = sharedMemoryImport.length - 1
  const at = bytes.findIndex((_, i) => sharedMemoryImport.every((byte, j) => bytes[i + j] === byte))
  if (at < 0) throw new TypeError('simd: the kernels import no shared memory; build them again: npm run build')
  bytes[at + last] = limitAlone
}

function textBytes(text: string): number[] {
  return [...text].map(character => character.charCodeAt(0))
}

function refusal(variant: KernelVariant): string {
  const engine = `this JavaScript engine (Node ${globalThis.process?.version ?? 'unknown'})`
  return variant === 'relaxed'
    ? `'relaxed' needs relaxed SIMD, which ${engine} does not have; use 'standard', or Node 22 or newer`
    : `${engine} does not run WebAssembly with 128-bit SIMD and threads, which the simd backend is made of`
}
