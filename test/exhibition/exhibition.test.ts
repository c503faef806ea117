// The exhibition: a game on a clock of its own, and in the hands of its viewers.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Act, Policy } from '../../src/agents/policy.ts'
import { createExhibition } from '../../src/exhibition/exhibition.ts'
import type { ExhibitionSetup } from '../../src/exhibition/setup.ts'
import type { Command } from '../../src/experiment/commands.ts'
import { createSession, type SessionState } from '../../src/experiment/session.ts'
import type { Moment } from '../../src/experiment/show.ts'
import { baselineSetup, games } from '../../src/index.ts'
import { observed } from '../support/observed.ts'
import { createTinyGame } from '../support/tiny-game.ts'
import { tinySession } from '../support/tiny-session.ts'
import { tinySetup } from '../support/tiny-setup.ts'

beforeEach(() => {
  const toFake = [
    'setTimeout',
    'clearTimeout',
    'setInterval',
    'clearInterval',
    'setImmediate',
    'clearImmediate',
    'performance',
    'Date',
  ] as const
  vi.useFakeTimers({ toFake: [...toFake] })
  vi.advanceTimersByTime(1000)
})
afterEach(() => {
  vi.useRealTimers()
})

function open(setup: ExhibitionSetup, status: SessionState['status'] = 'playing') {
  const session = createSession({ ...tinySession, status })
  const show = createExhibition(setup, session)
  const seen = observed(show.moments$)
  const ask = (...commands: Command[]) => {
    for (const command of commands) void show.command(command, 'viewer 1')
  }
  return { seen, show, session, ask }
}
const shown = (moments: readonly Moment[]) => moments.map(({ frame: { episode, step } }) => [episode, step])

