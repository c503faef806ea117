// One Foxglove client: what it subscribes to, what it is sent, and the parameters that it sets. The messages are those of
// github.com/foxglove/ws-protocol, docs/spec.md.
import type { SessionState } from '../experiment/session.ts'
import type { SubprotocolSocket, Visit } from '../stream/hosting.ts'
import { count, list, parseJson, record, show, string, within } from '../stream/reading.ts'
import { CUT_ABOVE_BYTES, SKIP_ABOVE_BYTES } from '../stream/viewer-connection.ts'
import { commandFor, type Parameter, parametersOf } from './parameters.ts'
import type { Client, Publication, Published } from './publication.ts'

const opcode = { messageData: 1, time: 2 } as const
const level = { info: 0, warning: 1, error: 2 } as const

/** Parameters that one `setParameters` sets, and such messages that wait for their turn. */
const MOST_PARAMETERS = 100
const MOST_SETTINGS = 8

type Fields = Readonly<Record<string, unknown>>

export class FoxgloveClient implements Client {
  /** Channel to subscription. */
  private readonly subscriptions = new Map<number, number>()
  /** Channels of which nothing was sent yet. */
  private readonly fresh = new Set<number>()
  private advertised: readonly number[] = []
  /** Parameters that it wants to hear of, and what it was told last. */
  private readonly told = new Map<string, string>()
  private behind = false
  private training = ''
  /** The end of the last `setParameters`, and how many have not ended. */
  private setting: Promise<void> = Promise.resolve()
  private settings = 0

  constructor(
    private readonly socket: SubprotocolSocket,
    private readonly visit: Visit,
    private readonly publication: Publication,
  ) {
    socket.on('message', (data, isBinary) => this.receive(data, isBinary))
    socket.on('close', () => publication.leave(this))
    this.say({
      op: 'serverInfo',
      name: `marlstrom: ${publication.title}`,
      capabilities: ['time', 'parameters', 'parametersSubscribe'],
      supportedEncodings: ['json'],
      metadata: { role: visit.role },
      sessionId: `${visit.session.id} ${publication.began}`,
    })
    publication.join(this)
    if (this.advertised.length === 0) this.changeSchema()
  }

  changeSchema(): void {
    const { channels } = this.publication
    const gone = this.advertised.filter(id => !channels.some(channel => channel.id === id))
    if (gone.length > 0) this.say({ op: 'unadvertise', channelIds: gone })
    for (const id of gone) this.subscriptions.delete(id)
    const added = channels.filter(({ id }) => !this.advertised.includes(id))
    this.advertised = channels.map(({ id }) => id)
    this.say({ op: 'advertise', channels: added.map(advertisement) })
  }

  /** Sends the newest frame, or skips it when this client is slow. Never waits. */
  framed(): void {
    this.behind = this.socket.bufferedAmount > SKIP_ABOVE_BYTES
    if (this.behind) return
    const { at, channels } = this.publication
    if (this.subscriptions.size === 0 || at === null) return
    this.transmit(timeMessage(at))
    for (const { id, when } of channels) if (when === 'frames' || this.fresh.has(id)) this.send(id)
  }

  changed(): void {
    const state = this.publication.present
    this.tellParameters(state, undefined)
    const training = JSON.stringify([state.status, state.progress, state.curve.returns.length])
    if (training === this.training) return
    this.training = training
    const channel = this.publication.channels.find(({ topic }) => topic === '/training')
    if (channel !== undefined) this.send(channel.id)
  }

  private readonly ops: Readonly<Record<string, (fields: Fields) => void | Promise<void>>> = {
    subscribe: ({ subscriptions }) => {
      for (const entry of list(subscriptions, 'subscribe: subscriptions')) {
        const { id, channelId } = record(entry, 'subscribe: a subscription')
        this.subscribe(count(id, 'subscribe: id'), count(channelId, 'subscribe: channelId'))
      }
    },
    unsubscribe: ({ subscriptionIds }) => {
      for (const id of list(subscriptionIds, 'unsubscribe: subscriptionIds')) {
        for (const [channel, subscription] of this.subscriptions) {
          if (subscription === id) this.subscriptions.delete(channel)
        }
      }
    },
    getParameters: ({ parameterNames, id }) => {
      const names = texts(parameterNames, 'getParameters: parameterNames')
      this.sayParameters(chosen(this.publication.present, names), id)
    },
    setParameters: ({ parameters, id }) => this.set(list(parameters, 'setParameters: parameters'), id),
    subscribeParameterUpdates: ({ parameterNames }) => {
      const names = texts(parameterNames, 'subscribeParameterUpdates: parameterNames')
      for (const { name } of chosen(this.publication.present, names)) if (!this.told.has(name)) this.told.set(name, '')
      this.tellParameters(this.publication.present, undefined)
    },
    unsubscribeParameterUpdates: ({ parameterNames }) => {
      const names = texts(parameterNames, 'unsubscribeParameterUpdates: parameterNames')
      for (const name of names.length > 0 ? names : [...this.told.keys()]) this.told.delete(name)
    },
  }

