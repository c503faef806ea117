// Players in users' files: loaded, refused with their lines, their settings as any other's, their code kept and part of what a run is.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ConfigError, FileError } from '../../src/errors.ts'
import { createRunFolder, openRunFolder, type RunFolder } from '../../src/experiment/run-folder.ts'
import { train } from '../../src/experiment/trainer.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { layer, type Overrides } from '../../src/run/config/config.ts'
import { differences, identityOf, isMaterial } from '../../src/run/config/config-identity.ts'
import { changeOf } from '../../src/run/config/describe-settings.ts'
import { completeSettings, planRun } from '../../src/run/plan.ts'
import { loadAlgorithm, loadPlayerFile, loadPolicy } from '../../src/run/player-file.ts'
import { createRun, type Run } from '../../src/run/run.ts'
import { observed } from '../support/observed.ts'
import { write, writeAlgorithm, writePolicy } from '../support/player-files.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { ticks } from '../support/ticks.ts'

const tag: Overrides = {
  scenario: { id: 'simple_tag', adversaries: 2, obstacles: 1, maxCycles: 5 },
  network: { hidden: [6] },
  replay: { capacity: 500 },
  run: { seed: 7, episodes: 30, logEvery: 5, checkpointEvery: 10, threads: 1 },
}

async function tagRun(overrides: Overrides, kept?: RunFolder): Promise<Run> {
  const run = await createRun(layer(tag, overrides), kept)
  onTestFinished(() => run.dispose())
  return run
}

function trained(run: Run, steps = 60): Run {
  expect(observed(train(run, { clock$: ticks(steps) })).errors).toEqual([])
  expect(run.rounds.finished).toBeGreaterThan(0)
  return run
}

/** The folder of a run, as `train` leaves it. */
function kept(run: Run, path: string): RunFolder {
  const folder = createRunFolder(path, run.config)
  for (const [team, { source }] of run.files) folder.keepPlayer(team, source.code)
  for (const { team, config, saved, files } of run.opponents)
    folder.keepOpponent(team, config, saved, new Map([...files].map(([of, { source }]) => [of, source.code])))
  folder.writeCheckpoint(run.tracker.finished, run.save())
  return folder
}

async function refused(attempt: Promise<unknown>): Promise<Error> {
  return attempt.then(
    () => expect.fail('nothing was refused'),
    (error: Error) => error,
  )
}

describe('a file with a player', () => {
  it('is loaded, once for the same code', async () => {
    const folder = tempFolder()
    const file = writeAlgorithm(folder)
    const algorithm = await loadAlgorithm(file)
    expect(algorithm.id).toBe('own')
    expect((await loadPlayerFile(file, 'team.agent')).player).toBe(algorithm)
    expect((await loadPolicy(writePolicy(folder))).options.calm!.default).toBe(0.5)
  })

  it.each<[string, (folder: string) => string, RegExp]>([
    [
      'no default',
      f => write(f, 'a', 'export const x = 1'),
      /a\.ts: must export .* as its default, exports x; write: /,
    ],
    [
      'no player',
      f => write(f, 'a', 'export default { id: 1 }'),
      /a\.ts: its default export must be what defineAlgorithm/,
    ],
    [
      'a half one',
      f => write(f, 'a', "export default { id: 'a', createLearner() {} }"),
      /must be what defineAlgorithm/,
    ],
    ['a shipped id', f => writeAlgorithm(f, 'maddpg', 'a'), /a\.ts: the id 'maddpg' is taken by marlstrom itself/],
    ["a baseline's id", f => writePolicy(f, 'random'), /random\.ts: the id 'random' is taken/],
    ['an id of two words', f => writePolicy(f, 'my way'), /my way\.ts:3:3: id must be a word/],
    ['a slip', f => write(f, 'a', '\nconst x = = 1'), /a\.ts:2:11: Unexpected "="/],
    ['an error', f => write(f, 'a', '\nthrow new Error("no")'), /a\.ts.*: cannot be loaded: no/],
  ])('is refused with its place: %s', async (_, make, message) => {
    const error = await refused(loadPlayerFile(make(tempFolder()), 'learner.algorithm'))
    expect(error.name).toBe('FileError')
    expect(error.message).toMatch(message)
  })

  it('is refused where it is not there, and where it is the other thing', async () => {
    const folder = tempFolder()
    const missing = await refused(planRun({ ...tag, team: { agent: join(folder, 'none.ts') } }))
    expect(missing).toMatchObject({ path: 'team.agent', message: expect.stringMatching(/there is no file .*none\.ts/) })
    const policy = writePolicy(folder)
    const notLearning = await refused(planRun(layer(tag, { learner: { algorithm: policy } })))
    expect(notLearning).toMatchObject({
      path: 'learner.algorithm',
      message: expect.stringMatching(/by which nobody learns/),
    })
    await expect(loadAlgorithm(policy)).rejects.toBeInstanceOf(FileError)
    await expect(loadPolicy(writeAlgorithm(folder))).rejects.toThrow(/exports the algorithm 'own', expected a policy/)
  })
})

