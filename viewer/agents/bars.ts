// Rows of named numbers as bars: made once for a set of names, then only moved.

export interface BarRow {
  readonly name: string
  readonly value: number
  /** The one that was chosen. */
  readonly chosen?: boolean
  /** Why it is grey; absent: it is not. */
  readonly forbidden?: string
}

/** More rows than these are asked for. */
const ROWS_MOST = 24

export interface Bars {
  /** `least` ... `most` is the width of a row; bars begin at 0, or at the end nearest to it. */
  show(rows: readonly BarRow[], least: number, most: number, say: (value: number) => string): void
}

export function createBars(place: HTMLElement): Bars {
  let names = ''
  let parts: { row: HTMLElement; bar: HTMLElement; value: HTMLElement }[] = []

  function make(rows: readonly BarRow[]): void {
    parts = rows.map(({ name }) => {
      const row = document.createElement('div')
      const label = document.createElement('span')
      const track = document.createElement('i')
      const bar = document.createElement('i')
      const value = document.createElement('b')
      row.className = 'row'
      track.className = 'track'
      label.textContent = name
      label.title = name
      track.append(bar)
      row.append(label, track, value)
      return { row, bar, value }
    })
    const rest = parts.slice(ROWS_MOST)
    for (const { row } of rest) row.hidden = true
    place.replaceChildren(...parts.map(({ row }) => row))
    if (rest.length === 0) return
    const more = document.createElement('button')
    more.type = 'button'
    more.className = 'small'
    more.textContent = `and ${rest.length} more`
    more.addEventListener('click', () => {
      more.remove()
      for (const { row } of rest) row.hidden = false
    })
    place.append(more)
  }

  return {
    show(rows, least, most, say) {
      const now = rows.map(({ name }) => name).join('\n')
      if (now !== names) {
        names = now
        make(rows)
      }
      const span = most - least || 1
      const part = (value: number) => 100 * Math.min(1, Math.max(0, (value - least) / span))
      const zero = part(0)
      rows.forEach(({ value, chosen, forbidden }, i) => {
        const { row, bar, value: text } = parts[i]!
        const end = Number.isFinite(value) ? part(value) : zero
        bar.style.left = `${Math.min(zero, end)}%`
        bar.style.width = `${Math.abs(end - zero)}%`
        row.classList.toggle('chosen', chosen === true)
        row.classList.toggle('forbidden', forbidden !== undefined)
        const said = forbidden ?? say(value)
        if (text.textContent !== said) text.textContent = said
      })
    },
  }
}
