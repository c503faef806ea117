// The transitions kept: a ring of rows in blocks of a backend's memory, in the order step * games + game.
import { columnNamed, describeColumns } from '../columns.ts'
import { log2, pow } from '../elementary.ts'
import { episodeOver } from '../episode-over.ts'
import type { MatrixStore } from '../nn/matrix.ts'
import type { AgentSpec, JointStep, Matrix, Saved, SavedRows, Stateful } from '../types.ts'
import { type Relocation, relocationOf } from './relocation.ts'
import type { RowLayout } from './row-layout.ts'

/** Rows are known by their slot in the ring. Row r + games is the next transition of row r's game. */
export interface Transitions extends Stateful {
  readonly layout: RowLayout
  readonly games: number
  readonly capacity: number
  readonly size: number
  /** Rows that ever came, those left out by `restore` not counted; row n lies in slot n modulo the capacity. */
  readonly inserted: number
  /** Where the rows lay when they were saved, if `restore` left some out; null: where they lie now. */
  readonly relocation: Relocation | null
  /** All rows as they are now. */
  rows(): SavedRows
  /** Slot of the oldest row. */
  readonly oldest: number
  readonly blocks: readonly Matrix[]
  /** Bytes of the blocks when all rows are there. */
  readonly bytesWhenFull: number
  insert(step: JointStep): void
  /** The numbers of the block that holds a row, and where the row begins in them. */
  dataOf(slot: number): Float32Array
  offsetOf(slot: number): number
  /** Rows newer than this one. */
  newer(slot: number): number
  /** The slot of the transition after, of the same game, which must be there. */
  following(slot: number): number
  /** The transition before, of the same game, of the episode before too; -1 where it is gone. */
  preceding(slot: number): number
  /** Whether the game's episode begins with this transition; null where what was before is gone or was left out. */
  begins(slot: number): boolean | null
  /** Tells of rows written, `count` of them from a slot on around the ring, and of everything at once when they were restored. */
  onWrite(listener: WriteListener): void
}

export interface WriteListener {
  wrote(slot: number, count: number): void
  restored(): void
}

/** Rows in one block of memory: a power of two, so that a row's block is a shift away. */
const mostBlockRows = 1 << 14
/** Rows of many agents are so long that a block of as many would be larger than the memory. */
const mostBlockBytes = 2 ** 28

/** Rows in one block, of so many numbers each. */
export function blockRowsOf(columns: number): number {
  return Math.max(1, Math.min(mostBlockRows, pow(2, Math.floor(log2(mostBlockBytes / (4 * columns))))))
}

/** An empty ring for the transitions of so many games side by side. */
export function createTransitions(
  store: MatrixStore,
  agents: readonly AgentSpec[],
  layout: RowLayout,
  capacity: number,
  games: number,
): Transitions {
  const { columns } = layout
  const blockRows = blockRowsOf(columns)
  const blockShift = log2(blockRows)
  const blocks: Matrix[] = []
  const listeners: WriteListener[] = []
  let inserted = 0
  let relocation: Relocation | null = null
  /** Whether rows were ever left out: then the oldest need not be the first of their episodes. */
  let isPartial = false
  const size = () => Math.min(inserted, capacity)
  const newest = () => (inserted - 1) % capacity
  const dataOf = (slot: number) => blocks[slot >>> blockShift]!.data
  const offsetOf = (slot: number) => (slot & (blockRows - 1)) * columns

  const rows = (): SavedRows => ({
    first: inserted - size(),
    end: inserted,
    columns,
    capacity,
    pieces: [...piecesOf(index => blocks[index]!.data, blockRows, capacity, columns, inserted - size(), inserted)],
  })

  /** Copies rows into their slots, which hold nothing yet that counts. */
  const fill = (saved: SavedRows) => {
    const kept = saved.end - saved.first
    while (blocks.length < Math.ceil(kept / blockRows)) blocks.push(store.matrix(blockRows, columns))
    let row = saved.first
    for (const piece of saved.pieces) {
      let from = 0
      for (const slots of piecesOf(
        index => blocks[index]!.data,
        blockRows,
        capacity,
        columns,
        row,
        row + piece.length / columns,
      )) {
        slots.set(piece.subarray(from, from + slots.length))
        from += slots.length
      }
      row += piece.length / columns
    }
  }

  /** Marks the last transition of every game before rows that were left out. */
  const markGaps = (gaps: readonly number[]) => {
    for (const gap of gaps) {
      for (let slot = Math.max(0, gap - games); slot < gap; slot++)
        dataOf(slot)[offsetOf(slot) + layout.over] = followerLeftOut
    }
  }

  const newer = (slot: number) => {
    const distance = newest() - slot
    return distance < 0 ? distance + capacity : distance
  }

  const following = (slot: number) => (slot + games < capacity ? slot + games : slot + games - capacity)

  const preceding = (slot: number) => {
    if (size() - newer(slot) <= games) return -1
    return slot < games ? slot - games + capacity : slot - games
  }

  /** @throws RangeError when the step is not of these games and extra columns. */
  const checkStep = (step: JointStep) => {
    if (step.truncated.length !== games) {
      throw new RangeError(
        `replay: expected joint steps of ${games} games (config.games), got ${step.truncated.length}`,
      )
    }
    if (layout.states !== null && step.states === undefined) {
      throw new TypeError(
        "replay: expected joint steps with the world's own state (config.stateParts), got none; createVectorGame keeps it with " +
          'states: true',
      )
    }
    for (let agent = 0; agent < agents.length; agent++) {
      const [expected, got] = [layout.extras[agent]!, step.extras[agent]!]
      if (expected.every(({ name, size }) => columnNamed(got, name)?.columns === size)) continue
      throw new RangeError(
        `replay: expected columns [${describeColumns(expected)}] of ${agents[agent]!.id} (config.extras), ` +
          `got [${describeColumns(got.map(({ name, columns }) => ({ name, size: columns })))}]`,
      )
    }
  }

  return {
    layout,
    games,
    capacity,
    blocks,
    get size() {
      return size()
    },
    get inserted() {
      return inserted
    },
    get relocation() {
      return relocation
    },
    rows,
    get oldest() {
      return inserted > capacity ? inserted % capacity : 0
    },
    bytesWhenFull: Math.ceil(capacity / blockRows) * blockRows * columns * 4,
    insert(step) {
      checkStep(step)
      const first = inserted % capacity
      // Columns that nobody learns from here, as those of a rollout, are left out.
      const extras = layout.extras.flatMap((columns, agent) =>
        columns.map(({ name }) => columnNamed(step.extras[agent], name)!),
      )
      for (let game = 0; game < games; game++) {
        const slot = inserted % capacity
        if (blocks[slot >>> blockShift] === undefined) blocks.push(store.matrix(blockRows, columns))
        writeRow(dataOf(slot), offsetOf(slot), step, game, extras, layout.states !== null)
        inserted++
      }
      for (const listener of listeners) listener.wrote(first, games)
    },
    dataOf,
    offsetOf,
    newer,
    following,
    preceding,
    begins(slot) {
      if (inserted - newer(slot) <= games) return isPartial ? null : true
      const before = preceding(slot)
      if (before < 0) return null
      const over = dataOf(before)[offsetOf(before) + layout.over]
      return over === followerLeftOut ? null : over === 1
    },
    onWrite: listener => void listeners.push(listener),
    save: () => ({ rows: rows(), ...(isPartial ? { isPartial } : {}) }),
    restore(saved: Saved) {
      const found = rowsIn(saved as unknown as Partial<SavedState>, capacity, columns)
      const expected = Math.max(0, found.end - capacity)
      if (found.columns !== columns || found.first !== expected) {
        throw new RangeError(
          `replay: expected rows of ${columns} numbers from row ${expected} on, got rows of ${found.columns} from row ` +
            `${found.first} on: other settings`,
        )
      }
      relocation = relocationOf(found)
      isPartial = relocation !== null || (saved as { isPartial?: boolean }).isPartial === true
      const left = relocation === null ? found : { ...found, first: 0, end: relocation.size }
      fill(left)
      inserted = left.end
      markGaps(relocation?.gaps ?? [])
      for (const listener of listeners) listener.restored()
    },
  }
}

