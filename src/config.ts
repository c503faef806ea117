// RunConfig: every setting of a run, its default (preset `openai`), and how presets and overrides are laid over one another.
import { z } from 'zod'
import { type GameDefinition, knownOptions } from './envs/game-definition.ts'
import { ConfigError, unknownName } from './errors.ts'
import { describeIssue } from './zod-issue.ts'

const count = () => z.int().min(1)
const rate = () => z.number().positive()
/** A number, or its way over environment steps; `expected` says what every value on it must be. */
const schedule = (value: z.ZodType<number>, expected: string) =>
  z.union(
    [
      value,
      z
        .strictObject({ from: value, to: value, steps: count(), shape: z.enum(['linear', 'exponential']).optional() })
        .refine(({ from, to, shape }) => shape !== 'exponential' || (from > 0 && to > 0), {
          error: 'expected both ends of an exponential way to be greater than 0',
        }),
    ],
    { error: `expected ${expected}, or a way of such numbers like {"from": 1, "to": 0.1, "steps": 100000}` },
  )

const learner = z.strictObject({
  algorithm: z.string().default('maddpg').describe('how agents learn; see the list of algorithms'),
  learningRate: schedule(rate(), 'a number greater than 0')
    .default(0.01)
    .describe('Adam step size of actors and critics, or its schedule'),
  beta1: z.number().min(0).lt(1).default(0.9).describe("decay of Adam's first moment"),
  beta2: z.number().min(0).lt(1).default(0.999).describe("decay of Adam's second moment"),
  epsilon: rate().default(1e-8).describe("Adam's epsilon, in TensorFlow 1's place"),
  clip: rate().nullable().default(0.5).describe("largest L2 norm of each parameter tensor's gradient; null: none"),
  gamma: z.number().min(0).max(1).default(0.95).describe('discount of the next value'),
  tau: z.number().min(0).max(1).default(0.01).describe('rate of the soft target update'),
  logitPenalty: z.number().min(0).default(1e-3).describe("weight of mean(logits^2) in the actor's loss"),
  // Far smaller ones take the logits beyond single precision.
  temperature: schedule(z.number().min(0.001), 'a number of at least 0.001')
    .default(1)
    .describe('temperature of the Gumbel-softmax, or its schedule'),
  batch: count().default(1024).describe('transitions in a batch'),
  updateEvery: count().default(100).describe('environment steps between update rounds'),
  updateAfter: count().default(25_600).describe('transitions in the replay buffer before the first update round'),
  critic: z
    .enum(['joint', 'local'])
    .nullable()
    .default(null)
    .describe('what critics see: joint, all agents; local, their own alone; null: as the algorithm says'),
  copyTargets: z
    .boolean()
    .default(false)
    .describe('whether target networks begin as copies; else with weights of their own'),
  normaliseRewards: z
    .boolean()
    .default(false)
    .describe("whether rewards are divided by the deviation of the agent's own"),
  estimator: z
    .enum(['soft', 'straightThrough', 'gumbelRao', 'gapped'])
    .default('soft')
    .describe('how gradients pass through choices: soft, straightThrough, gumbelRao, gapped'),
  estimatorSamples: count()
    .max(1000)
    .default(10)
    .describe('soft samples of which estimator gumbelRao takes the mean gradient'),
  exploration: z
    .enum(['policy', 'gaussian', 'ornsteinUhlenbeck'])
    .default('policy')
    .describe(
      "how boxes explore: policy, by the actor's own deviation; gaussian or ornsteinUhlenbeck, noise added to its action",
    ),
  explorationScale: schedule(z.number().min(0), 'a number of at least 0')
    .default(0.1)
    .describe('deviation of added exploration noise, as a part of half the width of the box'),
  inferPolicies: z
    .boolean()
    .default(false)
    .describe("whether the others' policies are inferred from their actions, not read"),
  inferenceEntropy: z.number().min(0).default(1e-3).describe('weight of the entropy of inferred policies (lambda)'),
  subPolicies: count().max(32).default(1).describe('sub-policies of each agent, one drawn per episode'),
  shareParameters: z
    .boolean()
    .default(false)
    .describe('whether agents of one team with equal spaces have their networks in common, told apart by their number'),
})

const replay = z.strictObject({
  capacity: count()
    .default(1_000_000)
    .describe('transitions kept, taken as they come; where 2 GB hold fewer, they are the default'),
  steps: count()
    .max(100)
    .default(1)
    .describe('steps whose rewards are summed before the next value counts (n-step returns)'),
  priority: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('exponent of the TD error by which transitions are drawn; 0: uniformly'),
  importance: schedule(z.number().min(0).max(1), 'a number from 0 to 1')
    .default(0.4)
    .describe('how far importance weights make up for prioritised draws, or its schedule'),
  draws: z
    .enum(['agent', 'round'])
    .default('agent')
    .describe('agent: every update draws a batch of its own; round: one batch for all updates of a round'),
})

