// The memory of joint steps: where each array lies in the one buffer of a step, worked out once.
import { actionSize } from '../spaces.ts'
import type { AgentSpec, Column, JointStep, Matrix } from '../types.ts'

interface Block {
  /** Bytes from the start of the buffer. */
  readonly offset: number
  readonly rows: number
  readonly columns: number
}

/** Gives fresh joint steps, all zero, each in one ArrayBuffer of its own; `extras`: the columns that each agent's policy declares. */
export function createJointStepLayout(
  agents: readonly AgentSpec[],
  games: number,
  extras: readonly (readonly Column[])[] = agents.map(() => []),
): (step: number) => JointStep {
  if (extras.length !== agents.length) {
    throw new RangeError(`extras: expected one list per agent (${agents.length}), got ${extras.length}`)
  }
  let bytes = 0
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
  // Bytes come last, so that every float lies on a multiple of four.
  const flags = games * agents.length
  const present = bytes
  const terminated = present + flags
  const truncated = terminated + flags
  bytes = truncated + games
  return step => {
    const buffer = new ArrayBuffer(bytes)
    return {
      step,
      observations: matrices(buffer, observations),
      actions: matrices(buffer, actions),
      rewards: matrix(buffer, rewards),
      nextObservations: matrices(buffer, nextObservations),
      present: new Uint8Array(buffer, present, flags),
      terminated: new Uint8Array(buffer, terminated, flags),
      truncated: new Uint8Array(buffer, truncated, games),
      extras: extraBlocks.map(blocks => blocks.map(block => ({ name: block.name, ...matrix(buffer, block) }))),
    }
  }
}

function matrices(buffer: ArrayBuffer, blocks: readonly Block[]): Matrix[] {
  return blocks.map(block => matrix(buffer, block))
}

function matrix(buffer: ArrayBuffer, { offset, rows, columns }: Block): Matrix {
  return { rows, columns, data: new Float32Array(buffer, offset, rows * columns) }
}
