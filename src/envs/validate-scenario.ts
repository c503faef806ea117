// Checks of a scenario before its first step: each mistake as a sentence with the scenario, the hook and the remedy.
import { nearest, slip, unknownName } from '../errors.ts'
import { expected, isLegal, type Option } from '../settings/option.ts'
import { commonOptions, type Scenario } from './scenario.ts'
import { idFault } from './validate-game.ts'
import { validateSpace } from './validate-space.ts'

const required = ['world', 'reset', 'observe', 'reward'] as const
const optional = [
  'changedIn',
  'controls',
  'beforeRewards',
  'done',
  'actionMask',
  'state',
  'metrics',
  'goal',
  'scripted',
  'impose',
] as const
const fields: Record<Exclude<keyof Scenario, Hook>, true> = {
  id: true,
  version: true,
  description: true,
  collaborative: true,
  absences: true,
  extent: true,
  options: true,
}
const kinds = ['count', 'optionalCount', 'ratio', 'number', 'optionalNumber', 'flag', 'choice', 'numbers']

type Hook = (typeof required)[number] | (typeof optional)[number]

/** All functions of a scenario. */
export const hookNames: readonly Hook[] = [...required, ...optional]

/** @throws TypeError when something is missing, misspelt or of the wrong type. */
export function validateScenario(given: unknown): void {
  if (!isRecord(given))
    throw new TypeError(`a scenario must be an object as defineScenario takes it, got ${show(given)}`)
  const id = validateNames('a scenario', given)
  const known: readonly string[] = [...Object.keys(fields), ...required, ...optional]
  const unknown = Object.keys(given).filter(name => !known.includes(name))
  for (const hook of required) {
    if (typeof given[hook] === 'function') continue
    const misspelt = unknown.find(name => given[hook] === undefined && nearest(name, known) === hook)
    if (misspelt !== undefined) {
      throw slip(`${id}: ${unknownName('hook', misspelt, known)}; rename it or take it out`, misspelt)
    }
    const got = given[hook] === undefined ? 'it is missing' : `got ${show(given[hook])}`
    throw slip(`${id}: hook '${hook}' must be a function, ${got}; ${remedies[hook]}`, hook)
  }
  for (const hook of optional) {
    if (given[hook] === undefined || typeof given[hook] === 'function') continue
    throw slip(`${id}: hook '${hook}' must be a function, got ${show(given[hook])}; make it one or leave it out`, hook)
  }
  for (const name of unknown) {
    throw slip(`${id}: ${unknownName('hook', name, known)}; rename it or take it out`, name)
  }
  if (given.absences !== undefined && typeof given.absences !== 'boolean') {
    throw slip(`${id}: absences must be true or false, got ${show(given.absences)}`, 'absences')
  }
  const taken = Object.keys(commonOptions).filter(name => name !== 'maxCycles')
  validateOptions(id, given.options, taken)
  validateCycles(id, (given.options as Readonly<Record<string, Option<unknown> | undefined>>).maxCycles)
}

/** Another default of how long an episode is: still a number of steps. */
function validateCycles(id: string, option: Option<unknown> | undefined): void {
  if (option === undefined || (option.kind === 'count' && option.min! >= 1)) return
  throw slip(
    `${id}: option 'maxCycles' must be a count of at least 1, got ${show(option)};` +
      " write maxCycles: count(50, { min: 1 }, 'steps after which an episode is truncated')",
    'maxCycles',
  )
}

/** What stands behind the id of a game that is no scenario. @throws TypeError when something is missing or of the wrong type. */
export function validateDefinition(given: unknown): void {
  if (!isRecord(given)) throw new TypeError(`a game must be an object as defineGame takes it, got ${show(given)}`)
  const id = validateNames('a game', given)
  if (typeof given.create !== 'function') {
    throw new TypeError(`${id}: create must be a function that returns a game, got ${show(given.create)}`)
  }
  validateOptions(id, given.options, [])
}

/** The id and the version, which name run folders and decide whether checkpoints fit. */
function validateNames(what: string, { id, version }: Readonly<Record<string, unknown>>): string {
  if (typeof id !== 'string' || !/^[A-Za-z0-9][\w.-]*$/.test(id)) {
    throw new TypeError(`${what}: id must be a word of letters, digits and _, got ${show(id)}; write id: 'my_scenario'`)
  }
  if (typeof version !== 'number') {
    throw new TypeError(`${id}: version must be a number, got ${show(version)}; write version: 1`)
  }
  return id
}

/** @throws TypeError when `world` gave something that no world can be built from. */
export function validateWorld(id: string, given: unknown): void {
  const where = `${id}: hook 'world'`
  if (!isRecord(given) || !Array.isArray(given.agents)) {
    throw new TypeError(`${where} must return { agents: [...], landmarks?: [...] }, got ${show(given)}`)
  }
  if (given.agents.length === 0) throw new TypeError(`${where} must return at least one agent, got an empty list`)
  const { landmarks = [], scriptedAgents = [], channels = 0 } = given
  if (!Array.isArray(landmarks)) throw new TypeError(`${where}: landmarks must be a list, got ${show(landmarks)}`)
  if (!Array.isArray(scriptedAgents)) {
    throw new TypeError(`${where}: scriptedAgents must be a list, got ${show(scriptedAgents)}`)
  }
  if (!Number.isInteger(channels) || (channels as number) < 0) {
    throw new TypeError(`${where}: channels must be a whole number of at least 0, got ${show(channels)}`)
  }
  const names = new Set<string>()
  const entities = [
    ...given.agents.map((entity, i) => ({ entity, place: `agents[${i}]` })),
    ...scriptedAgents.map((entity, i) => ({ entity, place: `scriptedAgents[${i}]` })),
    ...landmarks.map((entity, i) => ({ entity, place: `landmarks[${i}]` })),
  ]
  for (const { entity, place } of entities) {
    const name = validateEntity(where, place, entity)
    if (names.has(name)) {
      throw new TypeError(
        `${where}: two entities are named '${name}'; number them: \`${name.replace(/_?\d*$/, '')}_\${i}\``,
      )
    }
    names.add(name)
  }
  validateSpace(where, given)
}