const network = z.strictObject({
  hidden: z.array(count()).default([64, 64]).describe('units of each hidden layer, actors and critics alike'),
  activation: z
    .enum(['relu', 'leakyRelu', 'elu', 'tanh'])
    .default('relu')
    .describe('activation of the hidden layers: relu, leakyRelu, elu, tanh'),
  layerNorm: z.boolean().default(false).describe('whether hidden layers are normalised before their activation'),
  memory: z.int().min(0).max(1024).default(0).describe('units of a recurrent layer (GRU) in the actors; 0: none'),
  memorySteps: count().max(1000).default(8).describe('steps that learning goes back through the memory of an actor'),
})

const run = z.strictObject({
  preset: z.string().default('openai').describe('the named layer of settings below the overrides'),
  seed: z.int().min(0).max(0xffffffff).default(1).describe('every random number of the run follows from it'),
  episodes: count().default(60_000).describe('training episodes'),
  games: count().default(1).describe('games stepped side by side'),
  backend: z.string().default('simd').describe('what runs the networks: simd, tfjs'),
  tfjs: z
    .enum(['auto', 'tensorflow', 'wasm', 'cpu'])
    .default('auto')
    .describe('what carries the tensors of backend tfjs; auto: native TensorFlow if it loads, else wasm, else cpu'),
  threads: z
    .int()
    .min(1)
    .max(64)
    .nullable()
    .default(null)
    .describe(
      'threads that share the work of the simd backend; null: one per core. Results are the same for any number',
    ),
  kernels: z
    .enum(['standard', 'relaxed'])
    .default('standard')
    .describe('relaxed: fused multiply-add where the engine has relaxed SIMD; other bits than standard'),
  logEvery: count().default(100).describe('episodes between lines of metrics.jsonl'),
  logSteps: z
    .int()
    .min(0)
    .default(25_000)
    .describe('environment steps without a line of metrics.jsonl after which one is written; 0: by episodes alone'),
  checkpointEvery: count().default(10_000).describe('episodes between checkpoints'),
  checkpointSteps: z
    .int()
    .min(0)
    .default(0)
    .describe('environment steps between checkpoints, beside those by episodes; 0: none'),
  checkpointMinutes: z
    .number()
    .min(0)
    .max(10_000)
    .default(10)
    .describe('minutes without a checkpoint after which one is written, to be replaced by the next; 0: none'),
  evaluateEvery: z
    .int()
    .min(0)
    .default(0)
    .describe('episodes between evaluations, a multiple of run.logEvery or rounded up to one; 0: none while training'),
  evaluateEpisodes: count().default(100).describe('episodes of such an evaluation, rounded up to a multiple of 50'),
  evaluateMode: z
    .enum(['sample', 'greedy'])
    .default('greedy')
    .describe('how actors play in such an evaluation: sample, as in training; greedy, their best guess'),
  keepCheckpoints: count()
    .max(1000)
    .default(2)
    .describe('newest checkpoints kept; with two, one is left where the newest is damaged'),
  keepBest: z
    .boolean()
    .default(false)
    .describe('whether the actors with the best training return are kept too (mean over the agents)'),
  summaryEpisodes: z
    .int()
    .min(0)
    .default(1000)
    .describe('episodes of each evaluation in the table at the end of `marlstrom train`; 0: no table'),
  tensorboard: z
    .boolean()
    .default(true)
    .describe('whether the lines of metrics.jsonl are written as TensorBoard events too'),
  hookSeconds: z
    .number()
    .min(0)
    .max(1e6)
    .default(5)
    .describe(
      "seconds of processor time that a function of a user's game may take before it is named and the process ended; 0: any number",
    ),
  divergence: z
    .enum(['stop', 'rollback'])
    .default('stop')
    .describe(
      'when a loss, gradient or parameter is no number: stop, or rollback to the last checkpoint and learn slower',
    ),
  rollbacks: count().max(100).default(3).describe('rollbacks before the run stops all the same'),
  rollbackFactor: rate().lt(1).default(0.5).describe('what every rollback multiplies learner.learningRate with'),
})

/** The options of the scenario are checked by the scenario itself. */
const scenario = z.looseObject({ id: z.string() })

/** The settings of the algorithms in use are checked by the algorithms themselves. */
const algorithm = z.looseObject({})

/** Who plays a team, by its name: an algorithm, `random`, `noop`, `scripted`, or the folder of a run whose actors play on unchanged. */
const team = z.record(z.string(), z.string())

/** All settings as zod checks them; scenarios and algorithms check their own. */
export const configSchema = z.strictObject({
  scenario,
  algorithm: algorithm.prefault({}),
  team: team.prefault({}),
  learner: learner.prefault({}),
  replay: replay.prefault({}),
  network: network.prefault({}),
  run: run.prefault({}),
})

