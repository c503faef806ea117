// The transitions kept: a ring of slots in the order step * games + game. What was seen next is kept once, as what a game sees then.
import { columnNamed, describeColumns } from '../columns.ts'
import type { GatherPiece, MatrixStore } from '../nn/matrix.ts'
import type { AgentSpec, JointStep, Saved, SavedRows, Stateful } from '../types.ts'
import { type Relocation, relocationOf } from './relocation.ts'
import { bytesOfRows, chunkSizes, createRowChunks } from './row-chunks.ts'
import type { RowLayout } from './row-layout.ts'
import { createRowLinks } from './row-links.ts'
import { createRowTable } from './row-table.ts'
import { holdsSight, savedRows, savedRowsOf } from './saved-rows.ts'
import { compare, type RowTargets, sightsOf, writeOutcomes, writeSights } from './write-rows.ts'

/**
 * Rows are known by their slot in the ring. Row r + games is the next transition of row r's game, where joint steps are of all games; where they
 * take turns, links say which is (row-links.ts).
 */
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
  /** Bytes when all rows are there: usually, and at most, where every episode is one step long. */
  readonly bytesWhenFull: { readonly usual: number; readonly most: number }
  insert(step: JointStep): void
  /** The numbers among which a row lies, and where it begins in them; what was seen next begins where it ends. */
  dataOf(slot: number): Float32Array
  offsetOf(slot: number): number
  /** Copies what each piece wants of these rows into its matrix, row by row. */
  gather(slots: Uint32Array, pieces: readonly GatherPiece[]): void
  /** The slot of the transition after, of the same game, of the episode after too; -1 where it has not come, or was left out. */
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

/** No place, no slot. */
const none = -1

/**
 * An empty ring for the transitions of so many games. `apart`: where rows lie; default: in `store`, as batches do. `gamesOfStep`: of a joint step,
 * where they take turns, as the layout must say; default: all.
 */
