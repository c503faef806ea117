// Milliseconds of an update round by algorithm, next to the arithmetic that it does: nothing should cost more than its arithmetic.
import type { Algorithm } from '../src/learning/algorithm.ts'
import type { Network } from '../src/nn/network.ts'
import { createSimdBackend } from '../src/nn/simd/backend.ts'
import { createRandom } from '../src/random.ts'
import { createJointReplay } from '../src/replay/joint-replay.ts'
import type { ReplayView } from '../src/replay/view.ts'
import { playersOf } from '../src/run/players.ts'
import { createRunMembers } from '../src/run/roster.ts'
import { createRun, algorithms as registered } from '../src/run/run.ts'
import { type Benchmark, takeTurns } from './figure.ts'
import { createRound } from './update-round.ts'

const shape = { agents: 3, hidden: 64, transitions: 100_000 }
/** Rounds in a turn: some algorithms do not do the same in every round. */
const rounds = 4
const turns = 10

export const algorithms: Benchmark = {
  name: 'algorithms',
  description: `one update round of simple_spread by algorithm, mean of ${rounds}, and how it stands to the arithmetic`,
  async run(report) {
    const contenders = Object.values(registered)
    const ours = []
    for (const { id } of contenders) ours.push(await createRound(shape, 1, { learner: { algorithm: id } }))
    const seconds = await takeTurns(
      turns,
      ours.map(({ run }) => () => {
        for (let i = 0; i < rounds; i++) run()
      }),
    )
    for (const { dispose } of ours) dispose()
    const operations: number[] = []
    for (const algorithm of contenders) operations.push(await countOperations(algorithm))
    contenders.forEach(({ id }, i) => {
      const value = (seconds[i]! / rounds) * 1000
      const [time, work] = [seconds[i]! / seconds[0]!, operations[i]! / operations[0]!]
      const against = contenders[0]!.id
      report({ name: `algorithms/${id}`, value, unit: 'ms', against, ratio: 1 / time })
      const gigaflop = operations[i]! / 1e9
      report({ name: `algorithms/${id}/arithmetic`, value: gigaflop, unit: 'GFLOP', against, ratio: 1 / work })
      report({ name: `algorithms/${id}/time-by-arithmetic`, value: time / work, unit: `of ${against}'s` })
    })
  },
}

/** Floating-point operations of the products in a round: 2 for each weight and row that a pass goes through. */
async function countOperations(algorithm: Algorithm): Promise<number> {
  const backend = await createSimdBackend({ threads: 1 })
  let count = 0
  const network = backend.network.bind(backend)
  backend.network = (spec, random) => counted(network(spec, random), operations => (count += operations))
  const { config, definition, createGame, dispose } = await createRun({
    scenario: { id: 'simple_spread', agents: shape.agents },
    learner: { algorithm: algorithm.id },
    run: { threads: 1 },
  })
  const { agents } = createGame()
  const players = await playersOf(definition, createGame(), config)
  const batch = createJointReplay(backend, agents, { capacity: 1 }).createBatch(Number(config.learner.batch))
  const random = createRandom(1, 'bench')
  for (const { data } of [...batch.observations, ...batch.actions, ...batch.nextObservations, batch.rewards])
    for (let i = 0; i < data.length; i++) data[i] = random.uniform()
  batch.present.data.fill(1)
  const view: ReplayView = { size: 1, batches: () => ({ batch: () => batch, learnt() {}, abandon() {} }) }
  const { roster, learners } = createRunMembers(players, config, { backend, agents, now: () => 0, replay: () => view })
  for (let round = 0; round < rounds; round++) {
    for (const learner of learners.values()) while (!learner.advance(roster).endsRound);
  }
  dispose()
  backend.dispose()
  return count / rounds
}

/** The same network, which says how many operations each of its passes takes. */
function counted(network: Network, count: (operations: number) => void): Network {
  const sizes = [network.spec.inputs, ...network.spec.layers.map(({ size }) => size)]
  const products = sizes.slice(1).reduce((sum, size, layer) => sum + size * sizes[layer]!, 0)
  const first = sizes[0]! * sizes[1]!
  const { forward, infer, backward, inputGradient } = network
  return Object.assign(network, {
    forward: (...[input]: Parameters<Network['forward']>) => {
      count(2 * input.rows * products)
      return forward.call(network, input)
    },
    infer: (...[input]: Parameters<Network['infer']>) => {
      count(2 * input.rows * products)
      return infer.call(network, input)
    },
    // The gradients of the weights, and those that lead back to the first layer.
    backward: (...[gradient]: Parameters<Network['backward']>) => {
      count(2 * gradient.rows * (2 * products - first))
      backward.call(network, gradient)
    },
    inputGradient: (...[gradient, columns]: Parameters<Network['inputGradient']>) => {
      const width = columns === undefined ? sizes[0]! : columns.to - columns.from
      count(2 * gradient.rows * (products - first + width * sizes[1]!))
      return inputGradient.call(network, gradient, columns)
    },
  })
}
