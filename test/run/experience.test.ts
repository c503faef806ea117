// How much a replay buffer keeps by default, and settings with which nothing would ever be learnt.
import { describe, expect, it } from 'vitest'
import { actAll } from '../../src/engine/simulate.ts'
import type { Overrides } from '../../src/run/config/config.ts'
import { endsUnlearnt, firstUpdateAt, rolloutsOf } from '../../src/run/experience.ts'
import { completeSettings, planRun } from '../../src/run/plan.ts'
import { createRun } from '../../src/run/run.ts'
import { tinyRun } from '../support/tiny-config.ts'

const nearest = { id: 'simple_spread', agentNeighbors: 3, landmarkNeighbors: 3 }
const capacityOf = async (given: Overrides) => (await planRun(given)).config.replay.capacity

describe('the default capacity of a replay buffer', () => {
  it('is 1,000,000 transitions where 2 GB hold them', async () => {
    expect(await capacityOf({ scenario: { id: 'simple_spread' } })).toBe(1_000_000)
    expect(await capacityOf({ scenario: { id: 'matrix_game' } })).toBe(1_000_000)
  })

  it('is what 2 GB hold where that is less, so that many agents train with default settings', async () => {
    expect(await capacityOf({ scenario: { id: 'simple_spread', agents: 10 } })).toBe(Math.floor(2e9 / 5124))
    expect(await capacityOf({ scenario: { ...nearest, agents: 40 } })).toBe(Math.floor(2e9 / 8324))
  })

  it('is waited for by the first update round where it is smaller than what that waits for, unless somebody says', async () => {
    const scenario = { id: 'simple_spread', agents: 100 }
    const { config } = await planRun({ scenario, learner: { critic: 'joint' } })
    expect(config.replay.capacity).toBe(Math.floor(2e9 / (4 * 100 * (2 * 600 + 5 + 3) + 4)))
    expect(config.learner.updateAfter).toBe(config.replay.capacity)
    expect((await planRun({ scenario: { ...scenario, agents: 10 } })).config.learner.updateAfter).toBe(25_600)
    await expect(planRun({ scenario, learner: { critic: 'joint', updateAfter: 25_600 } })).rejects.toThrow(
      /^replay\.capacity: 4,139 /,
    )
    await expect(planRun({ scenario, replay: { capacity: 5000 } })).rejects.toThrow(/^replay\.capacity: 5,000 /)
  })

  it('depends on what is stored with a transition, and on nothing of the machine or the length of the run', async () => {
    const scenario = { ...nearest, agents: 40 }
    const usual = await capacityOf({ scenario })
    expect(await capacityOf({ scenario, run: { episodes: 1, games: 4, threads: 1, seed: 9 } })).toBe(usual)
    expect(await capacityOf({ scenario, network: { memory: 32 } })).toBe(Math.floor(2e9 / (8324 + 4 * 40 * 32)))
    expect(await capacityOf({ scenario, learner: { subPolicies: 2 } })).toBe(Math.floor(2e9 / (8324 + 4 * 40)))
  })

  it('gives way to what somebody asks for', async () => {
    expect(await capacityOf({ scenario: { ...nearest, agents: 40 }, replay: { capacity: 30_000 } })).toBe(30_000)
    await expect(createRun({ scenario: { ...nearest, agents: 40 }, replay: { capacity: 1_000_000 } })).rejects.toThrow(
      /^replay\.capacity: 1,000,000 transitions of 8,324 bytes want .* choose at most 507,911$/,
    )
  })

  it('knows the bytes of a transition that the run stores', async () => {
    for (const given of [
      {},
      { network: { memory: 5 } },
      { learner: { subPolicies: 3 } },
      { team: { adversary: 'random' } },
    ]) {
      const run = await tinyRun({ scenario: { id: 'simple_tag' }, ...given })
      actAll(run.policies, run.vectorGame)
      expect(() => run.replay!.insert(run.vectorGame.advance())).not.toThrow()
    }
  })
})

describe('settings with which nothing can be learnt', () => {
  const tiny = { scenario: { id: 'matrix_game' }, learner: { updateAfter: 100, batch: 50 } }
  it.each([
    [
      'learner.updateAfter',
      { replay: { capacity: 99 } },
      /^replay\.capacity: 99 .*learner\.updateAfter 100.*at least 100$/,
    ],
    [
      'learner.batch',
      { replay: { capacity: 99 }, learner: { updateAfter: 10, batch: 100 } },
      /^replay\.capacity: 99 .*learner\.batch 100.*at least 100$/,
    ],
    [
      'learner.returnSteps',
      { replay: { capacity: 150 }, learner: { returnSteps: 10 }, run: { games: 16 } },
      /^replay\.capacity: 150 .*learner\.returnSteps 10 .*run\.games 16.*at least 160$/,
    ],
    [
      'network.memorySteps',
      { replay: { capacity: 150 }, network: { memory: 4, memorySteps: 20 }, run: { games: 8 } },
      /^replay\.capacity: 150 .*network\.memorySteps 20 .*at least 160$/,
    ],
  ])('are refused where the replay buffer is smaller than %s', async (_, given: Overrides, message) => {
    const learner = { ...tiny.learner, ...given.learner }
    await expect(planRun({ ...tiny, ...given, learner })).rejects.toThrow(message)
  })

  it('still open an earlier run that was trained with them', async () => {
    const kept = { scenarioFile: undefined, opponentFolder: () => undefined }
    const plan = await planRun({ ...tiny, replay: { capacity: 99 } }, kept)
    expect(plan.config.replay.capacity).toBe(99)
  })
})

