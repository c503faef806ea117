// Checks of a grid game before it is built: a misspelt hook, an action twice, agents that cannot do what they are asked to.
import { unknownName } from '../errors.ts'
import type { GridDefinition } from './grid-definition.ts'
import type { GridAgentDefinition } from './grid-entities.ts'

const required = ['id', 'version', 'description', 'options', 'actions', 'world', 'reset', 'observe', 'reward'] as const
const optional = [
  ...['collisions', 'absences', 'legend', 'mayEnter', 'act', 'done', 'actionMask', 'state', 'metrics', 'scripted'],
] as const
const noHooks: readonly string[] = [
  'id',
  'version',
  'description',
  'options',
  'actions',
  'collisions',
  'absences',
  'legend',
]

/** @throws TypeError with a sentence */
export function validateGrid(grid: GridDefinition): void {
  const fields = grid as unknown as Readonly<Record<string, unknown>>
  const name = typeof fields.id === 'string' ? fields.id : 'grid'
  const known: readonly string[] = [...required, ...optional]
  for (const field of Object.keys(fields)) {
    if (!known.includes(field)) throw new TypeError(`${name}: ${unknownName('hook', field, known)}`)
  }
  for (const field of required) {
    if (fields[field] === undefined) throw new TypeError(`${name}: ${field} is missing`)
  }
  for (const field of known) {
    if (noHooks.includes(field) || fields[field] === undefined || typeof fields[field] === 'function') continue
    throw new TypeError(`${name}: hook '${field}' must be a function, got ${typeof fields[field]}`)
  }
  const { actions } = grid
  if (
    !Array.isArray(actions) ||
    actions.length === 0 ||
    !actions.every(each => typeof each === 'string' && each !== '')
  ) {
    throw new TypeError(`${name}: actions must be a list of names like ['none', 'north', 'south', 'west', 'east']`)
  }
  const twice = actions.find((action, i) => actions.indexOf(action) !== i)
  if (twice !== undefined) throw new TypeError(`${name}: two actions are named '${twice}'`)
}

/** @throws TypeError for agents that lack something, or that could not turn though an action says so */
export function validateAgents({ id: name, actions }: GridDefinition, agents: readonly GridAgentDefinition[]): void {
  if (!Array.isArray(agents) || agents.length === 0) {
    throw new TypeError(`${name}: hook 'world' must return agents like [{ id: 'agent_0' }], got none`)
  }
  const turning = actions.find(action => action === 'forward' || action === 'left' || action === 'right')
  for (const { id, facing } of agents) {
    if (typeof id !== 'string' || id === '') throw new TypeError(`${name}: every agent must have an id like 'agent_0'`)
    if (turning === undefined || facing !== undefined) continue
    throw new TypeError(`${name}: action '${turning}' needs agents that look somewhere; give ${id} a \`facing\``)
  }
}
