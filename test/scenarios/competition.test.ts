// simple_adversary and simple_push in hand-placed situations: rewards by both rules, figures, what opponents are not shown.
import { describe, expect, it } from 'vitest'
import { simple_adversary } from '../../scenarios/simple_adversary.ts'
import { simple_push } from '../../scenarios/simple_push.ts'
import { placedGame, seen } from './playing.ts'

describe('simple_adversary', () => {
  // The goal is landmark 1 at (1, 0): the adversary is 2 away, the good agents are 0.5 and 1.
  const state = {
    hidden: { goal_landmark: 1 },
    positions: [
      [-1, 0],
      [0.5, 0],
      [1, 1],
    ],
    landmarks: [
      [0, 1],
      [1, 0],
    ],
  }

  it.each([
    ['mpe2', -2],
    ['openai', -4],
  ])('%s: the adversary is paid %d, the good agents for its distance and their best', (rules, reward) => {
    const game = placedGame(simple_adversary, { rules }, state)
    expect([...game.rewards]).toEqual([reward, 1.5, 1.5])
    expect(game.measure!()).toEqual({ agentDistance: 0.5, adversaryDistance: 2, agentReached: 0, adversaryReached: 0 })
  })

  it('shows the goal to the good agents only', () => {
    const game = placedGame(simple_adversary, {}, state)
    expect(seen(game, 1)).toEqual({ goal: [0.5, 0], landmarks: [-0.5, 1, 0.5, 0], others: [-1.5, 0, 0.5, 1] })
    const before = seen(game, 0)
    game.place({ hidden: { goal_landmark: 0 } })
    expect(seen(game, 0)).toEqual(before)
    expect(seen(game, 1).goal).toEqual([-0.5, 1])
  })

  it('limits what is seen to the nearest, but never the goal', () => {
    const game = placedGame(simple_adversary, { agentNeighbors: 1, landmarkNeighbors: 1 }, state)
    expect(seen(game, 2)).toEqual({ goal: [0, -1], landmarks: [-1, 0], others: [-0.5, -1] })
  })
})

describe('simple_push', () => {
  // The goal is landmark 0 at the origin: the adversary is on it, the agent 0.08 away and in contact.
  const state = {
    hidden: { goal_landmark: 0 },
    positions: [
      [0, 0],
      [0.08, 0],
    ],
    landmarks: [
      [0, 0],
      [1, 1],
    ],
  }

  it('pays the adversary for keeping the agent farther away than itself', () => {
    const game = placedGame(simple_push, {}, state)
    expect([...game.rewards]).toEqual([0.08, -0.08])
    expect(game.measure!()).toEqual({
      agentDistance: 0.08,
      adversaryDistance: 0,
      agentReached: 1,
      adversaryReached: 1,
      pushes: 1,
    })
  })

  it('paints the agent in the colour of its goal, for its own eyes', () => {
    const game = placedGame(simple_push, {}, state)
    expect(seen(game, 1)).toMatchObject({ badge: [0.25, 0.75, 0.25], colors: [0.1, 0.9, 0.1, 0.1, 0.1, 0.9] })
    game.place({ hidden: { goal_landmark: 1 } })
    expect(seen(game, 1)).toMatchObject({ badge: [0.25, 0.25, 0.75], goal: [0.92, 1] })
  })
})
