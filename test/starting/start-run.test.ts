// A run that goes on: what is damaged beside its checkpoint is said and mended, and never stops it.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lastValueFrom } from 'rxjs'
import { beforeEach, describe, expect, it } from 'vitest'
import { layersOf, type SettingOptions } from '../../src/cli/options/settings.ts'
import { readStarts } from '../../src/experiment/environment.ts'
import { record } from '../../src/experiment/record.ts'
import { train } from '../../src/experiment/trainer.ts'
import { planOf, startRun } from '../../src/starting/start-run.ts'
import { tempFolder } from '../support/temp-folder.ts'

const set = [
  ...['scenario.maxCycles=5', 'learner.batch=8', 'learner.updateAfter=20', 'network.hidden=[4]', 'replay.capacity=100'],
  ...['run.episodes=10', 'run.logEvery=5', 'run.tensorboard=false'],
]

const said: string[] = []
const note = (sentence: string) => void said.push(sentence)
beforeEach(() => {
  said.length = 0
})

async function trained(): Promise<string> {
  const path = join(tempFolder(), 'run')
  const { run, folder, lock } = await startRun({ layers: layersOf({ set }, 'simple_spread'), note, out: path })
  await lastValueFrom(train(run).pipe(record(run, folder)))
  lock.release()
  run.dispose()
  return path
}

async function resumed(path: string): Promise<void> {
  const { run, folder, lock } = await startRun({ layers: layersOf({ episodes: 15 }), note, resume: path })
  await lastValueFrom(train(run).pipe(record(run, folder)))
  lock.release()
  run.dispose()
}