describe('an exhibition plays', () => {
  it('ten steps a second, episode after episode, each frame with the next number', () => {
    const { seen } = open(tinySetup({ length: 2 }))
    vi.advanceTimersByTime(650)
    expect(shown(seen.values)).toEqual([
      [1, 0],
      [1, 1],
      [1, 2],
      [2, 0],
      [2, 1],
      [2, 2],
      [3, 0],
    ])
    expect(seen.values.map(({ frame }) => frame.number)).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(seen.values.map(({ frame }) => frame.restarted)).toEqual([true, false, false, true, false, false, true])
    expect(seen.values.map(({ opening }) => opening?.cause)).toEqual([
      'first',
      undefined,
      undefined,
      'reset',
      undefined,
      undefined,
      'reset',
    ])
    expect(seen.values.map(({ opening }) => opening?.seed).filter(Boolean)).toEqual([1, 2, 3])
  })

  it('with the rewards of the step, their sum over the episode, and the actions that led there', () => {
    const { seen } = open(tinySetup({ length: 2, reward: ({ agent, step }) => 10 * step + agent }))
    vi.advanceTimersByTime(350)
    const of = (field: 'rewards' | 'returns' | 'actions') => seen.values.map(({ frame }) => [...frame[field]])
    expect(of('rewards')).toEqual([
      [0, 0],
      [10, 11],
      [20, 21],
      [0, 0],
    ])
    expect(of('returns')).toEqual([
      [0, 0],
      [10, 11],
      [30, 32],
      [0, 0],
    ])
    const still = [1, 0, 0, 1, 0, 0]
    expect(of('actions')).toEqual([[0, 0, 0, 0, 0, 0], still, still, [0, 0, 0, 0, 0, 0]])
  })

  it('anew when all agents terminated', () => {
    const { seen } = open(tinySetup({ length: 1, ending: 'terminated' }))
    vi.advanceTimersByTime(250)
    expect(shown(seen.values)).toEqual([
      [1, 0],
      [1, 1],
      [2, 0],
    ])
  })

  it('by the best guesses of policies for what they see, told when an episode begins', () => {
    const requests: { seen: number[]; explore: boolean; restarted: number }[] = []
    const note: Policy = {
      act: ({ observations, explore, restarted }: Act) => {
        requests.push({ seen: [...observations.data], explore, restarted: restarted[0]! })
      },
      save: () => null,
      restore() {},
    }
    open(tinySetup({ agents: 1, length: 2, see: ({ step }) => [step] }, [note]))
    vi.advanceTimersByTime(550)
    expect(requests).toEqual([
      { seen: [0], explore: false, restarted: 1 },
      { seen: [1], explore: false, restarted: 0 },
      { seen: [0], explore: false, restarted: 1 },
      { seen: [1], explore: false, restarted: 0 },
    ])
  })

  it('from where it stands for whoever comes later, and for all of them once', () => {
    const { seen, show } = open(tinySetup())
    vi.advanceTimersByTime(250)
    const late = observed(show.moments$)
    expect(shown(late.values)).toEqual([[1, 2]])
    expect(late.values[0]!.opening).toMatchObject({ cause: 'first', seed: 1, scenario: 'tiny' })
    vi.advanceTimersByTime(100)
    expect(shown(late.values)).toEqual([
      [1, 2],
      [1, 3],
    ])
    expect(seen.values).toHaveLength(4)
  })

  it('not when nobody watches, and leaves no timer behind', () => {
    const { seen } = open(tinySetup())
    vi.advanceTimersByTime(250)
    seen.subscription.unsubscribe()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('only what can be drawn', () => {
    const { frames: _, ...game } = createTinyGame()
    const setup = tinySetup()
    const bare = { ...setup, definition: { ...setup.definition, create: () => game } }
    expect(() => createExhibition(bare, createSession(tinySession))).toThrow(TypeError)
  })
})

describe('its clock', () => {
  it('stands still while it is paused, makes single steps, many at once too, and goes on', () => {
    const { seen, ask } = open(tinySetup({ length: 50 }))
    vi.advanceTimersByTime(150)
    ask({ type: 'pause' })
    vi.advanceTimersByTime(5000)
    expect(seen.values).toHaveLength(2)
    ask({ type: 'step' })
    expect(seen.values).toHaveLength(3)
    ask({ type: 'step', steps: 5 })
    vi.advanceTimersByTime(1000)
    expect(seen.values).toHaveLength(8)
    ask({ type: 'resume' })
    vi.advanceTimersByTime(250)
    expect(seen.values).toHaveLength(10)
  })

  it.each([
    [0.125, 10],
    [2, 4],
    [64, 1],
  ])('plays at speed %s', (speed, seconds) => {
    const { seen, ask } = open(tinySetup({ length: 1e6 }))
    ask({ type: 'speed', speed })
    vi.advanceTimersByTime(1000 * seconds)
    const steps = 10 * speed * seconds
    expect(Math.abs(seen.values.length - 1 - steps)).toBeLessThanOrEqual(2 + steps / 100)
  })

  it('goes on undisturbed while other things of the session change', () => {
    const { seen, session } = open(tinySetup())
    for (let i = 0; i < 50; i++) {
      vi.advanceTimersByTime(20)
      session.dispatch({ type: 'point', episodes: i, returns: [0, 0] })
    }
    expect(seen.values).toHaveLength(11)
  })

  it('tells the session now and then where it is, not with every frame', () => {
    const { session, ask } = open(tinySetup({ length: 1e6 }))
    const changes = observed(session.changes$)
    ask({ type: 'speed', speed: 64 })
    vi.advanceTimersByTime(3000)
    expect(changes.values.length).toBeLessThan(12)
    expect(session.state.timeline.last).toBeGreaterThan(1500)
  })
})

describe('a viewer', () => {
  const refusals: [string, Command, RegExp][] = [
    ['single steps while it plays', { type: 'step' }, /pause it to make single steps/],
    ['a speed beyond the limits', { type: 'speed', speed: 65 }, /speed must be in 0.125 ... 64, got 65/],
    ['an agent that there is not', { type: 'take', agent: 7 }, /there are agents 0 ... 3, got 7/],
    ['a player that there is not', { type: 'play', team: 'agent', who: 'latest' }, /unknown player 'latest'/],
    ['a team that there is not', { type: 'play', team: 'agents', who: 'noop' }, /did you mean 'agent'/],
    ['an option that there is not', { type: 'options', options: { wolves: 1 } }, /unknown option 'wolves'/],
    ['a value that an option cannot have', { type: 'options', options: { adversaries: -1 } }, /adversaries: expected/],
    ['an entity that there is not', { type: 'drag', entity: 99, position: [0, 0] }, /entities 0 ... 5, got 99/],
    ['a place that is none', { type: 'drag', entity: 0, position: [0, Number.NaN] }, /must be finite/],
    ['what it has not taken', { type: 'act', agent: 0, move: [1, 0] }, /take it first/],
    ['to let go of what it does not have', { type: 'release', agent: 0 }, /take it first/],
    ['to seek, which is for playback', { type: 'seek', number: 3 }, /knows the command 'seek'/],
    ['what is for trainings', { type: 'stopTraining' }, /knows the command 'stopTraining'/],
  ]
  it.each(refusals)('is refused %s, in a sentence, and all is as before', (_, command, sentence) => {
    const { session, ask, seen } = open(baselineSetup(games.simple_tag!, {}, 3))
    const before = session.state
    expect(() => ask(command)).toThrow(sentence)
    expect(session.state).toBe(before)
    expect(seen.values).toHaveLength(1)
  })

  it('resets with a seed: the same seed, the same episode, whatever was played before', () => {
    const bits = ({ seen, ask }: ReturnType<typeof open>, wait: number) => {
      vi.advanceTimersByTime(wait)
      ask({ type: 'reset', seed: 42 })
      const from = seen.values.length - 1
      vi.advanceTimersByTime(2050)
      return seen.values.slice(from, from + 20).map(({ frame, fingerprint: _, opening: __ }) => [...frame.row])
    }
    const setup = () => baselineSetup(games.simple_tag!, {}, 3, 'random')
    const [one, other] = [bits(open(setup()), 350), bits(open(setup()), 1250)]
    expect(one).toHaveLength(20)
    expect(one).toEqual(other)
  })

  it('changes options: another schema first, then a game of it', () => {
    const { show, session, ask, seen } = open(baselineSetup(games.simple_tag!, {}, 3))
    const schemas = observed(show.schema$)
    ask({ type: 'options', options: { adversaries: 5 } })
    expect(schemas.values.map(({ agents }) => agents.length)).toEqual([4, 6])
    const { frame, opening } = seen.values.at(-1)!
    expect(frame).toMatchObject({ number: 1, step: 0, restarted: true })
    expect(frame.row).toHaveLength(schemas.values[1]!.size)
    expect(opening).toMatchObject({ cause: 'options', options: { adversaries: 5, rules: 'mpe2' } })
    expect(session.state.exhibition.options).toMatchObject({ adversaries: 5 })
  })

  it('lets a viewer control an agent under both rules until it is released', () => {
    for (const rules of ['mpe2', 'openai'] as const) {
      const { show, session, ask, seen } = open(baselineSetup(games.simple_spread!, { rules }, 3, 'noop'))
      const x = () => seen.values.at(-1)!.frame.row[0]!
      ask({ type: 'take', agent: 0 })
      expect(session.state.exhibition.taken).toEqual({ agent_0: 'viewer 1' })
      expect(() => void show.command({ type: 'take', agent: 0 }, 'viewer 2')).toThrow('controlled by another viewer')
      ask({ type: 'act', agent: 0, move: [1, 0] })
      const begin = x()
      vi.advanceTimersByTime(550)
      expect(x() - begin).toBeGreaterThan(0.2)
      show.left('viewer 1')
      expect(session.state.exhibition.taken).toEqual({})
      const { actions } = seen.values.at(-1)!.frame
      vi.advanceTimersByTime(100)
      expect([...actions.slice(0, 5)]).not.toEqual([1, 0, 0, 0, 0])
      expect([...seen.values.at(-1)!.frame.actions.slice(0, 5)]).toEqual([1, 0, 0, 0, 0])
    }
  })

  it('drags an entity, at once and also while it is paused', () => {
    const { ask, seen } = open(baselineSetup(games.simple_spread!, {}, 3))
    ask({ type: 'pause' }, { type: 'drag', entity: 4, position: [0.5, -0.25] })
    const { frame, opening } = seen.values.at(-1)!
    expect(frame).toMatchObject({ number: 1, step: 0, placed: true, restarted: false })
    expect([...frame.row.slice(8, 10)]).toEqual([0.5, -0.25])
    expect(opening).toMatchObject({ cause: 'drag', drag: { entity: 4, position: [0.5, -0.25] } })
  })

  it('plays games that are no particle worlds as far as they can be played', () => {
    const field = open(baselineSetup(games.foraging!, {}, 3, 'noop'))
    field.ask({ type: 'take', agent: 0 }, { type: 'act', agent: 0, move: [0, 1] })
    vi.advanceTimersByTime(100)
    expect([...field.seen.values.at(-1)!.frame.actions.slice(0, 6)]).toEqual([0, 1, 0, 0, 0, 0])
    expect(() => field.ask({ type: 'drag', entity: 0, position: [0, 0] })).toThrow(/nothing in it can be put elsewhere/)
    expect(field.show.inspect(0)).toMatchObject({ value: null, rewardParts: {} })

    const matrix = open(baselineSetup(games.matrix_game!, {}, 3, 'noop'))
    matrix.ask({ type: 'take', agent: 1 }, { type: 'act', agent: 1, move: [0, 0], say: 1 })
    vi.advanceTimersByTime(100)
    expect([...matrix.seen.values.at(-1)!.frame.actions]).toEqual([1, 0, 0, 1])
    expect(() => matrix.ask({ type: 'act', agent: 1, move: [1, 0] })).toThrow(/knows no directions/)
    expect(() => matrix.ask({ type: 'act', agent: 1, move: [0, 0], say: 2 })).toThrow(/alternatives 0 ... 1, got 2/)
  })
})
