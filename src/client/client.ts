// A client of the stream: the session, its frames and its figures as streams, and what it may ask; over any connection.
import { BehaviorSubject, distinctUntilChanged, filter, firstValueFrom, map, Observable, Subject } from 'rxjs'
import type {
  Command,
  FrameSchema,
  ServerMessage,
  SessionState,
  StreamedFrame,
  StreamedInspection,
} from '../stream/protocol.ts'
import type { Connector } from './connection.ts'
import { FrameOrder } from './frame-order.ts'
import { type MetricPoint, metricPoints } from './metric-points.ts'
import { createRequests, type Question, type Requests } from './requests.ts'
import { emptyView, hear, lose, type View } from './view.ts'

/** A welcome, and what was known before it. */
export interface Welcomed {
  readonly before: View
  /** The frames that follow leave nothing out. */
  readonly resumed: boolean
}

/**
 * Streams that show something now give it first. `state$`, `schema$`, `frames$` and `metrics$` end in an error, a sentence that says
 * what to do, where the server wants something else (a token, another version); all complete with `close`. A connection that is lost
 * is opened again, for ever.
 */
export interface Client {
  /** All that is known now. */
  readonly view: View
  /** The same with every change; never an error. */
  readonly view$: Observable<View>
  /** The slow-changing state of the session: what is trained, how far, the curves, who plays. */
  readonly state$: Observable<SessionState>
  /** What frames are made of; another one when another game is shown. */
  readonly schema$: Observable<FrameSchema>
  /** Frames from now on, in their order: those that a break of the connection kept away come first when it is over, as `past`. */
  readonly frames$: Observable<StreamedFrame>
  /** Training returns and other figures: the known points, then each new one. */
  readonly metrics$: Observable<MetricPoint>
  /** Frames as they come: frames of the past, as `past`, come beside the newest ones. */
  readonly arrivals$: Observable<StreamedFrame>
  /** Everything that was known is replaced. */
  readonly welcomes$: Observable<Welcomed>
  /** Sentences of the server that answer no command. */
  readonly remarks$: Observable<string>
  /** What an agent, by index or id, sees, wants and is worth, with every frame; eight agents at a time. */
  inspect(agent: number | string): Observable<StreamedInspection>
  /** Frames of the past as far as the server keeps them, oldest first, at most 20,000. Rejects with a sentence where it keeps none. */
  history(from: number, to: number): Promise<readonly StreamedFrame[]>
  /** Resolves when it was done; rejects with the server's sentence, or where there is no connection. */
  command(command: Command): Promise<void>
  /** As `command`, for any request: null when it was done, else the sentence, an empty one where nobody answered. */
  ask(question: Question): Promise<string | null>
  /** How many frames a second to send, 1 to 60, from now on and after every break. */
  rate(framesPerSecond: number): void
  close(): void
}

