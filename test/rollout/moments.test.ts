// Mean and deviation over some rows.
import { expect, it } from 'vitest'
import { momentsOf, standardised } from '../../src/rollout/moments.ts'
import { expectClose } from '../support/matrices.ts'

const values = [1, 100, 3, -50, 5]
const rows = Uint32Array.of(0, 2, 4)

it('are of these rows alone', () => {
  expect(momentsOf(values, rows)).toEqual({ mean: 3, deviation: Math.sqrt(8 / 3) })
})

it('bring these rows to mean 0 and deviation 1, and leave 0 elsewhere', () => {
  const unit = Math.sqrt(8 / 3) + 1e-5
  expectClose(standardised(values, rows), [-2 / unit, 0, 0, 0, 2 / unit], 1e-15)
})

it('are zeros where there is no row, and no division by 0 where all are equal', () => {
  const none = new Uint32Array(0)
  expect(momentsOf(values, none)).toEqual({ mean: 0, deviation: 0 })
  expect([...standardised(values, none)]).toEqual([0, 0, 0, 0, 0])
  expect([...standardised([7, 7], Uint32Array.of(0, 1))]).toEqual([0, 0])
})
