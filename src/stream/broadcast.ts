// One session as its viewers get it: the state and its patches, frames at each viewer's rate, the recent past, and their requests.

import { type Observable, Subscription, tap } from 'rxjs'
import type { WebSocket } from 'ws'
import type { Frame, FrameSchema } from '../envs/frame.ts'
import type { SessionChange, SessionState } from '../experiment/session.ts'
import { flagsOf } from './frame-codec.ts'
import { Guests } from './guests.ts'
import type { HostedSession } from './hosting.ts'
import { NewestFrame } from './newest-frame.ts'
import { createPastSender } from './past-sender.ts'
import { perform } from './perform.ts'
import { PROTOCOL, type ServerMessage, type SessionSummary } from './protocol.ts'
import { createRateGroups } from './rate-groups.ts'
import type { Source, ViewerConnection } from './viewer-connection.ts'
import { textMessage } from './websocket-message.ts'
import { createWelcomes } from './welcome.ts'

/** The frame that a viewer saw last who comes back, and when the session began that it saw it in (absent: it does not say). */
export interface Resumption {
  readonly after: number
  readonly began?: number
}

/** How long `close` waits for the last word to arrive. */
const FAREWELL_MS = 1000
/** Who comes gets as much of the recent past at once as fits here. */
const RECENT_BYTES = 64 * 1024

export class Broadcast implements Source {
  readonly began = Date.now()
  readonly viewers = new Set<ViewerConnection>()
  /** Who speaks another protocol. */
  readonly guests = new Guests()
  /** Viewers that came before there was anything to show. */
  private readonly waiting = new Map<ViewerConnection, Resumption | null>()
  private readonly rates = createRateGroups()
  private readonly encodeWelcome = createWelcomes()
  private readonly streams = new Subscription()
  private state: SessionState | null = null
  private newest: NewestFrame | null = null
  private frames = 0
  private sequence = 0

  constructor(readonly hosted: HostedSession) {}

  /** Listens to the session. `failed` is called when one of its streams ends in an error. */
  begin(failed: (cause: unknown) => void): void {
    // The source of a stream reports its error too; viewers must not be left with a picture that silently stops.
    const follow = <T>(stream$: Observable<T>, next: (value: T) => void) =>
      this.streams.add(stream$.pipe(tap(next)).subscribe({ error: failed }))
    const { session, show } = this.hosted
    follow(session.changes$, change => this.changed(change))
    follow(show.schema$, schema => this.changeSchema(schema))
    follow(show.moments$, ({ frame }) => this.pictured(frame))
  }

  join(viewer: ViewerConnection, resumption: Resumption | null): void {
    this.viewers.add(viewer)
    this.waiting.set(viewer, resumption)
    this.welcomeWaiting()
  }

  leave(viewer: ViewerConnection): void {
    this.viewers.delete(viewer)
    this.waiting.delete(viewer)
    this.rates.remove(viewer)
    this.hosted.show.left(viewer.name)
  }

  /** Takes in a websocket that speaks another protocol. */
  receive(socket: WebSocket, viewer: string): void {
    this.guests.add(socket)
    socket.on('close', () => this.hosted.show.left(viewer))
  }

  summary(): SessionSummary {
    const { id, title, session } = this.hosted
    const { run, status, progress, timeline } = session.state
    return {
      id,
      title,
      began: this.began,
      scenario: run.scenario,
      algorithm: run.algorithm,
      status,
      kind: timeline.kind,
      episodes: progress.episodes,
      viewers: this.viewers.size + this.guests.size,
      seed: run.seed,
      folder: run.folder,
      returns: teamReturns(session.state),
    }
  }

  /** Called every `BEAT_MS`. */
  beat(): void {
    for (const viewer of this.viewers) viewer.beat()
    this.guests.beat()
  }