/** A client over any connection: `connect` makes one over a websocket. */
export function createClient(connect: Connector): Client {
  const views = new BehaviorSubject<View>(emptyView)
  const [arrivals, frames] = [new Subject<StreamedFrame>(), new Subject<StreamedFrame>()]
  const welcomes = new Subject<Welcomed>()
  const remarks = new Subject<string>()
  const inspections = new Subject<StreamedInspection>()
  const order = new FrameOrder()
  const wanted = new Set<{ readonly agent: number | string }>()
  let rate: number | undefined
  let subscribing = false

  const connection = connect({
    onMessage(message) {
      const before = views.value
      requests.hear(message)
      if (message.type === 'refused' && message.id === undefined) remarks.next(message.message)
      if (message.type === 'welcome') order.welcome(message).forEach(frame => void frames.next(frame))
      views.next(heard(before, message))
      if (message.type !== 'welcome') return
      if (rate !== undefined || wanted.size > 0) subscribe()
      welcomes.next({ before, resumed: message.resumed })
    },
    onFrame(frame) {
      if (!frame.past) views.next({ ...views.value, frame })
      arrivals.next(frame)
      order.take(frame).forEach(next => void frames.next(next))
    },
    onInspection: inspection => inspections.next(inspection),
    onLost() {
      requests.drop()
      order.lose()
      views.next(lose(views.value))
    },
    onProblem({ sentence, forGood }) {
      requests.drop()
      views.next({ ...views.value, problem: sentence, link: forGood ? 'refused' : views.value.link })
    },
    heard: () => order.heard,
  })
  const requests: Requests = createRequests(connection.send)

  /** Ends in an error where the server is not asked again. */
  const sound$ = views.pipe(
    map(view => {
      if (view.link === 'refused') throw new Error(view.problem ?? 'the server refuses')
      return view
    }),
  )
  const part = <K extends 'state' | 'schema'>(name: K): Observable<NonNullable<View[K]>> =>
    sound$.pipe(
      map(view => view[name]),
      distinctUntilChanged(),
      filter(value => value !== null),
    ) as Observable<NonNullable<View[K]>>

  async function ask(question: Question): Promise<string | null> {
    return views.value.link === 'open' ? requests.ask(question) : ''
  }

  /** What is wanted with each frame; once for all that changes at the same time. */
  function subscribe(): void {
    if (subscribing) return
    subscribing = true
    queueMicrotask(async () => {
      subscribing = false
      const inspect = [...new Set([...wanted].map(({ agent }) => indexOf(agent)).filter(agent => agent >= 0))]
      const refusal = await ask({ type: 'subscribe', inspect, ...(rate !== undefined && { rate }) })
      if (refusal) remarks.next(refusal)
    })
  }

  function indexOf(agent: number | string): number {
    if (typeof agent === 'number') return agent
    return views.value.schema?.agents.findIndex(({ id }) => id === agent) ?? -1
  }

  return {
    get view() {
      return views.value
    },
    view$: views.asObservable(),
    state$: part('state'),
    schema$: part('schema'),
    frames$: new Observable(subscriber => {
      const ordered = frames.subscribe({
        next: frame => subscriber.next(frame),
        complete: () => subscriber.complete(),
      })
      ordered.add(sound$.subscribe({ error: error => subscriber.error(error) }))
      return ordered
    }),
    metrics$: sound$.pipe(metricPoints()),
    arrivals$: arrivals.asObservable(),
    welcomes$: welcomes.asObservable(),
    remarks$: remarks.asObservable(),
    inspect: agent =>
      new Observable(subscriber => {
        const wish = { agent }
        wanted.add(wish)
        subscribe()
        const heard = inspections.pipe(filter(inspection => inspection.agent === indexOf(agent))).subscribe(subscriber)
        return () => {
          heard.unsubscribe()
          wanted.delete(wish)
          subscribe()
        }
      }),
    async history(from, to) {
      // A request for other frames of the past would end what a break kept away.
      while (order.isBehind) await firstValueFrom(arrivals)
      const past = new Map<number, StreamedFrame>()
      const listening = arrivals.subscribe(frame => {
        if (frame.past && frame.number >= from && frame.number <= to) past.set(frame.number, frame)
      })
      const refusal = await ask({ type: 'history', from, to })
      listening.unsubscribe()
      if (refusal !== null) throw new Error(refusal || NO_ANSWER)
      return [...past.values()].sort((a, b) => a.number - b.number)
    },
    async command(command) {
      const refusal = await ask(command)
      if (refusal !== null) throw new Error(refusal || NO_ANSWER)
    },
    ask,
    rate(framesPerSecond) {
      rate = framesPerSecond
      subscribe()
    },
    close() {
      connection.close?.()
      requests.drop()
      views.next(lose(views.value))
      for (const stream of [views, arrivals, frames, welcomes, remarks, inspections]) stream.complete()
    },
  }
}

const NO_ANSWER = "there is no connection; it is opened again by itself: wait until view.link is 'open'"

/** Frames of another game belong to no new schema. */
function heard(view: View, message: ServerMessage): View {
  const next = hear(view, message)
  if (message.type !== 'welcome') return next
  return JSON.stringify(view.schema) === JSON.stringify(next.schema) ? next : { ...next, frame: null }
}
