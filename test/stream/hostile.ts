// Clients that do not keep to any rule: raw sockets, and the bytes that they send.
import { connect, type Socket } from 'node:net'
import fc from 'fast-check'

/** A socket that has become a websocket, with nothing that keeps it to the protocol. */
export function rawViewer(url: string, path = '/stream'): Promise<Socket> {
  const { hostname, port, host } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  )
  return new Promise((resolve, reject) => {
    socket.once('data', answer => {
      if (answer.toString('latin1').startsWith('HTTP/1.1 101')) resolve(socket)
      else reject(new Error(answer.toString('latin1')))
    })
  })
}

/** A frame of the websocket protocol as a client sends it, masked; every part of its head may be wrong. */
export function clientFrame(
  opcode: number,
  payload: Uint8Array,
  { fin = true, reserved = 0, masked = true } = {},
): Buffer {
  const { length } = payload
  const head = [(fin ? 0x80 : 0) | (reserved << 4) | opcode]
  const mask = masked ? 0x80 : 0
  if (length < 126) head.push(mask | length)
  else if (length < 65_536) head.push(mask | 126, length >> 8, length & 255)
  else head.push(mask | 127, 0, 0, 0, 0, length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255)
  // A mask of zeros leaves the payload as it is.
  return Buffer.concat([Buffer.from(head), Buffer.alloc(masked ? 4 : 0), payload])
}

const command = fc.oneof(
  fc.constant('{"type":"pause"}'),
  fc.constant('{"type":"options","options":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}'),
  fc.constant('{"__proto__":{"polluted":1},"type":"subscribe","rate":1}'),
  fc
    .record({
      type: fc.constantFrom('act', 'drag', 'history', 'subscribe', 'loop', '__proto__'),
      agent: fc.anything(),
      id: fc.anything(),
    })
    .map(it => JSON.stringify(it) ?? ''),
  fc.json(),
  fc.string({ maxLength: 300 }),
)

const payload = fc.oneof(
  command.map(text => Buffer.from(text)),
  fc.uint8Array({ maxLength: 300 }),
  fc.integer({ min: 60_000, max: 80_000 }).map(length => new Uint8Array(length).fill(0x7b)),
)

/** Whole, fragmented, oversized, unmasked, reserved, cut off, or no frames at all. */
const piece = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constantFrom(1, 1, 2, 8, 9, 10), payload).map(([opcode, body]) => clientFrame(opcode, body)),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({ opcode: fc.nat(15), body: payload, fin: fc.boolean(), reserved: fc.nat(7), masked: fc.boolean() })
      .map(({ opcode, body, ...head }) => clientFrame(opcode, body, head)),
  },
  {
    weight: 2,
    arbitrary: fc
      .array(payload, { minLength: 2, maxLength: 30 })
      .map(parts =>
        Buffer.concat(parts.map((body, i) => clientFrame(i === 0 ? 1 : 0, body, { fin: i === parts.length - 1 }))),
      ),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }).map(bytes => Buffer.from(bytes)) },
)

/** What a hostile viewer sends after the handshake. */
export const hostileBytes = fc
  .tuple(fc.array(piece, { minLength: 1, maxLength: 5 }), fc.option(fc.nat(2000)))
  .map(([pieces, cut]) => (cut === null ? Buffer.concat(pieces) : Buffer.concat(pieces).subarray(0, cut)))

/** Sends bytes and then nothing more; resolves when the server has let go of the connection. */
export async function assail(url: string, bytes: Uint8Array): Promise<void> {
  const socket = await rawViewer(url)
  socket.resume()
  await new Promise<void>(resolve => {
    socket.once('close', () => resolve())
    socket.end(bytes)
  })
}
