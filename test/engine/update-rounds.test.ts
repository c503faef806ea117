// When to learn: rounds by environment steps, carried out agent by agent.
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createUpdateRounds } from '../../src/engine/update-rounds.ts'
import { NonFiniteError } from '../../src/errors.ts'
import type { Member } from '../../src/learning/member.ts'
import { type ReplayLearner, updatesOverReplay } from '../../src/learning/replay-updates.ts'
import type { TeamLearner } from '../../src/learning/team-learner.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createRandom } from '../../src/random.ts'
import { createJointReplay } from '../../src/replay/joint-replay.ts'
import { createSharedReplay } from '../../src/replay/shared-replay.ts'
import type { Batch, Saved } from '../../src/types.ts'
import { agentsOf, numberedSteps } from '../support/joint-steps.ts'

interface Timing {
  readonly every: number
  readonly after: number
  readonly draws?: 'agent' | 'round'
  /** The agents of each team; default: one team. */
  readonly teams?: readonly (readonly number[])[]
}

describe('update rounds', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend()
  })
  afterAll(() => backend.dispose())

  const agents = agentsOf([1, 1, 1])
  const ids = agents.map(({ id }) => id)

  /** Rounds over learners that keep what they are given, and a buffer that holds `stored` transitions. */
  const setUp = (
    { every, after, draws = 'agent', teams = [[0, 1, 2]] }: Timing,
    stored = 100,
    update?: (agent: number, batch: Batch) => Record<string, number>,
    priority = 0,
  ) => {
    const replay = createJointReplay(backend, agents, { capacity: 1000 })
    for (const step of numberedSteps(agents, 1, stored)) replay.insert(step)
    const calls: { agent: number; rows: number[] }[] = []
    const roster: ReplayLearner[] = agents.map((_, agent) => ({
      actor: undefined as never,
      update(batch, all) {
        expect(all).toBe(roster)
        calls.push({ agent, rows: [...batch.observations[0]!.data] })
        return update?.(agent, batch) ?? {}
      },
      save: () => null,
      restore() {},
    }))
    const shared = createSharedReplay(
      () => replay,
      createRandom(1, 'replay'),
      () => 0,
    )
    const spec = { batch: 4, returnSteps: 1, gamma: 1, priority, importance: 1, draws }
    const learners = teams.map(indices =>
      updatesOverReplay(
        { agents, indices, replay: shared.view },
        { ...spec, updateEvery: every, updateAfter: after },
        indices.map(agent => roster[agent]!),
      ),
    )
    const rounds = createUpdateRounds(learners, ids, roster)
    /** So many environment steps: as many games. */
    const count = (steps: number) => rounds.take({ truncated: new Uint8Array(steps) } as never)
    const lasting = [shared.draws, ...learners, rounds]
    return {
      rounds: Object.assign(Object.create(rounds) as typeof rounds, { count }),
      calls,
      replay,
      save: () => lasting.map(part => part.save()),
      restore: (saved: readonly Saved[]) => lasting.forEach((part, i) => void part.restore(saved[i]!)),
    }
  }
  const finish = (rounds: { due: boolean; advance(): void }) => {
    let parts = 0
    for (; rounds.due; parts++) rounds.advance()
    return parts
  }

  it('are due floor(after / n) - floor(before / n) times after a vector step of K games', () => {
    const shape = fc.record({
      every: fc.integer({ min: 1, max: 50 }),
      counts: fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 20 }),
    })
    fc.assert(
      fc.property(shape, ({ every, counts }) => {
        const { rounds } = setUp({ every, after: 0 })
        let before = 0
        for (const count of counts) {
          rounds.count(count)
          const due = Math.floor((before + count) / every) - Math.floor(before / every)
          expect(finish(rounds)).toBe(3 * due)
          before += count
        }
        expect(rounds.finished).toBe(Math.floor(before / every))
      }),
      { numRuns: 30 },
    )
  })

  it('of earlier steps are not forgotten when the next steps come before they are done', () => {
    const { rounds } = setUp({ every: 10, after: 0 })
    rounds.count(25)
    rounds.count(10)
    expect(finish(rounds)).toBe(3 * 3)
  })

  it('begin when the buffer holds enough, and what came before is not made up for', () => {
    const { rounds, replay } = setUp({ every: 10, after: 102 })
    rounds.count(100)
    expect(rounds.due).toBe(false)
    for (const step of numberedSteps(agents, 1, 2, 100)) replay.insert(step)
    rounds.count(9)
    expect(rounds.due).toBe(false)
    rounds.count(1)
    expect(finish(rounds)).toBe(3)
  })

  it('go agent by agent in order, each with a draw of its own', () => {
    const { rounds, calls } = setUp({ every: 1, after: 0 })
    rounds.count(2)
    finish(rounds)
    expect(calls.map(({ agent }) => agent)).toEqual([0, 1, 2, 0, 1, 2])
    expect(new Set(calls.map(({ rows }) => rows.join())).size).toBe(6)
  })

  it.each([[[[0, 1, 2]]], [[[0, 2], [1]]], [[[2], [0, 1]]]])(
    'make the same draws in the same order however agents are divided: %j',
    teams => {
      const [divided, together] = [setUp({ every: 1, after: 0, teams }), setUp({ every: 1, after: 0 })]
      for (const { rounds } of [divided, together]) {
        rounds.count(3)
        finish(rounds)
      }
      expect(divided.calls).toEqual(together.calls)
      expect(divided.rounds.finished).toBe(3)
    },
  )

  it('are one part for each learner that is due when they begin, and wait for none that is not', () => {
    const parts: string[] = []
    const learner = (name: string, turn: number, length: number): TeamLearner & { rounds: number } => {
      let made = 0
      return {
        rounds: 0,
        members: [] as readonly Member[],
        take() {},
        get due() {
          return this.rounds > 0
        },
        turn,
        advance() {
          parts.push(name)
          made++
          const endsRound = made % length === 0
          if (endsRound) this.rounds--
          return { of: name, figures: {}, endsRound }
        },
        save: () => null,
        restore() {},
      }
    }
    const [slow, quick] = [learner('slow', 0, 3), learner('quick', 1, 1)]
    const rounds = createUpdateRounds([slow, quick], ids, [])
    slow.rounds = 1
    rounds.advance()
    // It becomes due in the midst of the other's round: its own comes after it.
    quick.rounds = 2
    while (rounds.due) rounds.advance()
    expect(parts).toEqual(['slow', 'slow', 'slow', 'quick', 'quick'])
    expect(rounds.finished).toBe(3)
  })

  it('share one batch where each round has one, and take in its TD errors when all have updated', () => {
    const tdErrors = (agent: number, { tdErrors }: Batch) => {
      tdErrors.forEach((before, row) => void (tdErrors[row] = Math.max(before, row === agent ? 5 : 0)))
      return {}
    }
    let errors: number[] = []
    const noting = (agent: number, batch: Batch) => {
      tdErrors(agent, batch)
      errors = [...batch.tdErrors]
      return {}
    }
    const { rounds, calls } = setUp({ every: 1, after: 0, draws: 'round', teams: [[0, 2], [1]] }, 8, noting, 1)
    rounds.count(1)
    finish(rounds)
    expect(calls.map(({ agent }) => agent)).toEqual([0, 1, 2])
    expect(new Set(calls.map(({ rows }) => rows.join())).size).toBe(1)
    expect(errors).toEqual([5, 5, 5, 0])
    const [first] = calls
    rounds.count(1)
    finish(rounds)
    // The last row of the batch had no TD error: it does not come back so soon.
    expect(calls.at(-1)!.rows).not.toContain(first!.rows[3])
  })

  it.each(['agent', 'round'] as const)('with prioritised draws for each %s go on where they were saved', draws => {
    const shape = fc.record({
      acts: fc.array(fc.constantFrom('count', 'advance'), { maxLength: 30 }),
      at: fc.integer({ min: 0, max: 30 }),
    })
    fc.assert(
      fc.property(shape, ({ acts, at }) => {
        // What an update finds surprising depends on what those before it did.
        const update = (agent: number, { tdErrors, observations }: Batch) => {
          for (let row = 0; row < tdErrors.length; row++) {
            tdErrors[row] = Math.max(tdErrors[row]!, observations[agent]!.data[row]! % (agent + 3))
          }
          return { tdErrors: tdErrors.reduce((a, b) => a + b) }
        }
        const make = () => setUp({ every: 3, after: 50, draws, teams: [[0, 2], [1]] }, 100, update, 0.6)
        const [whole, parts, resumed] = [make(), make(), make()]
        const perform = ({ rounds }: typeof whole, act: string) => {
          if (act === 'count') rounds.count(2)
          else if (rounds.due) rounds.advance()
        }
        for (const act of acts) perform(whole, act)
        for (const act of acts.slice(0, at)) perform(parts, act)
        // Saved twice over: one that was restored and has not gone on yet can be saved as well.
        const between = make()
        for (const [from, to] of [
          [parts, between],
          [between, resumed],
        ] as const) {
          to.replay.restore(from.replay.save())
          to.restore(from.save())
        }
        for (const act of acts.slice(at)) perform(resumed, act)
        expect([...parts.calls, ...resumed.calls]).toEqual(whole.calls)
        expect(resumed.save()).toEqual(whole.save())
        expect(resumed.rounds.takeFigures()).toEqual(whole.rounds.takeFigures())
      }),
      { numRuns: 40 },
    )
  })

  it('count as finished after the last agent, and stay due until then', () => {
    const { rounds } = setUp({ every: 1, after: 0 })
    rounds.count(1)
    const seen = [0, 1, 2].map(() => {
      rounds.advance()
      return [rounds.due, rounds.finished]
    })
    expect(seen).toEqual([
      [true, 0],
      [true, 0],
      [false, 1],
    ])
  })

  it('report the mean of every figure per agent since they were last asked', () => {
    let value = 0
    const { rounds } = setUp({ every: 1, after: 0 }, 100, () => ({ criticLoss: value++ }))
    expect(rounds.takeFigures()).toEqual({})
    rounds.count(2)
    finish(rounds)
    expect(rounds.takeFigures()).toEqual({
      'criticLoss/agent_0': 1.5,
      'criticLoss/agent_1': 2.5,
      'criticLoss/agent_2': 3.5,
    })
    expect(rounds.takeFigures()).toEqual({})
  })

  it('have no wall time before the first, and a positive one after it', () => {
    const { rounds } = setUp({ every: 1, after: 0 })
    expect(rounds.millisecondsPerRound).toBeNaN()
    rounds.count(1)
    finish(rounds)
    expect(rounds.millisecondsPerRound).toBeGreaterThan(0)
  })

  it('go on where they were saved, in the middle of a round too', () => {
    const config = { every: 3, after: 50, teams: [[1], [0, 2]] }
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('count', 'advance'), { maxLength: 25 }),
        fc.integer({ min: 0, max: 25 }),
        (acts, at) => {
          let value = 0
          const figures = () => ({ loss: value++ })
          const whole = setUp(config, 100, figures)
          const parts = setUp(config, 100, figures)
          const perform = ({ rounds }: typeof whole, act: string) => {
            if (act === 'count') rounds.count(2)
            else if (rounds.due) rounds.advance()
          }
          for (const act of acts) perform(whole, act)
          value = 0
          for (const act of acts.slice(0, at)) perform(parts, act)
          const resumed = setUp(config, 100, figures)
          resumed.restore(parts.save())
          for (const act of acts.slice(at)) perform(resumed, act)
          expect([...parts.calls, ...resumed.calls]).toEqual(whole.calls)
          expect(resumed.save()).toEqual(whole.save())
          expect(resumed.rounds.finished).toBe(whole.rounds.finished)
          expect(resumed.rounds.takeFigures()).toEqual(whole.rounds.takeFigures())
        },
      ),
      { numRuns: 40 },
    )
  })

  it('say in which round and at which step a number was not finite', () => {
    const { rounds } = setUp({ every: 10, after: 0 }, 100, agent => {
      if (agent === 1) throw new NonFiniteError('agent_1: critic loss is NaN')
      return {}
    })
    rounds.count(10)
    rounds.advance()
    expect(() => rounds.advance()).toThrow(NonFiniteError)
    expect(() => rounds.advance()).toThrow('agent_1: critic loss is NaN (update round 1, environment step 10)')
  })
})
