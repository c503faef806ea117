// The session: every event changes what it says, and the patches say the same.
import * as fc from 'fast-check'
import { applyPatches } from 'immer'
import { describe, expect, it } from 'vitest'
import {
  createSession,
  type SessionChange,
  type SessionEvent,
  type SessionState,
} from '../../src/experiment/session.ts'
import { observed } from '../support/observed.ts'
import { tinySession } from '../support/tiny-session.ts'

const initial = tinySession
const progress = { ...initial.progress, episodes: 5, envSteps: 125 }
const after = (...events: SessionEvent[]) => {
  const session = createSession(initial)
  for (const event of events) session.dispatch(event)
  return session.state
}

/** The state with points added, one per episode, until there are so many: what as many events would make, at once. */
function filled(state: SessionState, points: number): SessionState {
  const { episodes, returns } = state.curve
  const added = Array.from({ length: points - episodes.length }, (_, n) => episodes.at(-1)! + 1 + n)
  const all = [...episodes, ...added]
  const { loss = [], entropy = [] } = state.metrics.series
  return {
    ...state,
    curve: { episodes: all, returns: [...returns, ...added.map(value => [value])] },
    metrics: {
      episodes: all,
      series: { loss: [...loss, ...added], entropy: [...entropy, ...added.map(value => -value)] },
    },
  }
}

