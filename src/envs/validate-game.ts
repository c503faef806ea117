// Checks of a game before its first step, the same for `check` and for every command that plays it: each fault as a sentence.
import { type ActionPart, boxFault } from '../spaces.ts'
import type { AgentSpec } from '../types.ts'
import type { MarkovGame } from './markov-game.ts'
import { inWords, isCount, isName, partsFault } from './validate-parts.ts'

/** Something that a game is not. */
export interface GameFault {
  readonly message: string
  /** The member of the contract that is wrong: `agents`, `observe`. */
  readonly member: string
  /** Index of the agent; -1: no single one. */
  readonly agent: number
}

/** @throws TypeError with the first fault of a game. `isScenario`: its author wrote hooks, not the game itself. */
export function demandGame(id: string, game: unknown, isScenario: boolean): asserts game is MarkovGame {
  const [fault] = gameFaults(game, isScenario)
  if (fault !== undefined) throw new TypeError(`${id}: ${fault.message}`)
}

/** All that is wrong with a game as it was created. */
export function gameFaults(given: unknown, isScenario: boolean): readonly GameFault[] {
  if (typeof given !== 'object' || given === null) {
    return [{ message: `create must return a game, got ${inWords(given)}`, member: 'create', agent: -1 }]
  }
  const game = given as Record<string, unknown>
  const faults: GameFault[] = []
  const demand = (isRight: boolean, member: string, expected: string, agent = -1) => {
    if (!isRight) faults.push({ message: expected, member, agent })
  }
  demand(isName(game.id), 'id', `id must be a name, got ${inWords(game.id)}`)
  for (const name of ['reset', 'step', 'observe', 'save', 'restore']) {
    const is = typeof game[name] === 'function'
    demand(
      is,
      name,
      `${name} must be a function, ${game[name] === undefined ? 'it is missing' : `got ${inWords(game[name])}`}`,
    )
  }
  for (const name of ['script', 'measure', 'actionMask', 'state']) {
    const is = game[name] === undefined || typeof game[name] === 'function'
    demand(is, name, `${name} must be a function or absent, got ${inWords(game[name])}`)
  }
  if (!Array.isArray(game.agents)) {
    demand(false, 'agents', `agents must be a list, got ${inWords(game.agents)}`)
    return faults
  }
  const agents = game.agents as readonly unknown[]
  demand(agents.length > 0, 'agents', 'there must be at least one agent, got none')
  const names = new Set<unknown>()
  agents.forEach((agent, index) => {
    for (const { member, message } of agentFaults(agent, `agents[${index}]`, isScenario)) {
      demand(false, member, message, index)
    }
    const { id } = (agent ?? {}) as { id?: unknown }
    demand(!names.has(id), 'agents', `two agents are named '${id}'; number them`, index)
    names.add(id)
  })
  for (const name of ['rewards', 'present', 'terminated']) {
    const list = game[name]
    const got = isNumberList(list) ? `${list.length} numbers` : inWords(list)
    const is = isNumberList(list) && list.length === agents.length
    demand(is, name, `${name} must have a number for each of ${agents.length} agents, got ${got}`)
  }
  const { truncated } = game
  demand(typeof truncated === 'boolean', 'truncated', `truncated must be true or false, got ${inWords(truncated)}`)
  demand(
    game.absences === undefined || typeof game.absences === 'boolean',
    'absences',
    `absences must be true, false or absent, got ${inWords(game.absences)}`,
  )
  faults.push(
    ...stateFaults(game.stateParts, game.state),
    ...frameFaults(game.frames, agents.length),
    ...handleFaults(game.handles),
  )
  return faults
}

/** Whether two games of one definition have the same agents, as games side by side must. @throws TypeError naming the first that differs. */
export function demandSameAgents(one: MarkovGame, other: MarkovGame): void {
  const message = agentsDiffer(one, other)
  if (message !== null) throw new TypeError(`${one.id}: ${message}`)
}

/** How the agents of two games of one definition differ, as a sentence; null: not at all. */
export function agentsDiffer(
  { agents, stateParts }: MarkovGame,
  { agents: others, stateParts: otherParts }: MarkovGame,
): string | null {
  const remedy = 'every game with the same options must have the same agents'
  if (agents.length !== others.length) return `${remedy}, got ${agents.length} and ${others.length} of them`
  const index = agents.findIndex((agent, i) => sizes(agent) !== sizes(others[i]!))
  if (index < 0 && JSON.stringify(stateParts) !== JSON.stringify(otherParts)) {
    return `every game with the same options must have the same state, got ${inWords(stateParts)} and ${inWords(otherParts)}`
  }
  return index < 0 ? null : `${remedy}, got ${sizes(agents[index]!)} and ${sizes(others[index]!)}`
}

function sizes({ id, team, observationSize, actionSpace }: AgentSpec): string {
  return JSON.stringify({ id, team, observationSize, actionSpace })
}

