// The BLAS libraries that are known: how each says its version and the processor it works for, and how it is kept to the calling thread.
import { cpus, release } from 'node:os'

export type NativeFunction = (...values: unknown[]) => unknown

/** A function of the loaded library by its C declaration; undefined: it has none of that name. */
export type Find = (declaration: string) => NativeFunction | undefined

export interface Library {
  readonly name: string
  /** File names by platform, the likeliest first; where one is absolute, only there. */
  readonly files: Partial<Readonly<Record<NodeJS.Platform, readonly string[]>>>
  /** A function that no other library has. */
  readonly mark: string
  /** Of the environment, what chooses another code than the library itself would. */
  readonly variables: readonly string[]
  /** Keeps a product to the thread that asks for it; called with 1. */
  readonly oneThread?: string
  /** What else it must be told before its first product. */
  prepare?(find: Find): void
  describe(find: Find): { readonly version: string; readonly core: string }
}

/** The branches of MKL's MKL_CBWR_Get_Auto_Branch. */
const mklBranches = '- - - compatible SSE2 SSE3 SSSE3 SSE4.1 SSE4.2 AVX AVX2 AVX512_MIC AVX512 AVX512_MIC AVX512'.split(
  ' ',
)

/** In the order in which they are looked for. */
export const libraries: readonly Library[] = [
  {
    name: 'Accelerate',
    files: { darwin: ['/System/Library/Frameworks/Accelerate.framework/Accelerate'] },
    mark: 'int BLASGetThreading()',
    variables: [],
    oneThread: 'int BLASSetThreading(int)',
    describe: () => ({ version: release(), core: cpus()[0]?.model ?? 'unknown' }),
  },
  {
    name: 'OpenBLAS',
    files: {
      linux: ['libopenblasp.so.0', 'libopenblas.so.0', 'libopenblas.so', 'libopenblaso.so.0'],
      darwin: ['/opt/homebrew/opt/openblas/lib/libopenblas.dylib', '/usr/local/opt/openblas/lib/libopenblas.dylib'],
      win32: ['libopenblas.dll', 'openblas.dll'],
    },
    mark: 'str openblas_get_config()',
    variables: ['OPENBLAS_CORETYPE'],
    oneThread: 'void openblas_set_num_threads(int)',
    describe(find) {
      const [, version = 'unknown'] = String(find('str openblas_get_config()')?.()).split(' ')
      return { version, core: String(find('str openblas_get_corename()')?.()) }
    },
  },
  {
    name: 'MKL',
    files: {
      linux: ['libmkl_rt.so.2', 'libmkl_rt.so.3', 'libmkl_rt.so'],
      win32: ['mkl_rt.2.dll', 'mkl_rt.3.dll', 'mkl_rt.dll'],
    },
    mark: 'void MKL_Get_Version_String(void *, int)',
    variables: ['MKL_ENABLE_INSTRUCTIONS', 'MKL_CBWR'],
    oneThread: 'void MKL_Set_Num_Threads(int)',
    prepare(find) {
      // 32-bit counts, no threads of its own; and by default a product's last bits depend on where its matrices happen to stand.
      find('int MKL_Set_Interface_Layer(int)')?.(0)
      find('int MKL_Set_Threading_Layer(int)')?.(1)
      const automatic = 2
      if (process.env.MKL_CBWR === undefined) find('int MKL_CBWR_Set(int)')?.(automatic)
    },
    describe(find) {
      const text = Buffer.alloc(256)
      find('void MKL_Get_Version_String(void *, int)')?.(text, text.length)
      const version = /Version ([\d.]+)/.exec(text.toString('latin1'))?.[1] ?? 'unknown'
      return { version, core: mklBranches[Number(find('int MKL_CBWR_Get_Auto_Branch()')?.())] ?? 'unknown' }
    },
  },
  {
    name: 'BLIS',
    files: {
      linux: ['libblis.so.4', 'libblis.so.3', 'libblis-mt.so.4', 'libblis.so'],
      win32: ['AOCL-LibBlis-Win-MT.dll'],
    },
    mark: 'str bli_info_get_version_str()',
    variables: ['BLIS_ARCH_TYPE'],
    oneThread: 'void bli_thread_set_num_threads(intptr_t)',
    describe: find => ({
      version: String(find('str bli_info_get_version_str()')?.()),
      core: String(find('str bli_arch_string(int)')?.(find('int bli_arch_query_id()')?.())),
    }),
  },
]