/** Every setting of a run, complete. */
export type RunConfig = z.output<typeof configSchema>
/** Settings as a person gives them: all but `scenario.id` may be left out. */
export type RunConfigInput = z.input<typeof configSchema>
export type Section = 'scenario' | 'algorithm' | 'team' | 'learner' | 'replay' | 'network' | 'run'
/** Some settings, by section and key. */
export type Overrides = { readonly [S in Section]?: Readonly<Record<string, unknown>> }

/** Named layers over the defaults. The defaults are openai/maddpg exactly. */
export const presets: Readonly<Record<string, Overrides>> = {
  openai: { scenario: { rules: 'openai' } },
  // Found by scripts/search-modern.mjs; the search and its results are in docs/search/modern.md.
  modern: {
    scenario: { rules: 'openai' },
    learner: {
      learningRate: { from: 0.003, to: 0.0005, steps: 625_000, shape: 'exponential' },
      gamma: 0.8,
      batch: 256,
      updateEvery: 12,
      copyTargets: true,
      shareParameters: true,
    },
    run: { episodes: 25_000 },
  },
}

/**
 * The complete config: defaults, then those of the algorithm, then the preset, then the overrides. What the preset says about the
 * scenario counts where `game` has such an option.
 * @throws ConfigError with the path of the first wrong key, and the nearest known name.
 */
export function resolveConfig(
  given: Overrides,
  game?: Pick<GameDefinition, 'options'>,
  ofAlgorithm: Overrides = {},
): RunConfig {
  refusePrototypeKeys(given, [])
  const name = String(given.run?.preset ?? 'openai')
  const preset = Object.hasOwn(presets, name) ? presets[name] : undefined
  if (preset === undefined) throw new ConfigError('run.preset', unknownName('preset', name, Object.keys(presets)))
  const base = game === undefined ? preset : { ...preset, scenario: knownOptions(game, preset.scenario ?? {}) }
  const parsed = configSchema.safeParse(layer(layer(ofAlgorithm, base), given), { reportInput: true })
  if (parsed.success) return parsed.data
  throw configError(parsed.error.issues[0]!)
}

/** `overrides` laid over `base`, section by section. */
export function layer(base: Overrides, overrides: Overrides): Overrides {
  const sections = new Set([...Object.keys(base), ...Object.keys(overrides)]) as Set<Section>
  return Object.fromEntries([...sections].map(name => [name, merge(base[name], overrides[name])]))
}

/** Parses `key=value` settings, `learner.gamma=0.9`; values are JSON where they can be, else text. */
export function parseSettings(settings: readonly string[]): Overrides {
  let overrides: Overrides = {}
  for (const setting of settings) {
    const match = /^([^.=]+)\.([^=]+)=(.*)$/s.exec(setting)
    if (match === null)
      throw new ConfigError('--set', `expected section.key=value like learner.gamma=0.9, got '${setting}'`)
    const [, section, key, text] = match as unknown as [string, string, string, string]
    overrides = layer(overrides, { [section]: { [key]: parseValue(text) } })
  }
  return overrides
}

/** Every setting with its default and meaning, for help texts: `learner.gamma`. */
export function describeSettings(): { key: string; default: unknown; description: string }[] {
  return Object.entries({ learner, replay, network, run }).flatMap(([section, object]) =>
    Object.entries(object.shape).map(([key, setting]) => ({
      key: `${section}.${key}`,
      default: (setting as z.ZodType).parse(undefined),
      description: (setting as z.ZodType).description ?? '',
    })),
  )
}

/** Sections that are no records are left for the schema to refuse. */
function merge(base: unknown, over: unknown): never {
  const isRecord = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value)
  if (over === undefined) return base as never
  return (isRecord(base) && isRecord(over) ? { ...(base as object), ...(over as object) } : over) as never
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The names of JavaScript's own objects: records drop them silently, or hand them on to whoever merges next. */
function refusePrototypeKeys(value: unknown, path: readonly string[]): void {
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    if (key === '__proto__' || key === 'constructor' || key === 'prototype') throw unknownKey(path.join('.'), key)
    refusePrototypeKeys(inner, [...path, key])
  }
}

function configError(issue: z.core.$ZodIssue): ConfigError {
  return issue.code === 'unrecognized_keys'
    ? unknownKey(issue.path.join('.'), issue.keys[0]!)
    : new ConfigError(issue.path.join('.'), describeIssue(issue))
}

/** What has keys and is no section is the way of a number. */
function unknownKey(path: string, key: string): ConfigError {
  if (path === '') return new ConfigError(key, unknownName('section', key, Object.keys(configSchema.shape)))
  const known = { learner, replay, network, run }[path as 'learner'] ?? schedule(rate(), '').options[1]
  const ofOthers = ['scenario', 'algorithm', 'team'].includes(path)
  return new ConfigError(
    `${path}.${key}`,
    ofOthers ? `unknown key '${key}'; leave it out` : unknownName('key', key, Object.keys(known.shape)),
  )
}
