// Action rows of particle worlds: the space of an agent, how its row moves it, and how a controller writes one.
// A row is [no-op, four moves] if the agent moves, then [channels] if it speaks.
import type { ActionPart, ActionSpace } from '../spaces.ts'
import type { Matrix } from '../types.ts'
import type { Agent } from './entity.ts'
import type { Rules } from './physics.ts'

/** Alternatives of a mover: none, and four directions. */
export const moves = 5

/** The published versions count the moves differently: the places of -x, +x, -y and +y in a row. */
interface Directions {
  readonly left: number
  readonly right: number
  readonly down: number
  readonly up: number
}
export const directions: Readonly<Record<Rules, Directions>> = {
  mpe2: { left: 1, right: 2, down: 3, up: 4 },
  openai: { left: 2, right: 1, down: 4, up: 3 },
}

/** Action space of an agent: choices, soft under the openai rules, or boxes [0, 1] where `continuous`. */
export function particleActionSpace(agent: Agent, rules: Rules, continuous: boolean): ActionSpace {
  const part = (name: string, size: number): ActionPart =>
    continuous ? { name, kind: 'box', size, low: 0, high: 1 } : { name, kind: 'choice', size, soft: rules === 'openai' }
  const space: ActionPart[] = []
  if (agent.moves) space.push(part('move', moves))
  if (agent.speaks) space.push(part('say', agent.speech.length))
  return space
}

/** Reads the action rows of one agent into its thrust and speech. */
export class ActionReader {
  readonly #game: string
  readonly #agent: Agent
  readonly #kind: 'soft' | 'one-hot' | 'box'
  readonly #size: number
  readonly #directions: Directions

  constructor(game: string, agent: Agent, rules: Rules, continuous: boolean) {
    this.#game = game
    this.#agent = agent
    this.#kind = continuous ? 'box' : rules === 'openai' ? 'soft' : 'one-hot'
    this.#size = (agent.moves ? moves : 0) + (agent.speaks ? agent.speech.length : 0)
    this.#directions = directions[rules]
  }

  /** @throws TypeError where the matrix does not fit or an action is illegal. */
  read(actions: Matrix | undefined, row: number): void {
    const size = this.#size
    if (actions === undefined || actions.columns !== size || (row + 1) * size > actions.data.length)
      this.#refuseRow(actions, row)
    const from = row * size
    const { data } = actions
    const isOneHot = this.#kind === 'one-hot'
    // What is one-hot is finite.
    if (!isOneHot) this.#demandFinite(data, from)
    let at = from
    if (this.#agent.moves) {
      if (isOneHot) this.#demandOneHot(data, from, at, moves, 'moves')
      this.#readMove(data, at)
      at += moves
    }
    if (this.#agent.speaks) {
      if (isOneHot) this.#demandOneHot(data, from, at, size - (at - from), 'utterances')
      this.#readSpeech(data, at)
    }
  }

  #readMove(data: Float32Array, at: number): void {
    const { left, right, down, up } = this.#directions
    const clip = this.#kind === 'box'
    // Both references subtract in float32, the precision in which policies act.
    const x = clip ? unit(data[at + right]!) - unit(data[at + left]!) : data[at + right]! - data[at + left]!
    const y = clip ? unit(data[at + up]!) - unit(data[at + down]!) : data[at + up]! - data[at + down]!
    this.#agent.thrust.set(Math.fround(x), Math.fround(y))
  }

  #readSpeech(data: Float32Array, at: number): void {
    const { speech } = this.#agent
    const clip = this.#kind === 'box'
    for (let channel = 0; channel < speech.length; channel++) {
      speech[channel] = clip ? unit(data[at + channel]!) : data[at + channel]!
    }
  }

  #demandFinite(data: Float32Array, from: number): void {
    let total = 0
    for (let i = from; i < from + this.#size; i++) total += data[i]!
    if (total - total !== 0) this.#refuse('finite', data.subarray(from, from + this.#size))
  }

  /** `size` numbers from `at` on, of the row that begins at `from`. */
  #demandOneHot(data: Float32Array, from: number, at: number, size: number, noun: string): void {
    let ones = 0
    for (let i = at; i < at + size; i++) {
      const value = data[i]!
      if (value === 1) ones++
      else if (value !== 0) ones = 2 * size
    }
    if (ones === 1) return
    this.#demandFinite(data, from)
    this.#refuse(`one-hot over ${size} ${noun}`, data.subarray(at, at + size))
  }

  #refuse(expected: string, got: Float32Array): never {
    throw new TypeError(`${this.#game}: action of ${this.#agent.id} must be ${expected}, got [${got.join(', ')}]`)
  }

  #refuseRow(actions: Matrix | undefined, row: number): never {
    const got = actions === undefined ? 'none' : `row ${row} of ${actions.rows} rows of ${actions.columns} numbers`
    throw new TypeError(`${this.#game}: action of ${this.#agent.id} must be a row of ${this.#size} numbers, got ${got}`)
  }
}

