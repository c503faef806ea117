// The checks of `checkGame`, one promise of a Markov game each, in the order in which they make sense.

import { actionSize } from '../spaces.ts'
import type { CheckContext } from './check-context.ts'
import { demandingSteps } from './demanding-game.ts'
import { particleDefinition } from './game-definition.ts'
import { badObservation } from './game-faults.ts'
import type { MarkovGame } from './markov-game.ts'
import {
  createPlayer,
  firstDifference,
  type RandomPlayer,
  type RecordedStep,
  type RecordingDifference,
  recordMoments,
  textOf,
} from './recording.ts'
import { saveWorld } from './saved-world.ts'
import type { Scenario } from './scenario.ts'
import { demandSound } from './sound-moment.ts'
import { masked, stated } from './state-checks.ts'
import { watchHooks } from './watched-hooks.ts'

interface Check {
  readonly name: string
  /** What the game promises, for people. */
  readonly sentence: string
  /** The same of a game that is no scenario, where that is another sentence. */
  readonly ofGame?: string
  /** It compares two plays of a seed: that says nothing about a game that never plays a seed the same way twice. */
  readonly compares?: true
  /** Reports what is wrong; false when the promise means nothing for this game. */
  run(context: CheckContext): boolean
}

export const checks: readonly Check[] = [
  {
    name: 'plays',
    sentence: 'sizes stay the same, every number is finite, terminated and truncated exclude each other',
    run: plays,
  },
  { name: 'seeded', sentence: 'the same seed gives the same episode, in a new game and in a used one', run: seeded },
  { name: 'varied', sentence: 'other seeds give other episodes', run: varied },
  { name: 'alone', sentence: 'games side by side share no state', compares: true, run: alone },
  {
    name: 'pure',
    sentence: 'observe and reward change nothing, however often they are called',
    ofGame: 'observe changes nothing, however often it is called',
    run: pure,
  },
  { name: 'unordered', sentence: 'rewards do not depend on the order of the agents', compares: true, run: unordered },
  { name: 'saved', sentence: 'a saved game, restored into another, goes on the same', compares: true, run: saved },
  {
    name: 'masked',
    sentence: 'masks are of ones and zeros, allow something of each choice, and follow from the world alone',
    ofGame: 'masks are of ones and zeros, allow something of each choice, and follow from what `save` returns alone',
    run: context => masked(context, createGame),
  },
  {
    name: 'stated',
    sentence: "the world's own state is finite, and follows from the world alone",
    ofGame: "the game's own state is finite, and follows from what `save` returns alone",
    run: context => stated(context, createGame),
  },
  {
    name: 'controlled',
    sentence: 'the scripted controller acts legally, and does nothing that is forbidden',
    run: controlled,
  },
]

/** A game that says where it is, made of the definition or of a variant of its scenario. */
function createGame(
  { definition, options, where }: CheckContext,
  variant?: (scenario: Scenario) => Scenario,
): MarkovGame {
  const { scenario } = definition
  const source = variant && scenario ? particleDefinition(variant(scenario)) : definition
  return demandingSteps(watchHooks(source, where)).create(options)
}

function record(context: CheckContext, seed: number, game = createGame(context)): RecordedStep[] {
  context.where.seed = seed
  return recordMoments(createPlayer(game, seed), context.steps)
}

function compare(
  { report }: CheckContext,
  expected: readonly RecordedStep[],
  got: readonly RecordedStep[],
  why: string,
  seed: number,
): void {
  const difference = firstDifference(expected, got)
  if (difference !== null) report(`${why}: ${told(difference)}`, { ...difference, seed })
}

function told({ hook, expected, got }: RecordingDifference): string {
  const what = { reward: 'the reward', observe: 'a number of the observation', done: 'the end of the episode' }[hook]
  return `${what} was ${expected} before and is ${got} now`
}

/** What is said of a scenario, or of any other game. */
function inWords({ definition }: CheckContext, ofScenario: string, ofGame: string): string {
  return definition.scenario === undefined ? ofGame : ofScenario
}

function plays(context: CheckContext): boolean {
  for (const seed of context.seeds) {
    context.where.seed = seed
    const player = createPlayer(createGame(context), seed)
    for (let n = 0; n < context.steps; n++) {
      const moment = player.next()
      demandSound(player.game, moment, context)
      if (moment.truncated) demandSightOfWaiting(player, context)
    }
  }
  return true
}

