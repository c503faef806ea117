// Settings: defaults, presets, overrides, and sentences for wrong ones.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../../src/errors.ts'
import { layer, type Overrides, parseSettings, resolveConfig } from '../../../src/run/config/config.ts'
import { describeSettings } from '../../../src/run/config/describe-settings.ts'
import { planRun } from '../../../src/run/plan.ts'

const spread = { scenario: { id: 'simple_spread' } }

describe('a config', () => {
  it('is openai/maddpg exactly where nothing is said', () => {
    // openai/maddpg, experiments/train.py and maddpg/trainer/maddpg.py.
    expect(resolveConfig(spread)).toEqual({
      scenario: { id: 'simple_spread', rules: 'openai' },
      learner: { algorithm: 'maddpg' },
      team: {},
      replay: { capacity: 1_000_000 },
      network: {
        hidden: [64, 64],
        activation: 'relu',
        layerNorm: false,
        layerNormPlace: 'before',
        inputNorm: false,
        normaliseObservations: false,
        initialisation: 'xavier',
        hiddenGain: null,
        memory: 0,
        memorySteps: 8,
        setUnits: [32],
        actor: {},
        critic: {},
      },
      run: {
        preset: 'openai',
        seed: 1,
        episodes: 60_000,
        steps: null,
        games: 1,
        actors: null,
        lag: 1,
        trajectorySteps: null,
        actorOrder: 'fixed',
        actorThreads: null,
        verifyActors: 0,
        backend: 'simd',
        tfjs: 'auto',
        threads: null,
        kernels: 'standard',
        blas: 'any',
        logEvery: 100,
        logSteps: 25_000,
        checkpointEvery: 10_000,
        checkpointSteps: 0,
        checkpointMinutes: 10,
        keepCheckpoints: 2,
        keepBest: false,
        evaluateEvery: 0,
        evaluateEpisodes: 100,
        evaluateMode: 'greedy',
        summaryEpisodes: 1000,
        tensorboard: true,
        csv: false,
        divergence: 'stop',
        rollbacks: 3,
        rollbackFactor: 0.5,
        hookSeconds: 5,
      },
    })
  })

  it('takes overrides over the preset over the defaults', () => {
    const config = resolveConfig({
      scenario: { id: 'simple_spread', rules: 'mpe2' },
      learner: { gamma: 0.5, clip: null },
    })
    expect(config.scenario).toEqual({ id: 'simple_spread', rules: 'mpe2' })
    expect(config.learner).toEqual({ algorithm: 'maddpg', gamma: 0.5, clip: null })
  })

  it('resolved again is the same config', () => {
    const config = resolveConfig({ ...spread, run: { seed: 5 }, network: { hidden: [8] } })
    expect(resolveConfig(JSON.parse(JSON.stringify(config)))).toEqual(config)
  })

  it.each<[string, Overrides, string, RegExp]>([
    ['an unknown key', { ...spread, learner: { gama: 1 } }, 'learner.gama', /unknown key 'gama'; did you mean 'gamma'/],
    ['an unknown key of the run', { ...spread, run: { sed: 1 } }, 'run.sed', /unknown key 'sed'; did you mean 'seed'/],
    ['an unknown section', { ...spread, lerner: {} } as Overrides, 'lerner', /did you mean 'learner'/],
    ['an unknown preset', { ...spread, run: { preset: 'opnai' } }, 'run.preset', /did you mean 'openai'/],
    ['a preset that is an Object method', { ...spread, run: { preset: 'toString' } }, 'run.preset', /unknown preset/],
    ...['__proto__', 'constructor', 'prototype'].flatMap((key): [string, Overrides, string, RegExp][] => [
      [`section ${key}`, { ...spread, [key]: {} } as Overrides, key, /unknown key/],
      [`learner.${key}`, { ...spread, learner: { [key]: 1 } }, `learner.${key}`, /unknown key/],
      [`scenario.${key}`, { scenario: { ...spread.scenario, [key]: 1 } }, `scenario.${key}`, /unknown key/],
      [`team.${key}`, { ...spread, team: { [key]: 'maddpg' } }, `team.${key}`, /unknown key/],
      [`${key} in JSON`, JSON.parse(`{"algorithm": {"${key}": 1}}`), `algorithm.${key}`, /unknown key/],
      [
        `${key} in a way`,
        { ...spread, learner: { learningRate: { from: 1, [key]: 2 } } },
        `learner.learningRate.${key}`,
        /unknown key/,
      ],
    ]),
    ['no scenario', {}, 'scenario.id', /expected the id of a scenario or a file, got none/],
    ['a wrong key before a missing scenario', { run: { sed: 1 } }, 'run.sed', /unknown key/],
    ['a wrong setting before a missing scenario', { learner: { gama: 1 } }, 'learner.gama', /unknown key/],
    ['a number out of range', { ...spread, learner: { gamma: 2 } }, 'learner.gamma', /a number from 0 to 1, got 2/],
    [
      'a broken count',
      { ...spread, learner: { batch: 1.5 } },
      'learner.batch',
      /a whole number of at least 1, got 1.5/,
    ],
    [
      'text for a number',
      { ...spread, run: { episodes: 'many' } },
      'run.episodes',
      /expected a whole number of at least 1 or null, got "many"/,
    ],
    ['NaN', { ...spread, learner: { tau: Number.NaN } }, 'learner.tau', /expected a number from 0 to 1, got NaN/],
    [
      'an infinite rate',
      { ...spread, learner: { learningRate: Number.POSITIVE_INFINITY } },
      'learner.learningRate',
      /expected a number greater than 0, or a way of such numbers/,
    ],
    ['a rate of zero', { ...spread, learner: { learningRate: 0 } }, 'learner.learningRate', /greater than 0.*got 0/],
    ['a moment of one', { ...spread, learner: { beta1: 1 } }, 'learner.beta1', /at least 0 and less than 1, got 1/],
    ['an empty hidden layer', { ...spread, network: { hidden: [64, 0] } }, 'network.hidden.1', /at least 1, got 0/],
    [
      'hidden layers that are none',
      { ...spread, network: { hidden: 64 } },
      'network.hidden',
      /a list of whole numbers/,
    ],
    [
      'an unknown activation',
      { ...spread, network: { activation: 'gelu' } },
      'network.activation',
      /one of relu, leakyRelu, elu, tanh, got "gelu"/,
    ],
    ['more threads than there may be', { ...spread, run: { threads: 65 } }, 'run.threads', /from 1 to 64 or null/],
    [
      'unknown kernels',
      { ...spread, run: { kernels: 'fast' } },
      'run.kernels',
      /one of standard, relaxed, blas, got "fast"/,
    ],
    ['a negative seed', { ...spread, run: { seed: -1 } }, 'run.seed', /a whole number from 0 to 4294967295, got -1/],
    [
      'a temperature of zero',
      { ...spread, learner: { temperature: 0 } },
      'learner.temperature',
      /at least 0.001.*got 0/,
    ],
    [
      'a temperature that would fall to zero',
      { ...spread, learner: { temperature: { from: 1, to: 0, steps: 100 } } },
      'learner.temperature.to',
      /expected a number of at least 0.001, got 0/,
    ],
    [
      'a temperature that is none',
      { ...spread, learner: { temperature: { from: 1, to: 0.5 } } },
      'learner.temperature',
      /expected a number of at least 0.001, or a way of such numbers like {"from": 1, "to": 0.1, "steps": 100000}, got {"from":1/,
    ],
    [
      'a misspelt way',
      { ...spread, learner: { explorationScale: { from: 1, to: 0, steps: 9, shap: 'linear' } } },
      'learner.explorationScale.shap',
      /did you mean 'shape'/,
    ],
    [
      'an exponential way to zero',
      { ...spread, learner: { explorationScale: { from: 1, to: 0, steps: 9, shape: 'exponential' } } },
      'learner.explorationScale',
      /expected both ends of an exponential way to be greater than 0/,
    ],
    ['an unknown estimator', { ...spread, learner: { estimator: 'hard' } }, 'learner.estimator', /soft, .*gumbelRao/],
    [
      'a critic of nothing',
      { ...spread, learner: { critic: 'none' } },
      'learner.critic',
      /one of joint, local, state, set, or null/,
    ],
    ['a section that is no record', { ...spread, learner: 3 as never }, 'learner', /expected a record .*, got 3/],
    ['both lengths', { ...spread, run: { episodes: 5, steps: 5 } }, 'run.steps', /or run.episodes, got both/],
    ['no length', { ...spread, run: { episodes: null } }, 'run.episodes', /or run.steps in its place, got null/],
    [
      'the best of nothing',
      { ...spread, run: { keepBest: 'loss' } },
      'run.keepBest',
      /true, false, return, evaluation/,
    ],
    ['the best of nobody', { ...spread, run: { keepBest: 'return/agnet' } }, 'run.keepBest', /did you mean 'agent'/],
    ['the best of no evaluation', { ...spread, run: { keepBest: 'evaluation' } }, 'run.keepBest', /run.evaluateEvery/],
    [
      'a name of old and one of today together',
      { ...spread, replay: { steps: 2 }, learner: { returnSteps: 3 } },
      'replay.steps',
      /is now learner.returnSteps, which is given too/,
    ],
  ])('refuses %s by its path', async (_, overrides, path, message) => {
    const attempt = planRun(overrides)
    await expect(attempt).rejects.toBeInstanceOf(ConfigError)
    await expect(attempt).rejects.toMatchObject({ path, message: expect.stringMatching(message) })
  })

  it('is complete or a ConfigError, whatever is thrown at it', () => {
    const section = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue())
    const given = fc.record(
      { scenario: section, team: section, learner: section, replay: section, network: section, run: section },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(given, overrides => {
        try {
          expect(resolveConfig(overrides as Overrides).network.hidden).toBeInstanceOf(Array)
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError)
        }
      }),
    )
  })
})

