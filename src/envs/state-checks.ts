// Checks of what a game says of itself at every step: masks and its own state. Both follow from what it saves, and asking changes nothing.
import { createRandom } from '../random.ts'
import type { CheckContext } from './check-context.ts'
import { stateSizeOf } from './game-agents.ts'
import { badObservation } from './game-faults.ts'
import type { MarkovGame } from './markov-game.ts'
import { createPlayer, textOf } from './recording.ts'

/** Makes a game that says where it is. */
type Maker = (context: CheckContext) => MarkovGame

/** What a game writes about itself now, of an agent or of all (-1), into a row of its own; whole numbers or any. */
interface Telling {
  /** The hook or method that writes it. */
  readonly hook: string
  /** What it writes. */
  readonly noun: string
  /** Who is asked about: agents, or -1 for the world. */
  asked(game: MarkovGame, present: Uint8Array): readonly number[]
  write(game: MarkovGame, agent: number): ArrayLike<number>
  /** What is wrong with what was written; null: nothing. */
  fault(game: MarkovGame, agent: number, written: ArrayLike<number>): string | null
}

/** False where nothing is ever forbidden. */
export function masked(context: CheckContext, make: Maker): boolean {
  if (make(context).actionMask === undefined) return false
  return tells(context, make, {
    hook: 'actionMask',
    noun: 'mask',
    asked: ({ agents }, present) =>
      [...agents.keys()].filter(agent => present[agent] === 1 && hasChoice(agents[agent]!)),
    write(game, agent) {
      const row = new Uint8Array(game.agents[agent]!.actionSpace.reduce((sum, { size }) => sum + size, 0)).fill(1)
      game.actionMask!(agent, row)
      return row
    },
    fault(game, agent, written) {
      let at = 0
      for (const { name, kind, size } of game.agents[agent]!.actionSpace) {
        const part = Array.from(written).slice(at, at + size)
        at += size
        if (kind === 'box') continue
        const wrong = part.find(value => value !== 0 && value !== 1)
        if (wrong !== undefined) return `it must be of ones and zeros, got ${wrong} in part '${name}'`
      }
      return null
    },
  })
}

/** False where the game has no state of its own. */
export function stated(context: CheckContext, make: Maker): boolean {
  if (make(context).state === undefined) return false
  return tells(context, make, {
    hook: 'state',
    noun: 'state',
    asked: () => [-1],
    write(game) {
      // Numbers that are not written stay what no state may hold.
      const row = new Float64Array(stateSizeOf(game)).fill(Number.NaN)
      game.state!(row)
      return row
    },
    fault(game, _, written) {
      if (Array.from(written).every(value => Number.isFinite(Math.fround(value)))) return null
      return badObservation({ observationParts: game.stateParts! }, written)
    },
  })
}

function tells(context: CheckContext, make: Maker, telling: Telling): boolean {
  const { where, report, steps, definition } = context
  const { hook, noun } = telling
  const [seed] = context.seeds as [number]
  where.seed = seed
  const player = createPlayer(make(context), seed)
  const other = make(context)
  other.reset(createRandom(seed, 'check', 'other'))
  const world = definition.scenario === undefined ? 'what `save` returns' : 'the world'
  for (let n = 0; n < steps; n++) {
    player.next()
    const { game, lives, step } = player
    for (const agent of telling.asked(game, lives.present)) {
      const place = { hook, agent, step }
      const before = textOf(game.save())
      const first = telling.write(game, agent)
      const fault = telling.fault(game, agent, first)
      if (fault !== null) report(fault, place)
      if (textOf(game.save()) !== before) report(`it changes ${world}; it must only look`, place)
      if (!same(first, telling.write(game, agent))) report(`asked twice it gives another ${noun}`, place)
      other.restore(structuredClone(game.save()))
      if (!same(first, telling.write(other, agent))) {
        report(`a game restored from what was saved gives another ${noun}; it must follow from ${world} alone`, place)
      }
    }
  }
  return true
}

function hasChoice({ actionSpace }: MarkovGame['agents'][number]): boolean {
  return actionSpace.some(({ kind }) => kind === 'choice')
}

function same(one: ArrayLike<number>, other: ArrayLike<number>): boolean {
  return one.length === other.length && Array.from(one).every((value, i) => Object.is(value, other[i]))
}
