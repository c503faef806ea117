// Strangers: many TCP connections that send nothing, and new ones for those that are ended.
import { connect, type Socket } from 'node:net'

export interface Flood {
  /** Connections that the server has ended so far. */
  readonly ended: number
  /** Connections that stand now. */
  readonly standing: number
  stop(): void
}

const perBatch = 200
const batchMilliseconds = 25

/** Keeps trying for `most` connections to a port of this machine, by turns from each of the addresses of this machine. */
export function flood(port: number, most: number, addresses: readonly string[] = ['127.0.0.1']): Flood {
  const sockets = new Set<Socket>()
  const connected = new Set<Socket>()
  let ended = 0
  let next = 0
  const open = () => {
    const socket = connect({ host: '127.0.0.1', port, localAddress: addresses[next++ % addresses.length] })
    sockets.add(socket)
    socket
      .on('connect', () => connected.add(socket))
      .on('error', () => {})
      .on('close', () => {
        sockets.delete(socket)
        if (connected.delete(socket)) ended++
      })
      .resume()
  }
  const timer = setInterval(() => {
    for (let i = 0; i < perBatch && sockets.size < most; i++) open()
  }, batchMilliseconds)
  return {
    get ended() {
      return ended
    },
    get standing() {
      return connected.size
    },
    stop() {
      clearInterval(timer)
      for (const socket of sockets) socket.destroy()
    },
  }
}
