// Versions of the weights that are kept for those who were slow: as many as there is room for, and none of a time that was gone back from.
import { expect, it } from 'vitest'
import { createPastVersions } from '../../src/actors/actor-weights.ts'

it('keeps the latest versions, 64 of them however large, and forgets later ones when a run goes back', () => {
  const size = 10_000_000
  const past = createPastVersions(size)
  const weights = (version: number) => Float32Array.of(version)
  for (let version = 0; version < 70; version++) past.add(version, weights(version))
  expect([past.has(5), past.has(6), past.has(69), past.has(70)]).toEqual([false, true, true, false])
  expect(past.at(6)).toEqual(weights(6))
  expect(() => past.at(5)).toThrow('weights: version 5 is not kept any more')
  past.add(60, weights(-60))
  expect([past.has(59), past.has(61), past.at(60)[0]]).toEqual([true, false, -60])
})
