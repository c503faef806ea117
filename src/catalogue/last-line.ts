// The last whole line of a metrics file, read from its end: thousands of runs are listed without reading all they logged.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** Bytes that are read first; doubled until a whole line is among them. */
const firstBytes = 8192

/**
 * The last line that is a whole JSON object, or the last such that has `key`; null: there is none. A line that is being written, or that a
 * crash tore, is passed over.
 * @throws Error when the file cannot be read; SyntaxError when the whole line before the end is no JSON object.
 */
export function lastLine(file: string, key?: string): Readonly<Record<string, number>> | null {
  const handle = openSync(file, 'r')
  try {
    const { size } = fstatSync(handle)
    for (let bytes = firstBytes; ; bytes *= 2) {
      const from = Math.max(0, size - bytes)
      const text = textOf(handle, from, size)
      // The first piece is half a line unless the file begins there; the last is empty or not yet whole.
      const lines = text.split('\n').slice(from === 0 ? 0 : 1, -1)
      for (const line of lines.reverse()) {
        const found = parsed(line)
        if (key === undefined || Object.hasOwn(found, key)) return found
      }
      if (from === 0) return null
    }
  } finally {
    closeSync(handle)
  }
}

function textOf(handle: number, from: number, to: number): string {
  const buffer = Buffer.alloc(to - from)
  let read = 0
  for (let got = -1; got !== 0 && read < buffer.length; read += got) {
    got = readSync(handle, buffer, read, buffer.length - read, from + read)
  }
  return buffer.toString('utf8', 0, read)
}

function parsed(line: string): Readonly<Record<string, number>> {
  const value: unknown = JSON.parse(line)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, number>
  throw new SyntaxError(`expected an object, got ${line.slice(0, 40)}`)
}
