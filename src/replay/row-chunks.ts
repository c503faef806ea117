// Room for rows: every game writes its own one after the other into chunks, so that what it sees next follows right after each.
import type { RowLayout } from './row-layout.ts'

/** How the room is divided, in numbers; both are powers of two, and a block holds whole chunks. */
export interface ChunkSizes {
  readonly chunk: number
  readonly block: number
}

/** Chunks taken and given back. Places count numbers, through all blocks. */
export interface RowChunks {
  /** Blocks that are in use. */
  readonly blocks: number
  /** A place for `numbers` in a row: at `end`, where the chunk that ends there has room, or in a new chunk. -1: there is no chunk yet. */
  open(end: number, numbers: number): number
  /** Whether the chunk of a place has room for so many numbers from it on. */
  hasRoom(place: number, numbers: number): boolean
  /** Somebody needs what lies at this place, until `drop`. */
  hold(place: number): void
  drop(place: number): void
  /** Gives everything back. */
  clear(): void
}

/** Numbers of a block at most, where rows are not longer: 256 MB. */
const mostBlock = 2 ** 26
/** Rows in a block, about. */
const blockRows = 2 ** 14
const mostChunkRows = 64

/**
 * Chunks so long that little is lost where they begin, with what was seen once more, and so short that games do not hold much that is empty:
 * with K rows of a game, sqrt(K / 2) of them.
 */
export function chunkSizes({ columns, seen }: RowLayout, capacity: number, games: number): ChunkSizes {
  const rows = Math.min(mostChunkRows, Math.max(1, Math.sqrt(capacity / games / 2)))
  const chunk = powerOfTwo(rows * (columns + seen))
  const all = chunk * Math.ceil(mostChunks(columns + seen, chunk, capacity, games))
  return {
    chunk,
    block: Math.max(chunk, Math.min(mostBlock, powerOfTwo(all / 16), powerOfTwo(blockRows * columns) / 2)),
  }
}

/** Bytes of so many transitions: usually, where episodes are long, and at most, where each is an episode of its own. */
export function bytesOfRows(
  layout: RowLayout,
  capacity: number,
  games: number,
): { readonly usual: number; readonly most: number } {
  const { chunk, block } = chunkSizes(layout, capacity, games)
  const { columns, seen } = layout
  const bytes = (perRow: number, once: number) =>
    4 * block * Math.ceil((mostChunks(perRow, chunk - once, capacity, games) * chunk) / block)
  return { usual: bytes(columns, seen), most: bytes(columns + seen, 0) }
}

/** A game's rows lie in one chunk more than they fill. */
function mostChunks(numbers: number, chunk: number, capacity: number, games: number): number {
  return games * (Math.ceil(Math.ceil(capacity / games) / Math.max(1, Math.floor(chunk / numbers))) + 1)
}

export function createRowChunks({ chunk, block }: ChunkSizes): RowChunks {
  const shift = Math.log2(chunk)
  /** Per chunk, who needs it. */
  let held = new Uint32Array(64)
  let made = 0
  let free: number[] = []

  const take = (): number => {
    const index = free.pop() ?? made++
    if (index === held.length) {
      const longer = new Uint32Array(2 * index)
      longer.set(held)
      held = longer
    }
    return index
  }
  const hasRoom = (place: number, numbers: number) => (place & (chunk - 1)) + numbers <= chunk
  return {
    get blocks() {
      return Math.ceil((made * chunk) / block)
    },
    hasRoom,
    open(end, numbers) {
      // A chunk that is full ends where another begins.
      if (end > 0 && (end & (chunk - 1)) !== 0 && hasRoom(end, numbers)) return end
      return take() * chunk
    },
    hold(place) {
      held[place >>> shift]!++
    },
    drop(place) {
      const index = place >>> shift
      if (--held[index]! === 0) free.push(index)
    },
    clear() {
      held.fill(0)
      free = []
      made = 0
    },
  }
}

function powerOfTwo(atLeast: number): number {
  return 2 ** Math.max(0, Math.ceil(Math.log2(atLeast)))
}
