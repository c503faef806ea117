// What the algorithms learn with their default settings is what they have always learnt, to the bit.
import { describe, expect, it } from 'vitest'
import { returnsHash } from '../support/returns-hash.ts'

/** The returns of the first 1,500 episodes with seed 7. Source: build f7898f2. */
const expected: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  simple_spread: {
    maddpg: 'ff518a007065c53583ef9cb62e025728d71c51981188bd21f4f8e9357d88dfb9',
    ddpg: '4754301ac4153ac9e63bcd48ee6bdf893a11ac37cefedd5d104dfb54fbdaf4c1',
    matd3: '6523a3c0f47fd072ee514ed63c7aed452ef913654d86f183cefca734d02f6ac0',
    m3ddpg: '7bdb74370313749d62aa1fee8d195d6969da14987ad62186a38992f874964e40',
    masac: 'f1f6836b39144191d5d8b6ac9a6d7fe311428b7dede87016e31a2b8a194d502c',
    mad4pg: '3ab0347aaaf32c848bd1f67c947b728841ba226ede9e2bc35f7793c0c1cbd808',
  },
  simple_tag: {
    maddpg: 'b87b0212ffac304d5671852413ea7728bb9b1414c034fb655867ddef4cda3dc1',
    ddpg: 'c195078233d4a7a68534423a300c15e6012d06de661c9e81029081b18d27267b',
    matd3: '2e8e4de1e7352ab28c26cd986f58bfaac68c10fb200798855f3c8995a765fcde',
    m3ddpg: 'f731e42f79110dbb38daabe7bf7278f47ec863d06bfb38a2447bd3fbf95c677e',
    masac: 'cd756a20c87ea08b95859d944add115b9b4effc97407912461227e9851340c76',
    mad4pg: '6d9bf5d09cbc16b532a67924929da4f0be0cbc25ab885a91b0bbe022a0065efe',
  },
}

describe.each(Object.entries(expected))('%s', (scenario, hashes) => {
  it.each(Object.entries(hashes))('%s learns the same bits', async (algorithm, hash) => {
    const settings = {
      scenario: { id: scenario },
      learner: { algorithm },
      run: { episodes: 1500, seed: 7, threads: 1 },
    }
    const found = await returnsHash(settings)
    console.log(scenario, algorithm, found)
    expect(found).toBe(hash)
  })
})
