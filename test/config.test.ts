// Settings: defaults, presets, overrides, and sentences for wrong ones.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeSettings, layer, type Overrides, parseSettings, resolveConfig } from '../src/config.ts'
import { ConfigError } from '../src/errors.ts'

const spread = { scenario: { id: 'simple_spread' } }

describe('a config', () => {
  it('is openai/maddpg exactly where nothing is said', () => {
    // openai/maddpg, experiments/train.py and maddpg/trainer/maddpg.py.
    expect(resolveConfig(spread)).toEqual({
      scenario: { id: 'simple_spread', rules: 'openai' },
      learner: {
        algorithm: 'maddpg',
        learningRate: 1e-2,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        clip: 0.5,
        gamma: 0.95,
        tau: 0.01,
        logitPenalty: 1e-3,
        temperature: 1,
        batch: 1024,
        updateEvery: 100,
        updateAfter: 25_600,
        critic: null,
        copyTargets: false,
        normaliseRewards: false,
        estimator: 'soft',
        estimatorSamples: 10,
        exploration: 'policy',
        explorationScale: 0.1,
        inferPolicies: false,
        inferenceEntropy: 1e-3,
        subPolicies: 1,
        shareParameters: false,
      },
      algorithm: {},
      team: {},
      replay: { capacity: 1_000_000, steps: 1, priority: 0, importance: 0.4, draws: 'agent' },
      network: { hidden: [64, 64], activation: 'relu', layerNorm: false, memory: 0, memorySteps: 8 },
      run: {
        preset: 'openai',
        seed: 1,
        episodes: 60_000,
        games: 1,
        backend: 'simd',
        tfjs: 'auto',
        threads: null,
        kernels: 'standard',
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
    expect(config.learner).toMatchObject({ gamma: 0.5, clip: null, tau: 0.01 })
  })

  it('resolved again is the same config', () => {
    const config = resolveConfig({ ...spread, run: { seed: 5 }, network: { hidden: [8] } })
    expect(resolveConfig(JSON.parse(JSON.stringify(config)))).toEqual(config)
  })

  it.each<[string, Overrides, string, RegExp]>([
    ['an unknown key', { ...spread, learner: { gama: 1 } }, 'learner.gama', /did you mean 'gamma'/],
    ['an unknown section', { ...spread, lerner: {} } as Overrides, 'lerner', /did you mean 'learner'/],
    ['an unknown preset', { ...spread, run: { preset: 'opnai' } }, 'run.preset', /did you mean 'openai'/],
    ['a preset that is an Object method', { ...spread, run: { preset: 'toString' } }, 'run.preset', /unknown preset/],
    ...['__proto__', 'constructor', 'prototype'].flatMap((key): [string, Overrides, string, RegExp][] => [
      [`section ${key}`, { ...spread, [key]: {} } as Overrides, key, /unknown section/],
      [`learner.${key}`, { ...spread, learner: { [key]: 1 } }, `learner.${key}`, /unknown key .*; known: algorithm, /],
      [`scenario.${key}`, { scenario: { ...spread.scenario, [key]: 1 } }, `scenario.${key}`, /unknown key/],
      [`team.${key}`, { ...spread, team: { [key]: 'maddpg' } }, `team.${key}`, /unknown key/],
      [`${key} in JSON`, JSON.parse(`{"algorithm": {"${key}": 1}}`), `algorithm.${key}`, /unknown key/],
      [
        `${key} in a way`,
        { ...spread, learner: { learningRate: { from: 1, [key]: 2 } } },
        `learner.learningRate.${key}`,
        /unknown key .*; known: from, to/,
      ],
    ]),
    ['no scenario', {}, 'scenario.id', /expected string/],
    ['a number out of range', { ...spread, learner: { gamma: 2 } }, 'learner.gamma', /expected number to be <=1/],
    ['a broken count', { ...spread, learner: { batch: 1.5 } }, 'learner.batch', /expected int/],
    ['text for a number', { ...spread, run: { episodes: 'many' } }, 'run.episodes', /expected number, got "many"/],
    ['NaN', { ...spread, learner: { tau: Number.NaN } }, 'learner.tau', /expected number, got NaN/],
    [
      'an infinite rate',
      { ...spread, learner: { learningRate: Number.POSITIVE_INFINITY } },
      'learner.learningRate',
      /./,
    ],
    ['an empty hidden layer', { ...spread, network: { hidden: [64, 0] } }, 'network.hidden.1', />=1/],
    [
      'an unknown activation',
      { ...spread, network: { activation: 'gelu' } },
      'network.activation',
      /"relu"\|"leakyRelu"\|"elu"\|"tanh"/,
    ],
    ['more threads than there may be', { ...spread, run: { threads: 65 } }, 'run.threads', /<=64/],
    ['unknown kernels', { ...spread, run: { kernels: 'fast' } }, 'run.kernels', /"standard"\|"relaxed"/],
    ['a negative seed', { ...spread, run: { seed: -1 } }, 'run.seed', />=0/],
    ['a temperature of zero', { ...spread, learner: { temperature: 0 } }, 'learner.temperature', />=0.001, got 0/],
    [
      'a temperature that would fall to zero',
      { ...spread, learner: { temperature: { from: 1, to: 0, steps: 100 } } },
      'learner.temperature.to',
      />=0.001, got 0/,
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
    ['an unknown estimator', { ...spread, learner: { estimator: 'hard' } }, 'learner.estimator', /"gumbelRao"/],
    ['a section that is no record', { ...spread, learner: 3 as never }, 'learner', /expected object/],
  ])('refuses %s by its path', (_, overrides, path, message) => {
    expect(refusal(() => resolveConfig(overrides))).toMatchObject({ path })
    expect(() => resolveConfig(overrides)).toThrow(message)
  })

  it('is complete or a ConfigError, whatever is thrown at it', () => {
    const section = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue())
    const given = fc.record(
      { scenario: section, learner: section, replay: section, network: section, run: section },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(given, overrides => {
        try {
          expect(resolveConfig(overrides as Overrides).learner.gamma).toBeTypeOf('number')
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

  it('that come later win', () => {
    expect(parseSettings(['run.seed=1', 'run.seed=2'])).toEqual({ run: { seed: 2 } })
  })

  it.each(['gamma=1', 'learner.gamma', '=3', 'learner.=3', ''])('%s is refused with an example', setting => {
    expect(() => parseSettings([setting])).toThrow(
      `expected section.key=value like learner.gamma=0.9, got '${setting}'`,
    )
  })

  it('are all described, with the defaults that a config has', () => {
    const config = resolveConfig({ ...spread, scenario: { id: 'x' } }) as unknown as Record<
      string,
      Record<string, unknown>
    >
    const described = describeSettings()
    for (const setting of described) {
      const [section, key] = setting.key.split('.') as [string, string]
      expect(setting.description, setting.key).not.toBe('')
      expect(setting.default, setting.key).toEqual(config[section]![key])
    }
    const keys = ['learner', 'replay', 'network', 'run'].flatMap(s => Object.keys(config[s]!).map(key => `${s}.${key}`))
    expect(described.map(setting => setting.key).sort()).toEqual(keys.sort())
  })
})

function refusal(attempt: () => unknown): unknown {
  try {
    attempt()
  } catch (error) {
    return error
  }
  return undefined
}
