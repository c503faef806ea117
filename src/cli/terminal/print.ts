// All output to the terminal: control characters in names and messages of others are shown, not obeyed.
import pc from 'picocolors'
import { plainColoured } from '../../text/plain-text.ts'

/** Prints lines to stdout. */
export function print(text = ''): void {
  console.log(plainColoured(text, pc.isColorSupported))
}

/** Prints lines to stderr. */
export function printError(text: string): void {
  console.error(plainColoured(text, pc.isColorSupported))
}

/** Prints to stderr what a person should know, though nothing failed. */
export function printNote(sentence: string): void {
  printError(`${pc.yellow('note:')} ${sentence}`)
}

/** Prints an event as one line of JSON, for programs. */
export function printEvent(event: string, fields: object): void {
  print(JSON.stringify({ event, ...fields }))
}