function seeded(context: CheckContext): boolean {
  const [seed, other] = context.seeds as [number, number]
  const first = record(context, seed)
  const remedy = 'take every random number from `random`, and none from Math.random or the clock'
  compare(context, first, record(context, seed), `the same seed gave another episode (${remedy})`, seed)
  const used = createGame(context)
  record(context, other, used)
  const why = 'an episode left something behind that the next one sees (set all state in `reset`)'
  compare(context, first, record(context, seed, used), why, seed)
  return true
}

/** A game that never asks for a random number plays alike whatever the seed. */
function varied(context: CheckContext): boolean {
  const [seed, other] = context.seeds as [number, number]
  const player = createPlayer(createGame(context), seed)
  const before = textOf(player.random.save())
  // Many episodes: a game that draws two goals may well draw the same ones three times.
  const first = recordMoments(player, 10 * context.steps)
  if (textOf(player.random.save()) === before) return false
  context.where.seed = other
  // The same actions, so that nothing but the game's own chance can make a difference.
  const second = recordMoments(createPlayer(createGame(context), other, seed), 10 * context.steps)
  if (firstDifference(first, second) === null) {
    const message = `seeds ${seed} and ${other} gave the same episode: the random numbers that are drawn change nothing`
    context.report(message, { hook: 'reset', agent: -1, step: 0 })
  }
  return true
}

function alone(context: CheckContext): boolean {
  const [seed, other] = context.seeds as [number, number]
  const expected = record(context, seed)
  const [one, neighbour] = [createPlayer(createGame(context), seed), createPlayer(createGame(context), other)]
  const got = Array.from({ length: context.steps }, () => {
    const moment = one.next()
    neighbour.next()
    return moment
  })
  const remedy = inWords(
    context,
    'keep state in `world.state`, none outside of the scenario',
    'keep state in the object that `create` returns, none outside of it',
  )
  const why = `a second game beside it changed this one (${remedy})`
  compare(context, expected, got, why, seed)
  return true
}

function pure(context: CheckContext): boolean {
  const { where, report } = context
  const [seed] = context.seeds as [number]
  where.seed = seed
  const player = createPlayer(createGame(context, rewardTwice(context)), seed)
  for (let n = 0; n < context.steps; n++) {
    const moment = player.next()
    const { game } = player
    game.agents.forEach((agent, index) => {
      if (game.present[index] === 0) return
      const before = textOf(game.save())
      const row = new Float64Array(agent.observationSize)
      game.observe(index, row)
      const place = { hook: 'observe', agent: index, step: moment.step }
      if (textOf(game.save()) !== before) {
        const what = inWords(context, 'the world', 'what `save` returns')
        report(`it changes ${what}; an observation must only look`, place)
      }
      const at = row.findIndex((value, k) => !Object.is(value, moment.observations[index]![k]))
      if (at === -1) return
      const [first, second] = [moment.observations[index]![at], row[at]]
      report(`called twice it gives other numbers, ${first} then ${second}; an observation must only look`, place)
    })
  }
  return true
}

/** Every reward is asked for twice. */
function rewardTwice({ where, report }: CheckContext): (scenario: Scenario) => Scenario {
  return scenario =>
    paying(scenario, scene => {
      const place = { hook: 'reward', agent: scene.agent.index, step: where.step }
      const before = textOf(saveWorld(scene.world))
      const first = scenario.reward(scene)
      if (textOf(saveWorld(scene.world)) !== before) {
        report('it changes the world; compute what is shared in beforeRewards', place)
      }
      const second = scenario.reward(scene)
      if (!Object.is(first, second)) {
        report(`called twice it gives other numbers, ${first} then ${second}; keep nothing between calls`, place)
      }
      return second
    })
}

function unordered(context: CheckContext): boolean {
  if (context.definition.scenario === undefined) return false
  const [seed] = context.seeds as [number]
  const got = record(context, seed, createGame(context, rewardsBackwards))
  const why = 'asked in another order, the agents are paid differently (compute what is shared in beforeRewards)'
  compare(context, record(context, seed), got, why, seed)
  return true
}

