// Verifies a recording: every state is simulated again and compared bit by bit.
import type { Frame, FrameSchema } from '../envs/frame.ts'
import type { Opening } from '../experiment/show.ts'
import { fingerprint } from '../fingerprint.ts'
import type { Recording } from './recording.ts'
import { createResimulation, type GameMaker } from './resimulate.ts'

export interface Verification {
  /** Frames whose states were simulated again and are the same bits. */
  readonly same: number
  /** Of them, begins of episodes and entities put elsewhere that came about again by their seeds and places alone. */
  readonly again: number
  /** Frames before the first opening, of which nobody can say where they come from. */
  readonly unknown: number
  /** Frames whose state is known by what is drawn of it alone. */
  readonly drawnOnly: number
  /** Where the simulation first went another way; null: nowhere. */
  readonly difference: FrameDifference | null
}

export interface FrameDifference {
  readonly number: number
  readonly episode: number
  readonly step: number
  /** What is not the same, `agent_0: position x is 0.25, recorded 0.5`. */
  readonly what: string
}

/** @throws FileError where the recording is damaged; what `make` throws */
export async function verify(
  recording: Recording,
  make: GameMaker,
  done: (frames: number) => void = () => {},
): Promise<Verification> {
  const simulation = createResimulation(make)
  const count = { same: 0, again: 0, unknown: 0, drawnOnly: 0 }
  for await (const moment of recording.from(recording.first)) {
    const { frame } = moment
    const game = await simulation.follow(moment)
    if (game === null) {
      count.unknown++
      continue
    }
    const { schema } = moment.game
    const row = new Float32Array(game.frames?.schema.size ?? 0)
    game.frames?.write(row)
    const rewards = moment.opening === null ? Float32Array.from(game.rewards) : frame.rewards
    const what =
      simulation.way === 'otherwise'
        ? describeOpening(moment.opening!)
        : (differentNumber(row, rewards, frame, schema) ??
          (moment.fingerprint === null || moment.fingerprint === fingerprint(game.save()) ? null : hidden))
    if (what !== null) {
      const { number, episode, step } = frame
      return { ...count, difference: { number, episode, step, what } }
    }
    count.same++
    if (simulation.way === 'again') count.again++
    if (moment.fingerprint === null) count.drawnOnly++
    done(count.same)
  }
  return { ...count, difference: null }
}

const hidden = 'the state that is not drawn (all that is drawn and paid is the same)'

function describeOpening({ cause, seed }: Opening): string {
  if (cause === 'drag') return 'putting the entity elsewhere leads to another state than recorded'
  return `the episode of seed ${seed} begins with another state than recorded`
}

function differentNumber(row: Float32Array, rewards: Float32Array, frame: Frame, schema: FrameSchema): string | null {
  if (row.length !== frame.row.length) return `a picture has ${row.length} numbers, recorded ${frame.row.length}`
  const at = row.findIndex((value, i) => !Object.is(value, frame.row[i]))
  if (at !== -1) return `${nameOf(at, schema)} is ${row[at]}, recorded ${frame.row[at]}`
  const agent = rewards.findIndex((value, i) => !Object.is(value, frame.rewards[i]))
  if (agent === -1) return null
  return `${schema.agents[agent]!.id}: reward is ${rewards[agent]}, recorded ${frame.rewards[agent]}`
}

/** A number of a row in words: `agent_0: velocity y`. */
function nameOf(at: number, { fields, entities, agents }: FrameSchema): string {
  const { name, offset, size } = fields.find(field => at >= field.offset && at < field.offset + field.size)!
  const owners =
    name === 'position' || name === 'present' || name === 'level' || name === 'marked'
      ? entities
      : name === 'goal'
        ? agents
        : entities.filter(({ kind }) => kind === 'agent')
  const width = size / owners.length
  const { id } = owners[Math.floor((at - offset) / width)]!
  const part = (at - offset) % width
  return `${id}: ${name}${width === 1 ? '' : width === 2 && name !== 'utterance' ? ` ${'xy'[part]}` : ` of channel ${part}`}`
}
