// The front door: a config in, a wired run out.
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { train } from '../../src/experiment/trainer.ts'
import type { Overrides } from '../../src/run/config/config.ts'
import {
  algorithms,
  createRun,
  gameOf,
  games,
  optionsOf,
  policiesOf,
  type Run,
  scenarios,
  trainedPolicies,
} from '../../src/run/run.ts'
import type { Saved } from '../../src/types.ts'
import { observed } from '../support/observed.ts'
import { ticks } from '../support/ticks.ts'
import { tinyConfig, tinyRun } from '../support/tiny-config.ts'
import { createTinyGame } from '../support/tiny-game.ts'
import { learnsFromReplay, smallRounds } from '../support/tiny-roster.ts'

describe('a run', () => {
  it('has everything that the config says', async () => {
    const run = await tinyRun({ run: { games: 3, episodes: 77 }, scenario: { agents: 2 } })
    expect(run.agents.map(({ id }) => id)).toEqual(['agent_0', 'agent_1'])
    expect(run.vectorGame.games).toHaveLength(3)
    expect([run.roster.length, run.policies.length]).toEqual([2, 2])
    expect(run.replay!.capacity).toBe(1000)
    expect(run.schedule).toMatchObject({ episodes: 77, logEvery: 5, checkpointEvery: 10 })
    expect(run.roster[0]!.actor.networks[0]!.spec.layers.map(layer => layer.size)).toEqual([8, 6, 5])
  })

  it('saves every part under a stable name', async () => {
    const run = await tinyRun()
    const saved = run.save() as Record<string, Record<string, Saved>>
    expect(Object.keys(saved)).toEqual([
      'learners',
      'policies',
      'vectorGame',
      'replay',
      'draws',
      'teams',
      'rounds',
      'tracker',
      'returns',
      'kernels',
      'scenarioVersion',
      'envSteps',
      'logged',
    ])
    expect(Object.keys(saved.learners!)).toEqual(['agent_0', 'agent_1', 'agent_2'])
  })

  it('refuses a replay buffer that WebAssembly cannot address, before anything is trained', async () => {
    const refused = tinyRun({ scenario: { agents: 20 }, replay: { capacity: 1_000_000 } })
    await expect(refused).rejects.toThrow(
      /^replay\.capacity: 1,000,000 transitions of [\d,]+ bytes want [\d,]+ bytes; WebAssembly addresses 4,294,967,296 in all, so choose at most /,
    )
  })

  it('goes on with the kernels it was trained with, whatever a changed config says', async () => {
    const run = await tinyRun()
    const saved = run.save() as Record<string, Saved>
    expect(saved.kernels).toBe('standard')
    const before = run.save()
    expect(() => run.restore({ ...saved, kernels: 'relaxed' })).toThrow(
      "run.kernels: the run was trained with 'relaxed' kernels and keeps them, got 'standard'",
    )
    expect(run.save()).toEqual(before)
  })

  it('begins the same for the same seed, and otherwise for another', async () => {
    const [first, again, other] = [await tinyRun(), await tinyRun(), await tinyRun({ run: { seed: 8 } })]
    expect(again.save()).toEqual(first.save())
    expect(other.vectorGame.next.observations).not.toEqual(first.vectorGame.next.observations)
    expect(other.roster[0]!.save()).not.toEqual(first.roster[0]!.save())
  })

  it('gives every game a stream of its own, whatever the number of games', async () => {
    const [two, five] = [await tinyRun({ run: { games: 2 } }), await tinyRun({ run: { games: 5 } })]
    const row = (run: typeof two, game: number) => {
      const { data, columns } = run.vectorGame.next.observations[0]!
      return [...data.subarray(game * columns, (game + 1) * columns)]
    }
    expect(row(two, 1)).toEqual(row(five, 1))
    expect(new Set([0, 1, 2, 3, 4].map(game => row(five, game).join())).size).toBe(5)
  })

  it('acts like another one whose learners it restored, and has the rest of its own', async () => {
    const [trained, fresh] = [await tinyRun(), await tinyRun()]
    observed(train(trained, { clock$: ticks(200) }))
    fresh.restoreLearners(trained.save())
    expect(fresh.roster.map(learner => learner.save())).toEqual(trained.roster.map(learner => learner.save()))
    expect(fresh.vectorGame.steps).toBe(0)
  })

  it('acts at the temperature that its training had come to when its learners were restored', async () => {
    const settings: Overrides = { learner: { temperature: { from: 1, to: 20, steps: 150 } } }
    const [trained, fresh] = [await tinyRun(settings), await tinyRun(settings)]
    observed(train(trained, { clock$: ticks(200) }))
    fresh.restoreLearners(trained.save())
    const acts = (run: Run) => {
      const actions = { rows: 1, columns: 5, data: new Float32Array(5) }
      const observations = { rows: 1, columns: 18, data: new Float32Array(18).fill(0.5) }
      const [policy] = trainedPolicies(run, 'evaluation', [])
      policy!.act({ observations, restarted: new Uint8Array(1), explore: true, actions, extras: [] })
      return [...actions.data]
    }
    expect(acts(fresh)).toEqual(acts(trained))
    // Hot samples are nearly uniform.
    expect(Math.max(...acts(fresh))).toBeLessThan(0.4)
  })

  it('cannot be used after it was disposed', async () => {
    const run = await createRun(tinyConfig)
    run.dispose()
    expect(observed(train(run, { clock$: ticks(3) })).errors).toHaveLength(1)
  })

  it.each<[string, Overrides, string, RegExp]>([
    ['an unknown scenario', { scenario: { id: 'simple_spred' } }, 'scenario.id', /did you mean 'simple_spread'/],
    ['an unknown option', { scenario: { agnets: 3 } }, 'scenario.agnets', /did you mean 'agents'/],
    ['a wrong option', { scenario: { agents: 0 } }, 'scenario.agents', /at least 1/],
    ['an unknown algorithm', { learner: { algorithm: 'madpg' } }, 'learner.algorithm', /did you mean 'maddpg'/],
    ['an algorithm named like a method', { learner: { algorithm: 'toString' } }, 'learner.algorithm', /unknown/],
    ['an unknown backend', { run: { backend: 'smid' } }, 'run.backend', /did you mean 'simd'/],
  ])('refuses %s by its path', async (_, overrides, path, message) => {
    const attempt = tinyRun(overrides)
    await expect(attempt).rejects.toBeInstanceOf(ConfigError)
    await expect(attempt).rejects.toMatchObject({ path, message: expect.stringMatching(message) })
  })

  it.each(Object.keys(algorithms))('trains with %s', async algorithm => {
    const { learner, ...withoutReplay } = tinyConfig
    const own = learnsFromReplay(algorithms[algorithm]!)
      ? learner
      : smallRounds(algorithms[algorithm]!, { rolloutEpisodes: 4 })
    const run = await tinyRun({ learner: { algorithm } }, { ...withoutReplay, learner: own! })
    expect(observed(train(run, { clock$: ticks(100) })).errors).toEqual([])
    expect(run.rounds.finished).toBeGreaterThan(0)
  })

  it.each(Object.keys(scenarios))('trains in %s under both rules', async id => {
    for (const rules of ['openai', 'mpe2']) {
      const run = await tinyRun({ scenario: { id, rules }, learner: { updateAfter: 20 } })
      expect(observed(train(run, { clock$: ticks(60) })).errors).toEqual([])
      expect(run.rounds.finished).toBeGreaterThan(0)
    }
  })
})

