// What games save, in shares and together again; errors that went from one thread to another.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ConfigError, FileError, GameError, NonFiniteError, slip } from '../../../src/errors.ts'
import { copied, joined, shareOf } from '../../../src/run/threads/shares.ts'
import { asError, asThrown } from '../../../src/run/threads/thrown.ts'
import type { Saved } from '../../../src/types.ts'

it('shares of what games save, put together, are what they saved', () => {
  const games = fc.integer({ min: 1, max: 9 })
  const cuts = fc.array(fc.nat(9), { maxLength: 4 })
  fc.assert(
    fc.property(games, fc.integer({ min: 1, max: 3 }), cuts, (games, agents, cuts) => {
      const large = Float64Array.from({ length: 64 }, (_, i) => i)
      const saved: Saved = {
        steps: 12,
        lives: {
          present: Uint8Array.from({ length: games * agents }, (_, i) => i),
          over: new Uint8Array(games).fill(3),
        },
        games: Array.from({ length: games }, (_, i) => ({ name: `${i}`, at: large.subarray(i, i + 2), none: null })),
      }
      const bounds = [0, ...cuts.map(cut => Math.min(cut, games)).sort(), games]
      const shares = bounds.slice(1).map((end, i) => shareOf(saved, games, bounds[i]!, end))
      expect(joined(shares)).toEqual(saved)
      for (const share of shares) {
        // What travels to another thread takes nothing of large memory along.
        for (const { at } of (share as { games: { at: Float64Array }[] }).games) expect(at.buffer.byteLength).toBe(16)
      }
      expect(copied(saved)).toEqual(saved)
    }),
  )
})

it('errors come back as what they were', () => {
  const errors = [
    new GameError('reward of one', { game: 3, step: 2 }, slip('no such name', 'velocty')),
    new GameError('no reason', {}, undefined),
    new GameError('thrown as it is', {}, 'a text'),
    new NonFiniteError('reward', undefined, { game: 1 }),
    new ConfigError('scenario.agents', 'expected more'),
    new FileError('/tmp/a.ts', 'cannot be read'),
    new RangeError('too long'),
    Object.assign(new Error('own'), { name: 'OwnError' }),
  ]
  for (const error of errors) {
    const back = asError(structuredClone(asThrown(error))) as Error
    expect(back).toBeInstanceOf(error.constructor)
    expect(back).toEqual(error)
    expect([back.name, back.message, back.stack]).toEqual([error.name, error.message, error.stack])
  }
})
