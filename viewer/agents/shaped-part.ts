// A part of an observation with a shape, as pictures: a table of rows and columns for each of its channels, a number in every cell.
import { amount } from '../page/words.ts'

export interface ShapedPart {
  readonly name: string
  readonly size: number
  readonly shape?: readonly number[]
  readonly channels?: readonly string[]
}

/** The layers of such a part. */
export interface Layers {
  readonly rows: number
  readonly columns: number
  /** What each layer is called. */
  readonly channels: readonly string[]
}

export interface Pictures {
  /** The part's numbers, row by row, the channels of a cell side by side. */
  show(numbers: ArrayLike<number>): void
}

/** More cells than these are no picture: their numbers are listed. */
const CELLS_MOST = 3000
/** Pixels of a layer's width, and of a cell at most. */
const WIDTH = 116
const CELL_MOST = 20

/** How a part is cut into layers; null: it is no picture. */
export function layersOf({ size, shape, channels }: ShapedPart): Layers | null {
  if (shape === undefined || shape.length < 2 || shape.length > 3 || size > CELLS_MOST) return null
  const [rows, columns, count = 1] = shape as readonly [number, number, number?]
  const named = shape.length === 3 ? channels : undefined
  return { rows, columns, channels: named ?? Array.from({ length: count }, (_, i) => (count === 1 ? '' : String(i))) }
}

export function createPictures(place: HTMLElement, { rows, columns, channels }: Layers): Pictures {
  const side = Math.max(3, Math.min(CELL_MOST, Math.floor(WIDTH / columns)))
  place.className = 'layers'
  /** [channels] of [rows * columns] */
  const cells = channels.map(channel => {
    const table = document.createElement('table')
    const caption = document.createElement('caption')
    caption.textContent = channel
    table.append(caption)
    const body = table.createTBody()
    const made: HTMLTableCellElement[] = []
    for (let row = 0; row < rows; row++) {
      const line = body.insertRow()
      for (let column = 0; column < columns; column++) {
        const cell = line.insertCell()
        cell.style.width = cell.style.height = `${side}px`
        made.push(cell)
      }
    }
    place.append(table)
    return made
  })
  /** What each cell says now. */
  const said = new Float64Array(rows * columns * channels.length).fill(Number.NaN)
  let shownMost = 0

  return {
    show(numbers) {
      let most = 1e-9
      for (let i = 0; i < numbers.length; i++) {
        if (Number.isFinite(numbers[i])) most = Math.max(most, Math.abs(numbers[i]!))
      }
      const all = most !== shownMost
      shownMost = most
      for (let i = 0; i < said.length; i++) {
        const value = numbers[i]!
        if (!all && Object.is(value, said[i])) continue
        said[i] = value
        const at = Math.floor(i / channels.length)
        const channel = i % channels.length
        const cell = cells[channel]![at]!
        const text = amount(value)
        const name = channels[channel] === '' ? '' : `${channels[channel]} `
        // Small as it is, the text is there for who hears the page.
        cell.textContent = text
        cell.title = `row ${Math.floor(at / columns)}, column ${at % columns}: ${name}${text}`
        cell.style.setProperty('--share', `${Math.round((100 * Math.min(most, Math.abs(value) || 0)) / most)}%`)
        cell.classList.toggle('below', value < 0)
      }
    },
  }
}
