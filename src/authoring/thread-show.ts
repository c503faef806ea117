// An exhibition that plays in a thread of its own, as a show: whatever viewers ask of the game holds up that thread alone.
import { concat, defer, distinctUntilChanged, map, type Observable, of, ReplaySubject, Subject } from 'rxjs'
import { describeProblem } from '../envs/check-game.ts'
import type { FrameSchema } from '../envs/frame.ts'
import { ConfigError } from '../errors.ts'
import { describeBudget, viewersBudget } from '../exhibition/budget.ts'
import type { Session } from '../experiment/session.ts'
import type { Moment, Show } from '../experiment/show.ts'
import type { Saved } from '../types.ts'
import { createQuestions } from './asked-commands.ts'
import type { GameMessage, PlayedMoment, PlayRequest, ThreadCommand } from './game-messages.ts'
import { type GameThread, startThread } from './game-thread.ts'
import { createRemoteLooks } from './remote-looks.ts'

export interface ThreadShow extends Show {
  /** Another checkpoint was written. */
  refresh(): void
  /** The training is at so many environment steps. */
  reached(envSteps: number): void
  /** What the learner of an agent saves: arrays in shared memory are followed by the thread, others are copied now. */
  follow(agent: number, saved: Saved): void
  /** Resolves when `close` was called. */
  readonly closed: Promise<void>
  close(): Promise<void>
}

export interface ThreadShowRequest {
  /** The compiled program of the thread, and what it is told besides how the exhibition stands. */
  readonly program: string
  readonly source: unknown
  /** Whose game it is, for messages. */
  readonly file: string
  readonly seed: number
}

/** What the program of the thread is given. */
export interface ThreadSource<T> {
  readonly source: T
  readonly play: PlayRequest
  /** Options that viewers have set; null: those of the owner. */
  readonly options: Readonly<Record<string, unknown>> | null
}

/** A thread that ended sooner than so many milliseconds after its start is not started again as it was. */
const worthRestarting = 10_000
/** Milliseconds before a game begins again. */
const pauseBefore = 500
/** How a game begins again: as viewers left it, as its owner started it, not at all. */
const asItWas = 0
const asStarted = 1

/**
 * Begins the exhibition in its thread; resolves when its first game plays. A thread that fails, or in which a hook does not come back, is
 * ended, and the game begins again in another one.
 * @throws ConfigError or Error (rejects) where the first game cannot be played
 */
