// Binds the server to an address: the asked port, or the first free one.
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConfigError } from '../errors.ts'

export const FIRST_PORT = 8120
const PORTS_TRIED = 100
/** Connections that wait for their turn: a whole audience comes back at once after a restart. */
const BACKLOG = 4096

/**
 * The port that `server` now listens on. `port` 0 lets the operating system choose; absent takes the first free one from 8120.
 * @throws ConfigError when the address or the port cannot be had.
 */
export async function listen(server: Server, host: string, port?: number): Promise<number> {
  if (port !== undefined) {
    if (!Number.isInteger(port) || port < 0 || port > 65535) {
      throw new ConfigError('watch', `the port must be a whole number in 0 ... 65535, got ${port}`)
    }
    const failure = await attempt(server, host, port)
    if (failure) throw refusalOf(failure, host, port)
    return (server.address() as AddressInfo).port
  }
  for (let next = FIRST_PORT; next < FIRST_PORT + PORTS_TRIED; next++) {
    const failure = await attempt(server, host, next)
    if (!failure) return next
    if (failure.code !== 'EADDRINUSE' && failure.code !== 'EACCES') throw refusalOf(failure, host, next)
  }
  throw new ConfigError(
    'watch',
    `no port is free from ${FIRST_PORT} to ${FIRST_PORT + PORTS_TRIED - 1}; name one, or stop a program that listens there`,
  )
}

function attempt(server: Server, host: string, port: number): Promise<NodeJS.ErrnoException | null> {
  return new Promise(resolve => {
    const failed = (error: NodeJS.ErrnoException) => {
      server.off('listening', listening)
      resolve(error)
    }
    const listening = () => {
      server.off('error', failed)
      resolve(null)
    }
    server.once('error', failed).once('listening', listening).listen({ port, host, backlog: BACKLOG })
  })
}

function refusalOf(failure: NodeJS.ErrnoException, host: string, port: number): ConfigError {
  const remedy = 'name another port, or leave it out to take the first free one'
  switch (failure.code) {
    case 'EADDRINUSE':
      return new ConfigError('watch', `port ${port} is taken by another program; ${remedy}`)
    case 'EACCES':
      return new ConfigError('watch', `port ${port} may not be opened by this user; ${remedy}`)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ConfigError('host', `${host} is no address of this machine; name one of its own, or 0.0.0.0 for all`)
    default:
      return new ConfigError('watch', `port ${port} of ${host} cannot be opened (${failure.message}); ${remedy}`)
  }
}
