// Where the time of a round of learning from rollouts goes on one thread, by a profile, and how it stands to the round's arithmetic.
import { mlp } from '../src/nn/network.ts'
import { createSimdBackend } from '../src/nn/simd/backend.ts'
import { loadBlas } from '../src/nn/simd/blas/load-blas.ts'
import { SimdMemory } from '../src/nn/simd/memory.ts'
import { createRandom } from '../src/random.ts'
import { milliseconds, table } from './contest.ts'
import { type Figure, takeTurns } from './figure.ts'
import { type Place, profile } from './profile.ts'
import { createRolloutRound, type RolloutPreset } from './rollout-round.ts'

export const onPolicyKernels = ['standard', 'blas'] as const

type KernelKind = (typeof onPolicyKernels)[number]

const kinds = (['jaxmarl', 'mappo', 'trpo', 'acktr'] as const).flatMap(preset =>
  onPolicyKernels.map(kernels => ({ preset, kernels })),
)
const turns = 6
/** Processor time of a turn, about. */
const turnMilliseconds = 1000

/** In the order of the table. */
export const parts = [
  'acting',
  'stepping, recording',
  'values',
  'GAE, advantages',
  'passes: products, layer norms',
  'passes: activations',
  'passes: rows chosen and copied',
  'passes: losses and their gradients',
  'optimizers',
  'the rest',
] as const

type Part = (typeof parts)[number]

interface PartsOfRound {
  readonly preset: RolloutPreset
  readonly kernels: KernelKind
  /** Milliseconds of processor time of a round: the least of the turns. */
  readonly cost: number
  /** Milliseconds that its products take at the peak. */
  readonly arithmetic: number
  /** Of the time. */
  readonly shares: ReadonlyMap<Part, number>
}

/** Reports the parts of every preset with every kind of kernels that this machine has. */
export async function reportParts(report: (figure: Figure) => void, note: (line: string) => void): Promise<void> {
  const rounds: PartsOfRound[] = []
  for (const { preset, kernels } of kinds) {
    try {
      rounds.push(await partsOf(preset, kernels))
    } catch (error) {
      note(`not measured: ${preset} with kernels ${kernels}: ${(error as Error).message}`)
    }
  }
  for (const { preset, kernels, cost, arithmetic, shares } of rounds) {
    const name = `on-policy/parts/${preset}/${kernels}`
    report({ name, value: cost, unit: 'ms (cpu) a round' })
    report({
      name: `${name}/time-over-arithmetic`,
      value: cost / arithmetic,
      unit: `of ${milliseconds(arithmetic / 1000)} ms`,
    })
    for (const [part, share] of shares) report({ name: `${name}/${part}`, value: 100 * share, unit: '%' })
  }
  const cells = (text: (round: PartsOfRound) => string) => rounds.map(text)
  note(
    table(
      ['ms of a round, one thread', ...cells(({ preset, kernels }) => `${preset}, ${kernels}`)],
      [
        ...parts.map(part => [part, ...cells(({ cost, shares }) => `${(cost * (shares.get(part) ?? 0)).toFixed(1)}`)]),
        ['all', ...cells(({ cost }) => cost.toFixed(1))],
        ['its products at the peak', ...cells(({ arithmetic }) => arithmetic.toFixed(1))],
        ['time over arithmetic', ...cells(({ cost, arithmetic }) => (cost / arithmetic).toFixed(2))],
      ],
    ),
  )
  note('The peak is that of a forward product of 64 x 64 over 1024 rows with these kernels, measured in between.')
}

async function partsOf(preset: RolloutPreset, kernels: KernelKind): Promise<PartsOfRound> {
  const product = await createProduct(kernels)
  const { operations, play, learn, dispose } = await createRolloutRound(preset, 1, { run: { kernels } })
  const round = () => {
    play()
    learn()
  }
  const nameOf = await kernelNames()
  const stretch = (count: number) => spent(() => repeat(count, round)) / count
  stretch(3)
  const count = Math.max(1, Math.round(turnMilliseconds / stretch(2)))
  const costs: number[] = []
  let peak = 0
  const counts = new Map<Part, number>()
  for (let turn = 0; turn < turns; turn++) {
    costs.push(stretch(count))
    peak = Math.max(peak, await product.operationsPerSecond())
    const sampled = await profile(
      () => repeat(count, round),
      stack => partOf(stack, nameOf),
    )
    for (const part of parts) counts.set(part, (counts.get(part) ?? 0) + (sampled.get(part) ?? 0))
  }
  dispose()
  product.dispose()
  const sum = [...counts.values()].reduce((a, b) => a + b, 0)
  const shares = new Map(parts.map(part => [part, counts.get(part)! / sum] as const))
  return { preset, kernels, cost: Math.min(...costs), arithmetic: (1000 * operations) / peak, shares }
}