export async function playInThread(session: Session, request: ThreadShowRequest): Promise<ThreadShow> {
  const schema$ = new ReplaySubject<FrameSchema>(1)
  const moments = new Subject<Moment>()
  const followed = new Map<number, Saved>()
  let thread: GameThread | null = null
  let ready = false
  let closed = false
  let level = asItWas
  let began = 0
  /** Whether viewers have asked anything of the present thread. */
  let commanded = false
  let pause: NodeJS.Timeout | undefined
  let envSteps = 0
  /** Options that were played last; null: none were told yet. */
  let options: Readonly<Record<string, unknown>> | null = null
  /** The newest moment of the present schema, and of any. */
  let newest: Moment | null = null
  let last: Moment | null = null
  let remark: string | null = null

  const send = (command: ThreadCommand) => thread?.send(command)
  const looks = createRemoteLooks(send)
  const questions = createQuestions({
    send,
    silent: seconds => ended(`a command was not answered within ${seconds} seconds`),
    done() {
      if (remark !== null && session.state.message === remark) session.dispatch({ type: 'remark', message: null })
      remark = null
    },
  })
  const training = () => session.state.status === 'training'
  const begin = (schema: FrameSchema) => {
    newest = null
    looks.clear()
    schema$.next(schema)
  }
  const show = ({ fingerprint, inspections, ...moment }: PlayedMoment) => {
    looks.take(inspections ?? [])
    last = newest = { ...moment, fingerprint: () => fingerprint }
    moments.next(newest)
  }
  const hear = (message: GameMessage) => {
    if (message.type === 'schema') begin(message.schema)
    else if (message.type === 'moment') show(message.moment)
    else if (message.type === 'answer') questions.answer(message.id, message.refusal)
    else if (message.type === 'inspections') looks.answer(message.id, message.inspections)
    else if (message.type === 'exhibition') {
      options = message.change.options ?? options
      session.dispatch({ type: 'exhibition', change: message.change })
      session.dispatch({ type: 'timeline', change: message.timeline })
    }
  }

  /** `nextEpisode`: not the one in which the thread before ended. */
  const start = (nextEpisode: boolean, begun: () => void, failed: (error: Error) => void) => {
    const { paused, speed, seed, players } = session.state.exhibition
    began = performance.now()
    ready = false
    commanded = false
    const source: ThreadSource<unknown> = {
      source: request.source,
      options: level === asItWas ? options : null,
      play: {
        seed: request.seed,
        exhibition: { paused, speed },
        training: training(),
        start: last === null ? {} : startAfter(last, nextEpisode ? seed + 1 : seed, level === asItWas ? players : {}),
      },
    }
    const { program, file } = request
    const { seconds, megabytes } = viewersBudget
    const own = startThread({ program, request: source, file, hookSeconds: seconds, megabytes }, message => {
      if (thread !== own) return
      if (message.type === 'ready') {
        ready = true
        // A game that is watched is no reason for the process to live.
        own.unref()
        begin(message.schema)
        questions.open()
        begun()
      } else if (message.type === 'failed' || message.type === 'stuck') {
        const reason = message.type === 'failed' ? message.message : `${file}: ${describeProblem(message.problem)}`
        if (ready) ended(reason)
        else failed(message.type === 'failed' && message.wrongUsage ? new ConfigError('', reason) : new Error(reason))
      } else hear(message)
    })
    thread = own
    send({ type: 'reached', envSteps })
    looks.ask()
    void tellLearners(own)
  }
  /** One at a time: it takes a while to write down a large network, or very many. */
  const tellLearners = async (to: GameThread) => {
    for (const [agent, saved] of followed) {
      await new Promise(resolve => setImmediate(resolve))
      if (thread !== to) return
      to.send({ type: 'learner', agent, saved })
    }
  }
  /** The thread is gone: what was asked of it is refused, and the game begins again in another one. */
  const ended = (reason: string) => {
    void thread?.stop()
    thread = null
    if (closed) return
    const changing = questions.asksFor('options')
    const message = `${reason}; ${describeBudget(viewersBudget)}`
    questions.interrupt(message)
    looks.refuse()
    if (changing || performance.now() - began >= worthRestarting) level = asItWas
    else level = commanded ? asStarted : level + 1
    again(message, !changing)
  }
  const again = (message: string, nextEpisode: boolean) => {
    if (level > asStarted) {
      questions.close(`the game that is watched cannot go on: ${message}`)
      return say(`the game that is watched cannot go on: ${message}`)
    }
    session.dispatch({ type: 'exhibition', change: { taken: {} } })
    say(`the game that is watched began again: ${message}`)
    const failed = (error: Error) => {
      void thread?.stop()
      thread = null
      level++
      again(error.message, nextEpisode)
    }
    pause = setTimeout(() => start(nextEpisode, () => {}, failed), pauseBefore)
  }
  const say = (message: string) => {
    remark = message
    session.dispatch({ type: 'remark', message })
  }

  try {
    await new Promise<void>((begun, failed) => start(false, begun, failed))
  } catch (error) {
    questions.close('there is no game')
    throw error
  }
  let over = () => {}
  const whenClosed = new Promise<void>(resolve => {
    over = resolve
  })
  const status = session.changes$.pipe(map(training), distinctUntilChanged()).subscribe({
    next: now => send({ type: 'training', training: now }),
    error() {},
  })
  return {
    schema$,
    moments$: defer((): Observable<Moment> => (newest === null ? moments : concat(of(newest), moments))),
    inspect: agent => looks.of(agent),
    look: agents => looks.look(agents),
    command(command, viewer) {
      if (thread === null || !ready)
        throw new ConfigError('', 'the game that is watched is not being played; ask again')
      commanded = true
      return questions.ask(command, viewer)
    },
    left: viewer => send({ type: 'left', viewer }),
    refresh: () => send({ type: 'refresh' }),
    reached(steps) {
      envSteps = steps
      send({ type: 'reached', envSteps })
    },
    follow(agent, saved) {
      followed.set(agent, saved)
      send({ type: 'learner', agent, saved })
    },
    closed: whenClosed,
    async close() {
      closed = true
      over()
      status.unsubscribe()
      clearTimeout(pause)
      questions.close('the game that is watched has ended')
      await thread?.stop()
    },
  }
}

function startAfter({ frame }: Moment, seed: number, players: Readonly<Record<string, string>>): PlayRequest['start'] {
  return { number: frame.number + 1, episode: frame.episode, seed, players }
}
