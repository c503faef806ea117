// Minibatches: everything once per epoch, anew shuffled, and the same ones after a restore.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createRandom } from '../../src/random.ts'
import { createMinibatches, type Minibatches } from '../../src/rollout/minibatches.ts'
import { copySaved } from '../../src/saved.ts'

const create = (epochs: number, minibatches: number, seed = 1) =>
  createMinibatches(createRandom(seed, 'minibatches'), { epochs, minibatches })

const all = (from: Minibatches) => {
  const taken: number[][] = []
  while (!from.isOver) taken.push([...from.next()])
  return taken
}
const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)
const range = (count: number) => Array.from({ length: count }, (_, i) => i)

it('hands out every unit once per epoch, in parts of equal size', () => {
  fc.assert(
    fc.property(fc.nat(40), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 7 }), (units, epochs, parts) => {
      const minibatches = create(epochs, parts)
      minibatches.begin(units)
      const taken = all(minibatches)
      const perEpoch = Math.min(parts, units)
      expect(taken.length).toBe(epochs * perEpoch)
      for (let epoch = 0; epoch < epochs && perEpoch > 0; epoch++) {
        const own = taken.slice(epoch * perEpoch, (epoch + 1) * perEpoch)
        expect(sorted(own.flat())).toEqual(range(units))
        const sizes = own.map(({ length }) => length)
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
      }
    }),
  )
})

it('draws another order for every epoch, and for every round', () => {
  const minibatches = create(2, 2)
  minibatches.begin(50)
  const first = all(minibatches)
  minibatches.begin(50)
  const orders = [first.slice(0, 2), first.slice(2), all(minibatches).slice(0, 2)].map(parts => parts.flat().join())
  expect(new Set([...orders, range(50).join()]).size).toBe(4)
})

it('keeps the order where there is one part, and says when a round is over', () => {
  const minibatches = create(1, 1)
  expect(minibatches.isOver).toBe(true)
  minibatches.begin(4)
  expect(minibatches.isOver).toBe(false)
  expect([...minibatches.next()]).toEqual([0, 1, 2, 3])
  expect(minibatches.isOver).toBe(true)
  expect(() => minibatches.next()).toThrow('round is over')
})

it('goes on with the same ones from the midst of an epoch', () => {
  const one = create(3, 4)
  one.begin(30)
  for (let i = 0; i < 5; i++) one.next()
  const saved = copySaved(one.save())
  const other = create(3, 4, 2)
  other.restore(saved)
  const [a, b] = [one, other].map(each => {
    const rest = all(each)
    each.begin(9)
    return [rest, all(each)]
  })
  expect(a).toEqual(b)
})
