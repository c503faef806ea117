// A recording as a show: played, paused, searched and looped on the page that shows live games.
import { BehaviorSubject, concat, defer, Observable, of, Subject, share } from 'rxjs'
import type { FrameSchema } from '../envs/frame.ts'
import { ConfigError } from '../errors.ts'
import { pace } from '../exhibition/pace.ts'
import type { Command } from '../experiment/commands.ts'
import type { Session } from '../experiment/session.ts'
import type { Moment, Show } from '../experiment/show.ts'
import { marlstromCommand } from '../text/shell-quoted.ts'
import { createPastInspections } from './past-inspections.ts'
import { createPlaybackCursor } from './playback-cursor.ts'
import type { RecordedMoment, Recording } from './recording.ts'
import type { GameMaker } from './resimulate.ts'

/** How often the session hears where the playback is, in milliseconds. */
const newsEvery = 250

/**
 * A show that is controlled by the session and keeps it up to date. `make`: games to see again what agents saw.
 * @throws RangeError when no frame can be read
 */
export async function createPlayback(recording: Recording, session: Session, make: GameMaker): Promise<Show> {
  const { first, last } = recording
  const cursor = await createPlaybackCursor(recording, error =>
    session.dispatch({ type: 'remark', message: error.message }),
  )
  const pastInspections = createPastInspections(recording, make)
  const schema = new BehaviorSubject<FrameSchema>(cursor.present.game.schema)
  const jumped = new Subject<Moment>()
  const requests = new Subject<number>()
  let told = 0

  const loop = () => session.state.timeline.loop
  const tellWhere = () => {
    told = performance.now()
    session.dispatch({ type: 'timeline', change: { position: cursor.present.frame.number } })
  }
  /** What the session and the schema say about a moment comes before it. */
  const announce = (moment: RecordedMoment) => {
    const { game, opening } = moment
    if (opening !== null) {
      const { seed, options, players } = opening
      session.dispatch({ type: 'exhibition', change: { seed, options, players } })
    }
    if (game.schema !== schema.value) schema.next(game.schema)
    pastInspections.follow(moment)
  }
  const momentOf = ({ frame, opening, fingerprint }: RecordedMoment, elsewhere: boolean): Moment => ({
    // Nothing leads to a frame that was jumped to.
    frame: elsewhere ? { ...frame, placed: true } : frame,
    opening,
    fingerprint: () => fingerprint,
  })
  const jump = async (number: number) => {
    const found = await cursor.jump(Math.min(Math.max(number, first), last))
    if (found === null) return
    announce(found)
    jumped.next(momentOf(found, true))
    tellWhere()
  }
  let jumping = false
  const rewind = (number: number) => {
    if (jumping) return
    jumping = true
    void jump(number).finally(() => {
      jumping = false
    })
  }
  /** The next frame, where it is time for one and it is at hand. */
  const advance = (): Moment[] => {
    const { from, to } = loop() ?? { from: first, to: last }
    if (loop() !== null && (cursor.present.frame.number >= to || cursor.ended)) {
      rewind(from)
      return []
    }
    const next = cursor.next()
    if (next === null) {
      if (cursor.ended) session.dispatch({ type: 'pause' })
      return []
    }
    announce(next)
    if (performance.now() - told > newsEvery || cursor.ended) tellWhere()
    return [momentOf(next, false)]
  }
  const played$: Observable<Moment> = new Observable<Moment>(subscriber => {
    const listening = jumped.subscribe(subscriber)
    listening.add(
      pace(session, requests).subscribe({
        next: () => {
          for (const moment of advance()) subscriber.next(moment)
        },
        error: error => subscriber.error(error),
      }),
    )
    return listening
  }).pipe(share())

  announce(cursor.present)
  session.dispatch({ type: 'timeline', change: { kind: 'playback', first, last, position: first, loop: null } })

  const does = (command: Command): void | Promise<void> => {
    switch (command.type) {
      case 'pause':
        return session.dispatch(command)
      case 'resume':
        // From the end: once more.
        if (cursor.ended) rewind(loop()?.from ?? first)
        return session.dispatch(command)
      case 'speed':
        return session.dispatch(command)
      case 'step':
        if (!session.state.exhibition.paused) {
          throw new ConfigError('', 'the recording is playing; pause it to make single steps')
        }
        return requests.next(command.steps ?? 1)
      case 'seek':
        return jump(command.number)
      case 'loop': {
        const { from, to } = command
        if (from !== null && (from < first || to > last || from >= to)) {
          throw new RangeError(`loop: expected two frames of ${first} ... ${last}, got ${from} ... ${to}`)
        }
        return session.dispatch({ type: 'timeline', change: { loop: from === null ? null : { from, to } } })
      }
      default:
        throw new ConfigError(
          '',
          `this is a recording: it can be played, paused, searched and looped. To go on from here in another way: ` +
            marlstromCommand('playback', recording.file, '--fork', String(cursor.present.frame.number)),
        )
    }
  }
  return {
    schema$: schema.asObservable(),
    moments$: defer(() => concat(of(momentOf(cursor.present, true)), played$)),
    inspect(agent) {
      if (agent < schema.value.agents.length) return pastInspections.inspect(agent, cursor.following)
      throw new RangeError(`there are agents 0 ... ${schema.value.agents.length - 1}, got ${agent}`)
    },
    command: does,
    left() {},
  }
}
