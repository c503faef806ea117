// The replay buffer: one store of joint transitions, shared by all agents; one index set per draw.
import type { MatrixStore } from '../nn/matrix.ts'
import type { Random } from '../random.ts'
import { actionSize } from '../spaces.ts'
import type { AgentSpec, Batch, JointStep, Matrix, Stateful } from '../types.ts'

export interface JointReplay extends Stateful {
  /** Largest number of transitions kept; then the oldest are overwritten. */
  readonly capacity: number
  /** Transitions kept now. */
  readonly size: number
  /** Bytes of one transition: all observations, actions, next observations, rewards and flags, side by side. */
  readonly bytesPerTransition: number
  /** Bytes used when full. Memory is taken block by block as transitions come. */
  readonly bytesWhenFull: number
  /** Adds the games' transitions of a joint step, in the order of the games. */
  insert(step: JointStep): void
  /** A way to draw from the transitions in which a sub-policy of an agent acted; of all agents together with `null`. */
  draw(agent: number | null, subPolicy?: number): Draw
}

/** Chooses the rows of batches. */
export interface Draw extends Stateful {
  /**
   * Fills a batch with transitions, drawn with replacement.
   * @throws RangeError when there is none to draw from yet.
   */
  sample(random: Random, into: Batch): void
  /** Takes in how surprising the rows of the last batch were: `batch.surprise`. */
  learnt(batch: Batch): void
}

export interface JointReplayConfig {
  /** Largest number of transitions kept. */
  readonly capacity: number
  /** Games side by side: row r + games follows row r. Default: 1. */
  readonly games?: number
  /** Discount by which rewards of several steps are summed, and next values counted. Default: 1. */
  readonly gamma?: number
  /** Per agent, the sizes of the extra columns that its policy declares. Default: none. */
  readonly extras?: readonly (readonly number[])[]
}

/** Transitions in one block of memory: a power of two, so that a row's block is a shift away. */
const blockRows = 1 << 14

/** An empty replay buffer for games with these agents, in a backend's memory. */
export function createJointReplay(
  store: MatrixStore,
  agents: readonly AgentSpec[],
  { capacity, gamma = 1 }: JointReplayConfig,
): JointReplay {
  const layout = rowLayout(agents)
  const blocks: Matrix[] = []
  let inserted = 0
  let indices = new Uint32Array(0)
  const size = () => Math.min(inserted, capacity)

  /** Copies row `game` of `from` to `at`, and says where the next goes. */
  const put = (block: Float32Array, at: number, from: ArrayLike<number>, game: number, columns: number) => {
    const start = game * columns
    for (let c = 0; c < columns; c++) block[at + c] = from[start + c]!
    return at + columns
  }

  const sample = (random: Random, into: Batch) => {
    if (inserted === 0)
      throw new RangeError('replay: expected at least one transition to draw from, got none; insert first')
    if (indices.length !== into.rows) indices = new Uint32Array(into.rows)
    const drawn = size()
    for (let i = 0; i < indices.length; i++) indices[i] = random.integer(drawn)
    const pieces = agents.flatMap((_, agent) => [
      { column: layout.observations[agent]!, to: into.observations[agent]! },
      { column: layout.actions[agent]!, to: into.actions[agent]! },
      { column: layout.nextObservations[agent]!, to: into.nextObservations[agent]! },
    ])
    into.discounts.fill(gamma)
    into.weights.fill(1)
    into.surprise.fill(0)
    store.gatherAll(blocks, indices, [
      ...pieces,
      { column: layout.rewards, to: into.rewards },
      { column: layout.present, to: into.present },
      { column: layout.terminated, to: into.terminated },
    ])
  }

  return {
    capacity,
    get size() {
      return size()
    },
    bytesPerTransition: layout.columns * 4,
    bytesWhenFull: Math.ceil(capacity / blockRows) * blockRows * layout.columns * 4,
    insert(step) {
      const count = agents.length
      for (let game = 0; game < step.truncated.length; game++) {
        const row = inserted % capacity
        if (blocks[Math.floor(row / blockRows)] === undefined) blocks.push(store.matrix(blockRows, layout.columns))
        const block = blocks[Math.floor(row / blockRows)]!.data
        let at = (row % blockRows) * layout.columns
        for (const matrix of step.observations) at = put(block, at, matrix.data, game, matrix.columns)
        for (const matrix of step.actions) at = put(block, at, matrix.data, game, matrix.columns)
        for (const matrix of step.nextObservations) at = put(block, at, matrix.data, game, matrix.columns)
        at = put(block, at, step.rewards.data, game, count)
        at = put(block, at, step.present, game, count)
        at = put(block, at, step.terminated, game, count)
        put(block, at, step.truncated, game, 1)
        inserted++
      }
    },
    draw: () => ({
      sample,
      learnt() {},
      save: () => null,
      restore() {},
    }),
    save: () => ({
      inserted,
      blocks: blocks.map((block, index) =>
        block.data.subarray(0, Math.min(blockRows, size() - index * blockRows) * layout.columns),
      ),
    }),
    restore(saved) {
      const state = saved as { inserted: number; blocks: Float32Array[] }
      inserted = state.inserted
      for (let index = blocks.length; index < state.blocks.length; index++)
        blocks.push(store.matrix(blockRows, layout.columns))
      state.blocks.forEach((data, index) => {
        blocks[index]!.data.set(data)
      })
    },
  }
}

/** Matrices for `rows` drawn transitions. */
export function createBatch(store: MatrixStore, agents: readonly AgentSpec[], rows: number): Batch {
  const observations = () => agents.map(agent => store.matrix(rows, agent.observationSize))
  return {
    rows,
    observations: observations(),
    actions: agents.map(agent => store.matrix(rows, actionSize(agent.actionSpace))),
    nextObservations: observations(),
    rewards: store.matrix(rows, agents.length),
    present: store.matrix(rows, agents.length),
    terminated: store.matrix(rows, agents.length),
    discounts: new Float64Array(rows).fill(1),
    weights: new Float32Array(rows).fill(1),
    surprise: new Float32Array(rows),
  }
}

/** First column of everything in a transition's row: one run of cache lines. */
function rowLayout(agents: readonly AgentSpec[]) {
  let columns = 0
  const place = (size: number) => {
    const column = columns
    columns += size
    return column
  }
  const observations = agents.map(agent => place(agent.observationSize))
  const actions = agents.map(agent => place(actionSize(agent.actionSpace)))
  const nextObservations = agents.map(agent => place(agent.observationSize))
  const rewards = place(agents.length)
  const present = place(agents.length)
  const terminated = place(agents.length)
  place(1) // truncated: where an episode was cut, for draws that reach over several steps
  return { columns, observations, actions, nextObservations, rewards, present, terminated }
}
