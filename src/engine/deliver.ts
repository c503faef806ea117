// Joint steps go to those who learn from them on their way: into the replay buffer first, then to the learners of all teams.
import { type MonoTypeOperatorFunction, tap } from 'rxjs'
import type { JointReplay } from '../replay/joint-replay.ts'
import type { JointStep } from '../types.ts'
import type { UpdateRounds } from './update-rounds.ts'

/** Hands every joint step over and passes it on. `replay`: null where nobody learns from one. */
export function deliver(
  replay: Pick<JointReplay, 'insert'> | null,
  rounds: Pick<UpdateRounds, 'take'>,
): MonoTypeOperatorFunction<JointStep> {
  return tap(step => {
    replay?.insert(step)
    rounds.take(step)
  })
}