/** What is wrong with the id of an agent, which becomes a key of records; null: nothing. */
export function idFault(what: string, id: unknown): string | null {
  if (!isName(id)) return `${what} must be a name like 'agent_0', got ${inWords(id)}`
  if (id in Object.prototype)
    return `${what} must not be '${id}', a name that every JavaScript object has; choose another`
  return null
}

function agentFaults(given: unknown, place: string, isScenario: boolean): { member: string; message: string }[] {
  const fault = (message: string, member = 'agents') => ({ member, message })
  if (typeof given !== 'object' || given === null) {
    return [fault(`${place} must be an object like { id: 'agent_0', team: 'agent', ... }, got ${inWords(given)}`)]
  }
  const { id, team, observationSize, observationParts, actionSpace } = given as Record<string, unknown>
  const faults = [idFault(`${place}.id`, id), idFault(`${place}.team`, team)]
    .filter(message => message !== null)
    .map(message => fault(message))
  const who = isName(id) ? id : place
  if (observationSize === 0) {
    faults.push(
      isScenario
        ? fault("it writes nothing; write at least see.number('nothing', 0)", 'observe')
        : fault(`observationSize of ${who} must be a whole number of at least 1, got 0; one that is always 0 will do`),
    )
  } else if (!isCount(observationSize, 1)) {
    faults.push(
      fault(`observationSize of ${who} must be a whole number of at least 1, got ${inWords(observationSize)}`),
    )
  }
  const wrongParts = partsFault('observationParts', `of ${who}`, observationParts)
  if (wrongParts !== null) faults.push(fault(wrongParts))
  else {
    const sum = (observationParts as readonly { size: number }[]).reduce((sum, { size }) => sum + size, 0)
    if (sum !== observationSize && observationSize !== 0) {
      faults.push(
        fault(`the observation's parts of ${who} have ${sum} numbers, the observation ${inWords(observationSize)}`),
      )
    }
  }
  for (const name of ['isMasked', 'mayBeAbsent'] as const) {
    const value = (given as Record<string, unknown>)[name]
    if (value === undefined || typeof value === 'boolean') continue
    faults.push(fault(`${name} of ${who} must be true, false or absent, got ${inWords(value)}`))
  }
  if (!Array.isArray(actionSpace)) {
    faults.push(fault(`actionSpace of ${who} must be a list of parts, got ${inWords(actionSpace)}`))
  } else if (actionSpace.length === 0) {
    const remedy = isScenario
      ? 'it can neither move nor speak; make it a landmark'
      : `actionSpace of ${who} must have a part`
    faults.push(fault(remedy))
  } else {
    const message = actionSpace.map((part, i) => partFault(part, actionSpace.slice(0, i))).find(found => found !== null)
    if (message !== undefined) faults.push(fault(`actionSpace of ${who}: ${message}`))
  }
  return faults
}

function partFault(given: unknown, before: readonly Partial<ActionPart>[]): string | null {
  if (typeof given !== 'object' || given === null) return `a part must be an object, got ${inWords(given)}`
  const part = given as Partial<ActionPart>
  const { name, kind, size } = part
  const wrongName = idFault('the name of a part', name)
  if (wrongName !== null) return wrongName.replace("'agent_0'", "'move'")
  if (before.some(other => other?.name === name)) return `two parts are named '${name}'`
  if (kind !== 'choice' && kind !== 'box')
    return `part '${name}' must be of kind 'choice' or 'box', got ${inWords(kind)}`
  if (!isCount(size, 1)) return `size of part '${name}' must be a whole number of at least 1, got ${inWords(size)}`
  if (part.kind === 'choice' && part.soft !== undefined && typeof part.soft !== 'boolean') {
    return `soft of part '${name}' must be true or false, got ${inWords(part.soft)}`
  }
  const { names } = part as { readonly names?: unknown }
  if (part.kind === 'choice' && !areNames(names, size)) {
    return `names of part '${name}' must be ${size} names, got ${inWords(names)}`
  }
  return boxFault(part as ActionPart)
}

/** The state of the world has names and sizes, and is written: one without the other says nothing. */
function stateFaults(parts: unknown, state: unknown): GameFault[] {
  const fault = (message: string) => [{ message, member: 'stateParts', agent: -1 }]
  if (parts === undefined && state === undefined) return []
  if (parts === undefined)
    return fault('stateParts must say which numbers `state` writes, [{ name, size }, ...], they are missing')
  if (state === undefined)
    return [{ message: 'state must write what `stateParts` name, it is missing', member: 'state', agent: -1 }]
  const wrong = partsFault('stateParts', 'of the game', parts)
  if (wrong !== null) return fault(wrong)
  const isSome = (parts as readonly { size: number }[]).some(({ size }) => size > 0)
  return isSome
    ? []
    : fault('stateParts must have a number at least, got none; leave them and `state` out where there is no state')
}

