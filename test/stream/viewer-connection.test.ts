import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { WebSocket } from 'ws'
import { CUT_ABOVE_BYTES, SKIP_ABOVE_BYTES, STALE_MS, ViewerConnection } from '../../src/stream/viewer-connection.ts'

/** A websocket whose network is in the test's hands: nothing leaves before `drain`. */
class HeldSocket extends EventEmitter {
  readonly OPEN = 1
  readonly CLOSED = 3
  readyState = 1
  bufferedAmount = 0
  pings = 0
  readonly sent: (string | Uint8Array)[] = []
  private readonly callbacks: (() => void)[] = []

  send(data: string | Uint8Array, callback: () => void): void {
    this.sent.push(data)
    this.callbacks.push(callback)
    this.bufferedAmount += data.length
  }
  drain(): void {
    this.bufferedAmount = 0
    for (const callback of this.callbacks.splice(0)) callback()
  }
  ping(): void {
    this.pings++
  }
  terminate(): void {
    this.readyState = this.CLOSED
    this.emit('close')
  }
}

const small = new Uint8Array(100)
const large = new Uint8Array(SKIP_ABOVE_BYTES + 1)
const newest = new Uint8Array(7)

function connect() {
  const socket = new HeldSocket()
  const viewer = new ViewerConnection(socket as unknown as WebSocket, { newestFrame: () => newest, onCommand() {} })
  return { socket, viewer }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('a viewer that does not keep up', () => {
  it('is spared frames, and gets the newest one when there is room', () => {
    const { socket, viewer } = connect()
    viewer.sendFrame(large)
    viewer.sendFrame(small)
    viewer.sendFrame(small)
    expect(socket.sent).toEqual([large])
    socket.drain()
    expect(socket.sent).toEqual([large, newest])
    socket.drain()
    expect(socket.sent).toEqual([large, newest])
  })

  it('still gets messages', () => {
    const { socket, viewer } = connect()
    viewer.sendFrame(large)
    viewer.send('patches')
    expect(socket.sent).toEqual([large, 'patches'])
  })

  it('is cut off above 8 MB', () => {
    const { socket, viewer } = connect()
    socket.bufferedAmount = CUT_ABOVE_BYTES
    viewer.send('patches')
    expect(socket.readyState).toBe(socket.OPEN)
    viewer.send('patches')
    expect(socket.readyState).toBe(socket.CLOSED)
    expect(socket.sent).toEqual(['patches'])
  })

  it('is cut off when its picture is stale', () => {
    const { socket, viewer } = connect()
    viewer.sendFrame(large)
    viewer.sendFrame(small)
    vi.advanceTimersByTime(STALE_MS)
    viewer.beat()
    expect(socket.readyState).toBe(socket.OPEN)
    vi.advanceTimersByTime(1)
    viewer.beat()
    expect(socket.readyState).toBe(socket.CLOSED)
  })

  it('has time anew after it has caught up', () => {
    const { socket, viewer } = connect()
    viewer.sendFrame(large)
    viewer.sendFrame(small)
    vi.advanceTimersByTime(STALE_MS)
    socket.drain()
    vi.advanceTimersByTime(STALE_MS)
    viewer.beat()
    expect(socket.readyState).toBe(socket.OPEN)
  })
})

describe('the heartbeat', () => {
  it('cuts off who misses two', () => {
    const { socket, viewer } = connect()
    viewer.beat()
    viewer.beat()
    expect(socket.readyState).toBe(socket.OPEN)
    viewer.beat()
    expect(socket.readyState).toBe(socket.CLOSED)
    expect(socket.pings).toBe(2)
  })

  it('goes on with who answers', () => {
    const { socket, viewer } = connect()
    for (let i = 0; i < 10; i++) {
      viewer.beat()
      socket.emit('pong')
    }
    expect(socket.readyState).toBe(socket.OPEN)
    expect(socket.pings).toBe(10)
  })
})

describe('a closed connection', () => {
  it('is sent nothing and takes no commands', () => {
    const { socket, viewer } = connect()
    socket.terminate()
    viewer.send('patches')
    viewer.sendFrame(small)
    viewer.beat()
    socket.emit('message', Buffer.from('nonsense'), false)
    expect(socket.sent).toEqual([])
    expect(socket.pings).toBe(0)
  })
})