/** What a scripted controller acts with: wishes, written as the rules and the kind of actions demand. */
export interface ParticleAct {
  /** Accelerate along (x, y), 1 being the agent's full force in that direction. One-hot actions take the larger one, if it is above 0.5. */
  move(x: number, y: number): void
  /** Say alternative `k`. */
  say(k: number): void
}

/** What a writer knows of an agent: whether it moves, and among how many utterances it chooses. */
type Acting = Pick<Agent, 'moves' | 'speaks'> & { readonly speech: { readonly length: number } }

/** Writes the action row of one agent. */
export class ActionWriter implements ParticleAct {
  readonly #agent: Acting
  readonly #kind: 'soft' | 'one-hot' | 'box'
  readonly #directions: Directions
  #data: Float32Array = new Float32Array(0)
  #at = 0

  constructor(agent: Acting, rules: Rules, continuous: boolean) {
    this.#agent = agent
    this.#kind = continuous ? 'box' : rules === 'openai' ? 'soft' : 'one-hot'
    this.#directions = directions[rules]
  }

  /** Writes go into row `row`, which is made a no-op in silence (choice: saying the first alternative). */
  begin(actions: Matrix, row: number): void {
    this.#data = actions.data
    this.#at = row * actions.columns
    this.#data.fill(0, this.#at, this.#at + actions.columns)
    if (this.#agent.moves) this.move(0, 0)
    if (this.#agent.speaks && this.#kind !== 'box') this.say(0)
  }

  move(x: number, y: number): void {
    const { left, right, down, up } = this.#directions
    const row = this.#data.subarray(this.#at, this.#at + moves)
    row.fill(0)
    const sideways = x > 0 ? right : left
    const upright = y > 0 ? up : down
    const strength = Math.abs(x) + Math.abs(y)
    if (this.#kind === 'one-hot') {
      const larger = Math.max(Math.abs(x), Math.abs(y))
      row[larger <= 0.5 ? 0 : Math.abs(x) === larger ? sideways : upright] = 1
    } else if (this.#kind === 'soft') {
      // Probabilities: what is not used for moving goes to the no-op, and together the moves cannot exceed 1.
      const scale = strength > 1 ? 1 / strength : 1
      row[sideways] = Math.abs(x) * scale
      row[upright] = Math.abs(y) * scale
      row[0] = Math.max(0, 1 - strength)
    } else {
      row[sideways] = Math.min(1, Math.abs(x))
      row[upright] = Math.min(1, Math.abs(y))
    }
  }

  say(k: number): void {
    const from = this.#at + (this.#agent.moves ? moves : 0)
    this.#data.fill(0, from, from + this.#agent.speech.length)
    this.#data[from + k] = 1
  }
}

/** A writer for an agent of whom its action space is known alone; null: it is no agent of a particle world. */
export function actionWriterOf(space: ActionSpace): ActionWriter | null {
  const partOf = (name: string) => space.find(part => part.name === name)
  const [move, say] = [partOf('move'), partOf('say')]
  const only = space.every(part => part === move || part === say)
  const [first] = space
  if (!only || first === undefined || (move !== undefined && (move.size !== moves || first !== move))) return null
  const rules = first.kind === 'choice' && first.soft ? 'openai' : 'mpe2'
  const agent = { moves: move !== undefined, speaks: say !== undefined, speech: { length: say?.size ?? 0 } }
  return new ActionWriter(agent, rules, first.kind === 'box')
}

function unit(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value
}