describe('layers', () => {
  it('lie over one another section by section', () => {
    expect(layer({ learner: { gamma: 1, tau: 2 }, run: { seed: 1 } }, { learner: { tau: 3 } })).toEqual({
      learner: { gamma: 1, tau: 3 },
      run: { seed: 1 },
    })
  })

  it('say of a team who plays it, or settings on top of what was said before', () => {
    const lower = { team: { adversary: { algorithm: 'masac', gamma: 0.5 }, agent: 'random' } }
    expect(layer(lower, { team: { adversary: { gamma: 0.6, tau: 0.1 } } }).team).toEqual({
      adversary: { algorithm: 'masac', gamma: 0.6, tau: 0.1 },
      agent: 'random',
    })
    // A name alone begins anew.
    expect(layer(lower, { team: { adversary: 'ddpg' } }).team!.adversary).toBe('ddpg')
    expect(layer(lower, { team: { agent: { gamma: 1 } } }).team!.agent).toEqual({ algorithm: 'random', gamma: 1 })
  })

  it('say how long a run is by what comes last', () => {
    expect(layer({ run: { episodes: 5 } }, { run: { steps: 10 } }).run).toEqual({ episodes: null, steps: 10 })
    expect(layer({ run: { episodes: null, steps: 10 } }, { run: { episodes: 7 } }).run).toEqual({
      episodes: 7,
      steps: null,
    })
    const steps = resolveConfig({ ...spread, run: { preset: 'modern', steps: 10 } }).run
    expect([steps.episodes, steps.steps]).toEqual([null, 10])
    expect(resolveConfig({ ...spread, run: { steps: 10 } }).run.episodes).toBeNull()
  })

  it('know keys of old, so that a later layer wins by either name', () => {
    const old = { algorithm: { alpha: 0.1 }, replay: { capacity: 9, steps: 3 } } as Overrides
    expect(layer(old, { learner: { returnSteps: 5 } })).toEqual({
      learner: { alpha: 0.1, returnSteps: 5 },
      replay: { capacity: 9 },
    })
    expect(layer({ learner: { returnSteps: 5 } }, old).learner).toEqual({ returnSteps: 3, alpha: 0.1 })
  })

  it('leave both sides as they were', () => {
    const base = Object.freeze({ learner: Object.freeze({ gamma: 1 }) })
    const over = Object.freeze({ learner: Object.freeze({ gamma: 2 }) })
    expect(layer(base, over)).toEqual(over)
    expect(base.learner.gamma).toBe(1)
  })
})

