// Who plays each team: algorithms side by side, chance, a script, and teams of earlier runs that play on unchanged.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { evaluate } from '../../src/experiment/evaluate.ts'
import { createRunFolder, openRunFolder, type RunFolder } from '../../src/experiment/run-folder.ts'
import { train } from '../../src/experiment/trainer.ts'
import { type Overrides, resolveConfig } from '../../src/run/config/config.ts'
import { playersOf } from '../../src/run/players.ts'
import { createRun, evaluationOf, type Run, trainedPolicies } from '../../src/run/run.ts'
import { observed } from '../support/observed.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { ticks } from '../support/ticks.ts'
import { tinyRun } from '../support/tiny-config.ts'
import { createTinyGame } from '../support/tiny-game.ts'

const tag: Overrides = { scenario: { id: 'simple_tag', adversaries: 2, obstacles: 1, maxCycles: 10 } }
const tagRun = (overrides: Overrides) => tinyRun({ ...overrides, scenario: { ...tag.scenario, ...overrides.scenario } })

/** Trains a while and must not fail. */
function trained(run: Run, steps = 200): Run {
  expect(observed(train(run, { clock$: ticks(steps) })).errors).toEqual([])
  expect(run.rounds.finished).toBeGreaterThan(0)
  return run
}

/** The folder of a run, as `train` leaves it. */
function kept(run: Run, path: string): RunFolder {
  const folder = createRunFolder(path, run.config)
  for (const { team, config, saved } of run.opponents) folder.keepOpponent(team, config, saved)
  folder.writeCheckpoint(run.tracker.finished, run.save())
  return folder
}

const learns = (run: Run) => run.roster.map(member => 'update' in member)
const parameters = (run: Run, agent: number) => Array.from(run.roster[agent]!.actor.networks[0]!.parameters)

