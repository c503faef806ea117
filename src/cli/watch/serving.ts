// Where and to whom a command shows its page: --host, --token-file, --allow-origin, --open and the environment.
import { isIP } from 'node:net'
import { type Command, InvalidArgumentError } from 'commander'
import pc from 'picocolors'
import { createStreamServer, foxgloveSubprotocols, type StreamServer, type StreamServerOptions } from '../../index.ts'
import { pageFolder } from '../../installation/package.ts'
import { readPublicUrl } from '../../stream/public-address.ts'
import { expectGuarded } from '../../stream/tokens.ts'
import { printError } from '../terminal/print.ts'
import { openInBrowser } from './browser.ts'
import { readTokens, remarksOnTokens } from './tokens.ts'

export interface ServingOptions {
  readonly host?: string
  readonly tokenFile?: string
  readonly allowOrigin?: readonly string[]
  readonly trustProxy?: readonly string[]
  readonly publicUrl?: string
  readonly open?: boolean
}

/** How the page is to be served; the port comes beside it. */
export interface Serving extends Pick<StreamServerOptions, 'host' | 'tokens' | 'origins' | 'proxies' | 'publicUrl'> {
  /** Sentences about the tokens, for stderr. */
  readonly remarks: readonly string[]
  /** Whether the browser is to be opened with it. */
  readonly open: boolean
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

/** @throws ConfigError for a wider address without a token, and for tokens that are too weak or cannot be read. */
export function servingOf({
  host,
  tokenFile,
  allowOrigin,
  trustProxy,
  publicUrl,
  open = false,
}: ServingOptions): Serving {
  const tokens = readTokens(process.env, tokenFile)
  expectGuarded(tokens, host ?? '127.0.0.1', publicUrl === undefined ? undefined : readPublicUrl(publicUrl))
  const remarks = remarksOnTokens(tokens, tokenFile)
  return { host, tokens, origins: allowOrigin, proxies: trustProxy, publicUrl, remarks, open }
}

/** A server of the live page and of the Foxglove protocol, without sessions yet. @throws ConfigError when the port cannot be had. */
export function openServer({ remarks, open: _, ...serving }: Serving, port: number | undefined): Promise<StreamServer> {
  for (const remark of remarks) printError(`${pc.yellow('note:')} ${remark}`)
  return createStreamServer({ ...serving, port, page: pageFolder(), subprotocols: foxgloveSubprotocols() })
}

/** Where the page is, and what a browser needs; the token itself is never printed. */
export function whereToLook(server: Pick<StreamServer, 'url' | 'guarded' | 'listening'>, remark = ''): string {
  const { url, guarded, listening } = server
  const behind = listening === url ? '' : `   (by a proxy to ${listening})`
  return `live page: ${url}${guarded ? '?token=<token>' : ''}${behind}${remark}`
}

/**
 * Opens the page in the browser where that was asked for. A token is not given along: every user of the machine could read it in the
 * list of processes.
 */
export function openWanted({ url, guarded }: Pick<StreamServer, 'url' | 'guarded'>, { open }: Serving): void {
  if (!open) return
  openInBrowser(url)
  if (guarded) printError(`${pc.yellow('note:')} the page asks for a token: add ?token=<token> to its address once`)
}

function ipAddressOf(text: string): string {
  if (isIP(text) !== 0) return text
  throw new InvalidArgumentError(`Expected an IP address like 192.0.2.1, got '${text}'.`)
}

function originOf(text: string): string {
  if (URL.canParse(text) && new URL(text).origin === text.replace(/\/$/, '')) return new URL(text).origin
  throw new InvalidArgumentError(`Expected the origin of a website like https://viewer.example.org, got '${text}'.`)
}
