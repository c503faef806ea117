// Who sits where: teams, or the halves of one team, and every way to put runs on seats.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pairingsOf, seatsOf } from '../../src/crossplay/seats.ts'
import { ConfigError } from '../../src/errors.ts'

const agents = (...teams: string[]) => teams.map((team, i) => ({ id: `${team}_${i}`, team }))

describe('seats', () => {
  it('are the teams, in the order in which they come', () => {
    expect(seatsOf(agents('adversary', 'agent', 'adversary'))).toEqual([
      { name: 'adversary', agents: [0, 2] },
      { name: 'agent', agents: [1] },
    ])
  })

  it('are two halves of a single team, the middle with the first', () => {
    expect(seatsOf(agents('agent', 'agent', 'agent'))).toEqual([
      { name: 'agent_0+agent_1', agents: [0, 1] },
      { name: 'agent_2', agents: [2] },
    ])
  })

  it('are refused where one agent plays alone', () => {
    expect(() => seatsOf(agents('agent'))).toThrow(ConfigError)
  })

  it('take in every agent once', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 2, maxLength: 9 }), teams => {
        const seated = seatsOf(agents(...teams)).flatMap(seat => seat.agents)
        expect([...seated].sort()).toEqual(teams.map((_, i) => i))
      }),
    )
  })
})

describe('pairings', () => {
  it('are all there are, the last seat changing fastest', () => {
    expect(pairingsOf(2, 3)).toEqual([
      [0, 0, 0],
      [0, 0, 1],
      [0, 1, 0],
      [0, 1, 1],
      [1, 0, 0],
      [1, 0, 1],
      [1, 1, 0],
      [1, 1, 1],
    ])
  })

  it('are refused where they are too many to look at', () => {
    expect(pairingsOf(16, 2)).toHaveLength(256)
    expect(() => pairingsOf(17, 2)).toThrow(
      'run: 17 runs on 2 seats make 289 pairings, expected 256 at most; name fewer runs',
    )
  })
})