describe('a session', () => {
  it.each<[string, SessionEvent[], object]>([
    ['progress is replaced', [{ type: 'progress', progress }], { progress }],
    [
      'points are added to the curve',
      [
        { type: 'point', episodes: 100, returns: [-1] },
        { type: 'point', episodes: 200, returns: [-2] },
      ],
      { curve: { episodes: [100, 200], returns: [[-1], [-2]] } },
    ],
    [
      'points before the first finished episode have figures, and no return',
      [
        { type: 'point', episodes: 0, returns: [Number.NaN], metrics: { loss: 3 } },
        { type: 'point', episodes: 100, returns: [-1], metrics: { loss: 2 } },
      ],
      { curve: { episodes: [100], returns: [[-1]] }, metrics: { episodes: [0, 100], series: { loss: [3, 2] } } },
    ],
    [
      'a rollback takes back what came after it, and says why',
      [
        { type: 'point', episodes: 100, returns: [-1] },
        { type: 'point', episodes: 200, returns: [-2] },
        { type: 'rolledBack', episodes: 100, message: 'not finite' },
      ],
      { curve: { episodes: [100], returns: [[-1]] }, message: 'not finite', status: initial.status },
    ],
    ['the end has a message', [{ type: 'ended', message: 'done' }], { status: 'ended', message: 'done' }],
    ['a failure has a message', [{ type: 'failed', message: 'NaN' }], { status: 'failed', message: 'NaN' }],
    [
      'pause holds the exhibition alone',
      [{ type: 'pause' }],
      { status: 'training', exhibition: { paused: true, speed: 1 } },
    ],
    ['resume lets it go on', [{ type: 'pause' }, { type: 'resume' }], { exhibition: { paused: false, speed: 1 } }],
    ['speed is that of the exhibition', [{ type: 'speed', speed: 4 }], { exhibition: { paused: false, speed: 4 } }],
    ['a single step changes nothing that is shown', [{ type: 'step' }], initial],
    ['training pauses', [{ type: 'pauseTraining' }], { status: 'paused', exhibition: initial.exhibition }],
    ['training resumes', [{ type: 'pauseTraining' }, { type: 'resumeTraining' }], { status: 'training' }],
    [
      'training that has ended cannot pause',
      [{ type: 'ended', message: '' }, { type: 'pauseTraining' }],
      { status: 'ended' },
    ],
    [
      'training that failed cannot resume',
      [{ type: 'failed', message: '' }, { type: 'resumeTraining' }],
      { status: 'failed' },
    ],
  ])('%s', (_, events, expected) => {
    expect(after(...events)).toMatchObject(expected)
  })

  it('shows the present state first, to everyone who looks', () => {
    const session = createSession(initial)
    session.dispatch({ type: 'pause' })
    const { values } = observed(session.changes$)
    expect(values).toHaveLength(1)
    expect(values[0]!.state).toBe(session.state)
  })

  it('is silent when nothing changes', () => {
    const session = createSession(initial)
    const { values } = observed(session.changes$)
    session.dispatch({ type: 'resume' })
    session.dispatch({ type: 'step' })
    expect(values).toHaveLength(1)
  })

  it('leaves earlier states as they were', () => {
    const session = createSession(initial)
    const before = session.state
    session.dispatch({ type: 'point', episodes: 1, returns: [1] })
    session.dispatch({ type: 'pause' })
    expect(before).toEqual(initial)
    expect(session.state).not.toBe(before)
  })

  it('keeps its own copy of what an event brought', () => {
    const returns = [1, 2]
    const session = createSession(initial)
    session.dispatch({ type: 'point', episodes: 1, returns })
    returns[0] = 9
    expect(session.state.curve.returns).toEqual([[1, 2]])
  })

  it('keeps losses beside the curve, thins both when they grow long, and takes back what a rollback undid', () => {
    const session = createSession(initial)
    session.dispatch({ type: 'point', episodes: 1, returns: [0], metrics: { loss: 1 } })
    session.dispatch({ type: 'point', episodes: 2, returns: [0], metrics: { loss: 2, entropy: 5 } })
    session.dispatch({ type: 'point', episodes: 3, returns: [0], metrics: { entropy: Number.NaN } })
    expect(session.state.metrics).toEqual({
      episodes: [1, 2, 3],
      series: { loss: [1, 2, null], entropy: [null, 5, null] },
    })
    const evaluation = { episodes: 2, mode: 'greedy', returns: { agent_0: 1 } }
    session.dispatch({ type: 'evaluation', evaluation })
    session.dispatch({ type: 'evaluation', evaluation: { ...evaluation, episodes: 3 } })
    session.dispatch({ type: 'rolledBack', episodes: 2, message: 'back' })
    expect(session.state.metrics).toEqual({ episodes: [1, 2], series: { loss: [1, 2], entropy: [null, 5] } })
    expect(session.state.evaluations).toEqual([evaluation])

    // Full but for one point, twice: the second time with what the first thinning left.
    let { state } = session
    for (const full of ['once', 'again']) {
      const long = createSession(filled(state, 1999))
      for (let n = 0; n < 3; n++) {
        const next = long.state.curve.episodes.at(-1)! + 1
        long.dispatch({ type: 'point', episodes: next, returns: [next], metrics: { loss: next, entropy: -next } })
      }
      const { curve, metrics } = long.state
      expect(curve.episodes.length, full).toBeGreaterThan(999)
      expect(curve.episodes.length).toBeLessThanOrEqual(2000)
      expect(curve.episodes.at(-1)).toBe(full === 'once' ? 2002 : 3002)
      expect(curve.returns.map(([value]) => value).slice(1)).toEqual(curve.episodes.slice(1))
      expect(metrics.episodes).toEqual(curve.episodes)
      expect(metrics.series.loss!.slice(1)).toEqual(metrics.episodes.slice(1))
      expect(metrics.series.entropy!.slice(1)).toEqual(metrics.episodes.slice(1).map(episodes => -episodes))
      state = long.state
    }
  })

  it('sends patches that make each state out of the one before', () => {
    const event: fc.Arbitrary<SessionEvent> = fc.oneof(
      fc.record({ type: fc.constant('progress' as const), progress: fc.constantFrom(progress, initial.progress) }),
      fc.record({
        type: fc.constant('point' as const),
        episodes: fc.nat(),
        returns: fc.array(fc.integer(), { maxLength: 2 }),
      }),
      fc.record({ type: fc.constantFrom('ended' as const, 'failed' as const), message: fc.string() }),
      fc.record({ type: fc.constant('speed' as const), speed: fc.integer({ min: 1, max: 16 }) }),
      fc.constantFrom<SessionEvent>(
        { type: 'pause' },
        { type: 'resume' },
        { type: 'step' },
        { type: 'pauseTraining' },
        { type: 'resumeTraining' },
      ),
    )
    fc.assert(
      fc.property(fc.array(event, { maxLength: 20 }), events => {
        const session = createSession(initial)
        const changes: SessionChange[] = []
        session.changes$.subscribe(change => changes.push(change))
        for (const each of events) session.dispatch(each)
        let viewer = initial
        for (const { state, patches } of changes) {
          // As patches travel: through JSON.
          viewer = applyPatches(viewer, JSON.parse(JSON.stringify(patches)))
          expect(viewer).toEqual(state)
        }
        expect(viewer).toEqual(session.state)
      }),
    )
  })
})
