// What is shown on a page: a session and the game that its viewers watch, which plays in a thread of its own.
import { playInThread, type ThreadShow } from '../authoring/thread-show.ts'
import type { Session } from '../experiment/session.ts'
import type { Show } from '../experiment/show.ts'
import type { Recorder } from '../recording/recorder.ts'
import type { Run } from '../run/run.ts'
import type { StreamServer } from '../stream/server.ts'
import type { Saved } from '../types.ts'
import type { ExhibitionSource } from './exhibition-worker.ts'

/** A session and the game that its viewers watch. */
export interface LiveGame {
  readonly session: Session
  readonly exhibition: ThreadShow
}

/**
 * Resolves when the game plays.
 * @throws ConfigError or Error (rejects) when it cannot be drawn, or for wrong options or players
 */
export async function startLiveGame(session: Session, source: ExhibitionSource): Promise<LiveGame> {
  const { scenario, seed } = session.state.run
  const request = { program: 'live/exhibition-worker.js', source, file: scenario, seed }
  return { session, exhibition: await playInThread(session, request) }
}

/** Lets the game be played by the learners of a training as they are: about half a second behind what they have learnt. */
export function followTraining({ exhibition }: LiveGame, { roster, parts }: Pick<Run, 'roster' | 'parts'>): void {
  // Who is played by copies of those that learn changes with them.
  const changing = ([agent, { createPolicy }]: [number, Run['roster'][number]]) =>
    parts[agent]!.learns || createPolicy !== undefined
  const learners = [...roster.entries()].filter(changing)
  const copied = learners.filter(([agent, member]) => {
    const saved = member.save()
    exhibition.follow(agent, saved)
    return !isShared(saved)
  })
  if (copied.length === 0) return
  // Networks in memory of this thread alone are handed over one after the other, again and again.
  let next = 0
  const timer = setInterval(() => {
    const [agent, member] = copied[next++ % copied.length]!
    exhibition.follow(agent, member.save())
  }, 250)
  timer.unref()
  exhibition.closed.then(() => clearInterval(timer))
}

/** Whether other threads see what is written into the networks of a learner. */
function isShared(saved: Saved): boolean {
  if (ArrayBuffer.isView(saved)) return saved.buffer instanceof SharedArrayBuffer
  return typeof saved === 'object' && saved !== null && Object.values(saved).some(part => isShared(part as Saved))
}

/** Shows a session on a server. `show`: what its viewers watch and command; absent: the exhibition alone. */
export function host(
  server: StreamServer,
  id: string,
  { session, exhibition }: LiveGame,
  show: Show = exhibition,
  recorder?: Recorder,
): void {
  server.add({ id, title: session.state.run.scenario, session, show, recording: recorder?.snapshot })
}
