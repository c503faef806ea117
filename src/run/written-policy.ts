// Policies written by hand: how one agent acts on what it sees, as a user writes it down, and as a policy of a run.
import { createNoOpPolicy } from '../agents/baseline-policies.ts'
import type { Policy } from '../agents/policy.ts'
import { actionWriterOf, type ParticleAct } from '../envs/particle-actions.ts'
import type { Whereabouts } from '../envs/watched-hooks.ts'
import { GameError, slip, unknownName } from '../errors.ts'
import { createRandom, type Random } from '../random.ts'
import { type OptionTable, type OptionValues, resolveTable } from '../settings/option.ts'
import { type ActionSpace, actionSize, forbiddenChoice } from '../spaces.ts'
import type { AgentSpec, Matrix, ObservationPart, Saved, Stateful } from '../types.ts'

/** Whom a policy acts for: one agent in one game. */
export interface PolicySeat<V = Readonly<Record<string, unknown>>> {
  readonly agent: AgentSpec
  /** Which of `agents` it is. */
  readonly index: number
  /** All agents of the game. */
  readonly agents: readonly AgentSpec[]
  /** All chance is drawn from it, so that the seed of the run repeats it. */
  readonly random: Random
  readonly options: V
}

/** What an agent acts on. */
export interface Sight {
  /** [observationSize] All that it sees; overwritten by the next step. */
  readonly observation: Float32Array
  /** The numbers of one named piece of it. @throws TypeError naming the pieces that there are */
  part(name: string): Float32Array
  /**
   * [actionSize] What it may do now: 1 at alternatives that are allowed and in boxes, 0 at those that are not; all ones in games without
   * action masks. An action that takes a forbidden alternative is refused.
   */
  readonly mask: Float32Array
  /** The alternatives of a choice that are allowed now. @throws TypeError naming the choices that there are */
  allowed(part: string): readonly number[]
  /** Whether an episode begins; in games with absences, whether another life of the agent does. */
  readonly restarted: boolean
  /** Whether it plays as in training; false: its best guess is asked for. */
  readonly explore: boolean
  /** In particle worlds, `act.move(x, y)` and `act.say(k)` as in a scenario's own `scripted`. @throws TypeError elsewhere */
  readonly act: ParticleAct
}

/**
 * What it does: all numbers of an action in order; or parts of it by name, of a choice which alternative (or its numbers), of a box its
 * numbers. Parts that are left out are the first alternative that is allowed, or zeros; nothing: what `act` was told.
 */
export type WrittenAction = ArrayLike<number> | Readonly<Record<string, number | ArrayLike<number>>> | undefined

/** One agent in one game. What it remembers must be saved, where runs shall be resumed exactly. */
export interface ActingAgent extends Partial<Stateful> {
  // biome-ignore lint/suspicious/noConfusingVoidType: an author may return nothing.
  act(sight: Sight): WrittenAction | void
}

/** A policy that a user wrote, as `definePolicy` types it. */
export interface PolicyDefinition {
  readonly kind: 'policy'
  readonly id: string
  /** One sentence for lists. */
  readonly description: string
  /** Its settings: `team.<team>.<option>`. */
  readonly options: OptionTable
  /** Called once for each agent in each game that is played side by side. */
  create(seat: PolicySeat): ActingAgent
}

/**
 * Types a policy that is written by hand: `create` gets the values of its options.
 * @see docs/algorithms-of-your-own.md
 */
export function definePolicy<const O extends OptionTable = Record<never, never>>(policy: {
  readonly id: string
  readonly description: string
  readonly options?: O
  create(seat: PolicySeat<OptionValues<O>>): ActingAgent
}): PolicyDefinition {
  const { id, description, options = {} } = policy
  return {
    kind: 'policy',
    id,
    description,
    options,
    create: seat => policy.create(seat as PolicySeat<OptionValues<O>>),
  }
}

/** Such a policy with the values of its options. */
export interface WrittenPlayer {
  readonly policy: PolicyDefinition
  readonly settings: Readonly<Record<string, unknown>>
}