  /** Stops listening and tells every viewer that it is over. Resolves when they are gone. */
  async close(message: string): Promise<void> {
    this.streams.unsubscribe()
    this.rates.stop()
    const gone = [...this.viewers].map(viewer => viewer.farewell(message))
    await soon(FAREWELL_MS, Promise.all([...gone, this.guests.close(message)]))
    for (const viewer of this.viewers) viewer.cutOff()
    this.guests.cutOff()
  }

  get version(): number {
    return this.frames
  }

  welcome({ name, role }: ViewerConnection, resumed: boolean): Buffer {
    const { id, title } = this.hosted
    return this.encodeWelcome({
      type: 'welcome',
      protocol: PROTOCOL,
      session: { id, title, began: this.began },
      viewer: name,
      role,
      sequence: this.sequence,
      state: this.state!,
      schema: this.newest!.schema,
      history: this.newest!.history.range,
      resumed,
    })
  }

  frame(flags: number): Buffer | null {
    return this.newest!.message(flags)
  }

  inspections(agents: readonly number[]): readonly Buffer[] {
    return this.newest!.inspections(agents)
  }

  received(viewer: ViewerConnection, text: string): void {
    if (this.newest === null || this.waiting.has(viewer)) {
      viewer.say({ type: 'refused', message: 'nothing is shown yet: wait for the welcome' })
    } else {
      const { history } = this.newest
      void perform(text, viewer, { show: this.hosted.show, history, rerate: () => this.rates.add(viewer) })
    }
  }

  private changed({ state, patches }: SessionChange): void {
    this.state = state
    if (patches.length > 0) {
      this.sequence++
      if (this.viewers.size > this.waiting.size) {
        const message = encode({ type: 'patches', sequence: this.sequence, patches })
        for (const viewer of this.viewers) if (!this.waiting.has(viewer)) viewer.change(message)
      }
    }
    this.welcomeWaiting()
  }

  /** Another game: frames of the one before could not be read any more. */
  private changeSchema(schema: FrameSchema): void {
    this.newest = new NewestFrame(schema, agent => this.hosted.show.inspect(agent))
    this.frames++
    for (const viewer of this.viewers) if (!this.waiting.has(viewer)) viewer.changeSchema()
    this.welcomeWaiting()
  }

  private pictured(frame: Frame): void {
    this.newest!.push(frame)
    this.frames++
    this.rates.touch(flagsOf(frame))
  }

  private welcomeWaiting(): void {
    if (this.state === null || this.newest === null) return
    for (const [viewer, resumption] of this.waiting) {
      this.waiting.delete(viewer)
      this.rates.add(viewer)
      this.greet(viewer, this.newest, resumption)
    }
  }

  /** What was missed, if all of it is still kept; else what there is of the recent past. */
  private greet(viewer: ViewerConnection, { history }: NewestFrame, resumption: Resumption | null): void {
    const { first, last } = history.range ?? { first: 0, last: -1 }
    const { after = -1, began = this.began } = resumption ?? {}
    const resumed = began === this.began && after >= 0 && after >= first - 1 && after <= last
    const from = resumed ? after + 1 : history.recent(RECENT_BYTES)
    viewer.welcome(resumed, createPastSender(history, { first: from, last: last - 1 }))
  }
}

function encode(message: ServerMessage): Buffer {
  return textMessage(JSON.stringify(message))
}

/** Resolves with `promise`, or when the time is up. */
function soon(milliseconds: number, promise: Promise<unknown>): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, milliseconds)
    void promise.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** Of the newest point of the curve. */
function teamReturns({ roster, curve }: SessionState): SessionSummary['returns'] {
  const newest = curve.returns.at(-1)
  if (newest === undefined) return null
  const teams = new Map<string, number[]>()
  for (const [i, { team }] of roster.entries()) teams.set(team, [...(teams.get(team) ?? []), newest[i]!])
  return Object.fromEntries(
    [...teams].map(([team, all]) => [team, all.reduce((sum, each) => sum + each, 0) / all.length]),
  )
}
