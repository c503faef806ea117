// The game that viewers watch, under action masks: hands cannot do what is forbidden, and the inspector knows what that is.
import { expect, it } from 'vitest'
import { createNoOpPolicy, createRandomPolicy } from '../../src/agents/baseline-policies.ts'
import { inspectAgent } from '../../src/exhibition/inspection.ts'
import { createPlay } from '../../src/exhibition/play.ts'
import type { ExhibitionSetup } from '../../src/exhibition/setup.ts'
import { createTeamPlayers } from '../../src/exhibition/team-players.ts'
import { createRandom } from '../../src/random.ts'
import type { Matrix } from '../../src/types.ts'
import { corridorDefinition, corridorSpace, createCorridor } from '../support/corridor-game.ts'

const wish = (...numbers: number[]): Matrix => ({ rows: 1, columns: 5, data: Float32Array.from(numbers) })

/** A corridor of two cells: at its left end left is forbidden, at its right end right, and speaking there. */
function playing(manual: Matrix | null, soft = false) {
  const game = createCorridor({ agents: 1, cells: 2, length: 50, soft })
  const play = createPlay(game, { manualAction: () => manual })
  play.setPolicy(0, createNoOpPolicy(corridorSpace(soft)))
  play.begin(createRandom(1))
  const cell = () => {
    const row = new Float64Array(2)
    game.observe(0, row)
    return row.indexOf(1)
  }
  return { play, game, cell }
}

it('an agent in hand does what it is told where it may, else what is allowed: the game refuses anything else', () => {
  const manual = wish(0, 0, 1, 0, 1)
  const { play, cell } = playing(manual)
  const done: number[][] = []
  for (let step = 0; step < 6; step++) {
    done.push([cell(), ...play.next().actions[0]!.data])
    play.step()
  }
  expect(done.at(-1)).toEqual([1, 1, 0, 0, 1, 0])
  for (const [at, ...action] of done) expect(action).toEqual(at === 1 ? [1, 0, 0, 1, 0] : [0, 0, 1, 0, 1])
  expect([...manual.data]).toEqual([0, 0, 1, 0, 1])
})

it('keeps the shares of what is allowed where probabilities are legal', () => {
  const { play, cell } = playing(wish(0.25, 0, 0.75, 1, 0), true)
  for (let step = 0; step < 3; step++) play.step()
  expect(cell()).toBe(1)
  expect([...play.next().actions[0]!.data]).toEqual([1, 0, 0, 1, 0])
  expect(() => play.step()).not.toThrow()
})

it('tells the inspector what is forbidden, with probability 0', () => {
  const { play, game, cell } = playing(null)
  play.setPolicy(0, createRandomPolicy(corridorSpace(), createRandom(1)))
  const setup: ExhibitionSetup = {
    definition: corridorDefinition(),
    options: {},
    seed: 1,
    choices: () => ['random'],
    teamPolicies: () => ({ policies: () => [], members: [null] }),
  }
  const players = createTeamPlayers(setup, game, {})
  for (let step = 0; step < 20; step++) {
    const { mask, probabilities, action } = inspectAgent(play, players, 0)
    expect([...mask!]).toEqual(cell() === 0 ? [1, 0, 1, 1, 1] : [1, 1, 0, 1, 0])
    expect([...probabilities]).toEqual(cell() === 0 ? [0.5, 0, 0.5, 0.5, 0.5] : [0.5, 0.5, 0, 1, 0])
    action.forEach((x, i) => void (mask![i] === 0 && expect(x).toBe(0)))
    play.step()
  }
  const unmasked = createPlay(createCorridor({ masked: false, strict: false }))
  for (const agent of [0, 1]) unmasked.setPolicy(agent, createNoOpPolicy(corridorSpace()))
  unmasked.begin(createRandom(1))
  expect(inspectAgent(unmasked, players, 0)).not.toHaveProperty('mask')
})