/** When the first agent that is still there is asked for, everybody's reward is computed, the last agent's first. */
function rewardsBackwards(scenario: Scenario): Scenario {
  let rewards: number[] = []
  let last = Number.POSITIVE_INFINITY
  return paying(scenario, scene => {
    const { agents } = scene.world
    const begins = scene.agent.index <= last
    last = scene.agent.index
    if (begins) {
      rewards = []
      for (const agent of [...agents].reverse()) rewards[agent.index] = scenario.reward({ ...scene, agent })
    }
    return rewards[scene.agent.index]!
  })
}

/** The same scenario with another reward. */
function paying(scenario: Scenario, reward: Scenario['reward']): Scenario {
  return Object.assign(Object.create(scenario) as Scenario, { reward })
}

function saved(context: CheckContext): boolean {
  const { where, steps } = context
  const [seed, other] = context.seeds as [number, number]
  where.seed = seed
  const player = createPlayer(createGame(context), seed)
  recordMoments(player, Math.floor(steps / 2))
  for (let n = 0; n < steps && (player.step < 1 || player.lives.over[0] === 1); n++) player.next() // amid an episode
  const heir = createPlayer(createGame(context), other)
  recordMoments(heir, 3)
  where.step = player.step
  // As a checkpoint does it: a copy that shares nothing with the game.
  const state = structuredClone({
    game: player.game.save(),
    random: player.random.save(),
    chance: player.chance.save(),
    lives: player.lives.save(),
  })
  heir.game.restore(state.game)
  heir.random.restore(state.random)
  heir.chance.restore(state.chance)
  heir.lives.restore(state.lives)
  const remaining = Math.floor(steps / 2)
  const expected = recordMoments(player, remaining)
  const got = recordMoments(heir, remaining).map(moment => ({ ...moment }))
  const remedy = inWords(
    context,
    'keep all state in `world.state`',
    '`save` must return all state as a copy or as it is, `restore` must set all of it',
  )
  const why = `restored from what was saved, the game goes on differently (${remedy})`
  const difference = firstDifference(expected, aligned(expected, got))
  if (difference !== null) context.report(`${why}: ${told(difference)}`, { ...difference, seed })
  return true
}

/** The heir counts steps since its own last reset until it begins an episode: only what follows tells the two apart. */
function aligned(expected: readonly RecordedStep[], got: readonly RecordedStep[]): RecordedStep[] {
  return got.map((moment, i) => (moment.step === 0 ? moment : { ...moment, step: expected[i]!.step }))
}

function controlled(context: CheckContext): boolean {
  const [seed] = context.seeds as [number]
  context.where.seed = seed
  const game = createGame(context)
  if (game.script === undefined) return false
  const player = createPlayer(game, seed)
  player.next()
  const { lives } = player
  const actions = game.agents.map(({ actionSpace }) => {
    const columns = actionSize(actionSpace)
    return { rows: 1, columns, data: new Float32Array(columns) }
  })
  for (let n = 0; n < context.steps && lives.over[0] === 0; n++) {
    actions.forEach((action, agent) => {
      if (lives.present[agent] === 0) action.data.fill(0)
      else {
        game.script!(agent, action, 0)
        demandAllowed(game, agent, action.data, context)
      }
    })
    game.step(actions, 0)
    lives.step(0)
  }
  return true
}

/** What is forbidden is not done. */
function demandAllowed(game: MarkovGame, agent: number, action: Float32Array, { where, report }: CheckContext): void {
  if (game.actionMask === undefined) return
  const mask = new Uint8Array(action.length).fill(1)
  game.actionMask(agent, mask)
  let at = 0
  for (const { name, kind, size } of game.agents[agent]!.actionSpace) {
    const from = at
    at += size
    const done =
      kind === 'box' ? -1 : action.subarray(from, at).findIndex((value, i) => value !== 0 && mask[from + i] === 0)
    if (done < 0) continue
    const hook = where.kind === 'hook' ? 'scripted' : 'script'
    report(`it chooses alternative ${done} of '${name}', which the mask forbids`, { hook, agent, step: where.step })
  }
}

/** Where an episode is cut, who waits is asked what it sees. */
function demandSightOfWaiting({ game, lives, step }: RandomPlayer, { report }: CheckContext): void {
  game.agents.forEach((agent, index) => {
    if (lives.waiting[index] === 0) return
    const row = new Float64Array(agent.observationSize).fill(Number.NaN)
    game.observe(index, row)
    if (row.every(value => Number.isFinite(Math.fround(value)))) return
    report(`${badObservation(agent, row)} (it waits while the episode is cut)`, { hook: 'observe', agent: index, step })
  })
}