/**
 * A policy that is written by hand, for agent `index` of `agents`: what plays in `simulate`, `actAll` and `evaluate`, in any number of
 * games. Its chance follows from `seed`; `settings`: of its options those that are not at their defaults.
 * @see docs/policies-of-your-own.md
 * @throws ConfigError naming `policy.<option>`; what it does wrong is a GameError when it acts
 */
export function writtenPolicy(
  policy: PolicyDefinition,
  agents: readonly AgentSpec[],
  index: number,
  seed: number,
  settings: Readonly<Record<string, unknown>> = {},
): Policy {
  const values = resolveTable(policy.options, settings, 'policy')
  return createWrittenPolicy({ policy, settings: values }, agents, index, [seed, 'written'])
}

/**
 * It acts for an agent in any number of games; the streams of its chance are named by seed and purpose, game by game. `where`: kept up to
 * date while it acts.
 */
export function createWrittenPolicy(
  { policy, settings }: WrittenPlayer,
  agents: readonly AgentSpec[],
  index: number,
  [seed, purpose]: readonly [number, string],
  where?: Pick<Whereabouts, 'entering' | 'leave'>,
): Policy {
  const agent = agents[index]!
  const { id } = agent
  const nothing = createNoOpPolicy(agent.actionSpace)
  const everything = new Float32Array(actionSize(agent.actionSpace)).fill(1)
  const writer = actionWriterOf(agent.actionSpace)
  const places = placesOf(agent.observationParts)
  const games: { readonly random: Random; readonly acting: ActingAgent }[] = []
  const enter = where?.entering('act')
  const calling = <T>(what: string, call: () => T): T => {
    const before = enter?.(index)
    try {
      return call()
    } catch (error) {
      if (error instanceof GameError) throw error
      const thrown = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
      throw new GameError(`policy ${policy.id}: ${what} of ${id} threw ${thrown}`, {}, error)
    } finally {
      if (before !== undefined) where!.leave(before)
    }
  }
  const inGame = (game: number) => {
    while (games.length <= game) {
      const random = createRandom(seed, purpose, id, games.length)
      const acting = calling('create', () => policy.create({ agent, index, agents, random, options: settings }))
      if (typeof acting?.act !== 'function') refuse('create', 'must return { act(sight) { ... } }')
      games.push({ random, acting })
    }
    return games[game]!
  }
  const refuse = (what: string, sentence: string): never => {
    throw new GameError(`policy ${policy.id}: ${what} of ${id} ${sentence}`, {}, slip(sentence, what))
  }
  const act: ParticleAct = writer ?? {
    move: () =>
      refuse('act', 'moves: only agents of particle worlds can; return numbers, or parts of the action by name'),
    say: () =>
      refuse('act', 'speaks: only agents of particle worlds can; return numbers, or parts of the action by name'),
  }

  return {
    act({ observations, restarted, present, explore, actions, extras: _ }) {
      nothing.act({ observations, restarted, explore, actions, extras: [] })
      for (let game = 0; game < actions.rows; game++) {
        if (present?.[game] === 0) continue
        const { acting } = inGame(game)
        const row = rowOf(actions, game)
        const mask = observations.mask === undefined ? everything : rowOf(observations.mask, game)
        if (writer !== null) {
          const idle = observations.mask === undefined ? null : row.slice()
          writer.begin(actions, game)
          // What the writer begins with may be forbidden.
          if (idle !== null) row.set(idle)
        }
        const observation = rowOf(observations, game)
        const done = calling('act', () =>
          acting.act({
            observation,
            part: name => partOf(observation, places, name),
            mask,
            allowed: name => allowedIn(agent.actionSpace, mask, name),
            restarted: restarted[game] === 1,
            explore,
            act,
          }),
        )
        const problem = done === undefined ? null : writeAction(agent.actionSpace, done, row)
        if (problem !== null) refuse('act', problem)
        const forbidden = observations.mask === undefined ? null : forbiddenChoice(agent.actionSpace, row, mask)
        if (forbidden !== null) refuse('act', forbidden)
      }
    },
    save: (): Saved => ({
      randoms: games.map(({ random }) => random.save()),
      states: games.map(({ acting }) => acting.save?.() ?? null),
    }),
    restore(saved) {
      const { randoms, states } = saved as { readonly randoms: readonly Saved[]; readonly states: readonly Saved[] }
      states.forEach((state, game) => {
        const { random, acting } = inGame(game)
        // A fork with another seed has other chance from here on.
        if (randoms[game] !== undefined) random.restore(randoms[game])
        acting.restore?.(state)
      })
    },
  }
}