const fieldNames = ['position', 'velocity', 'present', 'heading', 'utterance', 'level', 'marked', 'goal']

function frameFaults(given: unknown, agents: number): GameFault[] {
  if (given === undefined) return []
  const fault = (message: string) => [{ message, member: 'frames', agent: -1 }]
  const { schema, write } = (given ?? {}) as Record<string, unknown>
  if (typeof write !== 'function') return fault(`frames.write must be a function, got ${inWords(write)}`)
  if (typeof schema !== 'object' || schema === null)
    return fault(`frames.schema must be an object, got ${inWords(schema)}`)
  const { kind, extent, size, fields, entities, grid } = schema as Record<string, unknown>
  if (kind !== 'particles' && kind !== 'grid') {
    return fault(`frames.schema.kind must be 'particles' or 'grid', got ${inWords(kind)}`)
  }
  const wrongGrid = kind === 'grid' ? gridFault(grid) : null
  if (wrongGrid !== null) return fault(`frames.schema.grid ${wrongGrid}`)
  if (typeof extent !== 'number' || !(extent > 0 && extent < Number.POSITIVE_INFINITY)) {
    return fault(`frames.schema.extent must be a number above 0, got ${inWords(extent)}`)
  }
  if (!isCount(size, 1)) return fault(`frames.schema.size must be a whole number of at least 1, got ${inWords(size)}`)
  if (!Array.isArray(fields)) return fault(`frames.schema.fields must be a list, got ${inWords(fields)}`)
  const beyond = fields.find(
    field =>
      !fieldNames.includes(field?.name) ||
      !isCount(field.offset, 0) ||
      !isCount(field.size, 0) ||
      field.offset + field.size > (size as number),
  )
  if (beyond !== undefined) {
    return fault(
      `frames.schema.fields must each be { name, offset, size } within ${size} numbers, named ${fieldNames.join(', ')}, got ${inWords(beyond)}`,
    )
  }
  if (!Array.isArray(entities)) return fault(`frames.schema.entities must be a list, got ${inWords(entities)}`)
  const wrong = entities.find(
    entity =>
      !isName(entity?.id) ||
      !['agent', 'landmark'].includes(entity.kind) ||
      !(entity.agent === null || (isCount(entity.agent, 0) && entity.agent < agents)) ||
      !(entity.size >= 0) ||
      !(entity.color === undefined || isColor(entity.color)) ||
      !(entity.label === undefined || typeof entity.label === 'string') ||
      !(entity.form === undefined || entity.form === 'diamond' || entity.form === 'square'),
  )
  if (wrong !== undefined) {
    return fault(
      `frames.schema.entities must each be { id, kind: 'agent' or 'landmark', agent: index or null, size, color?: [r, g, b], label?, form?, ... }, got ${inWords(wrong)}`,
    )
  }
  return []
}

/** What is wrong with the ground of a grid; null: nothing. */
function gridFault(given: unknown): string | null {
  const { rows, columns, walls, marks } = (given ?? {}) as Record<string, unknown>
  if (!isCount(rows, 1) || !isCount(columns, 1)) {
    return `must have rows and columns, whole numbers of at least 1, got ${inWords(given)}`
  }
  const areCells = (cells: unknown) =>
    Array.isArray(cells) && cells.every(cell => isCount(cell, 0) && cell < rows * columns)
  if (!areCells(walls)) return `.walls must be a list of cells below ${rows * columns}, got ${inWords(walls)}`
  const wrong = Array.isArray(marks) ? marks.find(mark => !isName(mark?.name) || !areCells(mark.cells)) : marks
  return wrong === undefined ? null : `.marks must each be { name, cells, color? }, got ${inWords(wrong)}`
}

function handleFaults(given: unknown): GameFault[] {
  if (given === undefined) return []
  if (typeof given !== 'object' || given === null) {
    return [{ message: `handles must be an object or absent, got ${inWords(given)}`, member: 'handles', agent: -1 }]
  }
  return ['steer', 'drag', 'watchRewards', 'rewardParts', 'sees'].flatMap(name => {
    const handle = (given as Record<string, unknown>)[name]
    if (handle === undefined || typeof handle === 'function') return []
    return [
      { message: `handles.${name} must be a function or absent, got ${inWords(handle)}`, member: 'handles', agent: -1 },
    ]
  })
}

function isColor(value: unknown): boolean {
  return Array.isArray(value) && value.length === 3 && value.every(Number.isFinite)
}

/** Names are given for all of `size` things, or not at all. */
function areNames(value: unknown, size: number): boolean {
  return value === undefined || (Array.isArray(value) && value.length === size && value.every(isName))
}

function isNumberList(value: unknown): value is ArrayLike<number> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))
}
