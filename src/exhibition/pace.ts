// The clock of an exhibition: real time, as fast as its share of the processor allows, or single steps, as the session says.
import { combineLatest, concatMap, distinctUntilChanged, map, type Observable, of, switchMap, take } from 'rxjs'
import { stepClock, type Tick } from '../engine/clock.ts'
import { pacedClock } from '../engine/paced-clock.ts'
import type { Session } from '../experiment/session.ts'

/** World steps per second at speed 1: a step is 0.1 seconds of the particle world. */
const stepsPerSecond = 10
/** The part of the time that a game may take: beside a training in the same process, and on its own. */
const share = { training: 0.1, alone: 0.9 } as const

/** One emission for each step that is due; `requests$`: how many single steps somebody wants while the game is paused. */
export function pace(session: Session, requests$: Observable<number>): Observable<unknown> {
  const shareNow = () => (session.state.status === 'training' ? share.training : share.alone)
  const exhibition$ = session.changes$.pipe(map(({ state }) => state.exhibition))
  const paused$ = exhibition$.pipe(
    map(({ paused }) => paused),
    distinctUntilChanged(),
  )
  const speed$ = exhibition$.pipe(
    map(({ speed }) => speed),
    distinctUntilChanged(),
  )
  return combineLatest([paused$, speed$]).pipe(
    switchMap(([paused, speed]) => {
      if (!paused) return pacedClock(speed === null ? null : stepsPerSecond * speed, shareNow).pipe(eachStep)
      // One step is made at once; more of them share the time with everything else.
      return requests$.pipe(
        concatMap(steps =>
          steps === 1 ? stepClock(of(1)).pipe(eachStep) : pacedClock(null, shareNow).pipe(eachStep, take(steps)),
        ),
      )
    }),
  )
}

function eachStep(ticks$: Observable<Tick>): Observable<void> {
  return ticks$.pipe(concatMap(stepsOf))
}

function* stepsOf(tick: Tick): Generator<void> {
  while (tick.take()) yield
}