/** In the column `over`: the rows that came after this one were left out. */
const followerLeftOut = 2

/** Of old, a ring was saved block by block, slot 0 first. */
interface SavedState {
  readonly rows: SavedRows
  readonly inserted: number
  readonly blocks: readonly Float32Array[]
}

function rowsIn(
  { rows, inserted = 0, blocks = [] }: Partial<SavedState>,
  capacity: number,
  columns: number,
): SavedRows {
  if (rows !== undefined) return rows
  const kept = Math.min(inserted, capacity)
  blocks.forEach((data, index) => {
    const expected = Math.min(mostBlockRows, kept - index * mostBlockRows) * columns
    if (data.length === expected) return
    throw new RangeError(`replay: expected ${expected} numbers in block ${index}, got ${data.length}: other settings`)
  })
  const pieces = piecesOf(index => blocks[index]!, mostBlockRows, capacity, columns, inserted - kept, inserted)
  return { first: inserted - kept, end: inserted, columns, capacity, pieces }
}

/** Where rows `from` ... `to` - 1 lie in a ring of blocks, in order. */
function* piecesOf(
  block: (index: number) => Float32Array,
  blockRows: number,
  capacity: number,
  columns: number,
  from: number,
  to: number,
): Generator<Float32Array> {
  for (let row = from; row < to; ) {
    const slot = row % capacity
    const within = slot % blockRows
    const count = Math.min(to - row, capacity - slot, blockRows - within)
    yield block(Math.floor(slot / blockRows)).subarray(within * columns, (within + count) * columns)
    row += count
  }
}

/** One game's transition side by side, in the order of the layout. */
function writeRow(
  to: Float32Array,
  offset: number,
  step: JointStep,
  game: number,
  extras: readonly Matrix[],
  keepsState: boolean,
): void {
  const agents = step.rewards.columns
  let at = offset
  const put = (from: ArrayLike<number>, columns: number) => {
    const start = game * columns
    for (let c = 0; c < columns; c++) to[at++] = from[start + c]!
  }
  for (const { data, columns } of step.observations) put(data, columns)
  for (const { data, columns } of step.actions) put(data, columns)
  for (const { data, columns } of extras) put(data, columns)
  for (const { mask } of step.observations) if (mask !== undefined) put(mask.data, mask.columns)
  if (keepsState) put(step.states!.data, step.states!.columns)
  for (const { data, columns } of step.nextObservations) put(data, columns)
  for (const { mask } of step.nextObservations) if (mask !== undefined) put(mask.data, mask.columns)
  if (keepsState) put(step.nextStates!.data, step.nextStates!.columns)
  put(step.rewards.data, agents)
  put(step.present, agents)
  put(step.terminated, agents)
  to[at++] = episodeOver(step, game) ? 1 : 0
  if (step.nextPresent === undefined) return
  const cut = step.truncated[game] === 1 ? 2 : 0
  for (let agent = 0, from = game * agents; agent < agents; agent++, from++) {
    to[at++] = step.nextPresent[from] === 1 ? 1 : step.waiting![from] === 1 ? cut : 0
  }
}
