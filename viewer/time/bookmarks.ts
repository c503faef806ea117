// Bookmarks of moments: kept by the browser, per session.

export interface Bookmark {
  /** Frame number. */
  readonly number: number
  /** When the frame was simulated: a server that began anew counts its frames anew, and old bookmarks mean nothing there. */
  readonly at: number
  readonly name: string
}

/** What the browser keeps by name. */
export interface Store {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
}

const MOST = 50

export class Bookmarks {
  private list: Bookmark[]

  constructor(
    private readonly key: string,
    private readonly store: Store | null,
  ) {
    this.list = read(store?.getItem(key) ?? null)
  }

  get all(): readonly Bookmark[] {
    return this.list
  }

  /** Marks a moment, or takes the mark at it away. */
  toggle(bookmark: Bookmark): void {
    const others = this.list.filter(({ number, at }) => number !== bookmark.number || at !== bookmark.at)
    this.list = others.length < this.list.length ? others : [...this.list, bookmark].sort(byNumber).slice(-MOST)
    try {
      this.store?.setItem(this.key, JSON.stringify(this.list))
    } catch {
      // A full or forbidden store: the marks live as long as the page.
    }
  }

  /** The nearest mark before or after a frame. */
  next(number: number, direction: 1 | -1): Bookmark | undefined {
    return direction === 1
      ? this.list.find(mark => mark.number > number)
      : this.list.findLast(mark => mark.number < number)
  }
}

function read(text: string | null): Bookmark[] {
  try {
    const list: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(list) ? list.filter(isBookmark).sort(byNumber) : []
  } catch {
    return []
  }
}

function isBookmark(value: unknown): value is Bookmark {
  const { number, at, name } = (value ?? {}) as Partial<Bookmark>
  return Number.isFinite(number) && Number.isFinite(at) && typeof name === 'string'
}

function byNumber(one: Bookmark, other: Bookmark): number {
  return one.number - other.number
}
