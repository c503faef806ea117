// Joint steps go into the replay buffer on their way.
import { type MonoTypeOperatorFunction, tap } from 'rxjs'
import type { JointReplay } from '../replay/joint-replay.ts'
import type { JointStep } from '../types.ts'

/** Inserts every joint step and passes it on. */
export function store(replay: Pick<JointReplay, 'insert'>): MonoTypeOperatorFunction<JointStep> {
  return tap(step => replay.insert(step))
}
