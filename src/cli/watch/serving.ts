// Where and to whom a command shows its page: --host, --token-file, --allow-origin, --open and the environment.
import { isIP } from 'node:net'
import { type Command, InvalidArgumentError } from 'commander'
import { firstValueFrom, fromEvent, merge } from 'rxjs'
import type { PageOptions } from '../../index.ts'
import { printNote } from '../terminal/print.ts'
import { openInBrowser } from './browser.ts'

export interface ServingOptions
  extends Pick<PageOptions, 'host' | 'tokenFile' | 'allowOrigin' | 'trustProxy' | 'publicUrl'> {
  readonly open?: boolean
}

/** A page as commands speak of it. */
interface ServedPage {
  readonly url: string
  readonly listening: string
  readonly guarded: boolean
}

/** Adds the options of `ServingOptions`. */
export function addServingOptions(command: Command): Command {
  return command
    .option('--open', 'open the page in the browser')
    .option('--host <address>', 'serve the page at this address of the machine, 0.0.0.0 for all; needs a token')
    .option(
      '--token-file <file>',
      'tokens of operators and viewers, instead of MARLSTROM_OPERATOR_TOKEN and _VIEWER_TOKEN',
    )
    .option(
      '--allow-origin <url>',
      'another website whose pages may connect, repeatable',
      (value, all: string[] = []) => [...all, originOf(value)],
    )
    .option(
      '--public-url <url>',
      'where people reach the page behind a reverse proxy, https://lab.example/marl; needs a token',
    )
    .option(
      '--trust-proxy <address>',
      'a proxy in front of the page, which may have any number of connections without a token, repeatable',
      (value, all: string[] = []) => [...all, ipAddressOf(value)],
    )
}

/** Where the page is, and what a browser needs; the token itself is never printed. */
export function whereToLook({ url, listening, guarded }: ServedPage, remark = ''): string {
  const behind = listening === url ? '' : `   (by a proxy to ${listening})`
  return `live page: ${url}${guarded ? '?token=<token>' : ''}${behind}${remark}`
}

/** Resolves at Ctrl-C or SIGTERM. To be asked for before a line is printed that a program may answer at once. */
export function whenEnded(): Promise<unknown> {
  return firstValueFrom(merge(fromEvent(process, 'SIGINT'), fromEvent(process, 'SIGTERM')))
}

/**
 * Opens the page in the browser where that was asked for. A token is not given along: every user of the machine could read it in the
 * list of processes.
 */
export function openWanted({ url, guarded }: ServedPage, { open }: ServingOptions): void {
  if (!open) return
  openInBrowser(url)
  if (guarded) printNote('the page asks for a token: add ?token=<token> to its address once')
}

function ipAddressOf(text: string): string {
  if (isIP(text) !== 0) return text
  throw new InvalidArgumentError(`Expected an IP address like 192.0.2.1, got '${text}'.`)
}

function originOf(text: string): string {
  if (URL.canParse(text) && new URL(text).origin === text.replace(/\/$/, '')) return new URL(text).origin
  throw new InvalidArgumentError(`Expected the origin of a website like https://viewer.example.org, got '${text}'.`)
}