/** What entities have of themselves: a definition that names one of these would overwrite it. */
const ownFields = ['kind', 'index', 'position', 'velocity', 'force', 'thrust', 'speech', 'utterance', 'colored']

const remedies = {
  world: 'it returns { agents, landmarks }: world: ({ options }) => ({ agents: [...] })',
  reset: 'it places everything: reset({ world, random }) { ... }',
  observe: 'it writes what an agent sees: observe({ agent, see }) { ... }',
  reward: 'it returns a number: reward({ agent, world }) { return ... }',
} as const

function validateEntity(where: string, place: string, entity: unknown): string {
  if (!isRecord(entity))
    throw new TypeError(`${where}: ${place} must be an object like { id: 'agent_0' }, got ${show(entity)}`)
  const id = entity.id as string
  const wrongId = idFault(`${place}.id`, id)
  if (wrongId !== null) throw new TypeError(`${where}: ${wrongId}`)
  const taken = ownFields.find(field => entity[field] !== undefined)
  if (taken !== undefined) {
    throw new TypeError(`${where}: field '${taken}' of ${id} is one that marlstrom fills in; choose another name`)
  }
  for (const field of [
    'size',
    'mass',
    'acceleration',
    'maxSpeed',
    'turnRate',
    'actionNoise',
    'utteranceNoise',
  ] as const) {
    const value = entity[field]
    if (value === undefined || (typeof value === 'number' && value >= 0)) continue
    throw new TypeError(`${where}: ${field} of ${id} must be a number of at least 0, got ${show(value)}`)
  }
  const { dynamics } = entity
  if (dynamics !== undefined && !['force', 'velocity', 'differential'].includes(dynamics as string)) {
    throw new TypeError(`${where}: dynamics of ${id} must be force, velocity or differential, got ${show(dynamics)}`)
  }
  const { color, team } = entity
  const parts = Array.isArray(color) ? color : []
  if (color !== undefined && (parts.length !== 3 || !parts.every(part => Number.isFinite(part)))) {
    throw new TypeError(`${where}: color of ${id} must be [red, green, blue] in 0 ... 1, got ${show(color)}`)
  }
  if (team !== undefined && (typeof team !== 'string' || team === '')) {
    throw new TypeError(`${where}: team of ${id} must be a name like 'agent', got ${show(team)}`)
  }
  for (const field of ['collides', 'moves', 'speaks'] as const) {
    const value = entity[field]
    if (value === undefined || typeof value === 'boolean') continue
    throw new TypeError(`${where}: ${field} of ${id} must be true or false, got ${show(value)}`)
  }
  return id
}

/** `taken`: names of options that every game of the kind has already. */
function validateOptions(id: string, options: unknown, taken: readonly string[]): void {
  if (!isRecord(options)) {
    throw new TypeError(`${id}: options must be an object, got ${show(options)}; write options: {} when there are none`)
  }
  for (const [name, option] of Object.entries(options)) {
    if (!/^[A-Za-z]\w*$/.test(name) || name === 'id' || name in Object.prototype) {
      const why = name === 'id' ? 'scenario.id is the name of the scenario' : 'it is set as scenario.<name>'
      throw new TypeError(
        `${id}: an option must have another name than '${name}', a word of letters, digits and _: ${why}`,
      )
    }
    if (taken.includes(name)) {
      throw new TypeError(
        `${id}: option '${name}' is one that every scenario has; give yours another name or take it out`,
      )
    }
    if (!isRecord(option) || !kinds.includes(option.kind as string) || typeof option.description !== 'string') {
      throw slip(
        `${id}: option '${name}' must be made by count, ratio, real, flag, choice or optionalCount, got ${show(option)};` +
          ` write ${name}: ${maker(option)}`,
        name,
      )
    }
    const described = option as unknown as Option<unknown>
    if (isLegal(described, described.default)) continue
    throw slip(
      `${id}: the default of option '${name}' must be ${expected(described)}, got ${show(described.default)}`,
      name,
    )
  }
}

/** The option that a plain value was probably meant to be. */
function maker(value: unknown): string {
  if (typeof value === 'boolean') return `flag(${value}, 'what it does')`
  if (typeof value === 'string') return `choice(['${value}', ...], 'what it does')`
  if (typeof value !== 'number') return "count(3, {}, 'what it does')"
  return Number.isInteger(value) ? `count(${value}, {}, 'what it does')` : `real(${value}, {}, 'what it does')`
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function show(value: unknown): string {
  if (value instanceof Promise) return 'a promise (hooks cannot be async)'
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'number') return String(value)
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
