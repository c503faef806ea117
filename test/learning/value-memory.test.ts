// V that remembers: over several rounds it says what one pass over everything says, and what is seen beyond a cut is looked at in one step more.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { groupsOf } from '../../src/learning/groups.ts'
import { memories, optimisation } from '../../src/learning/options.ts'
import { createStateValue } from '../../src/learning/state-value.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { withSequence } from '../../src/nn/recurrence.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createRollout } from '../../src/rollout/rollout.ts'
import { rowsOf, unitsOf } from '../../src/rollout/rows.ts'
import type { OptionValues } from '../../src/settings/option.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { expectClose, expectSameBits } from '../support/matrices.ts'
import { recordedStep } from '../support/recorded-steps.ts'
import { plainDescent, teamContext } from '../support/tiny-team.ts'

let backend: Backend
beforeAll(async () => {
  backend = plainDescent(await createSimdBackend())
})
afterAll(() => backend.dispose())

const agents = agentsOf([2])
const [games, steps, size] = [2, 6, 4]
const options = { ...optimisation, ...memories }
const settings = {
  ...Object.fromEntries(Object.entries(options).map(([name, option]) => [name, option.default])),
  learningRate: 0.5,
  criticMemory: size,
} as unknown as OptionValues<typeof options>

/** Cut after the third step in the first game, ended by the rules after the fifth in the second. */
const seen = (step: number, game: number) => [Math.sin(step + 7 * game), Math.cos(3 * step + game)]
const beyond = (step: number, game: number) => (isCut(step, game) ? [5, -5] : seen(step + 1, game))
const isCut = (step: number, game: number) => game === 0 && step % 6 === 2
const isOver = (step: number, game: number) => game === 1 && step % 6 === 4
const stepOf = (step: number) =>
  recordedStep(
    agents,
    [0, 1].map(game => ({
      observations: [seen(step, game)],
      nextObservations: [beyond(step, game)],
      truncated: Number(isCut(step, game)),
      terminated: [Number(isOver(step, game))],
    })),
  )

function scene(chunkSteps: number | null) {
  const group = groupsOf(teamContext(backend, agents, { games }))[0]!
  const value = createStateValue(group, 'local', { ...settings, chunkSteps })
  const rollout = createRollout({ agents, games, members: [0], length: { steps } })
  const round = (from: number) => {
    if (from > 0) rollout.forget()
    for (let step = from; step < from + steps; step++) rollout.add(stepOf(step))
    const trajectory = rollout.trajectory([0])
    return { trajectory, ...value.both(trajectory) }
  }
  return { value, round }
}

it('goes on over rounds, forgets at the end of an episode, and looks beyond a cut from what it remembers there', () => {
  const { value, round } = scene(null)
  const rounds = [round(0), round(steps)]
  const network = withSequence(value.network)
  const all = Array.from({ length: 2 * steps * games }, (_, row) => [Math.floor(row / games), row % games] as const)
  const input = {
    rows: all.length,
    columns: 2,
    data: Float32Array.from(all.flatMap(([step, game]) => seen(step, game))),
  }
  const restarted = Uint8Array.from(all, ([step, game]) =>
    Number(step === 0 || isCut(step - 1, game) || isOver(step - 1, game)),
  )
  const state = { rows: games, columns: size, data: new Float32Array(games * size) }
  const whole = Float32Array.from(network.infer(input, { state, restarted }).data)
  expectSameBits(Float32Array.from(rounds.flatMap(({ values }) => [...values])), whole)
  // The same steps up to the cut and one more, of that game alone.
  const alone = [...Array.from({ length: 3 }, (_, step) => seen(step, 0)), beyond(2, 0)]
  const cut = network.infer(
    { rows: 4, columns: 2, data: Float32Array.from(alone.flat()) },
    { state: { rows: 1, columns: size, data: new Float32Array(size) } },
  )
  expectClose([rounds[0]!.nextValues[2 * games]!], [cut.data[3]!], 1e-6)
  // Within an episode it is the next row's, at the end of a round that of the next round, after an end nothing.
  expect(rounds[0]!.nextValues[0]).toBe(whole[games])
  expectClose([rounds[0]!.nextValues[(steps - 1) * games]!], [whole[steps * games]!], 1e-6)
  expect(rounds[0]!.nextValues[4 * games + 1]).toBe(0)
})

it.each([null, 2, 3])('learns from what it remembered when sequences or chunks of %s began', chunkSteps => {
  const { value, round } = scene(chunkSteps)
  round(0)
  const { trajectory, ...begun } = round(steps)
  const grouping = chunkSteps ?? true
  const places = Uint32Array.from(unitsOf(trajectory, grouping).keys())
  expect(places.length).toBe(chunkSteps === null ? games : (games * steps) / chunkSteps)
  const rows = rowsOf(trajectory, places, grouping)
  // Towards what it says already there is nothing to lose, whatever the order of the rows.
  const { valueLoss } = value.gradient(rows, rows.of(begun.values), begun)
  expect(valueLoss).toBeLessThan(1e-12)
  expect(value.step().criticGradientNorm).toBeLessThan(1e-6)
  const targets = rows.of(begun.values).map(v => v + 1)
  expectClose([value.gradient(rows, targets, begun).valueLoss], [1], 1e-5)
})