describe('a run that ends before its first update round', () => {
  const said = async (given: Overrides, done?: Parameters<typeof endsUnlearnt>[2]) => {
    const plan = await planRun({ scenario: { id: 'matrix_game', maxCycles: 10 }, ...given })
    return endsUnlearnt(plan, completeSettings(plan).scenario!, done)
  }

  it('is said to, with what would do', async () => {
    expect(await said({ run: { episodes: 400 } })).toBe(
      'this run will end before its first update round: 400 episodes of at most 10 steps are 4,000 environment steps, and the ' +
        'first round comes at 25,600 (learner.updateAfter 25,600, learner.updateEvery 100); nothing will be learnt. Train at ' +
        'least 2,560 episodes, or set learner.updateAfter lower',
    )
    expect(await said({ run: { episodes: 2559 } })).not.toBeNull()
    expect(await said({ run: { episodes: 2560 } })).toBeNull()
  })

  it('is said to where its length is in steps', async () => {
    const tag = { scenario: { id: 'simple_tag' }, run: { steps: 1000 } }
    expect(await said(tag)).toMatch(
      /it is 1,000 environment steps long, and the first round comes at 25,600 .*at least 25,600 steps/,
    )
    // The first team that learns counts.
    const team = { adversary: { updateAfter: 900 } }
    expect(await said({ ...tag, team })).toBeNull()
    expect(await said({ ...tag, team, run: { steps: 800 } })).toMatch(/team\.adversary\.updateAfter 900/)
  })

  it('counts what was trained before, and games side by side', async () => {
    expect(await said({ run: { episodes: 500 } }, { episodes: 400, envSteps: 24_599, updates: 0 })).not.toBeNull()
    expect(await said({ run: { episodes: 500 } }, { episodes: 400, envSteps: 24_600, updates: 0 })).toBeNull()
    expect(await said({ run: { episodes: 500 } }, { episodes: 400, envSteps: 0, updates: 3 })).toBeNull()
    // 256 games end their 10 steps together.
    expect(await said({ run: { episodes: 2305, games: 256 } })).toBeNull()
    expect(await said({ run: { episodes: 2304, games: 256 } })).not.toBeNull()
  })

  it('is told of rollouts too, which are whole after so many steps of every game', async () => {
    const ppo = { learner: { algorithm: 'ppo', rolloutSteps: 31 } }
    expect(await said({ ...ppo, run: { episodes: 40, games: 16 } })).toBe(
      'this run will end before its first update round: 40 episodes of at most 10 steps are 480 environment steps, and the first round ' +
        'comes at 496 (learner.rolloutSteps 31, run.games 16); nothing will be learnt. Train at least 50 episodes, or set ' +
        'learner.rolloutSteps lower',
    )
  })

  it('is told from the step at which the first round comes', async () => {
    for (const [updateAfter, updateEvery, games] of [
      [60, 20, 1],
      [61, 20, 1],
      [60, 7, 4],
      [5, 100, 3],
      [1, 1, 8],
    ] as const) {
      const run = await tinyRun({ learner: { updateAfter, updateEvery }, run: { games } })
      let steps = 0
      while (!run.rounds.due && steps < 1000) {
        actAll(run.policies, run.vectorGame)
        const step = run.vectorGame.advance()
        run.replay!.insert(step)
        run.rounds.take(step)
        steps += games
      }
      expect([updateAfter, updateEvery, games, firstUpdateAt(run)]).toEqual([updateAfter, updateEvery, games, steps])
    }
    for (const rolloutSteps of [1, 7]) {
      const learner = { algorithm: 'ppo', rolloutSteps }
      const run = await createRun({ scenario: { id: 'matrix_game' }, learner, run: { games: 3, threads: 1 } })
      let steps = 0
      for (; !run.rounds.due; steps += 3) {
        actAll(run.policies, run.vectorGame)
        run.rounds.take(run.vectorGame.advance())
      }
      expect([rolloutSteps, firstUpdateAt(run)]).toEqual([rolloutSteps, steps])
      run.dispose()
    }
  })

  it('rollouts are spoken of where all teams learn from them', async () => {
    const of = async (given: Overrides) =>
      rolloutsOf(await planRun({ scenario: { id: 'simple_tag' }, run: { games: 4 }, ...given }))
    const ppo = { algorithm: 'ppo', rolloutSteps: 25 }
    expect(await of({ learner: ppo })).toEqual({ envSteps: 100 })
    expect(await of({ learner: { algorithm: 'reinforce' } })).toEqual({ envSteps: null })
    expect(await of({ learner: ppo, team: { agent: { algorithm: 'a2c', rolloutSteps: 5 } } })).toEqual({
      envSteps: null,
    })
    expect(await of({ learner: ppo, team: { agent: 'random' } })).toEqual({ envSteps: 100 })
    expect(await of({ learner: ppo, team: { agent: 'maddpg' } })).toBeNull()
    expect(await of({})).toBeNull()
  })
})
