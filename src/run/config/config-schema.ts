// The JSON Schema of config files: what editors complete and check. Every scenario and every algorithm brings its own options.

import type { Option, OptionTable } from '../../settings/option.ts'
import { games } from '../find-game.ts'
import { shortNames } from '../players.ts'
import { baselines } from '../policies.ts'
import { algorithms, backends } from '../run.ts'
import { pastPlay } from '../self-play.ts'
import { usualAlgorithm } from './config.ts'
import { presets } from './presets.ts'
import { networkOptions, replayOptions, runOptions } from './section-options.ts'
import type { Described } from './team-settings.ts'

type JsonSchema = { [key: string]: unknown }

/**
 * JSON Schema (draft 7) of a config file. Files may say as little as they like; `scenario.id` decides which options of scenarios are
 * known, `learner.*` and those of a team are those of all algorithms.
 */
export function configFileSchema(): JsonSchema {
  const run = recordOf(runOptions)
  Object.assign(run.properties.preset!, oneOf(presets))
  Object.assign(run.properties.backend!, oneOf(backends))
  const player =
    'who plays the team: an algorithm, random, noop, scripted, same:<team> or past:<team>, the folder of a run, or a file with an algorithm or a policy'
  const known = [...Object.keys(algorithms), ...Object.keys(shortNames)]
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'marlstrom config',
    description: 'Settings of a training run, for marlstrom train --config',
    type: 'object',
    additionalProperties: false,
    patternProperties: { '^x-': { description: 'for anchors; marlstrom leaves it alone' } },
    properties: {
      $schema: { type: 'string', description: 'for editors; marlstrom leaves it alone' },
      scenario: scenarioSchema(),
      team: {
        description: 'who plays a team, and settings for that team alone',
        type: 'object',
        additionalProperties: {
          anyOf: [
            { description: player, ...named([...known, ...baselines], 'same:', 'past:') },
            learnerSchema({ description: player, ...named([...known, ...baselines], 'same:', 'past:') }, [pastPlay]),
          ],
        },
      },
      learner: {
        description: 'how agents learn: settings of every team whose algorithm has them',
        ...learnerSchema({ ...optionSchema(usualAlgorithm), ...named(known) }),
      },
      replay: { description: 'what they learn from', ...recordOf(replayOptions) },
      network: { description: 'networks of actors and critics', ...recordOf(networkOptions) },
      run: { description: 'how the run is carried out', ...run },
    },
  }
}

/** Names that are known, the path of a file, or other words that begin so. */
function named(known: readonly string[], ...begins: readonly string[]): JsonSchema {
  const pattern = ['[./\\\\]', ...begins.map(begin => `^${begin}`)].join('|')
  return { anyOf: [{ enum: known }, { type: 'string', pattern }] }
}

/** The settings of all algorithms, and of `others`; where two have one by other rules, either is legal. */
function learnerSchema(algorithm: JsonSchema, others: readonly Described[] = []): JsonSchema {
  const tables = [...Object.values(algorithms), ...others].map(({ options }) => options)
  const names = [...new Set(tables.flatMap(table => Object.keys(table)))]
  const properties = names.map(name => {
    const all = tables.flatMap(table => (Object.hasOwn(table, name) ? [optionSchema(table[name]!)] : []))
    const rules = [
      ...new Map(all.map(({ description: _, default: __, ...rule }) => [JSON.stringify(rule), rule])).values(),
    ]
    const { description, default: standard } = all[0]!
    const isOne = all.every(other => JSON.stringify(other.default) === JSON.stringify(standard))
    return [
      name,
      { description, ...(isOne ? { default: standard } : {}), ...(rules.length === 1 ? rules[0] : { anyOf: rules }) },
    ]
  })
  return {
    type: 'object',
    properties: { algorithm, ...Object.fromEntries(properties) },
    // A file brings settings of its own.
    if: { properties: { algorithm: { type: 'string', pattern: '\\.[cm]?[jt]s$' } }, required: ['algorithm'] },
    else: { propertyNames: { enum: ['algorithm', ...names] } },
  }
}

/** Options of a scenario are known where its id is; a scenario file brings others, and a file without an id may say anything. */
function scenarioSchema(): JsonSchema {
  const id = { type: 'string', description: 'id of a scenario, or the path of a scenario file' }
  return {
    description: 'the game and its options',
    type: 'object',
    properties: { id: { ...id, examples: Object.keys(games) } },
    allOf: Object.values(games).map(game => ({
      if: { properties: { id: { const: game.id } }, required: ['id'] },
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema's word.
      then: recordOf(game.options, { id: { description: game.description } }),
    })),
  }
}

interface RecordSchema extends JsonSchema {
  readonly properties: Record<string, JsonSchema>
}

function recordOf(options: OptionTable, beside: JsonSchema = {}): RecordSchema {
  const properties = Object.entries(options).map(([name, option]) => [name, optionSchema(option)])
  return { type: 'object', properties: { ...beside, ...Object.fromEntries(properties) }, additionalProperties: false }
}

/** What isLegal says of an option, as JSON Schema. */
function optionSchema(option: Option<unknown>): JsonSchema {
  const { kind, choices, pattern } = option
  const says = { description: option.description, default: option.default }
  const mayBeNull = /^optional/.test(kind)
  if (choices !== undefined) return { ...says, enum: mayBeNull ? [...choices, null] : choices }
  if (kind === 'flag') return { ...says, type: 'boolean' }
  if (kind === 'text') return { ...says, type: 'string' }
  if (kind === 'flagOrText') return { ...says, anyOf: [{ type: 'boolean' }, { type: 'string', pattern }] }
  if (kind === 'numbers') return { ...says, type: ['array', 'null'] }
  if (kind === 'part') return { ...says, ...recordOf(option.options!) }
  const type = kind === 'count' || kind === 'optionalCount' || kind === 'counts' ? 'integer' : 'number'
  const number = { type: mayBeNull ? [type, 'null'] : type, ...boundsOf(option) }
  if (kind === 'counts') return { ...says, type: 'array', items: number }
  return kind === 'schedule' ? { ...says, anyOf: [number, courseOf(number)] } : { ...says, ...number }
}

function boundsOf({ min, max, above, below }: Option<unknown>): JsonSchema {
  return {
    ...(min === undefined ? {} : { minimum: min }),
    ...(max === undefined ? {} : { maximum: max }),
    ...(above === undefined ? {} : { exclusiveMinimum: above }),
    ...(below === undefined ? {} : { exclusiveMaximum: below }),
  }
}

/** The way of a number over environment steps. */
function courseOf(number: JsonSchema): JsonSchema {
  return {
    type: 'object',
    properties: {
      from: number,
      to: number,
      steps: { type: 'integer', minimum: 1 },
      shape: { enum: ['linear', 'exponential'] },
    },
    required: ['from', 'to', 'steps'],
    additionalProperties: false,
  }
}

function oneOf(known: Readonly<Record<string, unknown>>): JsonSchema {
  return { enum: Object.keys(known) }
}
