// What operators can set from Foxglove: parameters by name, each read from the session's state and set by a command.

import { ConfigError, unknownName } from '../errors.ts'
import type { Command, SessionState } from '../experiment/session.ts'
import { parseRequest } from '../stream/read-request.ts'

export interface Parameter {
  readonly name: string
  readonly value?: unknown
  /** Whole numbers would lose their kind otherwise. */
  readonly type?: 'float64'
}

/** All parameters of a session, by name. `speed` 0 stands for as fast as possible. */
export function parametersOf(state: SessionState): ReadonlyMap<string, Parameter> {
  const { paused, speed, seed, options, optionsAllowed, players } = state.exhibition
  const values: readonly (readonly [name: string, value: unknown])[] = [
    ['paused', paused],
    ['speed', speed ?? 0],
    ['seed', seed],
    ...(isTraining(state) ? [['training.paused', state.status === 'paused'] as const] : []),
    ...Object.entries(players).map(([team, who]) => [`players.${team}`, who] as const),
    ...optionsAllowed.map(({ name }) => [`options.${name}`, options[name]] as const),
  ]
  return new Map(values.map(([name, value]) => [name, parameter(name, value)]))
}

/**
 * The command that gives a parameter its value.
 * @throws ConfigError for a parameter that there is not, TypeError or RangeError for a value that it cannot have.
 */
export function commandFor(name: string, value: unknown, state: SessionState): Command {
  const known = parametersOf(state)
  if (!known.has(name)) throw new ConfigError('parameter', unknownName('parameter', name, [...known.keys()]))
  const [family, ...rest] = name.split('.')
  const member = rest.join('.')
  switch (family) {
    case 'paused':
      return { type: flag(name, value) ? 'pause' : 'resume' }
    case 'training':
      return { type: flag(name, value) ? 'pauseTraining' : 'resumeTraining' }
    case 'speed':
      return strictly({ type: 'speed', speed: value === 0 ? null : value })
    case 'seed':
      return strictly({ type: 'reset', seed: value })
    case 'players':
      return strictly({ type: 'play', team: member, who: value })
    default:
      return strictly({ type: 'options', options: { [member]: value ?? null } })
  }
}

function parameter(name: string, value: unknown): Parameter {
  // Whatever has no value is a parameter that is not set.
  if (value === null || value === undefined) return { name }
  return typeof value === 'number' ? { name, value, type: 'float64' } : { name, value }
}

function isTraining({ status }: SessionState): boolean {
  return status === 'training' || status === 'paused'
}

function flag(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw new TypeError(`parameter ${name} must be true or false, got ${JSON.stringify(value)}`)
}

/** By the rules of the stream's own commands. */
function strictly(command: object): Command {
  return parseRequest(JSON.stringify(command)) as Command
}
