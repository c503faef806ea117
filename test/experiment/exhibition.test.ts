// The exhibition game: played on a clock of its own, controlled by the session, harmless to the training.
import { Subject } from 'rxjs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createNoOpPolicy } from '../../src/agents/baseline-policies.ts'
import type { Act, Policy } from '../../src/agents/policy.ts'
import type { Frame } from '../../src/envs/frame.ts'
import { exhibit } from '../../src/experiment/exhibition.ts'
import { createSession, type SessionEvent } from '../../src/experiment/session.ts'
import { train } from '../../src/experiment/trainer.ts'
import { createRandom } from '../../src/random.ts'
import { trainedPolicies } from '../../src/run.ts'
import { observed } from '../support/observed.ts'
import { ticks } from '../support/ticks.ts'
import { tinyRun } from '../support/tiny-config.ts'
import { createTinyGame, softMove, type TinyGameOptions } from '../support/tiny-game.ts'
import { tinySession } from '../support/tiny-session.ts'

describe('an exhibition', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    vi.advanceTimersByTime(1000)
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  const open = (options: TinyGameOptions = {}, policies?: readonly Policy[]) => {
    const game = createTinyGame({ reward: ({ agent, step }) => 10 * step + agent, ...options })
    const session = createSession(tinySession)
    const steps$ = new Subject<void>()
    const players = policies ?? game.agents.map(() => createNoOpPolicy(softMove))
    const { schema, frames$ } = exhibit(game, players, createRandom(1), session, steps$)
    const seen = observed(frames$)
    const dispatch = (...events: SessionEvent[]) => {
      for (const event of events) session.dispatch(event)
    }
    return { seen, schema, dispatch, steps$, game }
  }
  const shown = (frames: readonly Frame[]) => frames.map(({ episode, step }) => [episode, step])

  it('shows ten steps a second, episode after episode', () => {
    const { seen } = open({ length: 3 })
    vi.advanceTimersByTime(950)
    expect(shown(seen.values)).toEqual([
      [1, 0],
      [1, 1],
      [1, 2],
      [1, 3],
      [2, 0],
      [2, 1],
      [2, 2],
      [2, 3],
      [3, 0],
    ])
  })

  it('marks the first frame of an episode, and no other, as restarted', () => {
    const { seen } = open({ length: 2 })
    vi.advanceTimersByTime(750)
    expect(seen.values.map(({ restarted }) => restarted)).toEqual([true, false, false, true, false, false, true])
  })

  it('shows the rewards of the step and their sum over the episode', () => {
    const { seen } = open({ length: 2 })
    vi.advanceTimersByTime(450)
    expect(seen.values.map(({ rewards }) => [...rewards])).toEqual([
      [0, 0],
      [10, 11],
      [20, 21],
      [0, 0],
    ])
    expect(seen.values.map(({ returns }) => [...returns])).toEqual([
      [0, 0],
      [10, 11],
      [30, 32],
      [0, 0],
    ])
  })

  it('begins again when all agents terminated', () => {
    const { seen } = open({ length: 2, ending: 'terminated' })
    vi.advanceTimersByTime(450)
    expect(shown(seen.values)).toEqual([
      [1, 0],
      [1, 1],
      [1, 2],
      [2, 0],
    ])
  })

  it('gives frames by the schema, each with a row of its own', () => {
    const { seen, schema } = open()
    vi.advanceTimersByTime(350)
    expect(seen.values.map(({ row }) => row.length)).toEqual([schema.size, schema.size, schema.size])
    expect(seen.values.map(({ row }) => row[1])).toEqual([0, 1, 2])
  })

  it('asks the policies for their best guess of what they see, and when an episode begins', () => {
    const requests: { seen: number[]; explore: boolean; restarted: number }[] = []
    const note: Policy = {
      act: ({ observations, explore, restarted }: Act) => {
        requests.push({ seen: [...observations.data], explore, restarted: restarted[0]! })
      },
      save: () => null,
      restore() {},
    }
    open({ agents: 1, length: 2, see: ({ step }) => [step] }, [note])
    vi.advanceTimersByTime(650)
    expect(requests).toEqual([
      { seen: [0], explore: false, restarted: 1 },
      { seen: [1], explore: false, restarted: 0 },
      { seen: [0], explore: false, restarted: 1 },
      { seen: [1], explore: false, restarted: 0 },
    ])
  })

  it('stands still while it is paused, makes single steps, and goes on', () => {
    const { seen, dispatch, steps$ } = open()
    vi.advanceTimersByTime(250)
    dispatch({ type: 'pause' })
    vi.advanceTimersByTime(5000)
    expect(seen.values).toHaveLength(2)
    steps$.next()
    vi.advanceTimersByTime(100)
    steps$.next()
    vi.advanceTimersByTime(5000)
    expect(shown(seen.values)).toEqual([
      [1, 0],
      [1, 1],
      [1, 2],
      [1, 3],
    ])
    dispatch({ type: 'resume' })
    vi.advanceTimersByTime(250)
    expect(seen.values).toHaveLength(6)
  })

  it('has no single steps while it plays', () => {
    const { seen, steps$ } = open()
    steps$.next()
    vi.advanceTimersByTime(50)
    expect(seen.values).toHaveLength(0)
  })

  it('plays at the speed of the session', () => {
    const { seen, dispatch } = open()
    dispatch({ type: 'speed', speed: 2 })
    vi.advanceTimersByTime(525)
    expect(seen.values).toHaveLength(10)
    dispatch({ type: 'speed', speed: 0.5 })
    vi.advanceTimersByTime(1050)
    expect(seen.values).toHaveLength(15)
  })

  it('goes on undisturbed while other things of the session change', () => {
    const { seen, dispatch } = open()
    for (let i = 0; i < 50; i++) {
      vi.advanceTimersByTime(20)
      dispatch({ type: 'point', episodes: i, returns: [0, 0] })
    }
    expect(seen.values).toHaveLength(10)
  })

  it('shows at most thirty frames a second, and keeps restarts that fall between them', () => {
    const { seen, dispatch } = open({ length: 7 })
    dispatch({ type: 'speed', speed: 16 })
    vi.advanceTimersByTime(2000)
    expect(seen.values.length).toBeGreaterThan(50)
    expect(seen.values.length).toBeLessThanOrEqual(61)
    const episodes = new Set(seen.values.map(({ episode }) => episode))
    expect(seen.values.filter(({ restarted }) => restarted)).toHaveLength(episodes.size)
  })

  it('leaves no timer behind when nobody watches', () => {
    const { seen } = open()
    vi.advanceTimersByTime(250)
    seen.subscription.unsubscribe()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('of a game that cannot be drawn is refused', () => {
    const { frames: _, ...game } = createTinyGame()
    const session = createSession(tinySession)
    expect(() => exhibit(game, [], createRandom(1), session, new Subject())).toThrow(TypeError)
  })
})

describe('a training run that is watched', () => {
  it('has the same bits as one that is not', async () => {
    const [alone, watched] = [await tinyRun(), await tinyRun()]
    const game = watched.createGame()
    const session = createSession(tinySession)
    session.dispatch({ type: 'pause' })
    const steps$ = new Subject<void>()
    const { frames$ } = exhibit(
      game,
      trainedPolicies(watched, 'exhibition', [game]),
      createRandom(7, 'exhibition'),
      session,
      steps$,
    )
    const frames: Frame[] = []
    frames$.subscribe(frame => frames.push(frame))
    const lines: object[][] = []
    for (const run of [alone, watched]) {
      const events: object[] = []
      for (let i = 0; i < 60; i++) {
        for (const event of observed(train(run, { clock$: ticks(5) })).values) {
          if (event.type === 'metrics') events.push({ ...event.line, 'time/seconds': 0 })
        }
        if (run === watched) for (let n = 0; n < 3; n++) steps$.next()
      }
      lines.push(events)
    }
    expect(frames.length).toBeGreaterThan(0)
    expect(lines[0]!.length).toBeGreaterThan(2)
    expect(lines[1]).toEqual(lines[0])
    expect(watched.save()).toEqual(alone.save())
  })
})
