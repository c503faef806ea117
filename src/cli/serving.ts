// Where and to whom a command shows its page: --host, --token-file, --allow-origin and the environment, and how to open it.
import { type Command, InvalidArgumentError } from 'commander'
import { createStreamServer, foxgloveSubprotocols, type StreamServer, type StreamServerOptions } from '../index.ts'
import { expectGuarded } from '../stream/tokens.ts'
import { pageFolder } from './package.ts'
import { readTokens } from './tokens.ts'

export interface ServingOptions {
  readonly host?: string
  readonly tokenFile?: string
  readonly allowOrigin?: readonly string[]
}

/** How the page is to be served; the port comes beside it. */
export type Serving = Pick<StreamServerOptions, 'host' | 'tokens' | 'origins'>

/** Adds the options of `ServingOptions`. */
export function addServingOptions(command: Command): Command {
  return command
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
}

/** @throws ConfigError for a wider address without a token, and for tokens that are too weak or cannot be read. */
export function servingOf({ host, tokenFile, allowOrigin }: ServingOptions): Serving {
  const tokens = readTokens(process.env, tokenFile)
  expectGuarded(tokens, host ?? '127.0.0.1')
  return { host, tokens, origins: allowOrigin }
}

/** A server of the live page and of the Foxglove protocol, without sessions yet. @throws ConfigError when the port cannot be had. */
export function openServer(serving: Serving, port: number | undefined): Promise<StreamServer> {
  return createStreamServer({ ...serving, port, page: pageFolder(), subprotocols: foxgloveSubprotocols() })
}

/** Where the page is, and what a browser needs; the token itself is never printed. */
export function whereToLook({ url, guarded }: Pick<StreamServer, 'url' | 'guarded'>, remark = ''): string {
  return `live page: ${url}${guarded ? '?token=<token>' : ''}${remark}`
}

function originOf(text: string): string {
  if (URL.canParse(text) && new URL(text).origin === text.replace(/\/$/, '')) return new URL(text).origin
  throw new InvalidArgumentError(`Expected the origin of a website like https://viewer.example.org, got '${text}'.`)
}
