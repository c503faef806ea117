// The exhibition game: what viewers watch. A game of its own on a real-time clock, played by the latest policies, never learnt from.
import { combineLatest, distinctUntilChanged, map, mergeMap, type Observable, switchMap } from 'rxjs'
import type { Policy } from '../agents/policy.ts'
import { realTimeClock, stepClock, type Tick } from '../engine/clock.ts'
import { frames } from '../engine/frames.ts'
import type { Frame, FrameSchema } from '../envs/frame.ts'
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
  if (game.frames === undefined) throw new TypeError(`${game.id}: expected a game with frames to draw, got none`)
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
  ]).pipe(switchMap(([paused, speed]) => (paused ? stepClock(steps$) : realTimeClock(stepsPerSecond * speed))))
  return {
    schema: game.frames.schema,
    frames$: clock$.pipe(
      mergeMap(tick => (tick.take() ? [play()] : [])),
      frames(frameRate),
    ),
  }
}

/** Each call gives the next picture: the begin of an episode, or one step further. */
export function createPlay(game: MarkovGame, policies: readonly Policy[], random: Random): () => Frame {
  const { agents } = game
  const observations = agents.map(agent => row(agent.observationSize))
  const actions = agents.map(agent => row(actionSize(agent.actionSpace)))
  const scratch = agents.map(agent => new Float64Array(agent.observationSize))
  const restarted = new Uint8Array(1)
  const returns = new Float64Array(agents.length)
  let episode = 0
  let step = -1

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
        explore: false,
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
      episode,
      step,
      restarted: step === 0,
      rewards: step === 0 ? new Float32Array(agents.length) : Float32Array.from(game.rewards),
      returns: Float32Array.from(returns),
      row: picture,
    }
  }
}

function row(columns: number): Matrix {
  return { rows: 1, columns, data: new Float32Array(columns) }
}
