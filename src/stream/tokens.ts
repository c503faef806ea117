// Tokens: where a request carries one, and the role that it gives. Tokens are never logged and never sent back.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { deflateRawSync } from 'node:zlib'
import { ConfigError } from '../errors.ts'
import { addressOf } from './address.ts'
import { isLoopback } from './admission.ts'
import { readCookie, writeCookie } from './cookie.ts'
import type { Tokens } from './hosting.ts'
import type { Role } from './protocol.ts'
import type { PublicAddress } from './public-address.ts'

export interface Gate {
  /** There are tokens to show. */
  readonly guarded: boolean
  /** The role of who sent this request; null: neither token was shown. */
  roleOf(request: IncomingMessage): Role | null
  /** The cookie to set where the address of a request has a right `?token=`; null: it has none, or a wrong one. */
  cookieFor(request: IncomingMessage): string | null
}

/** @throws ConfigError for a token that is too weak, and for an address open to other machines without an operator's token. */
export function expectGuarded(tokens: Tokens, host: string, publicAddress?: PublicAddress): void {
  for (const role of ['operator', 'viewer'] as const) expectStrong(role, tokens[role])
  if (tokens.operator !== undefined && tokens.operator === tokens.viewer) {
    throw new ConfigError('tokens', 'the operator and the viewers must have different tokens')
  }
  if (tokens.operator === undefined && !isLoopback(host)) {
    throw new ConfigError('host', `${host} is open to other machines: an operator's token is needed; ${SETTING}`)
  }
  if (tokens.operator === undefined && publicAddress !== undefined && !isLoopback(publicAddress.hostname)) {
    throw new ConfigError(
      'public-url',
      `${publicAddress.url} is open to others: an operator's token is needed; ${SETTING}`,
    )
  }
}

const SETTING =
  "set MARLSTROM_OPERATOR_TOKEN (for example to what 'openssl rand -hex 32' prints), or name a --token-file"

/**
 * Sentences about tokens that are long enough and yet can be guessed: words or digits over and over, runs of the alphabet or the keyboard's
 * row of digits. None tells a token.
 */
export function remarksOn(tokens: Tokens): string[] {
  return (['operator', 'viewer'] as const).flatMap(role => {
    const token = tokens[role]
    if (token === undefined || shortestOf(token) >= RANDOM_BYTES) return []
    return [`the ${role}'s token follows a pattern and can be guessed; use what 'openssl rand -hex 32' prints`]
  })
}

/** Without tokens everybody who reaches the server is an operator. `port` tells the cookies of several servers apart. */
export function createGate(tokens: Tokens, port: number, publicAddress?: PublicAddress): Gate {
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
      const shown = [bearer(request), asked(request)].filter(token => token !== undefined)
      if (shown.length === 0) return holder('pass', readCookie(request.headers.cookie, name))?.role ?? null
      // A wrong one gives nothing, whatever else is shown; of two, the one for less counts.
      const roles = shown.map(token => holder('token', token)?.role)
      if (roles.includes(undefined)) return null
      return roles.includes('viewer') ? 'viewer' : 'operator'
    },
    cookieFor(request) {
      const found = holder('token', asked(request))
      return found === undefined
        ? null
        : writeCookie(name, found.pass, `${publicAddress?.prefix ?? ''}/`, publicAddress?.isSecure)
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

/** 32 random hexadecimal digits need 29 bytes and more when they are packed, as do 32 random decimal ones 27; patterns half of that. */
const RANDOM_BYTES = 24

/** Bytes of a token packed, as it is or as the steps from letter to letter. */
function shortestOf(token: string): number {
  const letters = Buffer.from(token, 'latin1')
  const steps = letters.map((letter, i) => letter - (letters[i - 1] ?? 0))
  return Math.min(...[letters, steps].map(bytes => deflateRawSync(bytes, { level: 9 }).length))
}

function bearer({ headers: { authorization = '' } }: IncomingMessage): string | undefined {
  return /^bearer( |$)/i.test(authorization) ? authorization.replace(/^bearer */i, '') : undefined
}

/** `?token=`, for the first visit of a browser and for programs that know addresses only. */
function asked(request: IncomingMessage): string | undefined {
  return addressOf(request).query.get('token') ?? undefined
}

function same(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}
