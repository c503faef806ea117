// A client of the Foxglove websocket protocol that is strict: written from the published specification, it refuses whatever is not in it.
import { expect, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'

export interface Advertised {
  readonly id: number
  readonly topic: string
  readonly encoding: string
  readonly schemaName: string
  readonly schema: string
  readonly schemaEncoding: string
}

export interface Received {
  readonly topic: string
  readonly nanoseconds: bigint
  readonly payload: Buffer
}

interface ServerText {
  readonly op: string
  readonly [field: string]: unknown
}

const serverOps = ['serverInfo', 'status', 'advertise', 'unadvertise', 'parameterValues']

export class StrictClient {
  readonly texts: ServerText[] = []
  readonly channels = new Map<number, Advertised>()
  readonly messages: Received[] = []
  readonly times: bigint[] = []
  readonly closed: Promise<{ code: number; reason: string }>
  private readonly subscriptions = new Map<number, number>()
  private nextId = 10

  private constructor(readonly socket: WebSocket) {
    this.closed = new Promise(resolve =>
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
    )
    socket.on('message', (data, isBinary) => (isBinary ? this.takeBytes(data as Buffer) : this.takeText(`${data}`)))
  }

  static async connect(address: string, protocols = ['foxglove.sdk.v1'], headers = {}): Promise<StrictClient> {
    const socket = new WebSocket(address.replace('http', 'ws'), protocols, { headers })
    const client = new StrictClient(socket)
    onTestFinished(() => socket.terminate())
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    return client
  }

  say(message: object): void {
    this.socket.send(JSON.stringify(message))
  }

  /** @throws when no such topic was advertised. */
  subscribe(...topics: string[]): void {
    const subscriptions = topics.map(topic => {
      const channel = [...this.channels.values()].find(channel => channel.topic === topic)
      if (channel === undefined) throw new Error(`${topic} is not advertised`)
      this.subscriptions.set(this.nextId, channel.id)
      return { id: this.nextId++, channelId: channel.id }
    })
    this.say({ op: 'subscribe', subscriptions })
  }

  of(topic: string): Received[] {
    return this.messages.filter(message => message.topic === topic)
  }

  /** The newest message of a JSON topic. */
  newest(topic: string): unknown {
    const message = this.of(topic).at(-1)
    return message && JSON.parse(message.payload.toString())
  }

  said(op: string): ServerText[] {
    return this.texts.filter(text => text.op === op)
  }

  private takeText(text: string): void {
    const message = JSON.parse(text) as ServerText
    expect(serverOps).toContain(message.op)
    // Nothing comes before the server has introduced itself, and it does so once.
    expect(message.op === 'serverInfo').toBe(this.texts.length === 0)
    this.texts.push(message)
    if (message.op === 'advertise') {
      for (const channel of message.channels as Advertised[]) {
        expect(this.channels.has(channel.id)).toBe(false)
        expect(typeof channel.schema).toBe('string')
        this.channels.set(channel.id, channel)
      }
    }
    if (message.op === 'unadvertise') {
      for (const id of message.channelIds as number[]) expect(this.channels.delete(id)).toBe(true)
    }
  }

  private takeBytes(bytes: Buffer): void {
    if (bytes[0] === 2) {
      expect(bytes.length).toBe(9)
      this.times.push(bytes.readBigUInt64LE(1))
      return
    }
    expect(bytes[0]).toBe(1)
    const channel = this.channels.get(this.subscriptions.get(bytes.readUInt32LE(1))!)
    expect(channel).toBeDefined()
    this.messages.push({ topic: channel!.topic, nanoseconds: bytes.readBigUInt64LE(5), payload: bytes.subarray(13) })
  }
}
