// Lines that change in place: what a terminal shows in the end, and what a file gets.
import { describe, expect, it, vi } from 'vitest'
import { createLiveLines } from '../../../src/cli/terminal/live-lines.ts'

/** A stream that is a terminal or not, and what was written to it. */
function output(isTTY: boolean, columns = 20, rows = 10) {
  let text = ''
  const stream = { isTTY, columns, rows, write: (piece: string) => (text += piece) } as unknown as NodeJS.WriteStream
  return { stream, written: () => text }
}

/** What stands on a screen: cursor up, erase below, line feeds. */
function screen(text: string): string[] {
  const lines = ['']
  let row = 0
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences.
  for (const [piece] of text.matchAll(/\u001b\[(\d+)A|\u001b\[J|\u001b\[\d+m|[\r\n]|[^\u001b\r\n]+/g)) {
    if (piece.endsWith('A')) row -= Number(piece.slice(2, -1))
    else if (piece === '\u001b[J') lines.splice(row, lines.length, '')
    else if (piece === '\n') lines[++row] ??= ''
    else if (piece !== '\r' && !piece.startsWith('\u001b')) lines[row] += piece
  }
  return lines
}

describe('live lines', () => {
  it('change in place below what was said', () => {
    vi.useFakeTimers()
    const { stream, written } = output(true)
    const lines = createLiveLines(stream)
    lines.say('begun')
    lines.show(['a 1', 'b 1'])
    vi.advanceTimersByTime(200)
    expect(screen(written())).toEqual(['begun', 'a 1', 'b 1', ''])
    lines.show(['a 2'])
    lines.show(['a 3', '\u001b[36mcoloured and far too long\u001b[39m'])
    vi.advanceTimersByTime(200)
    lines.say('b is done')
    expect(screen(written())).toEqual(['begun', 'b is done', 'a 3', 'coloured and far to', ''])
    expect(written()).toContain('\u001b[39m')
    lines.end()
    lines.say('end')
    expect(screen(written())).toEqual(['begun', 'b is done', 'end', ''])
    vi.useRealTimers()
  })

  it('are no more than the terminal has, and none where there is no terminal', () => {
    vi.useFakeTimers()
    const small = output(true, 20, 5)
    createLiveLines(small.stream).show(['1', '2', '3', '4', '5', '6'])
    const file = output(false)
    const lines = createLiveLines(file.stream)
    lines.show(['a 1'])
    lines.say('said')
    vi.advanceTimersByTime(200)
    lines.end()
    expect(screen(small.written())).toEqual(['1', '2', '3', ''])
    expect(file.written()).toBe('said\n')
    vi.useRealTimers()
  })
})
