// Strict parsing of viewers' requests: only known fields are kept.
import { MOST_STEPS, SPEED } from '../experiment/commands.ts'
import type { Command } from '../experiment/session.ts'
import { MOST_HISTORY, MOST_INSPECTED, RATE, type Request, type ViewerRequest } from './protocol.ts'
import { count, list, number, only, pair, parseJson, record, show, string, within } from './reading.ts'

/** @throws TypeError or RangeError with a sentence; `idOf` gives the id to answer with. */
export function parseRequest(text: string): Request {
  const fields = record(parseJson(text, 'a command'), 'a command')
  const { type } = fields
  if (typeof type !== 'string' || !Object.hasOwn(readers, type)) {
    throw new TypeError(`a command's type must be one of ${requestTypes.join(', ')}, got ${show(type)}`)
  }
  const [keys, read] = readers[type as keyof typeof readers]
  const where = `command '${type}'`
  only(fields, ['type', 'id', ...keys], where)
  const request = read(fields, where)
  return fields.id === undefined ? request : { ...request, id: count(fields.id, `${where}: id`) }
}

/** The id of a request that may be wrong otherwise; undefined: it has none that can be answered with. */
export function idOf(text: string): number | undefined {
  try {
    return count(record(JSON.parse(text), '').id, '')
  } catch {
    return undefined
  }
}

/** Whether a request concerns its own connection only: anyone may ask it. */
export function isViewerRequest(request: Request): request is ViewerRequest & { readonly id?: number } {
  return request.type === 'subscribe' || request.type === 'history' || request.type === 'sync'
}

type Fields = Readonly<Record<string, unknown>>
type Asked = Command | ViewerRequest
type Reader<T extends Asked['type']> = readonly [
  keys: readonly string[],
  read: (fields: Fields, where: string) => Extract<Asked, { type: T }>,
]

/** A request without fields. */
const plain = <T extends Asked['type']>(type: T) => [[], () => ({ type }) as Extract<Asked, { type: T }>] as const

/** Of every request: its fields, and how they are read. */
const readers: { readonly [T in Asked['type']]: Reader<T> } = {
  pause: plain('pause'),
  resume: plain('resume'),
  step: [
    ['steps'],
    ({ steps }, where) => {
      if (steps === undefined) return { type: 'step' }
      return { type: 'step', steps: within(count(steps, `${where}: steps`), 1, MOST_STEPS, `${where}: steps`) }
    },
  ],
  speed: [
    ['speed'],
    ({ speed }, where) => {
      if (speed === null) return { type: 'speed', speed }
      return {
        type: 'speed',
        speed: within(number(speed, `${where}: speed`), SPEED.least, SPEED.most, `${where}: speed`),
      }
    },
  ],
  reset: [
    ['seed'],
    ({ seed }, where) =>
      seed === undefined ? { type: 'reset' } : { type: 'reset', seed: count(seed, `${where}: seed`) },
  ],
  options: [
    ['options'],
    ({ options }, where) => ({ type: 'options', options: optionsIn(options, `${where}: options`) }),
  ],
  play: [
    ['team', 'who'],
    ({ team, who }, where) => ({ type: 'play', team: name(team, `${where}: team`), who: name(who, `${where}: who`) }),
  ],
  take: [['agent'], ({ agent }, where) => ({ type: 'take', agent: count(agent, `${where}: agent`) })],
  release: [['agent'], ({ agent }, where) => ({ type: 'release', agent: count(agent, `${where}: agent`) })],
  act: [
    ['agent', 'move', 'say'],
    ({ agent, move, say }, where) => {
      const [x, y] = pair(move, `${where}: move`)
      for (const part of [x, y]) within(part, -1, 1, `${where}: move`)
      const act = { type: 'act', agent: count(agent, `${where}: agent`), move: [x, y] } as const
      if (say === undefined) return act
      return { ...act, say: say === null ? null : count(say, `${where}: say`) }
    },
  ],
  drag: [
    ['entity', 'position'],
    ({ entity, position }, where) => ({
      type: 'drag',
      entity: count(entity, `${where}: entity`),
      position: pair(position, `${where}: position`),
    }),
  ],
  pauseTraining: plain('pauseTraining'),
  resumeTraining: plain('resumeTraining'),
  stopTraining: plain('stopTraining'),
  startTraining: plain('startTraining'),
  seek: [['number'], ({ number }, where) => ({ type: 'seek', number: count(number, `${where}: number`) })],
  loop: [
    ['from', 'to'],
    ({ from, to }, where) =>
      from === null && to === null ? { type: 'loop', from, to } : { type: 'loop', ...range(from, to, where) },
  ],
  subscribe: [
    ['rate', 'inspect'],
    ({ rate, inspect }, where) => ({
      type: 'subscribe',
      ...(rate !== undefined && {
        rate: within(number(rate, `${where}: rate`), RATE.least, RATE.most, `${where}: rate`),
      }),
      ...(inspect !== undefined && { inspect: agentsIn(inspect, `${where}: inspect`) }),
    }),
  ],
  history: [
    ['from', 'to'],
    ({ from, to }, where) => {
      const asked = range(from, to, where)
      within(asked.to - asked.from + 1, 1, MOST_HISTORY, `${where}: the number of frames`)
      return { type: 'history', ...asked }
    },
  ],
  sync: plain('sync'),
}

/** Everything that may be asked. */
export const requestTypes: readonly string[] = Object.keys(readers)

function range(from: unknown, to: unknown, where: string): { from: number; to: number } {
  const first = count(from, `${where}: from`)
  const last = count(to, `${where}: to`)
  if (first > last) throw new RangeError(`${where}: from must not be above to, got ${first} and ${last}`)
  return { from: first, to: last }
}

function agentsIn(value: unknown, where: string): number[] {
  const agents = list(value, where)
  within(agents.length, 0, MOST_INSPECTED, `${where}: the number of agents`)
  return [...new Set(agents.map(agent => count(agent, where)))]
}

const LONGEST_NAME = 200
const MOST_OPTIONS = 100

function name(value: unknown, where: string): string {
  const text = string(value, where)
  within(text.length, 1, LONGEST_NAME, `${where}: its length`)
  return text
}

/** Options are numbers, texts, true, false and null, under names that mean nothing to JavaScript itself. */
function optionsIn(value: unknown, where: string): Record<string, unknown> {
  const entries = Object.entries(record(value, where))
  within(entries.length, 0, MOST_OPTIONS, `${where}: their number`)
  for (const [key, option] of entries) {
    if (!/^[A-Za-z]\w{0,63}$/.test(key) || key in Object.prototype) {
      throw new TypeError(`${where} must be named as options are, got ${show(key)}`)
    }
    if (option === null || typeof option === 'boolean') continue
    if (typeof option === 'string') within(option.length, 0, LONGEST_NAME, `${where}.${key}: its length`)
    else number(option, `${where}.${key}`)
  }
  return Object.fromEntries(entries)
}