describe('environment.json', () => {
  const harms: Readonly<Record<string, (text: string) => string>> = {
    'that is no JSON': text => text.slice(0, 100),
    'that is empty': () => '',
    'of another format': text => text.replace('marlstrom-environment/1', 'marlstrom-environment/7'),
    'with an entry that is none': text => text.replace(/"starts": \[/, '"starts": [null, '),
  }
  for (const [how, harm] of Object.entries(harms)) {
    it(`${how} is said, kept aside and begun anew; the run goes on`, async () => {
      const path = await trained()
      const file = join(path, 'environment.json')
      const damaged = harm(readFileSync(file, 'utf8'))
      writeFileSync(file, damaged)
      await resumed(path)
      expect(said.join('\n')).toContain(`${file}: `)
      expect(said.join('\n')).not.toContain('config.json')
      expect(readFileSync(`${file}.damaged`, 'utf8')).toBe(damaged)
      const [start, ...others] = readStarts(path)
      expect(others).toEqual([])
      expect(start).toMatchObject({ how: 'resume', episodes: 10, remarks: [expect.stringContaining(file)] })
    })
  }

  it('that is missing is written again without a word', async () => {
    const path = await trained()
    rmSync(join(path, 'environment.json'))
    await resumed(path)
    expect(said).toEqual([])
    expect(readStarts(path)).toHaveLength(1)
  })

  it('with a changed setting is not taken for a change of config.json, which is still found', async () => {
    const path = await trained()
    const file = join(path, 'environment.json')
    writeFileSync(file, readFileSync(file, 'utf8').replace('"gamma": 0.95', '"gamma": 0.85'))
    await resumed(path)
    expect(said.join()).toContain(`${file}: damaged: the settings of the last start are not those of their sha256`)
    const config = join(path, 'config.json')
    writeFileSync(config, readFileSync(config, 'utf8').replace('"gamma": 0.95', '"gamma": 0.85'))
    await expect(resumed(path)).rejects.toThrow(/learner.gamma: was changed in .*config\.json/)
  })
})

describe('metrics.jsonl', () => {
  it('that was damaged is said on the way, noted, and mended', async () => {
    const path = await trained()
    const file = join(path, 'metrics.jsonl')
    writeFileSync(file, readFileSync(file, 'utf8').replace('"episodes":5', '"episodes":4'))
    await resumed(path)
    expect(said.join('\n')).toMatch(/metrics\.jsonl: damaged: of the 2 lines .*, checksums hold for 1, which go on/)
    expect(readStarts(path).at(-1)!.remarks).toEqual([expect.stringContaining('metrics.jsonl: damaged')])
    const lines = readFileSync(file, 'utf8').trim().split('\n')
    expect(lines.map(line => JSON.parse(line).episodes)).toEqual([10, 15])
    expect(readdirSync(path)).toContain('metrics.jsonl.damaged')
    await resumed(path)
    expect(said.filter(sentence => sentence.includes('metrics.jsonl'))).toHaveLength(1)
    expect(existsSync(`${file}.damaged-2`)).toBe(false)
  })
})

it('that begins has no rows to leave out', () => {
  const begin = () =>
    startRun({ layers: layersOf({}, 'simple_spread'), note, out: join(tempFolder(), 'run'), withoutDamagedRows: true })
  expect(begin).toThrow('--without-damaged-rows: expected --resume or --fork beside it')
})

describe('the settings of a run that begins', () => {
  const plan = async (options: SettingOptions, scenario: string | undefined = 'simple_tag') =>
    planOf({ layers: layersOf({ set, ...options }, scenario), note })

  it('may be those of one team, on top of who plays it', async () => {
    const { plan: made } = await plan({
      team: ['adversary=mad4pg'],
      set: [...set, 'team.adversary.gamma=0.5', 'learner.tau=0.2'],
    })
    const { adversary, agent } = Object.fromEntries(made.teamSettings)
    expect(adversary).toMatchObject({ gamma: 0.5, tau: 0.2, returnSteps: 5 })
    expect(agent).toMatchObject({ gamma: 0.95, tau: 0.2, returnSteps: 1 })
  })

  it.each<[SettingOptions, RegExp]>([
    [{ episodes: 5, steps: 5, set: [] }, /^run\.steps: expected --steps or --episodes, got both/],
    [{ steps: 5, set: ['run.episodes=5'] }, /^run\.steps: expected --steps or --episodes, got both/],
    [{ preset: 'modern', algorithm: 'mad4pg' }, /^run\.preset: modern is for maddpg/],
    [
      { algorithm: 'masac', set: ['learner.policyDelay=2'] },
      /^learner\.policyDelay: masac has no 'policyDelay'; matd3 has$/,
    ],
  ])('are refused: %j', async (options, message) => {
    await expect(plan(options)).rejects.toThrow(message)
  })

  it('are looked at before it is said that there is no scenario', async () => {
    await expect(planOf({ layers: layersOf({ set: ['learner.gama=1'] }), note })).rejects.toThrow(
      /^learner\.gama: unknown key/,
    )
    await expect(planOf({ layers: layersOf({ set: ['lerner.gamma=1'] }), note })).rejects.toThrow(
      /^lerner: unknown section/,
    )
    await expect(planOf({ layers: layersOf({ set: ['learner.gamma=1'] }), note })).rejects.toThrow(
      /^scenario: expected a scenario id/,
    )
  })

  it('may have names of an older version, which are said', async () => {
    const { plan: made } = await plan({ set: [...set, 'replay.steps=3'] })
    expect(made.config.learner.returnSteps).toBe(3)
    expect(said.join()).toMatch(/--set: replay\.steps is of an older version, and read as learner\.returnSteps/)
  })
})

describe('the settings of a run that goes on', () => {
  it('may change only as each says: in a resumed run, in a fork, or never', async () => {
    const path = await trained()
    const resume = (...set: string[]) => planOf({ layers: layersOf({ set }), note, resume: path })
    const fork = (...set: string[]) => planOf({ layers: layersOf({ set }), note, fork: path })
    await expect(
      resume('run.keepBest=true', 'run.threads=1', 'run.hookSeconds=9', 'run.steps=900'),
    ).resolves.toBeDefined()
    await expect(resume('learner.gamma=0.5')).rejects.toThrow(
      /^learner\.gamma: cannot change when a run is resumed \(learner\.gamma 0\.95 -> 0\.5\); only run\.episodes, run\.steps, run\.actorThreads, run\.verifyActors, run\.threads, run\.checkpointMinutes, run\.keepCheckpoints, run\.keepBest, run\.hookSeconds can\./,
    )
    await expect(resume('run.logEvery=7')).rejects.toThrow(/^run\.logEvery: cannot change when a run is resumed/)
    expect((await fork('team.agent.gamma=0.5', 'run.logEvery=7')).plan.teamSettings.get('agent')!.gamma).toBe(0.5)
    for (const [setting, message] of [
      ['network.inputNorm=true', /network\.inputNorm false -> true/],
      ['learner.subPolicies=2', /learner\.subPolicies 1 -> 2/],
      ['team.agent.critic=local', /learner\.critic null -> "local"/],
      ['learner.algorithm=matd3', /learner\.algorithm "maddpg" -> "matd3"/],
      ['team.agent=ddpg', /team\.agent none -> "ddpg"/],
    ] as const) {
      await expect(fork(setting)).rejects.toThrow(message)
    }
  })

  it('may be in steps, but never less than was trained', async () => {
    const path = await trained()
    const start = (steps: number) => startRun({ layers: layersOf({ steps }), note, resume: path })
    await expect(start(20)).rejects.toThrow(
      /^run\.steps: the run has trained 50 environment steps already, .* end at 20;/,
    )
    const { run, lock } = await start(80)
    expect([run.config.run.steps, run.config.run.episodes]).toEqual([80, null])
    lock.release()
    run.dispose()
  })
})
