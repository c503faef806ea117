// A logical actor: its trajectories are what its games and policies alone would have played, and it can be cut between any two of them.
import { describe, expect, it } from 'vitest'
import { createMessageLayout } from '../../src/actors/trajectory-message.ts'
import { createTrajectoryPlayer } from '../../src/actors/trajectory-player.ts'
import { createRandomPolicy } from '../../src/agents/baseline-policies.ts'
import { actAll } from '../../src/engine/simulate.ts'
import { fieldsOf } from '../../src/envs/joint-step.ts'
import { createVectorGame } from '../../src/envs/vector-game.ts'
import { GameError, NonFiniteError } from '../../src/errors.ts'
import { createRandom } from '../../src/random.ts'
import { copySaved } from '../../src/saved.ts'
import type { JointStep } from '../../src/types.ts'
import { createTinyGame, softMove, type TinyGameOptions } from '../support/tiny-game.ts'

const create = (options: TinyGameOptions = {}) => createTinyGame({ length: 4, leaves: { 1: 2 }, ...options })
const random = (game: number) => createRandom(1, 'game', game)
const { agents } = create()
const shapeOf = (steps: number) => ({ agents, games: 2, steps, extras: [[], []], stateSize: 0 })
const policies = () => agents.map(({ id }) => createRandomPolicy(softMove, createRandom(1, id)))

function playerOf(steps: number, options?: TinyGameOptions) {
  const shape = shapeOf(steps)
  const layout = createMessageLayout(shape)
  const player = createTrajectoryPlayer({
    ...{ actor: 3, shape, allGames: 8, random, policies },
    create: () => create(options),
  })
  /** The numbers of the next trajectory, step by step, from a memory that was used before. */
  const play = () => {
    const memory = layout.memoryOf(new ArrayBuffer(layout.bytes))
    for (const { data } of fieldsOf(memory.whole)) data.fill(7)
    player.begin(memory)
    for (let step = 1; step < steps; step++) expect(player.advance()).toBe(false)
    expect(player.advance()).toBe(true)
    return Array.from({ length: steps }, (_, step) => numbersOf(memory.stepAt(step)))
  }
  return { player, play }
}

const numbersOf = (step: JointStep) => Object.fromEntries(fieldsOf(step).map(({ name, data }) => [name, [...data]]))

/** What games 6 and 7 and policies alone play. */
function alone(count: number) {
  const game = createVectorGame({ create, games: 2, first: 6, random })
  const players = policies()
  return Array.from({ length: count }, () => {
    actAll(players, game)
    return numbersOf(game.advance())
  })
}

it.each([1, 2, 5])('plays in trajectories of %i steps what is played without them', steps => {
  const { player, play } = playerOf(steps)
  const played = [play(), play(), play()].flat()
  expect(played).toEqual(alone(3 * steps))
  expect(player.steps).toBe(3 * steps)
})

it('plays on where nobody reads a trajectory, and from where it was saved', () => {
  const { player, play } = playerOf(3)
  play()
  const saved = copySaved(player.save())
  player.begin(null)
  for (let step = 0; step < 3; step++) player.advance()
  const third = play()
  expect(third).toEqual(alone(9).slice(6))
  const other = playerOf(3)
  other.player.restore(saved)
  other.play()
  expect(other.play()).toEqual(third)
})

describe('an error', () => {
  const failing = (options: TinyGameOptions) => {
    const { player } = playerOf(3, options)
    try {
      for (;;) {
        player.begin(null)
        while (!player.advance()) {}
      }
    } catch (error) {
      return error as Error
    }
  }

  it('of a game names the actor, the trajectory and its step', () => {
    const reward: TinyGameOptions['reward'] = ({ step, agent }) => {
      if (step === 4 && agent === 0) throw new Error('too late')
      return 0
    }
    const error = failing({ reward })
    expect(error).toBeInstanceOf(GameError)
    expect(error!.message).toBe('too late; actor 3, trajectory 1, game 6, step 1')
  })

  it('says that a number of the game is not finite where its actions were', () => {
    const error = failing({ reward: ({ step }) => (step === 3 ? Number.NaN : 0) })
    expect(error).toBeInstanceOf(NonFiniteError)
    expect(error!.message).toMatch(/actor 3, trajectory 0, game 6, step 3$/)
    expect((error as NonFiniteError).divergence).toBeUndefined()
  })
})