  private subscribe(id: number, channel: number): void {
    if (!this.advertised.includes(channel)) throw new RangeError(`subscribe: there is no channel ${channel}`)
    if (id > 0xffff_ffff) throw new RangeError(`subscribe: id must be below 2^32, got ${id}`)
    if (this.subscriptions.has(channel)) throw new RangeError(`subscribe: channel ${channel} is subscribed to already`)
    if ([...this.subscriptions.values()].includes(id)) throw new RangeError(`subscribe: id ${id} is in use`)
    this.subscriptions.set(channel, id)
    this.fresh.add(channel)
    // A paused game has no next frame.
    if (this.publication.at !== null) this.transmit(timeMessage(this.publication.at))
    this.send(channel)
  }

  /** The newest message of a channel, if it is subscribed to. */
  private send(channel: number): void {
    const subscription = this.subscriptions.get(channel)
    if (subscription === undefined) return
    const message = this.publication.message(channel, this.fresh.has(channel))
    if (message === null) return
    this.fresh.delete(channel)
    this.transmit(dataMessage(subscription, message.at, message.bytes))
  }

  private async set(parameters: readonly unknown[], id: unknown): Promise<void> {
    if (this.visit.role !== 'operator') throw new TypeError('only operators set parameters; connect with their token')
    within(parameters.length, 0, MOST_PARAMETERS, 'setParameters: the number of parameters')
    const values = parameters.map(entry => {
      const { name, value } = record(entry, 'setParameters: a parameter')
      return [string(name, 'setParameters: name'), value] as const
    })
    if (this.settings >= MOST_SETTINGS) {
      throw new RangeError(`setParameters: ${MOST_SETTINGS} messages wait for their turn already; send it again later`)
    }
    this.settings++
    const before = this.setting
    this.setting = before.then(() => this.setEach(values)).finally(() => this.settings--)
    await this.setting
    if (id !== undefined)
      this.sayParameters(
        chosen(
          this.publication.present,
          values.map(([name]) => name),
        ),
        id,
      )
  }

  /** One after the other, with room for everything else in between. */
  private async setEach(values: readonly (readonly [name: string, value: unknown])[]): Promise<void> {
    for (const [name, value] of values) {
      try {
        const command = commandFor(name, value, this.publication.present)
        await this.visit.session.show.command(command, this.visit.viewer)
      } catch (error) {
        this.complain(error)
      }
      await new Promise(resolve => setImmediate(resolve))
    }
  }

  /** Those that it wants to hear of and that have changed. */
  private tellParameters(state: SessionState, id: unknown): void {
    if (this.told.size === 0) return
    const changed = [...parametersOf(state).values()].filter(parameter => {
      const before = this.told.get(parameter.name)
      const now = JSON.stringify(parameter)
      if (before === undefined || before === now) return false
      this.told.set(parameter.name, now)
      return true
    })
    if (changed.length > 0) this.sayParameters(changed, id)
  }

  private sayParameters(parameters: readonly Parameter[], id: unknown): void {
    this.say({ op: 'parameterValues', parameters, ...(typeof id === 'string' && { id }) })
  }

  private receive(data: { toString(): string }, isBinary: boolean): void {
    // The server counts, and closes who asks too much.
    if (this.socket.readyState !== this.socket.OPEN) return
    void this.perform(data, isBinary).catch(error => this.complain(error))
  }

  private async perform(data: { toString(): string }, isBinary: boolean): Promise<void> {
    if (isBinary) throw new TypeError('this server takes no binary messages: nothing is published to it')
    const fields = record(parseJson(data.toString(), 'a message'), 'a message')
    const op = string(fields.op, 'op')
    const carryOut = Object.hasOwn(this.ops, op) ? this.ops[op] : undefined
    if (carryOut === undefined) throw new TypeError(`op ${show(op)} is not offered here`)
    await carryOut(fields)
  }

  private complain(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    this.say({ op: 'status', level: level.error, message })
  }

  private say(message: object): void {
    this.transmit(JSON.stringify(message))
  }

  private transmit(data: string | Uint8Array): void {
    if (this.socket.readyState !== this.socket.OPEN) return
    if (this.socket.bufferedAmount > CUT_ABOVE_BYTES) this.socket.terminate()
    else this.socket.send(data, () => this.drained())
  }

  /** After a skip the newest frame goes out as soon as there is room: the next one may be long in coming. */
  private drained(): void {
    if (this.behind && this.socket.bufferedAmount <= SKIP_ABOVE_BYTES) this.framed()
  }
}

function advertisement({ id, topic, encoding, schemaName, schemaEncoding, schema }: Published) {
  const bytes = Buffer.from(schema)
  return {
    id,
    topic,
    encoding,
    schemaName,
    schemaEncoding,
    schema: bytes.toString(encoding === 'protobuf' ? 'base64' : 'utf8'),
  }
}

function dataMessage(subscription: number, at: number, payload: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(13 + payload.length)
  bytes[0] = opcode.messageData
  bytes.writeUInt32LE(subscription, 1)
  bytes.writeBigUInt64LE(nanoseconds(at), 5)
  bytes.set(payload, 13)
  return bytes
}

function timeMessage(at: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(9)
  bytes[0] = opcode.time
  bytes.writeBigUInt64LE(nanoseconds(at), 1)
  return bytes
}

function nanoseconds(at: number): bigint {
  return BigInt(Math.round(at * 1000)) * 1000n
}

function texts(value: unknown, where: string): readonly string[] {
  return list(value, where).map(entry => string(entry, where))
}

/** Parameters by their names; all where none are named. */
function chosen(state: SessionState, names: readonly string[]): Parameter[] {
  const all = parametersOf(state)
  return names.length === 0 ? [...all.values()] : names.flatMap(name => all.get(name) ?? [])
}