/** Where the named pieces of an observation stand in it: several stretches where a name comes back. */
function placesOf(parts: readonly ObservationPart[]): ReadonlyMap<string, readonly (readonly [number, number])[]> {
  const places = new Map<string, (readonly [number, number])[]>()
  let from = 0
  for (const { name, size } of parts) {
    places.set(name, [...(places.get(name) ?? []), [from, from + size]])
    from += size
  }
  return places
}

function partOf(observation: Float32Array, places: ReturnType<typeof placesOf>, name: string): Float32Array {
  const found = places.get(name)
  if (found === undefined) throw new TypeError(unknownName('part of the observation', name, [...places.keys()]))
  if (found.length === 1) return observation.subarray(...found[0]!)
  return Float32Array.from(found.flatMap(([from, to]) => [...observation.subarray(from, to)]))
}

function allowedIn(space: ActionSpace, mask: Float32Array, name: string): number[] {
  let from = 0
  for (const part of space) {
    if (part.name === name && part.kind === 'choice') {
      return Array.from({ length: part.size }, (_, k) => k).filter(k => mask[from + k] !== 0)
    }
    from += part.size
  }
  throw new TypeError(
    unknownName(
      'choice of the action',
      name,
      space.flatMap(part => (part.kind === 'choice' ? [part.name] : [])),
    ),
  )
}

function rowOf({ columns, data }: Matrix, row: number): Float32Array {
  return data.subarray(row * columns, (row + 1) * columns)
}

/** Writes an action into a row that holds doing nothing; what is wrong with it, as a sentence, null: nothing. */
function writeAction(space: ActionSpace, action: NonNullable<WrittenAction>, row: Float32Array): string | null {
  if (isNumbers(action)) return writeNumbers('an action', action, actionSize(space), row)
  if (typeof action !== 'object') return `must give numbers, or parts by name, got ${String(action)}`
  const names = space.map(({ name }) => name)
  const unknown = Object.keys(action).find(name => !names.includes(name))
  if (unknown !== undefined) return `gave an ${unknownName('part', unknown, names)}`
  let at = 0
  for (const { name, kind, size } of space) {
    const given = action[name]
    const to = row.subarray(at, at + size)
    at += size
    if (given === undefined) continue
    if (typeof given !== 'number' || (kind === 'box' && size === 1)) {
      const problem = writeNumbers(`part '${name}'`, typeof given === 'number' ? [given] : given, size, to)
      if (problem !== null) return problem
    } else if (kind === 'choice' && Number.isInteger(given) && given >= 0 && given < size) {
      to.fill(0)
      to[given] = 1
    } else {
      return `must give for part '${name}' ${kind === 'choice' ? `an alternative from 0 to ${size - 1}` : `${size} numbers`}, got ${given}`
    }
  }
  return null
}

function writeNumbers(what: string, given: ArrayLike<number>, size: number, to: Float32Array): string | null {
  if (given.length !== size) return `must give ${size} numbers for ${what}, got ${given.length}`
  to.set(given)
  return to.every(Number.isFinite) ? null : `must give finite numbers for ${what}, got ${Array.from(given).join(', ')}`
}

function isNumbers(value: object | number): value is ArrayLike<number> {
  return Array.isArray(value) || ArrayBuffer.isView(value)
}
