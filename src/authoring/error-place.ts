// Where in a user's file an error came from: file, line and column of the first call on its stack that is the user's own.
import { fileURLToPath } from 'node:url'
import { GameError, NonFiniteError } from '../errors.ts'

/** Files that were loaded into this process, absolute. */
const userFiles = new Set<string>()
/** Those that others were loaded for. */
const mainFiles = new Set<string>()

/** From now on a file, and those that it needs, count as the user's. */
export function noteUserFiles(main: string, files: readonly string[]): void {
  for (const file of files) userFiles.add(file)
  mainFiles.add(main)
}

/** The file of the user's that is played; undefined: there are several, or none. */
export function onlyUserFile(): string | undefined {
  return mainFiles.size === 1 ? [...mainFiles][0] : undefined
}

/** `file:line:column` of the user's call that an error comes from; undefined: none of the user's code was running. */
export function placeOf(error: unknown): string | undefined {
  if (error instanceof GameError && error.cause !== undefined) return placeOf(error.cause)
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  for (const call of stack.split('\n')) {
    const match = /^\s+at (?:.*\()?(file:\/\/)?(.+?):(\d+):(\d+)\)?$/.exec(call)
    if (match === null) continue
    const [, url, path, line, column] = match
    const file = url === undefined ? path! : fileURLToPath(`file://${path}`)
    if (userFiles.has(file)) return `${file}:${line}:${column}`
  }
  return undefined
}

/** The sentence of an error, with the place in the user's file if it came from there. */
export function describeError(error: unknown): string {
  const sentence = error instanceof Error ? error.message : String(error)
  const place = placeOf(error) ?? suspect(error)
  return place === undefined || sentence.includes(place) ? sentence : `${place}: ${sentence}`
}

/** The framework found the number or the size that is wrong after the user's code had returned it: the file is all that is known. */
function suspect(error: unknown): string | undefined {
  if (error instanceof NonFiniteError && error.divergence !== undefined) return undefined
  if (!(error instanceof NonFiniteError || error instanceof GameError || error instanceof RangeError)) return undefined
  return onlyUserFile()
}