describe('its settings', () => {
  const planned = (folder: string, overrides: Overrides = {}) => {
    const players = {
      learner: { algorithm: writeAlgorithm(folder) },
      team: { adversary: { algorithm: writePolicy(folder) } },
    }
    return planRun(layer(layer(tag, players), overrides))
  }

  it('are settled as those of any other, a policy’s with its team', async () => {
    const { config } = await planned(tempFolder(), { learner: { lambda: 0.8 }, team: { adversary: { calm: 0.2 } } })
    expect(config.learner).toMatchObject({ lambda: 0.8, episodes: 2, gamma: 0.95 })
    expect(config.team.adversary).toMatchObject({ calm: 0.2 })
  })

  it.each<[Overrides, RegExp]>([
    [{ learner: { lambda: 7 } }, /^learner\.lambda: expected a number from 0 to 1, got 7/],
    [{ learner: { tau: 0.1 } }, /^learner\.tau: own has no 'tau'; maddpg, /],
    [{ learner: { calm: 0.1 } }, /^learner\.calm: unknown key 'calm'/],
    [{ team: { agent: { lamda: 0.1 } } }, /^team\.agent\.lamda: unknown key 'lamda'; did you mean 'lambda'/],
    [{ team: { adversary: { calm: -1 } } }, /^team\.adversary\.calm: expected/],
    [
      { team: { adversary: { lambda: 0.1 } } },
      /^team\.adversary\.lambda: jitter has no 'lambda'; own, a2c, ppo, ppg, trpo, happo, hatrpo, coma, acktr, svpg, impala, a3c, acer, offpac have/,
    ],
  ])('are refused where they are wrong: %j', async (overrides, message) => {
    const error = await refused(planned(tempFolder(), overrides))
    expect(error).toBeInstanceOf(ConfigError)
    expect(error.message).toMatch(message)
  })

  it('say what a resume and a fork may change, and what matters', async () => {
    const { described } = await planned(tempFolder())
    expect(
      ['learner.episodes', 'learner.lambda', 'team.agent.told', 'team.adversary.calm'].map(key =>
        changeOf(key, described),
      ),
    ).toEqual(['never', 'fork', 'resume', 'fork'])
    expect(isMaterial('learner.told', {}, described)).toBe(false)
  })
})

