// Ticks become joint steps.
import { concat, EMPTY, NEVER, of, Subject, take, throwError } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { createRandomPolicy } from '../../src/agents/baseline-policies.ts'
import type { Act, Policy } from '../../src/agents/policy.ts'
import type { Tick } from '../../src/engine/clock.ts'
import { actAll, simulate } from '../../src/engine/simulate.ts'
import type { VectorGame } from '../../src/envs/vector-game.ts'
import { NonFiniteError } from '../../src/errors.ts'
import { createRandom } from '../../src/random.ts'
import { observed } from '../support/observed.ts'
import { tick, ticks } from '../support/ticks.ts'
import { softMove, tinyVectorGame } from '../support/tiny-game.ts'

const chance = (vectorGame: VectorGame): Policy[] =>
  vectorGame.agents.map(({ id, actionSpace }) => createRandomPolicy(actionSpace, createRandom(1, id)))

describe('simulate', () => {
  it('does nothing without ticks, and ends when they end', () => {
    const game = tinyVectorGame(2)
    expect(observed(NEVER.pipe(simulate(game, chance(game))))).toMatchObject({ values: [], completed: false })
    expect(observed(EMPTY.pipe(simulate(game, chance(game))))).toMatchObject({ values: [], completed: true })
    expect(game.steps).toBe(0)
  })

  it('makes as many joint steps of a tick as it has room for', () => {
    const game = tinyVectorGame(2)
    const seen = observed(of(tick(1), tick(0), tick(3)).pipe(simulate(game, chance(game))))
    expect(seen.values.map(step => step.step)).toEqual([1, 2, 3, 4])
    expect(seen.completed).toBe(true)
  })

  it('makes the same steps however ticks cut them', () => {
    const run = (count: number, room: number) => {
      const game = tinyVectorGame(3)
      return observed(ticks(count, room).pipe(simulate(game, chance(game)))).values
    }
    expect(run(30, 1)).toEqual(run(5, 6))
    expect(run(30, 1)).toEqual(run(1, 30))
  })

  it('moves the games by what the policies wrote', () => {
    const game = tinyVectorGame(2)
    const writes = (value: number): Policy => ({
      act: ({ actions }) => void actions.data.fill(value),
      save: () => null,
      restore() {},
    })
    const [step] = observed(of(tick()).pipe(simulate(game, [writes(0.25), writes(0.75)]))).values
    expect(step!.actions.map(({ data }) => data[0])).toEqual([0.25, 0.75])
    // The reward of the tiny game: the first number of the action, less the secret that the agent saw.
    const secret = step!.observations[1]!.data[0]!
    expect(step!.rewards.data[1]).toBeCloseTo(0.75 - secret, 6)
  })

  it('stops within a tick as soon as it is held', () => {
    const game = tinyVectorGame(1)
    let held = false
    const ticks$ = new Subject<Tick>()
    const steps: number[] = []
    ticks$.pipe(simulate(game, chance(game), () => held)).subscribe(step => {
      steps.push(step.step)
      held = step.step % 3 === 0
    })
    ticks$.next(tick(100))
    expect(steps).toEqual([1, 2, 3])
    ticks$.next(tick(100))
    expect(steps).toEqual([1, 2, 3])
    held = false
    ticks$.next(tick(2))
    expect(steps).toEqual([1, 2, 3, 4, 5])
  })

  it('does not use up the room of a tick while it is held', () => {
    const game = tinyVectorGame(1)
    const untouched = tick(1)
    observed(of(untouched).pipe(simulate(game, chance(game), () => true)))
    expect(untouched.take()).toBe(true)
  })

  it('stops within a tick when it is left', () => {
    const game = tinyVectorGame(1)
    const seen = observed(ticks(10, 100).pipe(simulate(game, chance(game)), take(3)))
    expect(seen.values).toHaveLength(3)
    expect(game.steps).toBe(3)
  })

  it('lets go of the ticks when it is left', () => {
    const game = tinyVectorGame(1)
    const ticks$ = new Subject<Tick>()
    observed(ticks$.pipe(simulate(game, chance(game)))).subscription.unsubscribe()
    expect(ticks$.observed).toBe(false)
  })

  it('passes on an error of the clock after the steps before it', () => {
    const game = tinyVectorGame(1)
    const seen = observed(
      concat(
        of(tick(2)),
        throwError(() => 'late'),
      ).pipe(simulate(game, chance(game))),
    )
    expect(seen.values).toHaveLength(2)
    expect(seen.errors).toEqual(['late'])
  })

  it('makes an error of a policy the error of the stream, and stops', () => {
    const game = tinyVectorGame(1)
    const policies = chance(game)
    let calls = 0
    const broken: Policy = {
      ...policies[1]!,
      act(request) {
        if (++calls === 3) throw new Error('no idea')
        policies[1]!.act(request)
      },
    }
    const seen = observed(ticks(5, 2).pipe(simulate(game, [policies[0]!, broken])))
    expect(seen.values).toHaveLength(2)
    expect(seen.errors).toEqual([new Error('no idea')])
    expect(calls).toBe(3)
  })

  it('makes an error of a game the error of the stream: a reward that is not finite', () => {
    const game = tinyVectorGame(2, { reward: ({ step, agent }) => (step === 3 && agent === 1 ? Number.NaN : 0) })
    const seen = observed(ticks(9).pipe(simulate(game, chance(game))))
    expect(seen.values).toHaveLength(2)
    expect(seen.errors[0]).toBeInstanceOf(NonFiniteError)
    expect(String(seen.errors[0])).toMatch(/reward of agent_1 is not finite at step 3/)
  })
})

describe('actAll', () => {
  it('asks the policies in agent order, with what each of them sees', () => {
    const game = tinyVectorGame(2)
    const requests: Act[] = []
    const note: Policy = { act: request => void requests.push(request), save: () => null, restore() {} }
    actAll([note, note], game)
    actAll([note, note], game, false)
    expect(requests.map(({ explore }) => explore)).toEqual([true, true, false, false])
    expect(requests[1]!.observations).toBe(game.next.observations[1])
    expect(requests[1]!.actions).toBe(game.next.actions[1])
    expect([...requests[0]!.restarted]).toEqual([1, 1])
    expect(requests[0]!.actions.columns).toBe(softMove[0]!.size)
  })
})
