// What lies where in Redis: the keys of a run, all under its prefix and its public key.
import { ConfigError } from '../errors.ts'

export interface RedisKeys {
  /** What the run is, signed; absent: its learner is not there. */
  readonly manifest: string
  /** A version of the weights, signed. */
  weights(version: number | '*'): string
  /** The number of the newest version. */
  readonly newest: string
  /** A scenario file by its SHA-256. */
  file(hash: string): string
  /** Of a process with actors: what it is, as long as it lives. */
  lease(name: string): string
  readonly leases: { readonly pattern: string; nameOf(key: string): string }
  /** Why nothing of a process is wanted. */
  refused(name: string): string
  /** Stream of what a process is asked to play, read by its group. */
  tickets(name: string): string
  /** Stream of what it played. */
  played(name: string): string
}

/** Group of a ticket stream. */
export const ticketGroup = 'players'

export const defaultPrefix = 'marlstrom'

export function redisKeys(prefix: string, publicKey: string): RedisKeys {
  // In braces: all of a run lies on one node of a cluster.
  const under = `${prefix}:{${publicKey}}:`
  const leases = `${under}lease:`
  return {
    manifest: `${under}manifest`,
    weights: version => `${under}weights:${version}`,
    newest: `${under}newest`,
    file: hash => `${under}file:${hash}`,
    lease: name => `${leases}${name}`,
    leases: { pattern: `${leases}*`, nameOf: key => key.slice(leases.length) },
    refused: name => `${under}refused:${name}`,
    tickets: name => `${under}tickets:${name}`,
    played: name => `${under}played:${name}`,
  }
}

/** Whether a text may be part of a key: a name. */
export function isKeyPart(text: string): boolean {
  return /^[\w.-]{1,64}$/.test(text)
}

/** @throws ConfigError where it would not do as part of a key, or would match others */
export function expectKeyPart(path: string, text: string): string {
  if (isKeyPart(text)) return text
  throw new ConfigError(path, `expected up to 64 letters, digits, '.', '_' and '-', got '${text.slice(0, 80)}'`)
}
