// What the timeline's buttons and keys do. Live, they act on the game that everybody watches; in the past, on this page alone.
import type { SessionState } from '../../src/stream/protocol.ts'
import { forbidden } from '../page/state.ts'
import { isPlayback, keptTime, shownNumber, type Watching, wholeTime } from '../page/watching.ts'
import type { Stretch } from './frame-memory.ts'

/** Powers of two, and null: as fast as possible. */
export const SPEEDS: readonly (number | null)[] = [0.125, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, null]

export interface Transport {
  /** Whether what is shown stands still. */
  readonly standing: boolean
  readonly speed: number | null
  readonly loop: Stretch | null
  toggle(): void
  step(direction: 1 | -1): void
  setSpeed(speed: number | null): void
  seek(number: number): void
  goLive(): void
  /** The episode that is shown, over and over; again: no longer. */
  toggleLoop(): void
  /** To the begin of the episode, or of the one before, or to the next one. */
  jump(direction: 1 | -1): void
  toggleBookmark(): void
}

/** A dragged slider asks at most this often. */
const SEEK_MS = 40

export function createTransport(watching: Watching): Transport {
  const { playhead, past } = watching
  const exhibition = (): SessionState['exhibition'] | null => watching.view.state?.exhibition ?? null
  const mayCommand = () => {
    const reason = forbidden(watching.view)
    if (reason !== null) watching.remark(reason)
    return reason === null
  }
  /** Whether the buttons act on the game itself. */
  const onGame = () => playhead.live || isPlayback(watching.view)
  const kept = () => keptTime(watching)
  let seeking: ReturnType<typeof setTimeout> | null = null
  let target = 0

  const stand = (number: number) => {
    const range = kept()
    if (range === null) return
    playhead.playing = false
    playhead.seek(number, range)
    watching.touch()
  }
  const seek = (number: number) => {
    const whole = wholeTime(watching)
    if (whole === null) return
    if (isPlayback(watching.view)) {
      target = Math.round(Math.min(Math.max(number, whole.from), whole.to))
      if (seeking !== null) return
      seeking = setTimeout(() => {
        seeking = null
        if (mayCommand()) watching.ask({ type: 'seek', number: target })
      }, SEEK_MS)
    } else if (number >= whole.to) {
      playhead.goLive()
      watching.touch()
    } else stand(number)
  }

  /** The episode that is shown; of a recording not every frame is here, but steps count from its begin. */
  const episode = (): Stretch | null => {
    const number = shownNumber(watching)
    const seen = past.episode(number)
    const whole = wholeTime(watching)
    const frame = past.at(number)
    if (!isPlayback(watching.view) || seen === null || whole === null || !frame) return seen
    const from = Math.max(whole.from, frame.number - frame.step)
    const most = Number(exhibition()?.options.maxCycles)
    const to = Number.isFinite(most) ? Math.max(from + most, seen.to) : seen.to
    return { from, to: Math.min(past.after(seen.to)?.number === seen.to + 1 ? seen.to : to, whole.to) }
  }

  return {
    get standing() {
      return onGame() ? exhibition()?.paused === true : !playhead.playing
    },
    get speed() {
      return onGame() ? (exhibition()?.speed ?? null) : playhead.speed
    },
    get loop() {
      return isPlayback(watching.view) ? (watching.view.state?.timeline.loop ?? null) : playhead.loop
    },
    toggle() {
      if (!onGame()) {
        playhead.playing = !playhead.playing
        watching.touch()
      } else if (forbidden(watching.view) === null) {
        watching.ask({ type: exhibition()?.paused ? 'resume' : 'pause' })
      } else if (past.last && !isPlayback(watching.view)) {
        // A viewer who may not command stops this page alone.
        stand(past.last.number)
      } else mayCommand()
    },
    step(direction) {
      const number = shownNumber(watching)
      if (isPlayback(watching.view)) {
        if (!mayCommand()) return
        if (!exhibition()?.paused) watching.ask({ type: 'pause' })
        else if (direction === 1) watching.ask({ type: 'step' })
        else watching.ask({ type: 'seek', number: Math.max(number - 1, wholeTime(watching)?.from ?? 0) })
      } else if (playhead.live && direction === 1) {
        if (!exhibition()?.paused) this.toggle()
        else if (mayCommand()) watching.ask({ type: 'step' })
      } else if (playhead.live) {
        const before = past.at(number - 1)
        if (before) stand(before.number)
      } else {
        const next = direction === 1 ? past.after(number) : past.at(Math.ceil(number) - 1)
        if (next === past.last && exhibition()?.paused) this.goLive()
        else if (next) stand(next.number)
      }
    },
    setSpeed(speed) {
      if (!onGame()) {
        playhead.speed = speed
        watching.touch()
      } else if (mayCommand()) watching.ask({ type: 'speed', speed })
    },
    seek,
    goLive() {
      playhead.goLive()
      watching.touch()
    },
    toggleLoop() {
      const playback = isPlayback(watching.view)
      const loop = this.loop === null ? episode() : null
      if (!playback) {
        playhead.setLoop(loop)
        watching.touch()
      } else if (mayCommand()) {
        if (loop !== null && exhibition()?.paused) watching.ask({ type: 'resume' })
        watching.ask(loop === null ? { type: 'loop', from: null, to: null } : { type: 'loop', ...loop })
      }
    },
    jump(direction) {
      const number = shownNumber(watching)
      const here = episode()
      if (here === null) return
      // Of a recording the episode before may not be here: as long as this one.
      const before = isPlayback(watching.view) ? 2 * here.from - here.to - 1 : past.episode(here.from - 1)?.from
      if (direction === 1) seek(here.to + 1)
      else seek(number > here.from + 1 ? here.from : (before ?? here.from))
    },
    toggleBookmark() {
      const frame = past.at(shownNumber(watching)) ?? watching.view.frame
      if (!frame) return
      const name = `episode ${frame.episode}, step ${frame.step}`
      watching.bookmarks.toggle({ number: frame.number, at: frame.at, name })
      watching.touch()
    },
  }
}