describe('policies to compare with', () => {
  const game = gameOf({ scenario: { id: 'simple_spread', rules: 'openai' } })
  it('are made for every agent, seeded where chance is in them', () => {
    const games = [game(), game()]
    const act = (kind: 'random' | 'noop' | 'scripted', seed: number) =>
      policiesOf(kind, games, seed).map(policy => {
        const actions = { rows: 2, columns: 5, data: new Float32Array(10) }
        const observations = { rows: 2, columns: 18, data: new Float32Array(36) }
        policy.act({ observations, restarted: new Uint8Array(2), explore: true, actions, extras: [] })
        return [...actions.data]
      })
    expect(act('random', 1)).toEqual(act('random', 1))
    expect(act('random', 1)).not.toEqual(act('random', 2))
    expect(act('noop', 1)).toEqual(new Array(3).fill([1, 0, 0, 0, 0, 1, 0, 0, 0, 0]))
    expect(act('scripted', 1)).not.toEqual(act('noop', 1))
    expect(act('scripted', 1)).toHaveLength(3)
  })

  it('say so when a game ships no controller', () => {
    expect(() => policiesOf('scripted', [createTinyGame()], 1)).toThrow(ConfigError)
    expect(() => policiesOf('scripted', [createTinyGame()], 1)).toThrow('tiny ships no scripted controller')
  })

  it('made of a run’s actors have noise of their own', async () => {
    const run = await tinyRun()
    const before = run.save()
    const noise = (purpose: string) => {
      const [policy] = trainedPolicies(run, purpose, [])
      const actions = { rows: 1, columns: 5, data: new Float32Array(5) }
      const observations = run.vectorGame.next.observations[0]!
      policy!.act({ observations, restarted: new Uint8Array(1), explore: true, actions, extras: [] })
      return [...actions.data]
    }
    expect(noise('exhibition')).toEqual(noise('exhibition'))
    expect(noise('exhibition')).not.toEqual(noise('evaluation/0'))
    expect(run.save()).toEqual(before)
  })
})

describe('the options of a scenario', () => {
  it('are its own and those of all, each with a description', () => {
    for (const { id } of Object.values(scenarios)) {
      const options = optionsOf(games[id]!)
      expect(options.map(option => option.key)).toEqual(expect.arrayContaining(['rules', 'actions', 'maxCycles']))
      for (const option of options) expect(option.description, option.key).not.toBe('')
    }
  })
})