describe('teams', () => {
  it('learn by the algorithm of the run where nothing is said', async () => {
    const run = await tagRun({ team: { adversary: 'ddpg' } })
    expect(learns(run)).toEqual([true, true, true])
    expect(run.who).toBe('adversary: ddpg, agent: maddpg')
    // A local critic sees its own agent, a joint one sees all of them.
    const [local, joint] = [0, 2].map(agent => {
      const saved = run.roster[agent]!.save() as { critic: { 'layer0.weight': { shape: readonly number[] } } }
      return saved.critic['layer0.weight'].shape[0]
    })
    const sizes = run.agents.map(({ observationSize }) => observationSize + 5)
    expect([local, joint]).toEqual([sizes[0], sizes.reduce((sum, size) => sum + size, 0)])
    trained(run)
  })

  it('have the bits of a run without teams where all learn by one algorithm', async () => {
    const named = trained(await tagRun({ team: { agent: 'maddpg', adversary: 'maddpg' } }))
    const plain = trained(await tagRun({}))
    expect(named.who).toBe('maddpg')
    expect(named.save()).toEqual(plain.save())
  })

  it.each(['random', 'noop', 'scripted'])('are played by %s, and the others learn from it', async who => {
    const run = await tagRun({ team: { agent: who } })
    expect(learns(run)).toEqual([true, true, false])
    expect(run.roster[2]!.isReadable).toBe(false)
    expect(() => run.roster[2]!.actor.greedy({ rows: 1, columns: 1, data: new Float32Array(1) })).toThrow(
      `agent_0 is played by '${who}', which has no actor; ask its policy`,
    )
    trained(run)
    const folder = kept(run, join(tempFolder(), 'run'))
    const again = await tagRun({ team: { agent: who } })
    again.restore(folder.readCheckpoint())
    trained(again, 60)
    trained(run, 60)
    expect(again.save()).toEqual(run.save())
    expect(evaluate(evaluationOf(run, 'trained', 'greedy', 50)).episodes).toBe(50)
  })

  it('that do not learn stay when others take the places of those that learn', async () => {
    const run = await tagRun({ team: { agent: 'noop' }, learner: { algorithm: 'ddpg' } })
    const games = [run.createGame()]
    const request = (agent: number) => ({
      observations: { rows: 1, columns: 1, data: new Float32Array(1) },
      restarted: new Uint8Array(1),
      explore: true,
      actions: { rows: 1, columns: 5, data: new Float32Array(5) },
      extras: [],
      agent,
    })
    const policies = evaluationOf(run, 'random', 'sample', 50).policies({ games } as never)
    const acts = Array.from({ length: 20 }, () => {
      const asked = request(2)
      policies[2]!.act(asked)
      return asked.actions.data.join()
    })
    expect(new Set(acts)).toEqual(new Set(['1,0,0,0,0']))
  })

  it.each<[string, Overrides, string, RegExp]>([
    ['an unknown team', { team: { agnet: 'ddpg' } }, 'team.agnet', /unknown team 'agnet'; did you mean 'agent'/],
    ['an unknown player', { team: { agent: 'madpg' } }, 'team.agent', /did you mean 'maddpg'.*or the folder of a run$/],
    ['a method’s name', { team: { agent: 'toString' } }, 'team.agent', /unknown player 'toString'/],
    ['a folder that is none', { team: { agent: 'runs/none' } }, 'team.agent', /no such run folder: runs\/none/],
    ['nobody who learns', { team: { agent: 'noop', adversary: 'random' } }, 'team', /no team learns/],
    ['a wrong type', { team: { agent: 3 } }, 'team.agent', /expected a player, or a record .*, got 3/],
    ['an unknown option', { learner: { nois: 1 } }, 'learner.nois', /unknown key 'nois'/],
  ])('are refused for %s', async (_, overrides, path, message) => {
    const attempt = tagRun(overrides)
    await expect(attempt).rejects.toBeInstanceOf(ConfigError)
    await expect(attempt).rejects.toMatchObject({ path, message: expect.stringMatching(message) })
  })

  it('cannot be scripted where the game ships no controller', async () => {
    const config = resolveConfig({ scenario: { id: 'tiny' }, team: { agent: 'scripted' } })
    const attempt = playersOf({ id: 'tiny', version: 1 }, createTinyGame(), config)
    await expect(attempt).rejects.toThrow(new ConfigError('team.agent', 'tiny ships no scripted controller'))
  })
})

