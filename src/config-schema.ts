// The JSON Schema of config files: what editors complete and check. Every scenario and every algorithm brings its own options.
import { z } from 'zod'
import { configSchema, presets } from './config.ts'
import { games } from './find-game.ts'
import type { Option, OptionTable } from './option.ts'
import { algorithms, backends } from './run.ts'

type JsonSchema = { [key: string]: unknown }

/**
 * JSON Schema (draft 7) of a config file. Files may say as little as they like; `scenario.id` decides which options of scenarios are
 * known, `algorithm.*` are those of all algorithms.
 */
export function configFileSchema(): JsonSchema {
  const generated = z.toJSONSchema(configSchema, { io: 'input', target: 'draft-7' }) as {
    properties: Record<string, { properties: Record<string, JsonSchema> }>
  }
  const { learner, replay, network, run } = generated.properties
  Object.assign(learner!.properties.algorithm!, oneOf(algorithms))
  Object.assign(run!.properties.preset!, oneOf(presets))
  Object.assign(run!.properties.backend!, oneOf(backends))
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'marlstrom config',
    description: 'Settings of a training run, for marlstrom train --config',
    type: 'object',
    additionalProperties: false,
    properties: {
      $schema: { type: 'string', description: 'for editors; marlstrom leaves it alone' },
      scenario: scenarioSchema(),
      algorithm: {
        description: 'settings of the algorithms in use',
        ...recordOf(Object.assign({}, ...Object.values(algorithms).map(({ options }) => options))),
      },
      team: {
        description: 'who plays a team: an algorithm, random, noop, scripted, or the folder of a run',
        type: 'object',
        additionalProperties: { type: 'string' },
      },
      learner: { description: 'how agents learn', ...learner },
      replay: { description: 'what they learn from', ...replay },
      network: { description: 'networks of actors and critics', ...network },
      run: { description: 'how the run is carried out', ...run },
    },
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

function recordOf(options: OptionTable, beside: JsonSchema = {}): JsonSchema {
  const properties = Object.entries(options).map(([name, option]) => [name, optionSchema(option)])
  return { type: 'object', properties: { ...beside, ...Object.fromEntries(properties) }, additionalProperties: false }
}

/** What isLegal says of an option, as JSON Schema. */
function optionSchema(option: Option<unknown>): JsonSchema {
  const { kind, min, max, choices } = option
  const bounds = {
    ...(min === undefined ? {} : { minimum: min }),
    ...(max === undefined ? {} : { maximum: max }),
  }
  const says = { description: option.description, default: option.default }
  if (choices !== undefined) return { ...says, enum: choices }
  if (kind === 'flag') return { ...says, type: 'boolean' }
  if (kind === 'numbers') return { ...says, type: ['array', 'null'] }
  const type = kind === 'count' || kind === 'optionalCount' ? 'integer' : 'number'
  const mayBeNull = kind === 'optionalCount' || kind === 'optionalNumber'
  return { ...says, type: mayBeNull ? [type, 'null'] : type, ...bounds }
}

function oneOf(known: Readonly<Record<string, unknown>>): JsonSchema {
  return { enum: Object.keys(known) }
}
