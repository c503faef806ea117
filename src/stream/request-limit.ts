// How much one connection may send: no person sends more than this within a second.
import type { WebSocket } from 'ws'

export const REQUESTS_PER_SECOND = 120

const POLICY_VIOLATION = 1008

/** Counts what comes over a websocket, each time it is called; false: it was too much, and the connection is closed. */
export function createRequestLimit(socket: WebSocket): () => boolean {
  let began = 0
  let count = 0
  return () => {
    const now = Date.now()
    if (now - began >= 1000) {
      began = now
      count = 0
    }
    if (++count <= REQUESTS_PER_SECOND) return true
    socket.close(POLICY_VIOLATION, `more than ${REQUESTS_PER_SECOND} requests a second`)
    return false
  }
}
