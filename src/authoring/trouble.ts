// An error in a version of a user's file as viewers see it: the sentence, the place, and the lines around it.
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Trouble } from '../experiment/session.ts'

/** Lines shown before and after the one that is meant. */
const around = 2
const longestLine = 200

/** Takes the place off the sentence, where it begins with one (`file:line:column: `), and reads the file there. */
export function troubleOf(message: string): Trouble {
  const match = /^(.+?):(\d+):(\d+): ([\s\S]*)$/.exec(message)
  if (match === null) return { message, place: null, code: null }
  const [, file, line, column, sentence] = match as unknown as [string, string, string, string, string]
  return { message: sentence, place: `${basename(file)}:${line}:${column}`, code: codeAt(file, Number(line)) }
}

function codeAt(file: string, line: number): Trouble['code'] {
  let lines: string[]
  try {
    lines = readFileSync(file, 'utf8').split(/\r?\n/)
  } catch {
    return null
  }
  if (line < 1 || line > lines.length) return null
  const first = Math.max(1, line - around)
  const shown = lines.slice(first - 1, line + around)
  return { first, line, lines: shown.map(text => text.slice(0, longestLine)) }
}
