// The message that a trajectory travels as: a header, the columns of its joint steps, and now and then the state at its end, in one run of bytes.
import { fieldsOf, gamesOfStep, jointStepViews } from '../envs/joint-step.ts'
import type { AgentSpec, Column, JointStep } from '../types.ts'

/** What decides where everything lies. */
export interface TrajectoryShape {
  readonly agents: readonly AgentSpec[]
  /** Games of one actor. */
  readonly games: number
  /** Vector steps of a trajectory. */
  readonly steps: number
  /** Per agent, the columns that its policy declares. */
  readonly extras: readonly (readonly Column[])[]
  /** Numbers of the games' own states; 0: they are not kept. */
  readonly stateSize: number
}

/** Which trajectory it is. */
export interface TrajectoryHeader {
  readonly actor: number
  /** Trajectories of that actor before it. */
  readonly number: number
  /** Of the weights that it was played with. */
  readonly version: number
}

/** One message in memory: what is written into it is the message. */
export interface TrajectoryMemory {
  readonly buffer: ArrayBufferLike
  /** All of its joint steps as one: row step * games + game. */
  readonly whole: JointStep
  /** The joint step of a trajectory, from 0: rows of `whole`. */
  stepAt(step: number): JointStep
  header(): TrajectoryHeader
  /** Writes the header. `stateBytes`: of the state that follows the columns, 0: none does. */
  label(header: TrajectoryHeader, stateBytes: number): void
}

/** A column of the message, for readers in other languages: `observations/0`, little-endian and row-major, [steps, games, columns]. */
export interface MessageField {
  readonly name: string
  readonly type: 'float32' | 'uint8'
  /** Bytes from the beginning of the message. */
  readonly offset: number
  readonly shape: readonly [steps: number, games: number, columns: number]
}

export interface MessageLayout {
  /** Of a message without a state. */
  readonly bytes: number
  readonly fields: readonly MessageField[]
  memoryOf(buffer: ArrayBufferLike): TrajectoryMemory
  /** The message with its state behind it, as it is sent. */
  encode(memory: TrajectoryMemory, state: Uint8Array | null): Uint8Array
  /** The other way round; `into`: memory that is used again. @throws TypeError where it is no message of this layout */
  decode(
    message: Uint8Array,
    into?: TrajectoryMemory,
  ): { readonly memory: TrajectoryMemory; readonly state: Uint8Array | null }
  /** A message without columns, of a trajectory that was played for the state that it leads to. */
  encodeUnread(header: TrajectoryHeader, state: Uint8Array | null): Uint8Array
  /** The other way round. @throws TypeError where it is no such message */
  decodeUnread(message: Uint8Array): { readonly header: TrajectoryHeader; readonly state: Uint8Array | null }
}

/** Little-endian words of 32 bits; those that are left stay zero. */
const word = { magic: 0, format: 1, actor: 2, number: 3, version: 4, steps: 5, games: 6, stateBytes: 7 } as const
const headerBytes = 64
/** `mtra` */
const magic = 0x6172746d
/** Rises when a message of an earlier version can no longer be understood. */
const format = 1

/** Where everything lies in the messages of some shape. */
export function createMessageLayout({ agents, games, steps, extras, stateSize }: TrajectoryShape): MessageLayout {
  const { bytes: columnBytes, view } = jointStepViews(agents, steps * games, extras, stateSize, headerBytes)
  // The next message in the same memory begins at a word.
  const bytes = headerBytes + 4 * Math.ceil(columnBytes / 4)
  const memoryOf = (buffer: ArrayBufferLike): TrajectoryMemory => {
    const words = new Uint32Array(buffer, 0, headerBytes / 4)
    const whole = view(0, buffer)
    return {
      buffer,
      whole,
      stepAt: step => gamesOfStep(whole, step * games, (step + 1) * games),
      header: () => ({ actor: words[word.actor]!, number: words[word.number]!, version: words[word.version]! }),
      label({ actor, number, version }, stateBytes) {
        words.set([magic, format, actor, number, version, steps, games, stateBytes])
      },
    }
  }
  return {
    bytes,
    fields: fieldsOf(view(0, new ArrayBuffer(bytes))).map(({ name, data, columns }) => ({
      name,
      type: data instanceof Float32Array ? 'float32' : 'uint8',
      offset: data.byteOffset,
      shape: [steps, games, columns],
    })),
    memoryOf,
    encode({ buffer }, state) {
      const message = new Uint8Array(bytes + (state?.length ?? 0))
      message.set(new Uint8Array(buffer, 0, bytes))
      if (state !== null) message.set(state, bytes)
      return message
    },
    decode(message, into) {
      const state = stateOf(message, bytes)
      const memory = into ?? memoryOf(new ArrayBuffer(bytes))
      new Uint8Array(memory.buffer, 0, bytes).set(message.subarray(0, bytes))
      return { memory, state }
    },
    encodeUnread({ actor, number, version }, state) {
      const message = new Uint8Array(headerBytes + (state?.length ?? 0))
      const words = [magic, format, actor, number, version, steps, games, state?.length ?? 0]
      message.set(new Uint8Array(Uint32Array.from(words).buffer))
      if (state !== null) message.set(state, headerBytes)
      return message
    },
    decodeUnread(message) {
      const state = stateOf(message, headerBytes)
      const words = wordsOf(message)
      return {
        header: { actor: words[word.actor]!, number: words[word.number]!, version: words[word.version]! },
        state,
      }
    },
  }
  /** What is behind so many bytes of a message. */
  function stateOf(message: Uint8Array, begin: number): Uint8Array | null {
    const words = wordsOf(message)
    const found = [words[word.magic], words[word.format], words[word.steps], words[word.games]]
    const stateBytes = words[word.stateBytes] ?? 0
    if (found.join() !== [magic, format, steps, games].join() || message.length !== begin + stateBytes) {
      throw new TypeError(
        `trajectory: expected a message of format ${format} with ${steps} steps of ${games} games in ${begin} bytes and its state, got ${message.length} bytes`,
      )
    }
    return stateBytes === 0 ? null : copyOf(message, begin)
  }
}

function wordsOf(message: Uint8Array): Uint32Array {
  return new Uint32Array(message.length < headerBytes ? new ArrayBuffer(0) : copyOf(message, 0, headerBytes).buffer)
}

/** The bytes alone in memory of their own, which those of a message that came over a network are not. */
function copyOf(message: Uint8Array, from: number, to?: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(message.subarray(from, to))
}
