// Who may do what: tokens, where a request carries one, and the role that it gives. Tokens are never logged and never sent back.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { ConfigError } from '../errors.ts'
import { addressOf } from './address.ts'
import { isLoopback } from './admission.ts'
import { readCookie, writeCookie } from './cookie.ts'
import type { Tokens } from './hosting.ts'
import type { Role } from './protocol.ts'

export interface Gate {
  /** There are tokens to show. */
  readonly guarded: boolean
  /** The role of who sent this request; null: neither token was shown. */
  roleOf(request: IncomingMessage): Role | null
  /** The cookie to set where the address of a request has a right `?token=`; null: it has none, or a wrong one. */
  cookieFor(request: IncomingMessage): string | null
}

/** @throws ConfigError for a token that is too weak, and for an address open to other machines without an operator's token. */
export function expectGuarded(tokens: Tokens, host: string): void {
  for (const role of ['operator', 'viewer'] as const) expectStrong(role, tokens[role])
  if (tokens.operator !== undefined && tokens.operator === tokens.viewer) {
    throw new ConfigError('tokens', 'the operator and the viewers must have different tokens')
  }
  if (tokens.operator === undefined && !isLoopback(host)) {
    throw new ConfigError(
      'host',
      `${host} is open to other machines: an operator's token is needed; ` +
        "set MARLSTROM_OPERATOR_TOKEN (for example to what 'openssl rand -hex 32' prints), or name a --token-file",
    )
  }
}

/** Without tokens everybody who reaches the server is an operator. `port` tells the cookies of several servers apart. */
export function createGate(tokens: Tokens, port: number): Gate {
  const open = tokens.operator === undefined && tokens.viewer === undefined
  const name = `marlstrom_${port}`
  const secrets = (['operator', 'viewer'] as const).flatMap(role => {
    const token = tokens[role]
    // What a browser keeps is no token: it opens this server only, until the token is changed.
    return token === undefined ? [] : [{ role, token, pass: createHmac('sha256', token).update(name).digest('hex') }]
  })
  /** Takes the same time whatever it is shown. */
  const holder = (key: 'token' | 'pass', shown: string | undefined) => {
    const equal = secrets.filter(secret => same(secret[key], shown ?? ''))
    return shown === undefined ? undefined : equal[0]
  }
  return {
    guarded: !open,
    roleOf(request) {
      if (open) return 'operator'
      const found =
        holder('token', bearer(request)) ??
        holder('token', asked(request)) ??
        holder('pass', readCookie(request.headers.cookie, name))
      return found?.role ?? null
    },
    cookieFor(request) {
      const found = holder('token', asked(request))
      return found === undefined ? null : writeCookie(name, found.pass)
    },
  }
}

function expectStrong(role: Role, token: string | undefined): void {
  if (token === undefined) return
  if (!/^[\w.~+/=-]{32,512}$/.test(token) || new Set(token).size < 8) {
    throw new ConfigError(
      'tokens',
      `the ${role}'s token must have 32 to 512 letters and digits, drawn at random: use what 'openssl rand -hex 32' prints`,
    )
  }
}

function bearer({ headers }: IncomingMessage): string | undefined {
  return /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
}

/** `?token=`, for the first visit of a browser and for programs that know addresses only. */
function asked(request: IncomingMessage): string | undefined {
  return addressOf(request).query.get('token') ?? undefined
}

function same(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}
