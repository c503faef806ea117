// The check of an operator finds what a training would only show later: chance of its own, and what is not saved.
import { map, pipe, scan, tap } from 'rxjs'
import { expect, it } from 'vitest'
import { defineOperator, type OperatorContext, type OperatorParts, withRewards } from '../../src/engine/operator.ts'
import { checkOperator } from '../../src/run/check-operator.ts'
import type { JointStep } from '../../src/types.ts'

const problemOf = (create: (context: OperatorContext<Record<string, never>>) => OperatorParts) =>
  checkOperator(defineOperator({ name: 'mine', create }))

it('finds nothing in one that keeps the rules', () => {
  expect(problemOf(() => ({ operator: map(step => withRewards(step, reward => -reward)) }))).toBeNull()
  const summing = ({ random }: OperatorContext<Record<string, never>>): OperatorParts => {
    const noise = random('noise')
    let sum = 0
    return {
      operator: map(step => withRewards(step, reward => reward + (sum += noise.uniform()))),
      save: () => sum,
      restore: saved => {
        sum = saved as number
      },
      figures: () => ({ sum }),
      gameOptions: () => ({ maxCycles: 10 + Math.floor(sum) }),
    }
  }
  expect(problemOf(summing)).toBeNull()
})

it('finds chance of its own', () => {
  expect(problemOf(() => ({ operator: map(step => withRewards(step, reward => reward + Math.random())) }))).toMatch(
    /^operator 'mine': two of it that saw the same steps differ at step 1; expected a function of them and of random\(\)/,
  )
})

it.each<[string, () => OperatorParts]>([
  [
    'in a variable',
    () => {
      let steps = 0
      return { operator: map(step => withRewards(step, reward => reward + steps++)) }
    },
  ],
  [
    'in an operator of rxjs',
    () => ({
      operator: pipe(
        scan(([, seen]: readonly [JointStep | null, number], step: JointStep) => [step, seen + 1] as const, [null, 0]),
        map(([step, seen]) => withRewards(step!, reward => reward * seen)),
      ),
    }),
  ],
])('finds what is kept %s and not saved', (_, create) => {
  expect(problemOf(create)).toMatch(
    /restored from what it saved before step 2, it differs at step 2; expected save to give all/,
  )
})

it('finds a broken rule', () => {
  expect(problemOf(() => ({ operator: tap(step => void step.rewards.data.fill(0)) }))).toMatch(/wrote over 'rewards'/)
})
