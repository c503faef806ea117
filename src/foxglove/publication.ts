// A session as its Foxglove clients get it: channels with ids, the newest message of each, made once for all clients.
import { map, Subscription } from 'rxjs'
import { frames } from '../engine/frames.ts'
import type { Frame, FrameSchema } from '../envs/frame.ts'
import type { SessionChange, SessionState } from '../experiment/session.ts'
import type { Visit } from '../stream/hosting.ts'
import { type Channel, channelsOf, jsonBytes, number, properties } from './channels.ts'

/** Frames per second, as the page gets. */
const frameRate = 30

export interface Published
  extends Pick<Channel, 'topic' | 'encoding' | 'schemaName' | 'schemaEncoding' | 'schema' | 'when'> {
  readonly id: number
}

export interface PublishedMessage {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly bytes: Uint8Array
}

export interface Client {
  /** Other channels: the game is another, or there was none yet. */
  changeSchema(): void
  /** There is a newer frame. */
  framed(): void
  changed(): void
}

export class Publication {
  readonly began = Date.now()
  readonly clients = new Set<Client>()
  channels: readonly Published[] = []
  /** When the newest frame was; null: there is none. */
  at: number | null = null
  private state: SessionState
  private readonly session: Visit['session']
  private streams: Subscription | null = null
  private sources = new Map<number, Channel>()
  private newest: { readonly frame: Frame; readonly encoded: Map<string, Uint8Array> } | null = null
  private nextId = 1
  private readonly trainingId = this.nextId++

  constructor(session: Visit['session']) {
    this.session = session
    this.state = session.session.state
  }

  get title(): string {
    return this.session.title
  }

  get present(): SessionState {
    return this.state
  }

  join(client: Client): void {
    this.clients.add(client)
    if (this.streams === null) this.begin()
  }

  /** Nobody looks: nothing is encoded. */
  leave(client: Client): void {
    this.clients.delete(client)
    if (this.clients.size > 0) return
    this.streams?.unsubscribe()
    this.streams = null
  }

  /** The newest message of a channel; null: none yet. `anew`: for whom nothing of what was published before holds. */
  message(id: number, anew: boolean): PublishedMessage | null {
    if (id === this.trainingId) return { at: this.at ?? Date.now(), bytes: trainingMessage(this.state) }
    const channel = this.sources.get(id)
    if (channel === undefined || this.newest === null) return null
    const { frame, encoded } = this.newest
    const key = `${id} ${anew}`
    let bytes = encoded.get(key)
    if (bytes === undefined) encoded.set(key, (bytes = channel.encode(frame, anew)))
    return { at: frame.at, bytes }
  }

  private begin(): void {
    const { session, show } = this.session
    this.streams = new Subscription()
    // The server follows the same streams, and ends every connection where one of them ends in an error.
    const ended = { error() {} }
    this.streams.add(session.changes$.subscribe({ next: change => this.changed(change), ...ended }))
    this.streams.add(show.schema$.subscribe({ next: schema => this.changeSchema(schema), ...ended }))
    const frames$ = show.moments$.pipe(
      map(({ frame }) => frame),
      frames(frameRate),
    )
    this.streams.add(frames$.subscribe({ next: frame => this.framed(frame), ...ended }))
  }

  private changed({ state }: SessionChange): void {
    this.state = state
    for (const client of this.clients) client.changed()
  }

  private changeSchema(schema: FrameSchema): void {
    this.newest = null
    this.sources = new Map(channelsOf(schema).map(channel => [this.nextId++, channel]))
    this.channels = [
      ...[...this.sources].map(([id, channel]) => ({ id, ...channel })),
      trainingChannel(this.trainingId, this.state),
    ]
    for (const client of this.clients) client.changeSchema()
  }

  private framed(frame: Frame): void {
    this.at = frame.at
    this.newest = { frame, encoded: new Map() }
    for (const client of this.clients) client.framed()
  }
}

/** What is known of the training, to plot; said when it changes. */
function trainingChannel(id: number, { roster }: SessionState): Published {
  const perAgent = properties(Object.fromEntries(roster.map(agent => [agent.id, number])))
  const schema = properties({
    status: { type: 'string' },
    episodes: number,
    envSteps: number,
    envStepsPerSecond: number,
    updates: number,
    returns: perAgent,
  })
  return {
    id,
    topic: '/training',
    encoding: 'json',
    schemaName: 'marlstrom.training',
    schemaEncoding: 'jsonschema',
    schema: jsonBytes(schema),
    when: 'once',
  }
}

function trainingMessage({ status, progress, roster, curve }: SessionState): Uint8Array {
  const { episodes, envSteps, envStepsPerSecond, updates } = progress
  const newest = curve.returns.at(-1) ?? []
  const returns = Object.fromEntries(roster.flatMap(({ id }, i) => (i < newest.length ? [[id, newest[i]]] : [])))
  return jsonBytes({ status, episodes, envSteps, envStepsPerSecond, updates, returns })
}
