// The state that all parts of the page share: what was received, position in time, view, selected agent, and how to send requests.
import type { Question } from '../../src/client/requests.ts'
import type { View } from '../../src/client/view.ts'
import type { Inspections } from '../agents/inspections.ts'
import type { Bookmarks } from '../time/bookmarks.ts'
import type { FrameMemory, Stretch } from '../time/frame-memory.ts'
import type { Motion, Picture } from '../time/motion.ts'
import type { Playhead } from '../time/playhead.ts'
import type { Lens } from '../view/lens.ts'
import type { PictureLayer } from '../view/marks.ts'

/** What is looked at, and how. */
export interface Looking {
  view: View
  readonly motion: Motion
  readonly past: FrameMemory
  readonly playhead: Playhead
  readonly lens: Lens
  readonly hidden: Set<PictureLayer>
  /** The selected agent, by its index among the agents, and what was heard about it. */
  inspected: Inspections | null
}

export interface Watching extends Looking {
  bookmarks: Bookmarks
  /** Sends a request; a refusal is shown to the person. True when it was done. */
  ask(question: Question): Promise<boolean>
  /** Says something to the person, for a while. */
  remark(sentence: string): void
  /** Something has changed that words or controls show. */
  touch(): void
  /** Selects an agent, or nobody. */
  select(agent: number | null): void
}

export function isPlayback({ state }: View): boolean {
  return state?.timeline.kind === 'playback'
}

/** Every frame that can be shown: the page's own past and what the server remembers, or all of a recording. */
export function wholeTime({ view, past }: Watching): Stretch | null {
  const { state, history } = view
  if (state !== null && isPlayback(view)) return { from: state.timeline.first, to: state.timeline.last }
  const [first, last] = [past.first, past.last]
  if (first === undefined || last === undefined) return null
  return { from: Math.min(first.number, history?.first ?? first.number), to: last.number }
}

/** The frames that the page has itself. */
export function keptTime({ past }: Watching): Stretch | null {
  return past.first && past.last ? { from: past.first.number, to: past.last.number } : null
}

/** The frame number that is shown. */
export function shownNumber({ view, playhead }: Watching): number {
  return playhead.position ?? view.frame?.number ?? 0
}

/** The picture at `now` (ms): of the game as it is, or of the past. */
export function pictureAt(watching: Looking, now: number): Picture | null {
  const { playhead, past, motion, view } = watching
  const { position } = playhead
  const frame = position === null ? undefined : past.at(position)
  if (position === null || frame === undefined || view.schema === null) return motion.sample(now)
  const next = past.after(position)
  const part =
    next === undefined ? 0 : Math.min(1, Math.max(0, (position - frame.number) / (next.number - frame.number)))
  const row = next === undefined ? frame.row : motion.between(frame, next, part)
  return { row, frame, trail: past.trail(position), moving: playhead.playing }
}