export function createTransitions(
  store: MatrixStore,
  agents: readonly AgentSpec[],
  layout: RowLayout,
  capacity: number,
  games: number,
  apart?: MatrixStore,
  gamesOfStep = games,
): Transitions {
  const { columns, seen } = layout
  const sizes = chunkSizes(layout, capacity, games)
  const chunks = createRowChunks(sizes)
  const table = createRowTable(store, sizes.block, apart)
  /** Of every slot, where its row lies. */
  let places = new Uint32Array(Math.min(capacity, 1024))
  /** Of every game, where what it saw last lies. */
  const heads = new Float64Array(games).fill(none)
  /** Of every game of a step, its row, whether what it sees stands there already, and whether the row is elsewhere. */
  const targets: RowTargets = {
    data: new Array(gamesOfStep),
    words: new Array(gamesOfStep),
    offsets: new Uint32Array(gamesOfStep),
  }
  const stands = new Uint8Array(gamesOfStep)
  const isNew = new Uint8Array(gamesOfStep)
  const links = layout.game === null ? null : createRowLinks(games, capacity)
  let indices = new Uint32Array(0)
  const listeners: WriteListener[] = []
  let inserted = 0
  let first = 0
  let relocation: Relocation | null = null
  /** Whether rows were ever left out: then the oldest need not be the first of their episodes. */
  let isPartial = false
  const size = () => Math.min(inserted, capacity)
  const newest = () => (inserted - 1) % capacity
  const dataOf = (slot: number) => table.dataOf(places[slot]!)
  const offsetOf = (slot: number) => table.offsetOf(places[slot]!)

  const aim = (game: number, place: number) => {
    targets.data[game] = table.dataOf(place)
    targets.words[game] = table.wordsOf(place)
    targets.offsets[game] = table.offsetOf(place)
  }

  /** The place of the next row: where the game saw something last, if it `goesOn` from there and there is room; else a new one. */
  const nextPlace = (game: number, goesOn: boolean): number => {
    const slot = inserted % capacity
    if (inserted - first >= capacity) chunks.drop(places[slot]!)
    const head = heads[game]!
    let place = head
    if (!goesOn || !chunks.hasRoom(head, columns + seen)) {
      place = chunks.open(head === none ? none : head + seen, columns + seen)
      table.grow(chunks.blocks)
      chunks.hold(place)
      if (head !== none) chunks.drop(head)
    }
    chunks.hold(place)
    while (slot >= places.length) places = longer(places, capacity)
    places[slot] = place
    heads[game] = place + columns
    inserted++
    return place
  }

  const rows = (): SavedRows =>
    savedRows(layout, { first: inserted - size(), end: inserted, capacity }, row => {
      const slot = row % capacity
      return [dataOf(slot), offsetOf(slot)]
    })

  /** Takes in rows, and nothing else from then on. */
  const fill = (saved: SavedRows, gaps: readonly number[]) => {
    chunks.clear()
    links?.clear(saved.first === 0 && gaps.length === 0)
    heads.fill(none)
    inserted = saved.first
    first = saved.first
    const { runs, columns: numbers } = layout.saved
    const whose = layout.game === null ? null : savedColumn(layout.saved, layout.game)
    for (const piece of saved.pieces) {
      const bits = new Int32Array(piece.buffer, piece.byteOffset, piece.length)
      for (let at = 0; at < piece.length; at += numbers) {
        const owner = whose === null ? 0 : piece[at + whose]!
        const game = whose === null ? inserted % games : Math.abs(owner) - 1
        if (links !== null && gaps.includes(inserted)) links.cut()
        links?.add(inserted % capacity, game, owner > 0)
        const head = heads[game]!
        const goesOn = head !== none && holdsSight(layout, table.wordsOf(head), table.offsetOf(head), bits, at)
        const place = nextPlace(game, goesOn)
        const [words, offset] = [table.wordsOf(place), table.offsetOf(place)]
        for (const { saved, column, size } of runs) {
          for (let c = 0; c < size; c++) words[offset + column + c] = bits[at + saved + c]!
        }
      }
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

  const following = (slot: number) => {
    if (links !== null) return links.after(slot)
    if (newer(slot) < games) return -1
    return slot + games < capacity ? slot + games : slot + games - capacity
  }

  const preceding = (slot: number) => {
    if (links !== null) return links.before(slot)
    if (size() - newer(slot) <= games) return -1
    return slot < games ? slot - games + capacity : slot - games
  }

  /** @throws RangeError when the step is not of these games and extra columns. */
  const checkStep = (step: JointStep) => {
    if (step.truncated.length !== gamesOfStep || (links !== null) !== (step.first !== undefined)) {
      const which = links === null ? 'config.games' : 'config.gamesOfStep, of which `first` says the number'
      throw new RangeError(
        `replay: expected joint steps of ${gamesOfStep} games (${which}), got ${step.truncated.length}`,
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
    bytesWhenFull: bytesWhenFull(layout, capacity, games),
    insert(step) {
      checkStep(step)
      const from = inserted % capacity
      const sights = sightsOf(layout, step)
      // Rows that were left out may have been some of a step.
      const gameOf = (row: number) => (step.first === undefined ? inserted % games : step.first + row)
      for (let row = 0; row < gamesOfStep; row++) {
        const head = heads[step.first === undefined ? (inserted + row) % games : step.first + row]!
        stands[row] = head === none ? 0 : 1
        if (head !== none) aim(row, head)
      }
      compare(sights, targets, stands)
      for (let row = 0; row < gamesOfStep; row++) {
        const game = gameOf(row)
        const head = heads[game]!
        links?.add(inserted % capacity, game, step.afterGap !== true)
        const place = nextPlace(game, stands[row] === 1)
        isNew[row] = place === head ? 0 : 1
        aim(row, place)
      }
      writeSights(sights, targets, isNew)
      writeOutcomes(layout, step, targets)
      for (const listener of listeners) listener.wrote(from, gamesOfStep)
    },
    dataOf,
    offsetOf,
    gather(slots, pieces) {
      const count = slots.length
      if (indices.length < count) indices = new Uint32Array(count)
      for (let i = 0; i < count; i++) indices[i] = places[slots[i]!]!
      table.gather(indices.length === count ? indices : indices.subarray(0, count), pieces)
    },
    following,
    preceding,
    begins(slot) {
      const isFirst = links === null ? inserted - newer(slot) <= games : links.isFirst(slot)
      if (isFirst) return isPartial ? null : true
      const before = preceding(slot)
      if (before < 0) return null
      const over = dataOf(before)[offsetOf(before) + layout.over]
      return over === followerLeftOut ? null : over === 1
    },
    onWrite: listener => void listeners.push(listener),
    save: () => ({ rows: rows(), ...(isPartial ? { isPartial } : {}) }),
    restore(saved: Saved) {
      const found = savedRowsOf(saved, capacity, layout.saved.columns)
      const expected = Math.max(0, found.end - capacity)
      if (found.columns !== layout.saved.columns || found.first !== expected) {
        throw new RangeError(
          `replay: expected rows of ${layout.saved.columns} numbers from row ${expected} on, got rows of ${found.columns} from row ` +
            `${found.first} on: other settings`,
        )
      }
      relocation = relocationOf(found)
      isPartial = relocation !== null || (saved as { isPartial?: boolean }).isPartial === true
      const left = relocation === null ? found : { ...found, first: 0, end: relocation.size }
      const gaps = relocation?.gaps ?? []
      fill(left, gaps)
      if (links === null) markGaps(gaps)
      for (const listener of listeners) listener.restored()
    },
  }
}

/** In the column `over`: the rows that came after this one were left out. */
const followerLeftOut = 2

function bytesWhenFull(layout: RowLayout, capacity: number, games: number): Transitions['bytesWhenFull'] {
  const { usual, most } = bytesOfRows(layout, capacity, games)
  // A slot says in four bytes where its row lies.
  return { usual: usual + 4 * capacity, most: most + 4 * capacity }
}

/** Of twice the length, or of `most`. */
function longer(numbers: Uint32Array, most: number): Uint32Array<ArrayBuffer> {
  const more = new Uint32Array(Math.min(most, 2 * numbers.length))
  more.set(numbers)
  return more
}

/** Where a column of a row is among the saved ones. */
function savedColumn({ runs }: RowLayout['saved'], column: number): number {
  const run = runs.find(run => run.column <= column && column < run.column + run.size)!
  return run.saved + column - run.column
}
