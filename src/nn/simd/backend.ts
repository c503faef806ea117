// The default backend: WebAssembly SIMD kernels over one shared memory. Works wherever Node does.
import type { Backend, Optimizer } from '../backend.ts'
import type { Network } from '../network.ts'
import { createHeapOptimizer } from '../optimizers/heap-optimizer.ts'
import { isAdam } from '../optimizers/settings.ts'
import { createAdam } from './adam.ts'
import { createAtoms } from './atoms.ts'
import type { Blas } from './blas/load-blas.ts'
import { createSimdNetwork, SimdChain } from './chain.ts'
import { createChoices } from './choices.ts'
import { Workspace } from './dense.ts'
import { createGumbel } from './gumbel.ts'
import type { KernelVariant } from './kernels.ts'
import { hasMembers, SimdMembers } from './members.ts'
import { SimdMemory } from './memory.ts'
import { createMixing } from './mixing.ts'
import { SimdNetwork } from './network.ts'
import { createStore } from './store.ts'
import { ThreadPool } from './thread-pool.ts'

export interface SimdOptions {
  /** Threads that share the work, the calling one included; the default is 1. Results are the same bits for any number. */
  readonly threads?: number
  /** `relaxed`: fused multiply-add, other bits; only where the engine has relaxed SIMD. Default: standard. */
  readonly kernels?: KernelVariant
  /** Multiplies the matrices of learning (`loadBlas`): other bits, and those of this library on this processor; default: the kernels do. */
  readonly blas?: Blas
  /** Bytes of a memory that is not shared and does not grow, for pages that are given no shared memory; one thread. Default: shared, grown by need. */
  readonly plainMemory?: number
}

/**
 * A backend with a memory of its own (up to 4 GiB, grown by need).
 * @throws RangeError when the address space cannot be reserved or the number of threads makes no sense, ConfigError when the
 * engine cannot run the kernels.
 */
export async function createSimdBackend(options: SimdOptions = {}): Promise<Backend> {
  const { threads = 1, kernels = 'standard', plainMemory, blas } = options
  if (plainMemory !== undefined && threads !== 1) {
    throw new RangeError(`simd: threads must be 1 over a plain memory, got ${threads}`)
  }
  if (blas !== undefined && (kernels !== 'standard' || plainMemory !== undefined)) {
    throw new RangeError('simd: a BLAS goes with the standard kernels over a shared memory')
  }
  const memory = await SimdMemory.create(kernels, plainMemory, blas)
  const pool = new ThreadPool(memory, { threads })
  const workspace = new Workspace(memory, pool, blas !== undefined)
  return {
    name: 'simd',
    memory,
    ...createStore(memory, pool),
    ...createGumbel(memory, pool),
    choiceEvaluation: createChoices(memory, pool),
    atoms: createAtoms(memory, pool),
    mixing: createMixing(memory, pool),
    network(spec, random, common) {
      const make = () => createSimdNetwork(memory, workspace, spec, random)
      return common === undefined ? make() : memory.within(common, make)
    },
    members(network, spec) {
      const isDense = network instanceof SimdNetwork && network.memory === memory && hasMembers(network.spec)
      return isDense ? new SimdMembers(memory, workspace, network, spec) : null
    },
    optimizer(network, config): Optimizer {
      const owned = own(memory, 'optimizer: network', network)
      return isAdam(config) ? createAdam(owned, config, pool) : createHeapOptimizer(owned, config)
    },
    softUpdate(target, online, tau) {
      const to = own(memory, 'softUpdate: target', target)
      const from = own(memory, 'softUpdate: online', online)
      checkAlike('softUpdate', to, from)
      if (!(tau >= 0 && tau <= 1)) throw new RangeError(`softUpdate: tau must be in [0, 1], got ${tau}`)
      const { kernels } = memory
      const { length, byteOffset } = to.parameters
      kernels.softUpdate(byteOffset, from.parameters.byteOffset, length, tau, 1 - tau)
    },
    copy(from, to) {
      const source = own(memory, 'copy: from', from)
      const target = own(memory, 'copy: to', to)
      checkAlike('copy', source, target)
      const { kernels } = memory
      const { byteLength, byteOffset } = source.parameters
      kernels.copyRows(byteOffset, byteLength, target.parameters.byteOffset, byteLength, 1, byteLength)
    },
    rest: () => pool.rest(),
    dispose() {
      pool.dispose()
      memory.dispose()
    },
  }
}

type OwnNetwork = SimdNetwork | SimdChain

function own(memory: SimdMemory, where: string, network: Network): OwnNetwork {
  const known = network instanceof SimdNetwork || network instanceof SimdChain
  if (known && network.memory === memory) return network
  throw new TypeError(`${where} must be a network of this backend`)
}

function checkAlike(where: string, a: OwnNetwork, b: OwnNetwork): void {
  const shape = (network: OwnNetwork) => network.tensors.map(tensor => tensor.shape.join('x')).join(' ')
  if (a.parameters.length === b.parameters.length && shape(a) === shape(b)) return
  throw new TypeError(`${where}: networks must have the same tensors, got ${shape(a)} and ${shape(b)}`)
}