/** A forward product on one thread: its operations per second, the best of many. @throws ConfigError where the kernels are not here */
async function createProduct(kernels: KernelKind) {
  const [rows, size, times] = [1024, 64, 10]
  const backend = await createSimdBackend({ threads: 1, ...(kernels === 'blas' ? { blas: loadBlas() } : {}) })
  const random = createRandom(1, 'bench')
  const network = backend.network(mlp(size, [], size), random)
  const input = backend.matrix(rows, size)
  for (let i = 0; i < input.data.length; i++) input.data[i] = random.between(-1, 1)
  const forward = () => repeat(times, () => network.forward(input))
  return {
    async operationsPerSecond() {
      const [seconds] = (await takeTurns(50, [forward])) as [number]
      return (2 * rows * size * size * times) / seconds
    },
    dispose: () => backend.dispose(),
  }
}

/** What the kernels are called, by their numbers in a profile. */
export async function kernelNames(): Promise<(place: Place) => string> {
  const { kernels } = await SimdMemory.create()
  const names = new Map(Object.entries(kernels).map(([name, kernel]) => [`wasm-function[${kernel.name}]`, name]))
  return ({ name }) => names.get(name) ?? ''
}

/** The part that a sample belongs to, its innermost function first; null: what drives the rounds. */
export function partOf(stack: readonly Place[], kernelName: (place: Place) => string): Part | null {
  const isIn = (file: RegExp, name = /./) => stack.some(place => file.test(place.file) && name.test(place.name))
  if (!isIn(/^rollout-round$/)) return null
  if (isIn(/^simulate$/, /^act/)) return 'acting'
  if (isIn(/^rollout-updates$/, /^(advance|updateSlice|updatePass)$/)) {
    if (isIn(/^(gradient-norm|optimizer|adam|rms-prop|clipping)$/)) return 'optimizers'
    if (isIn(/^(ppo|trpo|acktr|actor-critic)$/, /^(prepare|judged)$/))
      return isIn(/^state-value$/) ? 'values' : 'GAE, advantages'
    return partOfPass(stack, kernelName)
  }
  return isIn(/^(vector-game|games-in-threads|rollout-updates|simulate)$/) ? 'stepping, recording' : 'the rest'
}

function partOfPass(stack: readonly Place[], kernelName: (place: Place) => string): Part {
  const isOf = (file: string, name = /./) => stack.some(place => place.file === file && name.test(place.name))
  if (isOf('store', /^copyBlocks$/)) return 'passes: rows chosen and copied'
  if (isOf('choices')) return 'passes: losses and their gradients'
  const kernel = stack.find(({ isKernel, name }) => isKernel && name.startsWith('wasm-function'))
  if (kernel !== undefined) {
    // Of the functions that kernels call among themselves only the exported ones have names: norms have none.
    const isActivation = /^(activateAll|deriveAll|tanhAll)$/.test(kernelName(kernel))
    return isActivation ? 'passes: activations' : 'passes: products, layer norms'
  }
  const own = stack.find(({ file }) => file !== '')!
  const at = `${own.file} ${own.name}`
  if (
    /^(trajectory|block-places|lane-rows|own-rows|rows|minibatches|slices|slices-at|growing-matrix) |^groups |inputOf$|forward$/.test(
      at,
    )
  )
    return 'passes: rows chosen and copied'
  if (
    /^(choice|part|distribution|softmax|exponentials|stochastic-policy|surrogate|value-loss|value-norm|state-value|ppo|trpo|trust-region|fisher|acktr|natural-step|kronecker-factors|symmetric-eigen|actor-critic|moments|returns) /.test(
      at,
    )
  )
    return 'passes: losses and their gradients'
  return 'the rest'
}

function repeat(times: number, run: () => unknown): void {
  for (let i = 0; i < times; i++) run()
}

/** Milliseconds of processor time. */
function spent(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
