// What a connection does when the network is slow: the network is a stream of which each write ends when the test says so.
import { EventEmitter } from 'node:events'
import { Duplex } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { WebSocket } from 'ws'
import {
  BEAT_MS,
  CUT_ABOVE_BYTES,
  SKIP_ABOVE_BYTES,
  type Source,
  STALE_MS,
  ViewerConnection,
} from '../../src/stream/viewer-connection.ts'
import { PING } from '../../src/stream/websocket-message.ts'

/** A websocket as far as a connection knows it. */
function tinySocket() {
  const socket = Object.assign(new EventEmitter(), { OPEN: 1, CLOSED: 3, readyState: 1, terminate: () => {} })
  socket.terminate = () => {
    socket.readyState = socket.CLOSED
    socket.emit('close')
  }
  return socket
}

const large = Buffer.alloc(SKIP_ABOVE_BYTES + 1)
const patches = Buffer.from('patches')

/** A connection whose frames are named by their flags, and what has been written so far. */
function connect() {
  const sent: string[] = []
  const held: (() => void)[] = []
  let stuck = false
  const network = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      sent.push(chunk.equals(PING) ? 'ping' : chunk.length > 100 ? 'large' : chunk.toString())
      if (stuck) held.push(done)
      else done()
    },
  })
  const socket = tinySocket()
  const shown = { version: 1 }
  const source: Source = {
    get version() {
      return shown.version
    },
    welcome: (_viewer, resumed) => Buffer.from(resumed ? 'welcome back' : 'welcome'),
    frame: flags => Buffer.from(`frame ${shown.version} flags ${flags}`),
    inspections: agents => agents.map(agent => Buffer.from(`inspection ${agent}`)),
    received() {},
  }
  const viewer = new ViewerConnection('viewer-1', 'operator', socket as unknown as WebSocket, network, source)
  return {
    viewer,
    socket,
    network,
    sent,
    /** The network takes nothing more, and so much waits already. */
    fill(bytes = large.length) {
      stuck = true
      network.write(Buffer.alloc(bytes))
      sent.pop()
    },
    /** The network takes everything again. */
    async drain() {
      stuck = false
      for (const done of held.splice(0)) done()
      for (let i = 0; i < 5; i++) await Promise.resolve()
      await vi.advanceTimersByTimeAsync(0)
    },
    show(flags = 0) {
      shown.version++
      viewer.showFrame(flags)
    },
  }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('a viewer that does not keep up', () => {
  it('is spared frames, and gets the newest one as a key frame when there is room', async () => {
    const { sent, fill, drain, show } = connect()
    show()
    fill()
    for (const flags of [0, 1, 0]) show(flags)
    expect(sent).toEqual(['frame 2 flags 4'])
    await drain()
    expect(sent).toEqual(['frame 2 flags 4', 'frame 5 flags 5'])
    show()
    await drain()
    expect(sent.slice(2)).toEqual(['frame 6 flags 0'])
  })

  it('is spared patches, and gets a welcome for them', async () => {
    const { viewer, sent, fill, drain, show } = connect()
    viewer.change(patches)
    fill()
    for (let i = 0; i < 1000; i++) viewer.change(patches)
    show()
    expect(sent).toEqual(['patches'])
    await drain()
    expect(sent).toEqual(['patches', 'welcome', 'frame 2 flags 4'])
    viewer.change(patches)
    expect(sent.at(-1)).toBe('patches')
  })

  it('still gets answers', async () => {
    const { viewer, sent, fill, drain } = connect()
    fill()
    viewer.say({ type: 'done', id: 1 })
    await drain()
    expect(sent[0]).toContain('{"type":"done","id":1}')
  })

  it('is cut off above 8 MB', () => {
    const { viewer, socket, fill } = connect()
    fill(CUT_ABOVE_BYTES)
    viewer.say({ type: 'done', id: 1 })
    expect(socket.readyState).toBe(socket.OPEN)
    viewer.say({ type: 'done', id: 2 })
    expect(socket.readyState).toBe(socket.CLOSED)
  })

  it('is cut off when its picture is stale, and has time anew after it has caught up', async () => {
    const { viewer, socket, fill, drain, show } = connect()
    for (let times = 0; times < 2; times++) {
      fill()
      show()
      vi.advanceTimersByTime(STALE_MS)
      viewer.beat()
      expect(socket.readyState).toBe(socket.OPEN)
      await drain()
      socket.emit('pong')
    }
    fill()
    show()
    vi.advanceTimersByTime(STALE_MS + 1)
    viewer.beat()
    expect(socket.readyState).toBe(socket.CLOSED)
  })
})

describe('the heartbeat', () => {
  it('takes who does not answer in time for slow, whatever the network holds for it', () => {
    const { viewer, socket, sent, show } = connect()
    viewer.beat()
    show()
    vi.advanceTimersByTime(BEAT_MS)
    viewer.beat()
    show()
    show()
    expect(sent).toEqual(['ping', 'frame 2 flags 4'])
    socket.emit('pong')
    expect(sent.at(-1)).toBe('frame 4 flags 4')
    viewer.beat()
    expect(sent.at(-1)).toBe('ping')
  })

  it('cuts off who never answers', () => {
    const { viewer, socket, sent } = connect()
    for (let time = 0; time <= STALE_MS; time += BEAT_MS) {
      viewer.beat()
      expect(socket.readyState).toBe(socket.OPEN)
      vi.advanceTimersByTime(BEAT_MS)
    }
    viewer.beat()
    expect(socket.readyState).toBe(socket.CLOSED)
    expect(sent).toEqual(['ping'])
  })

  it('goes on with who answers', () => {
    const { viewer, socket, sent } = connect()
    for (let i = 0; i < 100; i++) {
      viewer.beat()
      socket.emit('pong')
      vi.advanceTimersByTime(BEAT_MS)
    }
    expect(socket.readyState).toBe(socket.OPEN)
    expect(sent).toHaveLength(100)
  })
})

describe('a connection', () => {
  it('sends no frame twice, but after a welcome', () => {
    const { viewer, sent, show } = connect()
    show()
    viewer.showFrame(0)
    viewer.welcome(true)
    expect(sent).toEqual(['frame 2 flags 4', 'welcome back', 'frame 2 flags 4'])
  })

  it('that is closed is sent nothing and takes no requests', () => {
    const { viewer, socket, sent, show } = connect()
    socket.terminate()
    viewer.change(patches)
    viewer.say({ type: 'done', id: 1 })
    show()
    viewer.beat()
    socket.emit('message', Buffer.from('nonsense'), false)
    expect(sent).toEqual([])
  })
})
