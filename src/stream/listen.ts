// Binds the server to this machine only: the asked port, or the first free one.
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConfigError } from '../errors.ts'

const HOST = '127.0.0.1'
export const FIRST_PORT = 8120
const PORTS_TRIED = 100

/**
 * The port that `server` now listens on. `port` 0 lets the operating system choose; absent takes the first free one from 8120.
 * Throws a ConfigError when the port cannot be had.
 */
export async function listen(server: Server, port?: number): Promise<number> {
  if (port !== undefined) {
    if (!Number.isInteger(port) || port < 0 || port > 65535) {
      throw new ConfigError('watch', `the port must be a whole number in 0 ... 65535, got ${port}`)
    }
    const failure = await attempt(server, port)
    if (failure) throw new ConfigError('watch', sentence(port, failure))
    return (server.address() as AddressInfo).port
  }
  for (let next = FIRST_PORT; next < FIRST_PORT + PORTS_TRIED; next++) {
    const failure = await attempt(server, next)
    if (!failure) return next
    if (failure.code !== 'EADDRINUSE' && failure.code !== 'EACCES') throw failure
  }
  throw new ConfigError(
    'watch',
    `no port is free from ${FIRST_PORT} to ${FIRST_PORT + PORTS_TRIED - 1}; name one, or stop a program that listens there`,
  )
}

function attempt(server: Server, port: number): Promise<NodeJS.ErrnoException | null> {
  return new Promise(resolve => {
    const failed = (error: NodeJS.ErrnoException) => {
      server.off('listening', listening)
      resolve(error)
    }
    const listening = () => {
      server.off('error', failed)
      resolve(null)
    }
    server.once('error', failed).once('listening', listening).listen(port, HOST)
  })
}

function sentence(port: number, failure: NodeJS.ErrnoException): string {
  const remedy = 'name another port, or leave it out to take the first free one'
  if (failure.code === 'EADDRINUSE') return `port ${port} is taken by another program; ${remedy}`
  if (failure.code === 'EACCES') return `port ${port} may not be opened by this user; ${remedy}`
  return `port ${port} cannot be opened (${failure.message}); ${remedy}`
}
