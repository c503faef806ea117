// The scenarios in which agents speak, in hand-placed situations: rewards by both rules, figures, one step of delay.
import { describe, expect, it } from 'vitest'
import { simple_crypto } from '../../scenarios/simple_crypto.ts'
import { simple_reference } from '../../scenarios/simple_reference.ts'
import { simple_speaker_listener } from '../../scenarios/simple_speaker_listener.ts'
import type { Scenario } from '../../src/envs/scenario.ts'
import { emptyActions } from '../envs/playing.ts'
import { placedGame, playEpisodes, seen } from './playing.ts'

describe('simple_crypto', () => {
  /** The game after everybody said one thing, channels as given. */
  function said(options: Record<string, unknown>, words: readonly (readonly number[])[]) {
    const game = placedGame(simple_crypto, options, { hidden: { goal_landmark: 1, key_landmark: 0 } })
    const actions = emptyActions(game)
    words.forEach((word, i) => void actions[i]!.data.set(word))
    game.step(actions, 0)
    return game
  }

  it('pays eve for reading the message, bob and alice for reading it better than eve', () => {
    const game = said({ rules: 'openai' }, [
      [0.5, 0.5, 0, 0],
      [0, 0.75, 0.25, 0],
      [0, 0, 0, 1],
    ])
    expect([...game.rewards]).toEqual([-0.5, 0.375, 0.375])
    expect(game.measure!()).toEqual({ eveCorrect: 0, bobCorrect: 1 })
  })

  it('counts silence as no error, and as not decoded', () => {
    const game = said({ actions: 'continuous' }, [
      [0, 0, 0, 0],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ])
    expect([...game.rewards].map(Math.abs)).toEqual([0, 0, 0])
    expect(game.measure!()).toEqual({ eveCorrect: 0, bobCorrect: 0 })
  })

  it('lets eve hear alice, and only the others know the key', () => {
    const game = said({}, [
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
    ])
    expect(seen(game, 0)).toEqual({ heard: [0, 0, 1, 0] })
    expect(seen(game, 1)).toEqual({ key: [1, 0, 0, 0], heard: [0, 0, 1, 0] })
    expect(seen(game, 2)).toEqual({ message: [0, 1, 0, 0], key: [1, 0, 0, 0] })
  })

  it.each([{}, { actions: 'continuous' }, { rules: 'openai' }])('the code hides the message from eve: %o', options => {
    const { ends } = playEpisodes(simple_crypto, options, 'scripted', 400)
    expect(ends.bobCorrect).toBe(1)
    expect(Math.abs(ends.eveCorrect! - 0.5)).toBeLessThan(0.1)
  })
})

describe('simple_reference', () => {
  // Agent 0 wants agent 1 at landmark 2, 0.6 away; agent 1 wants agent 0 at landmark 0, 0.2 away.
  const state = {
    hidden: { goal_landmark: [2, 0] },
    positions: [
      [0, 0],
      [1, 0],
    ],
    landmarks: [
      [0.2, 0],
      [9, 9],
      [1, 0.6],
    ],
  }

  it.each<[Record<string, unknown>, number[]]>([
    [{}, [-0.5, -0.3]],
    [{ localRatio: 0 }, [-0.4, -0.4]],
    [{ localRatio: 1 }, [-0.6, -0.2]],
    [{ rules: 'openai' }, [-0.4, -0.4]],
  ])('%o: rewards', (options, rewards) => {
    const game = placedGame(simple_reference, options, state)
    for (const [i, reward] of game.rewards.entries()) expect(reward).toBeCloseTo(rewards[i]!, 12)
    const { meanDistance, reached } = game.measure!()
    expect(meanDistance).toBeCloseTo(0.4, 12)
    expect(reached).toBe(0)
  })

  it('shows everybody the colour of the goal that it has for the other', () => {
    const game = placedGame(simple_reference, {}, state)
    expect(seen(game, 0).goalColor).toEqual([0.25, 0.25, 0.75])
    expect(seen(game, 1).goalColor).toEqual([0.75, 0.25, 0.25])
  })
})

describe('simple_speaker_listener', () => {
  const state = {
    hidden: { goal_landmark: 1 },
    positions: [
      [9, 9],
      [0, 0],
    ],
    landmarks: [
      [1, 1],
      [0, 0.5],
      [1, 0],
    ],
  }

  it.each([
    ['mpe2', -0.25],
    ['openai', -0.5],
  ])('%s: both are paid %d', (rules, reward) => {
    const game = placedGame(simple_speaker_listener, { rules }, state)
    expect([...game.rewards]).toEqual([reward, reward])
    expect(game.measure!()).toEqual({ distance: 0.5, reached: 0, understood: 1 })
  })

  it('is understood while no landmark is nearer to the listener than the goal', () => {
    const game = placedGame(simple_speaker_listener, {}, { ...state, hidden: { goal_landmark: 2 } })
    expect(game.measure!()).toEqual({ distance: 1, reached: 0, understood: 0 })
  })

  it('shows the goal to the speaker only', () => {
    const game = placedGame(simple_speaker_listener, {}, state)
    expect(seen(game, 0)).toEqual({ goalColor: [0.15, 0.65, 0.15] })
    expect(seen(game, 1)).toEqual({ velocity: [0, 0], landmarks: [1, 1, 0, 0.5, 1, 0], heard: [1, 0, 0] })
  })
})

it.each<[string, Scenario, number]>([
  ['simple_speaker_listener', simple_speaker_listener, 1],
  ['simple_reference', simple_reference, 0],
])('%s: the controller does only what it was told, not what it cannot see', (_, scenario, listener) => {
  const move = (goal: number) => {
    const game = placedGame(scenario, { rules: 'openai' }, { hidden: { goal_landmark: [goal, goal].slice(listener) } })
    const actions = emptyActions(game)
    game.script!(listener, actions[listener]!, 0)
    return [...actions[listener]!.data.subarray(0, 5)]
  }
  expect(move(0)).toEqual(move(2))
})
