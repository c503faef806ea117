// The memory of joint steps: where each array lies in the one buffer of a step, worked out once.
import { actionSize } from '../spaces.ts'
import type { AgentSpec, Column, JointStep, Matrix, Seen } from '../types.ts'

interface Block {
  /** Bytes from the start of the buffer. */
  readonly offset: number
  readonly rows: number
  readonly columns: number
}

/**
 * Gives fresh joint steps, each in one ArrayBuffer of its own: all zero, but for masks, which are ones. `extras`: the columns that each
 * agent's policy declares; `stateSize`: numbers of the world's own state, 0: it is not asked for. `kept`: so many steps stay as they are
 * while the next one is prepared; the memory of those before is given out again, with zeros only where not everything is written at
 * every step: in actions, extra columns, rewards and `terminated`. Default: all stay.
 */
export function createJointStepLayout(
  agents: readonly AgentSpec[],
  games: number,
  extras: readonly (readonly Column[])[] = agents.map(() => []),
  stateSize = 0,
  kept = Number.POSITIVE_INFINITY,
): (step: number) => JointStep {
  const { bytes, view } = jointStepViews(agents, games, extras, stateSize)
  const allocate = (number: number) => {
    const step = view(number, new ArrayBuffer(bytes))
    for (const { mask } of [...step.observations, ...step.nextObservations]) mask?.data.fill(1)
    return step
  }
  if (kept === Number.POSITIVE_INFINITY) return allocate
  const ring: (JointStep & { step: number })[] = []
  let given = 0
  return number => {
    const place = given++ % (kept + 1)
    const used = ring[place]
    if (used === undefined) return (ring[place] = allocate(number))
    clearJointStep(used)
    used.step = number
    return used
  }
}

/** The same layout over buffers of the caller's own, of so many bytes from `begin` on, a multiple of 4, which stay as they are. */
export function jointStepViews(
  agents: readonly AgentSpec[],
  games: number,
  extras: readonly (readonly Column[])[],
  stateSize: number,
  begin = 0,
): { readonly bytes: number; view(step: number, buffer: ArrayBufferLike): JointStep } {
  if (extras.length !== agents.length) {
    throw new RangeError(`extras: expected one list per agent (${agents.length}), got ${extras.length}`)
  }
  let bytes = begin
  const place = (columns: number): Block => {
    const offset = bytes
    bytes += 4 * games * columns
    return { offset, rows: games, columns }
  }
  const observations = agents.map(agent => place(agent.observationSize))
  const actions = agents.map(agent => place(actionSize(agent.actionSpace)))
  const rewards = place(agents.length)
  const nextObservations = agents.map(agent => place(agent.observationSize))
  const extraBlocks = extras.map(columns => columns.map(({ name, size }) => ({ name, ...place(size) })))
  const placeMasks = () =>
    agents.map(({ isMasked, actionSpace }) => (isMasked === true ? place(actionSize(actionSpace)) : null))
  const [masks, nextMasks] = [placeMasks(), placeMasks()]
  const states = stateSize > 0 ? { now: place(stateSize), next: place(stateSize) } : null
  // Bytes come last, so that every float lies on a multiple of four.
  const flags = games * agents.length
  const present = bytes
  const terminated = present + flags
  const truncated = terminated + flags
  bytes = truncated + games
  const mayBeAbsent = agents.some(agent => agent.mayBeAbsent === true)
  const [nextPresent, waiting] = [bytes, bytes + flags]
  if (mayBeAbsent) bytes = waiting + flags
  const view = (step: number, buffer: ArrayBufferLike): JointStep => {
    return {
      step,
      observations: seen(buffer, observations, masks),
      actions: matrices(buffer, actions),
      rewards: matrix(buffer, rewards),
      nextObservations: seen(buffer, nextObservations, nextMasks),
      ...(states === null ? {} : { states: matrix(buffer, states.now), nextStates: matrix(buffer, states.next) }),
      present: new Uint8Array(buffer, present, flags),
      terminated: new Uint8Array(buffer, terminated, flags),
      truncated: new Uint8Array(buffer, truncated, games),
      ...(mayBeAbsent
        ? { nextPresent: new Uint8Array(buffer, nextPresent, flags), waiting: new Uint8Array(buffer, waiting, flags) }
        : {}),
      extras: extraBlocks.map(blocks => blocks.map(block => ({ name: block.name, ...matrix(buffer, block) }))),
    }
  }
  return { bytes: bytes - begin, view }
}

