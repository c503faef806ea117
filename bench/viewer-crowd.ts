// A crowd of viewers in a process of its own: sockets that speak just enough websocket to be cheap, so that the server is what is measured.
// Told what to do by JSON lines on stdin, `{ join, port }`, `{ leave: true }`, `{ report: true }`; a report is one JSON line on stdout.
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

/** What the viewers have got since the last report. */
export interface CrowdReport {
  readonly viewers: number
  /** Frames of the viewer that got fewest and most. */
  readonly fewest: number
  readonly most: number
  readonly frames: number
  /** Frames that follow frames which were left out. */
  readonly keys: number
  readonly bytes: number
  /** Milliseconds from the simulation to receipt. */
  readonly delay: { readonly median: number; readonly p99: number; readonly most: number }
  /** Number of the newest frame that all have got. */
  readonly newest: number
}

const KIND_FRAME = 1
const KEY = 4
const BUCKETS_PER_MS = 10
const LONGEST_MS = 60_000

interface Member {
  readonly socket: Socket
  rest: Buffer
  upgraded: boolean
  frames: number
  newest: number
}

const members = new Set<Member>()
const delays = new Uint32Array(BUCKETS_PER_MS * LONGEST_MS)
let frames = 0
let keys = 0
let bytes = 0

createInterface(process.stdin).on('line', line => {
  const order = JSON.parse(line) as { join?: number; port?: number; leave?: true; report?: true }
  for (let i = 0; i < (order.join ?? 0); i++) join(order.port!)
  if (order.leave) for (const { socket } of members) socket.destroy()
  if (order.report) console.log(JSON.stringify(report()))
})
process.stdin.on('end', () => process.exit())

function join(port: number): void {
  const socket = connect(port, '127.0.0.1')
  const member: Member = { socket, rest: Buffer.alloc(0), upgraded: false, frames: 0, newest: -1 }
  members.add(member)
  socket.on('error', () => {})
  socket.on('close', () => members.delete(member))
  socket.on('data', chunk => take(member, chunk))
  socket.write(
    `GET /stream HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  )
}

function take(member: Member, chunk: Buffer): void {
  const now = performance.timeOrigin + performance.now()
  let data = member.rest.length === 0 ? chunk : Buffer.concat([member.rest, chunk])
  if (!member.upgraded) {
    const end = data.indexOf('\r\n\r\n')
    if (end < 0) return void (member.rest = data)
    member.upgraded = true
    data = data.subarray(end + 4)
  }
  let at = 0
  for (let end = endOf(data, at); end <= data.length; end = endOf(data, at)) {
    message(member, data, at, end, now)
    at = end
  }
  member.rest = data.subarray(at)
}

/** Where the message that begins at `at` ends; Infinity: its head is not there yet. */
function endOf(data: Buffer, at: number): number {
  if (data.length < at + 2) return Infinity
  const length = data[at + 1]!
  if (length < 126) return at + 2 + length
  if (length === 126) return data.length < at + 4 ? Infinity : at + 4 + data.readUInt16BE(at + 2)
  return data.length < at + 10 ? Infinity : at + 10 + data.readUInt32BE(at + 6)
}

function message(member: Member, data: Buffer, at: number, end: number, now: number): void {
  const opcode = data[at]! & 15
  if (opcode === 9) member.socket.write(Buffer.from([0x8a, 0x80, 0, 0, 0, 0]))
  const length = data[at + 1]!
  const body = at + (length < 126 ? 2 : length === 126 ? 4 : 10)
  if (opcode !== 2 || data[body + 2] !== KIND_FRAME) return
  const flags = data[body + 3]!
  if ((flags & 8) !== 0) return
  const delay = now - data.readDoubleLE(body + 16)
  // The first frame of a viewer was simulated before it came.
  if (member.newest >= 0) delays[Math.max(0, Math.min(delays.length - 1, Math.round(BUCKETS_PER_MS * delay)))]!++
  member.newest = data.readDoubleLE(body + 8)
  member.frames++
  frames++
  if ((flags & KEY) !== 0) keys++
  bytes += end - at
}

function report(): CrowdReport {
  const counts = [...members].map(member => member.frames)
  const told = {
    viewers: members.size,
    fewest: Math.min(...counts),
    most: Math.max(...counts),
    frames,
    keys,
    bytes,
    delay: { median: quantile(0.5), p99: quantile(0.99), most: quantile(1) },
    newest: Math.min(...[...members].map(member => member.newest)),
  }
  for (const member of members) member.frames = 0
  frames = 0
  keys = 0
  bytes = 0
  delays.fill(0)
  return told
}

function quantile(share: number): number {
  const all = delays.reduce((sum, count) => sum + count, 0)
  let seen = 0
  for (let i = 0; i < delays.length; i++) {
    seen += delays[i]!
    if (seen > 0 && seen >= share * all) return i / BUCKETS_PER_MS
  }
  return Number.NaN
}
