// Errors: where, what, and the nearest known name.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError, FileError, NonFiniteError, nearest, unknownName } from '../src/errors.ts'

describe('errors', () => {
  it('say the place first', () => {
    expect(new ConfigError('learner.gamma', 'too large').message).toBe('learner.gamma: too large')
    expect(new ConfigError('', 'nothing given').message).toBe('nothing given')
    expect(new FileError('/a/b', 'cut off').message).toBe('/a/b: cut off')
  })

  it('carry the place as a field, and their own name', () => {
    expect(new ConfigError('a.b', 'c')).toMatchObject({ name: 'ConfigError', path: 'a.b' })
    expect(new FileError('a', 'c')).toMatchObject({ name: 'FileError', file: 'a' })
    expect(new NonFiniteError('x')).toMatchObject({ name: 'NonFiniteError', message: 'x' })
    for (const error of [new ConfigError('a', 'b'), new FileError('a', 'b'), new NonFiniteError('a')])
      expect(error).toBeInstanceOf(Error)
  })
})

describe('the nearest known name', () => {
  const known = ['learningRate', 'gamma', 'tau', 'batch', 'updateEvery']

  it.each([
    ['gama', 'gamma'],
    ['GAMMA', 'gamma'],
    ['learning_rate', 'learningRate'],
    ['updateEvry', 'updateEvery'],
    ['bacth', 'batch'],
  ])('of %s is %s', (slip, meant) => {
    expect(nearest(slip, known)).toBe(meant)
  })

  it('is nothing when no name is near', () => {
    expect(nearest('completelyDifferent', known)).toBeUndefined()
    expect(nearest('gamma', [])).toBeUndefined()
  })

  it('of a known name is that name, after any single slip too', () => {
    const slip = fc.record({ name: fc.constantFrom(...known), at: fc.nat(20), kind: fc.constantFrom('drop', 'double') })
    fc.assert(
      fc.property(slip, ({ name, at, kind }) => {
        expect(nearest(name, known)).toBe(name)
        const i = at % name.length
        const typed = kind === 'drop' ? name.slice(0, i) + name.slice(i + 1) : name.slice(0, i + 1) + name.slice(i)
        expect(nearest(typed, known)).toBe(name)
      }),
    )
  })

  it('stands in the sentence for an unknown name, with all that are known', () => {
    expect(unknownName('key', 'gama', known)).toBe(
      "unknown key 'gama'; did you mean 'gamma'? Known: learningRate, gamma, tau, batch, updateEvery",
    )
    expect(unknownName('preset', 'zzzzzz', ['openai'])).toBe("unknown preset 'zzzzzz'; known: openai")
    expect(unknownName('preset', 'x', [])).toBe("unknown preset 'x'; known: none")
  })
})
