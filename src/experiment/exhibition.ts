// The exhibition game: what viewers watch. A game of its own on a real-time clock, played by the latest policies, never learnt from.
import { combineLatest, distinctUntilChanged, map, mergeMap, type Observable, switchMap } from 'rxjs'
import type { Policy } from '../agents/policy.ts'
import { fastClock, realTimeClock, stepClock, type Tick } from '../engine/clock.ts'
import { frames } from '../engine/frames.ts'
import type { Frame, FrameSchema } from '../envs/frame.ts'
import { frameSchema } from '../envs/frame-schema.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import type { Random } from '../random.ts'
import { actionSize } from '../spaces.ts'
import type { Matrix } from '../types.ts'
import type { Session } from './session.ts'

/** World steps per second at speed 1: a step is 0.1 seconds of the particle world. */
const stepsPerSecond = 10
/** Frames per second to viewers at most. */
const frameRate = 30

/**
 * Frames of an endless exhibition. Paused and played at the speed that the session says; `steps$` asks for single steps while it
 * is paused.
 * @throws TypeError when the game cannot be drawn.
 */
export function exhibit(
  game: MarkovGame,
  policies: readonly Policy[],
  random: Random,
  session: Session,
  steps$: Observable<unknown>,
): { schema: FrameSchema; frames$: Observable<Frame> } {
  const schema = frameSchema(game)
  const play = createPlay(game, policies, random)
  const control$ = session.changes$.pipe(map(({ state }) => state.exhibition))
  const clock$: Observable<Tick> = combineLatest([
    control$.pipe(
      map(({ paused }) => paused),
      distinctUntilChanged(),
    ),
    control$.pipe(
      map(({ speed }) => speed),
      distinctUntilChanged(),
    ),
  ]).pipe(
    switchMap(([paused, speed]) =>
      paused ? stepClock(steps$) : speed === null ? fastClock() : realTimeClock(stepsPerSecond * speed),
    ),
  )
  return {
    schema,
    frames$: clock$.pipe(
      mergeMap(tick => (tick.take() ? [play()] : [])),
      frames(frameRate),
    ),
  }
}

/** Each call gives the next picture: the begin of an episode, or one step further. `explore`: policies sample as in training. */
export function createPlay(
  game: MarkovGame,
  policies: readonly Policy[],
  random: Random,
  explore = false,
): () => Frame {
  const { agents } = game
  const observations = agents.map(agent => row(agent.observationSize))
  const actions = agents.map(agent => row(actionSize(agent.actionSpace)))
  const scratch = agents.map(agent => new Float64Array(agent.observationSize))
  const restarted = new Uint8Array(1)
  const size = actions.reduce((size, { columns }) => size + columns, 0)
  const returns = new Float64Array(agents.length)
  let episode = 0
  let step = -1
  let number = 0

  const begin = () => {
    game.reset(random)
    returns.fill(0)
    restarted[0] = 1
    episode++
    step = 0
  }
  const move = () => {
    policies.forEach((policy, agent) => {
      game.observe(agent, scratch[agent]!)
      observations[agent]!.data.set(scratch[agent]!)
      policy.act({
        observations: observations[agent]!,
        restarted,
        explore,
        actions: actions[agent]!,
        extras: [],
      })
    })
    game.step(actions, 0)
    restarted[0] = 0
    for (let agent = 0; agent < agents.length; agent++) returns[agent]! += game.rewards[agent]!
    step++
  }
  const over = () =>
    step < 0 || game.truncated || game.terminated.every((ended, agent) => ended === 1 || game.present[agent] === 0)

  return () => {
    if (over()) begin()
    else move()
    const picture = new Float32Array(game.frames!.schema.size)
    game.frames!.write(picture)
    return {
      number: number++,
      at: Date.now(),
      episode,
      step,
      restarted: step === 0,
      placed: false,
      rewards: step === 0 ? new Float32Array(agents.length) : Float32Array.from(game.rewards),
      returns: Float32Array.from(returns),
      actions: step === 0 ? new Float32Array(size) : sideBySide(actions, size),
      row: picture,
    }
  }
}

function sideBySide(rows: readonly Matrix[], size: number): Float32Array {
  const all = new Float32Array(size)
  let at = 0
  for (const { data } of rows) {
    all.set(data, at)
    at += data.length
  }
  return all
}

function row(columns: number): Matrix {
  return { rows: 1, columns, data: new Float32Array(columns) }
}