describe('settings on the command line', () => {
  it('are JSON where they can be, else text', () => {
    const settings = ['learner.gamma=0.9', 'learner.clip=null', 'network.hidden=[8,8]', 'scenario.rules=mpe2']
    expect(parseSettings([...settings, 'scenario.note=a=b'])).toEqual({
      learner: { gamma: 0.9, clip: null },
      network: { hidden: [8, 8] },
      scenario: { rules: 'mpe2', note: 'a=b' },
    })
  })

  it('may be of one team', () => {
    expect(parseSettings(['team.agent=ddpg', 'team.agent.gamma=0.9', 'team.agent.tau=0.1'])).toEqual({
      team: { agent: { algorithm: 'ddpg', gamma: 0.9, tau: 0.1 } },
    })
  })

  it('that come later win', () => {
    expect(parseSettings(['run.seed=1', 'run.seed=2'])).toEqual({ run: { seed: 2 } })
  })

  it.each(['gamma=1', 'learner.gamma', '=3', 'learner.=3', ''])('%s is refused with an example', setting => {
    expect(() => parseSettings([setting])).toThrow(
      `expected section.key=value like learner.gamma=0.9, got '${setting}'`,
    )
  })

  it('are all described, with the defaults that a plan has', async () => {
    const { config } = await planRun(spread)
    const sections = config as unknown as Record<string, Record<string, unknown>>
    const described = describeSettings().filter(({ algorithms }) => algorithms?.includes('maddpg') ?? true)
    for (const setting of described) {
      const [section, key] = setting.key.split('.') as [string, string]
      expect(setting.description, setting.key).not.toBe('')
      expect(setting.default, setting.key).toEqual(sections[section]![key])
    }
    const keys = ['learner', 'replay', 'network', 'run'].flatMap(s =>
      Object.keys(sections[s]!).map(key => `${s}.${key}`),
    )
    expect(described.map(setting => setting.key).sort()).toEqual(keys.sort())
  })
})
