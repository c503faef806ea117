// Joint steps go to those who learn from them on their way: into the replay buffer first, then to the learners of all teams.
import { type MonoTypeOperatorFunction, tap } from 'rxjs'
import type { TeamLearner } from '../learning/team-learner.ts'
import type { JointReplay } from '../replay/joint-replay.ts'
import type { JointStep } from '../types.ts'

/** Hands every joint step over and passes it on. `replay`: null where nobody learns from one. */
export function deliver(
  replay: Pick<JointReplay, 'insert'> | null,
  learners: readonly Pick<TeamLearner, 'take'>[],
): MonoTypeOperatorFunction<JointStep> {
  return tap(step => {
    replay?.insert(step)
    for (const learner of learners) learner.take(step)
  })
}
