// A run as far as it acts: its game and its members, without games that are trained in, replay buffer or updates.

import { agentsOf } from '../envs/game-agents.ts'
import type { Backend } from '../nn/backend.ts'
import { partsOf } from '../nn/saved-networks.ts'
import type { Saved } from '../types.ts'
import type { Overrides } from './config/config.ts'
import { gameOf, pick } from './find-game.ts'
import { otherAgents } from './other-agents.ts'
import { completeSettings, type Kept, planRun } from './plan.ts'
import { createRunMembers } from './roster.ts'
import { backends, type Members, type Run } from './run.ts'

export interface ActingRun
  extends Pick<
    Run,
    'config' | 'settings' | 'definition' | 'agents' | 'roster' | 'parts' | 'createMembers' | 'otherAgents' | 'dispose'
  > {
  /** Takes over what the learner of an agent saved. @throws RangeError where it is another's */
  follow(agent: number, saved: Saved): void
  /** What schedules of acting go by, in environment steps. */
  reached(envSteps: number): void
  /** Takes over what a whole run saved. */
  restore(saved: Saved): void
}

/**
 * The acting part of the run that settings describe, on one thread. `kept`: what the folder of the run keeps.
 * @throws ConfigError, FileError as `createRun`
 */
export async function createActingRun(given: Overrides, kept?: Kept): Promise<ActingRun> {
  const plan = await planRun(given, kept)
  const { config, definition, players } = plan
  const game = gameOf(config, definition)()
  const agents = agentsOf(game)
  const { stateParts } = game
  const backend: Backend = await pick(
    backends,
    'run.backend',
    'backend',
    config.run.backend,
  )({ ...config.run, threads: 1 }, false)
  let now = 0
  const newMembers = () => createRunMembers(players, config, { backend, agents, stateParts, now: () => now })
  const { roster, parts } = newMembers()
  const restoreAll = (to: Members['roster'], saved: Saved) => {
    const states = partsOf(
      partsOf(saved, ['learners']).learners!,
      agents.map(({ id }) => id),
    )
    agents.forEach(({ id }, i) => void to[i]!.restore(states[id]!))
  }
  return {
    config,
    settings: completeSettings(plan),
    definition,
    agents,
    roster,
    parts,
    createMembers() {
      const { roster } = newMembers()
      return { roster, restore: saved => restoreAll(roster, saved) }
    },
    otherAgents: (others, path, trained = { agents, roster, parts }) => otherAgents(backend, trained, others, path),
    follow: (agent, saved) => roster[agent]!.restore(saved),
    reached(envSteps) {
      now = envSteps
    },
    restore(saved) {
      restoreAll(roster, saved)
      now = Number((saved as Record<string, Saved>).envSteps ?? 0)
    },
    dispose: () => backend.dispose(),
  }
}
