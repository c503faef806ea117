// What is wrong with the newest version of the file that is being written: over the picture, with the lines around the place.
import type { SessionState } from '../../src/stream/protocol.ts'
import { element, write, writeOrHide } from './elements.ts'

let shown: SessionState['trouble'] = null

export function showTrouble(trouble: SessionState['trouble']): void {
  if (trouble === shown) return
  shown = trouble
  const panel = element('trouble')
  panel.hidden = trouble === null
  // Long ones are scrolled, by keyboard too.
  panel.tabIndex = 0
  if (trouble === null) return
  writeOrHide('trouble-place', trouble.place)
  write('trouble-message', trouble.message)
  const { code } = trouble
  const place = element('trouble-code')
  place.hidden = code === null
  if (code === null) return
  const width = String(code.first + code.lines.length).length
  place.replaceChildren(
    ...code.lines.map((text, i) => {
      const number = code.first + i
      const line = document.createElement(number === code.line ? 'mark' : 'span')
      line.textContent = `${number === code.line ? '>' : ' '} ${String(number).padStart(width)}  ${text}\n`
      return line
    }),
  )
}
