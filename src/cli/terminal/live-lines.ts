// Lines at the end of a terminal's text that change in place; what is said meanwhile stands above them.
import pc from 'picocolors'
import { plainColoured } from '../../text/plain-text.ts'

export interface LiveLines {
  /** Says something that stays. */
  say(text: string): void
  /** The changing lines from now on; drawn at most some times a second. */
  show(lines: readonly string[]): void
  /** The lines disappear. */
  end(): void
}

/** Milliseconds between two drawings. */
const drawEvery = 100

/** Where the output is no terminal, only what stays is written. */
export function createLiveLines(output: NodeJS.WriteStream): LiveLines {
  if (!output.isTTY)
    return { say: text => void output.write(`${plainColoured(text, pc.isColorSupported)}\n`), show() {}, end() {} }
  let drawn = 0
  let wanted: readonly string[] = []
  let timer: NodeJS.Timeout | undefined
  const erased = () => (drawn === 0 ? '' : `\u001b[${drawn}A\r\u001b[J`)
  const draw = (above = '') => {
    clearTimeout(timer)
    timer = undefined
    const room = Math.max(1, output.rows - 2)
    const lines = wanted.slice(0, room).map(line => cut(harmless(line), output.columns - 1))
    output.write(`${erased()}${above}${lines.map(line => `${line}\n`).join('')}`)
    drawn = lines.length
  }
  return {
    say: text => draw(`${harmless(text)}\n`),
    show(lines) {
      wanted = lines
      timer ??= setTimeout(draw, drawEvery)
    },
    end() {
      wanted = []
      draw()
    },
  }
}

/** Names and reasons of others are shown as they are, colours of our own stay. */
const harmless = (text: string) => plainColoured(text, true)

/** The first so many letters; escape sequences are none. */
function cut(line: string, columns: number): string {
  let left = columns
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are such sequences.
  const kept = line.replace(/\u001b\[[\d;]*m|./gu, piece =>
    piece.startsWith('\u001b') ? piece : left-- > 0 ? piece : '',
  )
  return kept
}