describe('a run', () => {
  it('is known by the code of its players, wherever it lies', async () => {
    const [one, other, changed] = [tempFolder(), tempFolder(), tempFolder()]
    const identity = async (folder: string) => {
      const plan = await planRun(
        layer(tag, { learner: { algorithm: writeAlgorithm(folder) }, team: { adversary: writePolicy(folder) } }),
      )
      return identityOf({ ...plan, settings: completeSettings(plan) })
    }
    const first = await identity(one)
    expect(first.settings.learner!.algorithm).toBe('own')
    expect(Object.keys(first.playerCode!)).toEqual(['adversary', 'agent'])
    expect((await identity(other)).sha256).toBe(first.sha256)
    const file = writeAlgorithm(changed)
    writeFileSync(file, readFileSync(file, 'utf8').replace('0.01)', '0.02)'))
    const plan = await planRun(layer(tag, { learner: { algorithm: file }, team: { adversary: writePolicy(changed) } }))
    const second = identityOf({ ...plan, settings: completeSettings(plan) })
    expect(second.sha256).not.toBe(first.sha256)
    expect(differences({ ...first.settings }, { ...second.settings })).toEqual([])
  })

  it('goes on exactly by its own copies', async () => {
    const folder = tempFolder()
    const [own, jitter] = [writeAlgorithm(folder), writePolicy(folder)]
    const run = trained(await tagRun({ learner: { algorithm: own }, team: { adversary: jitter } }))
    expect(run.who).toBe('adversary: jitter, agent: own')
    const copy = kept(run, join(folder, 'run'))
    rmSync(own)
    rmSync(jitter)
    const again = await createRun(openRunFolder(join(folder, 'run')).config as Overrides, copy)
    onTestFinished(() => again.dispose())
    again.restore(copy.readCheckpoint())
    trained(run, 33)
    trained(again, 33)
    expect(again.save()).toEqual(run.save())
    expect([...again.files.values()].map(({ source }) => source.note)).toEqual([
      expect.stringMatching(/jitter\.ts is gone; the run goes on with its own copy, .*players\/adversary\.mjs$/),
      expect.stringMatching(/own\.ts is gone/),
    ])
  })

  it('plays against a team that learnt by a file, and keeps that file’s code', async () => {
    const folder = tempFolder()
    const own = writeAlgorithm(folder)
    const jitter = writePolicy(folder)
    kept(trained(await tagRun({ learner: { algorithm: own }, team: { adversary: jitter } })), join(folder, 'before'))
    rmSync(own)
    const untrained = await refused(tagRun({ team: { adversary: join(folder, 'before') } }))
    expect(untrained.message).toMatch(/^team\.adversary: .* has no trained adversary: there .* was played by 'jitter'$/)
    const overrides = { learner: { batch: 8, updateAfter: 20 }, team: { agent: join(folder, 'before') } }
    const run = await tagRun(overrides)
    expect(run.who).toBe('adversary: maddpg, agent: own (trained before)')
    const copy = kept(trained(run, 150), join(folder, 'run'))
    rmSync(join(folder, 'before'), { recursive: true })
    const again = await createRun(run.config, copy)
    onTestFinished(() => again.dispose())
    again.restore(copy.readCheckpoint())
    expect(again.save()).toEqual(run.save())
  })
})

describe('a program', () => {
  it('brings algorithms of its own, by their ids', async () => {
    const own = await loadAlgorithm(writeAlgorithm(tempFolder()))
    const run = await createRun({
      ...tag,
      algorithms: { own },
      learner: { algorithm: 'own' },
      team: { adversary: 'own' },
    })
    onTestFinished(() => run.dispose())
    expect(trained(run).who).toBe('own')
    const other = await refused(createRun({ ...tag, algorithms: { mine: own } }))
    expect(other.message).toBe("algorithms.mine: expected the algorithm under its own id, 'own'")
    const taken = await refused(createRun({ ...tag, algorithms: { maddpg: own } }))
    expect(taken.message).toMatch(/^algorithms\.maddpg: the id 'maddpg' is taken/)
  })

  it('lends a backend, which outlives the run', async () => {
    const backend = await createSimdBackend({ threads: 1 })
    onTestFinished(() => backend.dispose())
    let disposed = 0
    const lent = { ...backend, dispose: () => void disposed++ }
    const run = await createRun({ ...tag, learner: { batch: 8, updateAfter: 20 }, backend: lent })
    const plain = await tagRun({ learner: { batch: 8, updateAfter: 20 } })
    expect(trained(run, 150).save()).toEqual(trained(plain, 150).save())
    run.dispose()
    expect(disposed).toBe(0)
    const wrong = await refused(createRun({ ...tag, run: { backend: 'tfjs' }, backend: lent }))
    expect(wrong.message).toBe("run.backend: expected the name of the given backend, 'simd', got 'tfjs'")
  })
})
