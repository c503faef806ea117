// Where in a user's file an error came from: file, line and column of the first call on its stack that is the user's own.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { GameError, NonFiniteError, writtenIn } from '../errors.ts'

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

/**
 * `file:line:column` where a hook, an option or a field of this name is written, in the first of these files that has it; undefined:
 * nowhere. Absent: all of the user's files.
 */
export function placeOfName(name: string | undefined, files: Iterable<string> = userFiles): string | undefined {
  if (name === undefined || !/^[A-Za-z_$][\w$]*$/.test(name)) return undefined
  const escaped = name.replaceAll('$', '\\$')
  const first = new RegExp(`^\\s*(?:async\\s+)?(['"]?)(${escaped})\\1\\s*[:(,]`)
  const within = new RegExp(`[{,(]\\s*(['"]?)(${escaped})\\1\\s*[:(,}]`)
  for (const pattern of [first, within]) {
    for (const file of files) {
      const lines = linesOf(file)
      for (const [i, line] of lines.entries()) {
        if (/^\s*(\/\/|\*|\/\*)/.test(line)) continue
        const match = pattern.exec(line)
        if (match !== null) return `${file}:${i + 1}:${match.index + match[0].indexOf(name) + 1}`
      }
    }
  }
  return undefined
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch {
    return []
  }
}

/** The sentence of an error, with the place in the user's file if it came from there; `hook`: the one that ran last. */
export function describeError(error: unknown, hook?: string): string {
  const sentence = error instanceof Error ? error.message : String(error)
  const place = placeOf(error) ?? placeOfName(writtenIn(error)) ?? suspect(error, hook)
  return place === undefined || sentence.includes(place) ? sentence : `${place}: ${sentence}`
}

/** The framework found the number or the size that is wrong after the user's code had returned it: the hook is all that is known. */
function suspect(error: unknown, hook: string | undefined): string | undefined {
  // Where learning diverges it is the game as a whole that taught it, no hook.
  if (error instanceof NonFiniteError && error.divergence !== undefined) return onlyUserFile()
  if (!(error instanceof NonFiniteError || error instanceof GameError || error instanceof RangeError)) return undefined
  const file = onlyUserFile()
  return file === undefined ? undefined : (placeOfName(hook) ?? file)
}