/** Some games of a joint step, from ... end - 1, as a joint step: the same memory. */
export function gamesOfStep(step: JointStep, from: number, end: number): JointStep {
  const agents = step.rewards.columns
  const rows = <M extends Matrix>(of: M): M => ({
    ...of,
    rows: end - from,
    data: of.data.subarray(from * of.columns, end * of.columns),
  })
  const seen = ({ mask, ...of }: Seen): Seen => (mask === undefined ? rows(of) : { ...rows(of), mask: rows(mask) })
  const flags = (of: Uint8Array) => of.subarray(from * agents, end * agents)
  const { states, nextPresent, waiting } = step
  return {
    step: step.step,
    observations: step.observations.map(seen),
    actions: step.actions.map(rows),
    rewards: rows(step.rewards),
    nextObservations: step.nextObservations.map(seen),
    ...(states === undefined ? {} : { states: rows(states), nextStates: rows(step.nextStates!) }),
    present: flags(step.present),
    terminated: flags(step.terminated),
    truncated: step.truncated.subarray(from, end),
    ...(nextPresent === undefined ? {} : { nextPresent: flags(nextPresent), waiting: flags(waiting!) }),
    extras: step.extras.map(columns => columns.map(rows)),
  }
}

/** Makes memory that a joint step lay in fit for another: zeros where games and policies do not write everything at every step. */
export function clearJointStep({ actions, extras, rewards, terminated }: JointStep): void {
  for (const { data } of actions) data.fill(0)
  for (const columns of extras) for (const { data } of columns) data.fill(0)
  rewards.data.fill(0)
  terminated.fill(0)
}

/** An array of a joint step by its name, `observations/0`: of so many numbers for each game. */
export interface StepField {
  readonly name: string
  /** [games, columns] */
  readonly data: Float32Array | Uint8Array
  readonly columns: number
}

/** All arrays of a joint step, in one order for all steps of a game. Of agents the name says the number. */
export function fieldsOf(step: JointStep): readonly StepField[] {
  const { observations, actions, rewards, nextObservations, extras, states, nextStates } = step
  const matrices = (name: string, all: readonly Matrix[]) => all.map((of, agent) => field(`${name}/${agent}`, of))
  const masks = (name: string, all: readonly Seen[]) =>
    all.flatMap(({ mask }, agent) => (mask === undefined ? [] : [field(`${name}/${agent}`, mask)]))
  const flags = (name: string, data: Uint8Array | undefined, columns = rewards.columns): StepField[] =>
    data === undefined ? [] : [{ name, data, columns }]
  return [
    ...matrices('observations', observations),
    ...matrices('actions', actions),
    field('rewards', rewards),
    ...matrices('nextObservations', nextObservations),
    ...extras.flatMap((columns, agent) => columns.map(column => field(`extras/${agent}/${column.name}`, column))),
    ...masks('masks', observations),
    ...masks('nextMasks', nextObservations),
    ...(states === undefined ? [] : [field('states', states), field('nextStates', nextStates!)]),
    ...flags('present', step.present),
    ...flags('terminated', step.terminated),
    ...flags('truncated', step.truncated, 1),
    ...flags('nextPresent', step.nextPresent),
    ...flags('waiting', step.waiting),
  ]
}

function field(name: string, { data, columns }: Matrix): StepField {
  return { name, data, columns }
}

function matrices(buffer: ArrayBufferLike, blocks: readonly Block[]): Matrix[] {
  return blocks.map(block => matrix(buffer, block))
}

function seen(buffer: ArrayBufferLike, blocks: readonly Block[], masks: readonly (Block | null)[]): Seen[] {
  return blocks.map((block, agent) => {
    const mask = masks[agent]!
    return mask === null ? matrix(buffer, block) : { ...matrix(buffer, block), mask: matrix(buffer, mask) }
  })
}

function matrix(buffer: ArrayBufferLike, { offset, rows, columns }: Block): Matrix {
  return { rows, columns, data: new Float32Array(buffer, offset, rows * columns) }
}
