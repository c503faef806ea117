// An operator that breaks a rule is named, with the rule and the step.
import { delay, filter, map, mergeMap, pairwise, pipe, Subject, startWith, take, tap } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { aside } from '../../src/engine/aside.ts'
import { guarded } from '../../src/engine/guarded.ts'
import { defineOperator, type OperatorParts, withRewards } from '../../src/engine/operator.ts'
import { ConfigError, NonFiniteError } from '../../src/errors.ts'
import type { JointStep } from '../../src/types.ts'
import { agentsOf, numberedSteps } from '../support/joint-steps.ts'
import { observed } from '../support/observed.ts'

const agents = [{ id: 'left' }, { id: 'right' }]

/** Of two agents that act in three games. */
function step(number: number): JointStep {
  const [made] = numberedSteps(agentsOf([2, 3]), 3, 1, number - 1)
  made!.present.fill(1)
  return made!
}

/** What comes out of an operator for some steps. */
function through(operator: OperatorParts['operator'], steps = [step(1), step(2)]) {
  const steps$ = new Subject<JointStep>()
  const { values, errors } = observed(steps$.pipe(guarded('mine', { operator }, agents)))
  for (const each of steps) steps$.next(each)
  return { values, errors, steps }
}

function refusal(operator: OperatorParts['operator']): string {
  const { errors } = through(operator)
  expect(errors).toHaveLength(1)
  expect(errors[0]).toBeInstanceOf(TypeError)
  return (errors[0] as Error).message
}

describe('an operator', () => {
  it('gives other rewards and leaves the step that came as it is', () => {
    const { values, errors, steps } = through(
      map(each => withRewards(each, (reward, { game, agent }) => 2 * reward + 10 * game + agent)),
    )
    expect(errors).toEqual([])
    const [first] = values as [JointStep]
    const before = [...steps[0]!.rewards.data]
    expect([...first.rewards.data]).toEqual(before.map((reward, at) => 2 * reward + 10 * Math.floor(at / 2) + (at % 2)))
    expect(first.observations).toBe(steps[0]!.observations)
  })

  it('rewards those alone who act in the step', () => {
    const one = step(1)
    one.present[1] = 0
    one.rewards.data[1] = 0
    const { values } = through(
      map(each => withRewards(each, () => 5)),
      [one],
    )
    expect([...(values[0] as JointStep).rewards.data.slice(0, 3)]).toEqual([5, 0, 5])
    const raw = map((each: JointStep) => ({
      ...each,
      rewards: { ...each.rewards, data: each.rewards.data.map(() => 5) },
    }))
    expect(through(raw, [one]).errors.map(String)).toEqual([
      "TypeError: operator 'mine': changed the reward of right in game 0, which does not act in the step, to 5; expected 0 (vector step 1)",
    ])
  })

  it.each([
    ['drops a step', filter<JointStep>(() => false), /expected one joint step for each, at once, got none/],
    ['gives two', mergeMap((each: JointStep) => [each, each]), /got 2; none may be dropped, held back or added/],
    [
      'holds the first back',
      pipe(
        pairwise<JointStep>(),
        map(([, each]) => each),
      ),
      /got none.*\(vector step 1\)/,
    ],
    ['delays', delay<JointStep>(1), /got none/],
    ['begins by itself', startWith<JointStep>(step(1)), /got one at another time; no delay, timer or promise/],
    ['ends', take<JointStep>(1), /got its end; to stop early there is stopWhen \(vector step 1\)/],
    [
      'writes over a reward',
      tap<JointStep>(({ rewards }) => void rewards.data.fill(1)),
      /wrote over 'rewards' of the step; expected a new step: see withRewards/,
    ],
    [
      'writes over what was seen',
      tap<JointStep>(each => void each.observations[1]!.data.fill(7)),
      /wrote over 'observations\/1'/,
    ],
    [
      'changes what was seen',
      map((each: JointStep) => ({ ...each, observations: [...each.observations] })),
      /changed 'observations'/,
    ],
    [
      'has rewards of another shape',
      map((each: JointStep) => ({ ...each, rewards: { ...each.rewards, data: new Float32Array(5) } })),
      /expected rewards of 3 games and 2 agents, in a Float32Array, got 3 and 2, in Float32Array of 5/,
    ],
    [
      'throws',
      map<JointStep, JointStep>(() => {
        throw new RangeError('no such thing')
      }),
      /^operator 'mine' threw RangeError: no such thing$/,
    ],
  ])('is refused that %s', (_, operator, sentence) => {
    expect(refusal(operator)).toMatch(sentence)
  })

  it('is refused that makes a reward no number, with the game', () => {
    const { errors } = through(map(each => withRewards(each, (reward, { game }) => (game === 2 ? Number.NaN : reward))))
    const [error] = errors as [NonFiniteError]
    expect(error).toBeInstanceOf(NonFiniteError)
    expect(error.what).toMatch(/^operator 'mine': expected a finite reward of left, got NaN for \S+ of the game$/)
    expect(error.place).toEqual({ game: 2 })
  })

  it('may refuse settings by a ConfigError', () => {
    const refusing = map<JointStep, JointStep>(() => {
      throw new ConfigError('operators.mine', 'expected another game')
    })
    expect(through(refusing).errors[0]).toBeInstanceOf(ConfigError)
  })
})

it('what is put aside comes out as it went in', () => {
  const seen: number[] = []
  const numbers$ = new Subject<number>()
  const { values } = observed(
    numbers$.pipe(
      aside(
        pipe(
          map(each => 10 * each),
          tap(each => void seen.push(each)),
        ),
      ),
    ),
  )
  for (const each of [1, 2]) numbers$.next(each)
  expect([values, seen]).toEqual([
    [1, 2],
    [10, 20],
  ])
})

it.each([
  [
    { name: '2nd', create: () => ({ operator: map((each: JointStep) => each) }) },
    /name must be a letter, then .*, got "2nd"/,
  ],
  [{ name: 'idle' } as never, /'idle' must have a function create that gives \{ operator \}, got undefined/],
])('a definition that cannot be one is refused', (definition, sentence) => {
  expect(() => defineOperator(definition)).toThrow(sentence)
})