describe('a team of an earlier run', () => {
  it('plays on unchanged, from the new run’s own copy, wherever the other one has gone', async () => {
    const folder = tempFolder()
    const before = trained(await tagRun({ network: { hidden: [7] }, learner: { algorithm: 'ddpg' } }))
    kept(before, join(folder, 'before'))
    const overrides = { team: { agent: join(folder, 'before') }, run: { seed: 9 } }
    const run = await tagRun(overrides)
    expect(run.who).toBe('adversary: maddpg, agent: ddpg (trained before)')
    expect(learns(run)).toEqual([true, true, false])
    // Of another size than this run's own actors.
    expect(run.roster.map(({ actor }) => actor.networks[0]!.spec.layers.map(({ size }) => size))).toEqual([
      [8, 6, 5],
      [8, 6, 5],
      [7, 5],
    ])
    expect(run.roster[2]!.targetActor).toBeUndefined()
    trained(run, 130)
    expect(parameters(run, 2)).toEqual(parameters(before, 2))
    expect(parameters(run, 0)).not.toEqual(parameters(await tagRun(overrides), 0))

    const copy = kept(run, join(folder, 'run'))
    rmSync(join(folder, 'before'), { recursive: true })
    const { config } = openRunFolder(join(folder, 'run'))
    const again = await createRun(config as Overrides, copy)
    again.restore(copy.readCheckpoint())
    trained(again, 70)
    trained(run, 70)
    expect(again.save()).toEqual(run.save())
    // And it can be handed on: the copy is a run folder, of that team.
    const third = await tagRun({ team: { agent: join(folder, 'run') } })
    expect(parameters(third, 2)).toEqual(parameters(run, 2))
    expect(third.who).toBe(run.who)
    again.dispose()
  })

  it.each<[string, Overrides]>([
    ['an ensemble', { learner: { subPolicies: 2 } }],
    ['an actor with a memory', { network: { memory: 4, memorySteps: 3 } }],
    ['actors with shared parameters', { learner: { shareParameters: true } }],
    ['inferred policies', { learner: { inferPolicies: true } }],
  ])('may be %s', async (_, settings) => {
    const folder = join(tempFolder(), 'before')
    const before = trained(await tagRun(settings))
    kept(before, folder)
    const run = await tagRun({ team: { adversary: folder } })
    expect(run.roster.slice(0, 2).map(({ actor }) => actor.networks.map(network => [...network.parameters]))).toEqual(
      before.roster.slice(0, 2).map(({ actor }) => actor.networks.map(network => [...network.parameters])),
    )
    trained(run)
    const acts = (of: Run) => {
      const games = [of.createGame()]
      const [policy] = trainedPolicies(of, 'same', games)
      const actions = { rows: 1, columns: 5, data: new Float32Array(5) }
      const observations = { rows: 1, columns: 16, data: new Float32Array(of.agents[0]!.observationSize).fill(0.3) }
      policy!.act({
        observations: { ...observations, columns: of.agents[0]!.observationSize },
        restarted: Uint8Array.of(1),
        explore: false,
        actions,
        extras: (policy!.extras ?? []).map(({ name, size }) => ({
          name,
          rows: 1,
          columns: size,
          data: new Float32Array(size),
        })),
      })
      return [...actions.data]
    }
    expect(acts(run)).toEqual(acts(before))
  })

  it.each<[string, Overrides, RegExp]>([
    ['other rules', { scenario: { rules: 'mpe2' } }, /expected scenario\.rules 'mpe2', got 'openai'$/],
    [
      'other agents',
      { scenario: { adversaries: 3 } },
      /expected agents adversary_0, adversary_1, adversary_2, agent_0, got adversary_0, adversary_1, agent_0$/,
    ],
    [
      'other observations',
      { scenario: { obstacles: 2 } },
      /expected observation of adversary_0 .*landmarks 4.*, got .*landmarks 2/,
    ],
    [
      'other actions',
      { scenario: { actions: 'continuous', rules: 'mpe2' } },
      /expected scenario\.rules|expected actions of/,
    ],
  ])('is refused in %s', async (_, overrides, message) => {
    const folder = join(tempFolder(), 'before')
    kept(trained(await tagRun({})), folder)
    const attempt = tagRun({ ...overrides, team: { agent: folder } })
    await expect(attempt).rejects.toBeInstanceOf(ConfigError)
    await expect(attempt).rejects.toMatchObject({ path: 'team.agent', message: expect.stringMatching(message) })
  })

  it('is refused in another scenario', async () => {
    const folder = join(tempFolder(), 'before')
    kept(trained(await tagRun({})), folder)
    const attempt = tinyRun({ scenario: { id: 'simple_adversary' }, team: { agent: folder } })
    await expect(attempt).rejects.toThrow(
      /^team\.agent: .* was trained in another game: expected scenario 'simple_adversary', got 'simple_tag'$/,
    )
  })

  it('is refused where the scenario has another version by now, and where nobody was trained', async () => {
    const folder = tempFolder()
    const run = trained(await tagRun({ team: { agent: 'random' }, learner: { algorithm: 'ddpg' } }))
    kept(run, join(folder, 'random'))
    await expect(tagRun({ team: { agent: join(folder, 'random') } })).rejects.toThrow(
      /team\.agent: .* has no trained agent: there the team was played by 'random'/,
    )
    const old = createRunFolder(join(folder, 'old'), run.config)
    old.writeCheckpoint(1, { ...(run.save() as object), scenarioVersion: 0 })
    await expect(tagRun({ team: { adversary: join(folder, 'old') } })).rejects.toThrow(
      /team\.adversary: .* was trained in another game: expected version 1, got 0/,
    )
  })
})
