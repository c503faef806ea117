// Which share of an update round each of its parts takes, by a profile of one thread: plain, distributional, recurrent and prioritised.
import type { Overrides } from '../src/run/config/config.ts'
import type { Benchmark, Figure } from './figure.ts'
import { type Place, profile } from './profile.ts'
import { createRound } from './update-round.ts'

const shape = { agents: 3, hidden: 64, transitions: 100_000 }
const kinds: readonly { readonly name: string; readonly settings: Overrides }[] = [
  { name: 'maddpg', settings: {} },
  { name: 'mad4pg', settings: { learner: { algorithm: 'mad4pg' } } },
  { name: 'memory-16', settings: { network: { memory: 16 } } },
  { name: 'priority', settings: { learner: { priority: 0.6 } } },
]
const turns = 6
/** Rounds in a turn of the plain kind; dearer ones make fewer. */
const rounds = 12

/** What a function of a file belongs to, the first that fits; kernels belong to the function of JavaScript that called them. */
const parts: readonly (readonly [place: RegExp, part: string])[] = [
  [/^atoms project/, 'softmax of the next atoms, projection'],
  [/^atoms crossEntropy/, 'softmax of atoms, cross entropy'],
  [/^atoms expectation/, 'softmax of atoms, expectation'],
  [/^gru #?walk/, 'recurrent windows: products and gates'],
  [/^(network|dense|gru) .* kernel$/, 'products, biases, activations, their gradients'],
  [/^store gather/, 'gather from the replay buffer'],
  [/^store/, 'copies between matrices'],
  [/^gumbel/, 'Gumbel noise, softmax and gradient'],
  [/^(adam|clipping)|softUpdate/, 'Adam, norms, soft update'],
  [/^(prioritised|sum-tree|draw) /, 'priorities and their tree'],
  [/^(window|own-windows|n-step|fetch|own-fetch) /, 'ways through the replay buffer'],
  [/^(row-choice|random) /, 'draw of rows'],
]

export const updateParts: Benchmark = {
  name: 'update-parts',
  description: `shares of one update round on one thread, ${shape.agents} agents of ${shape.hidden} units, by kind`,
  async run(report) {
    const ours = []
    for (const { name, settings } of kinds) {
      const { run, dispose } = await createRound(shape, 1, settings)
      for (let i = 0; i < 3; i++) run()
      const count = Math.max(1, Math.round((rounds * spent(run, 1)) / spent(run, 2)))
      ours.push({ name, run, dispose, count, costs: [] as number[], shares: new Map<string, number>() })
    }
    for (let turn = 0; turn < turns; turn++) {
      for (const { run, count, costs, shares } of ours) {
        const profiled = await profile(() => costs.push(spent(run, count)), partOf)
        for (const [part, time] of profiled) shares.set(part, (shares.get(part) ?? 0) + time)
      }
    }
    const plain = Math.min(...ours[0]!.costs)
    for (const { name, costs, shares, dispose } of ours) {
      dispose()
      for (const figure of figuresOf(name, Math.min(...costs), plain, shares)) report(figure)
    }
  },
}

function figuresOf(name: string, cost: number, plain: number, shares: ReadonlyMap<string, number>): Figure[] {
  const sum = [...shares.values()].reduce((a, b) => a + b, 0)
  const parts = [...shares].sort(([, a], [, b]) => b - a).filter(([, time]) => time > sum / 500)
  return [
    { name: `update-parts/${name}`, value: cost, unit: 'ms (cpu)', against: kinds[0]!.name, ratio: plain / cost },
    ...parts.map(([part, time]) => ({ name: `update-parts/${name}/${part}`, value: (100 * time) / sum, unit: '%' })),
  ]
}

/** Milliseconds of processor time of a round. */
function spent(run: () => void, count: number): number {
  const before = process.cpuUsage()
  for (let i = 0; i < count; i++) run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / count
}

/** The part that a sample belongs to; null: none of a round, as the steps of the games between rounds. */
function partOf(stack: readonly Place[]): string | null {
  if (!stack.some(({ file }) => file === 'update-rounds' || file === 'replay-updates')) return null
  const isIn = (place: Place) => place.isKernel || place.file === 'thread-pool'
  const kernel = stack.some(isIn)
  const place = stack.find(each => !isIn(each) && each.file !== '' && each.name !== 'run')
  const found = `${place === undefined ? '' : `${place.file} ${place.name}`}${kernel ? ' kernel' : ''}`
  return parts.find(([where]) => where.test(found))?.[1] ?? (kernel ? 'other kernels' : 'JavaScript between')
}
