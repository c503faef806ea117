// What a sweep file says: the settings that stay, the space of those that do not, how it is searched, and the objective.
import { z } from 'zod'
import { ConfigError, unknownName } from '../errors.ts'
import { type Objective, objectiveSchema } from '../jobs/objective.ts'
import { describeIssue } from '../settings/zod-issue.ts'
import { gridStrategy } from './grid.ts'
import { rungsOf } from './halving.ts'
import { randomStrategy } from './random-search.ts'
import { sobolStrategy } from './sobol.ts'
import { type Space, spaceOf } from './space.ts'
import type { Strategy } from './strategy.ts'
import { tpeStrategy } from './tpe.ts'

const count = () => z.int().min(1)
const seed = () => z.int().min(0).max(0xffffffff)
const record = () => z.record(z.string(), z.unknown())

const tpe = z.strictObject({
  startup: count().default(10),
  candidates: count().max(10_000).default(24),
  good: z.number().gt(0).lt(1).default(0.15),
})
const sobol = z.strictObject({ scramble: z.boolean().default(true) })
const halving = z.strictObject({ from: count(), eta: z.int().min(2).default(3) })

const schema = z.strictObject({
  name: z
    .string()
    .regex(/^[\w-][\w.-]*$/, { error: 'expected letters, digits, -, _ and dots' })
    .optional(),
  base: record(),
  space: record(),
  strategy: z.enum(['grid', 'random', 'sobol', 'tpe']).default('random'),
  trials: count().max(1_000_000).optional(),
  seeds: z
    .union([count().max(1000), z.array(seed()).min(1)], { error: 'expected how many seeds, or a list of them' })
    .default(1),
  seed: seed().default(1),
  objective: objectiveSchema.prefault({}),
  halving: halving.optional(),
  tpe: tpe.optional(),
  sobol: sobol.optional(),
  lanes: count().optional(),
  jobs: count().max(1024).optional(),
})

/** A sweep, complete: every value settled. */
export interface Sweep {
  readonly name: string | undefined
  /** Settings of all runs, by section and key. */
  readonly base: Readonly<Record<string, unknown>>
  readonly space: Space
  readonly strategy: Strategy
  readonly trials: number
  /** Each trial is one run per seed. */
  readonly seeds: readonly number[]
  readonly objective: Objective
  /** Training episodes of each rung, by those that are wanted in the end. */
  rungs(episodes: number): number[]
  readonly eta: number
  /** Trials whose results later decisions do not wait for; Infinity: decisions wait for nothing. */
  readonly lanes: number
  /** Runs side by side; undefined: as the command says. */
  readonly jobs: number | undefined
  /** All that decides which trials there are and what they are worth, for comparison with an earlier sweep; without `trials`. */
  readonly identity: Readonly<Record<string, unknown>>
}

/** Tasks under way of a sweep that waits for results: enough for a few cores, few enough to learn from. */
const usualLanes = { tpe: 4, halving: 8 }

/**
 * Reads what a sweep file holds.
 * @throws ConfigError with the path of the first wrong key, and the nearest known one
 */
export function sweepOf(content: Readonly<Record<string, unknown>>): Sweep {
  const parsed = schema.safeParse(content, { reportInput: true })
  if (!parsed.success) throw sweepError(parsed.error.issues[0]!)
  const { name, base, strategy: how, seeds, seed, objective, jobs, ...rest } = parsed.data
  for (const section of ['tpe', 'sobol'] as const) {
    if (rest[section] !== undefined && how !== section) {
      throw new ConfigError(section, `says how strategy ${section} searches, but strategy is ${how}; leave it out`)
    }
  }
  const space = spaceOf(rest.space)
  const tpeSettings = rest.tpe ?? tpe.parse({})
  const scramble = rest.sobol?.scramble ?? true
  const strategy = {
    grid: () => gridStrategy(space),
    random: () => randomStrategy(space, seed),
    sobol: () => sobolStrategy(space, seed, scramble),
    tpe: () => tpeStrategy(space, seed, tpeSettings),
  }[how]()
  const waits = strategy.learns || rest.halving !== undefined
  if (!waits && rest.lanes !== undefined) {
    throw new ConfigError('lanes', `strategy ${how} without halving waits for no result; leave it out`)
  }
  const usual = rest.halving === undefined ? usualLanes.tpe : usualLanes.halving
  const lanes = waits ? (rest.lanes ?? usual) : Number.POSITIVE_INFINITY
  return {
    name,
    base,
    space,
    strategy,
    trials: trialsOf(rest.trials, strategy),
    seeds: seedsOf(seeds),
    objective,
    rungs: episodes => rungsOf(rest.halving ?? null, episodes),
    eta: rest.halving?.eta ?? 1,
    lanes,
    jobs,
    identity: {
      base,
      space: rest.space,
      strategy: how,
      seeds: seedsOf(seeds),
      seed: how === 'grid' ? undefined : seed,
      objective,
      halving: rest.halving,
      tpe: how === 'tpe' ? tpeSettings : undefined,
      sobol: how === 'sobol' ? { scramble } : undefined,
      lanes: waits ? lanes : undefined,
    },
  }
}

function trialsOf(wanted: number | undefined, { size }: Strategy): number {
  if (size < Number.POSITIVE_INFINITY && (wanted === undefined || wanted > size)) {
    if (wanted === undefined && size <= 1_000_000) return size
    if (wanted !== undefined)
      throw new ConfigError('trials', `the grid has ${size} points, got ${wanted}; leave trials out`)
  }
  if (wanted === undefined) throw new ConfigError('trials', 'expected how many trials there shall be, got none')
  if (size < 2 ** 32 && wanted < size) {
    throw new ConfigError(
      'trials',
      `the grid has ${size} points, got ${wanted}; leave trials out for all of them, or list fewer values`,
    )
  }
  return wanted
}

function seedsOf(seeds: number | readonly number[]): number[] {
  if (typeof seeds === 'number') return Array.from({ length: seeds }, (_, i) => i + 1)
  const twice = seeds.find((seed, index) => seeds.indexOf(seed) !== index)
  if (twice !== undefined) throw new ConfigError('seeds', `${twice} is listed twice`)
  return [...seeds]
}

function sweepError(issue: z.core.$ZodIssue): ConfigError {
  const path = issue.path.join('.')
  if (issue.code !== 'unrecognized_keys') return new ConfigError(path, describeIssue(issue))
  const key = issue.keys[0]!
  const shape = { objective: objectiveSchema, halving, tpe, sobol }[path as 'tpe']?.shape ?? schema.shape
  return new ConfigError(path === '' ? key : `${path}.${key}`, unknownName('key', key, Object.keys(shape)))
}
