// A round of the real thing: preset openai on simple_spread, its replay buffer filled by play.

import { actAll } from '../src/engine/simulate.ts'
import { layer, type Overrides } from '../src/run/config/config.ts'
import { createRun } from '../src/run/run.ts'

export interface RoundShape {
  readonly agents: number
  /** Units of both hidden layers. */
  readonly hidden: number
  /** In the replay buffer: fewer where a million would not fit into 4 GiB. */
  readonly transitions: number
}

/** `settings` are laid over those of the preset. */
export async function createRound(
  shape: RoundShape,
  threads: number,
  settings: Overrides = {},
): Promise<{ run(): void; dispose(): void }> {
  const preset: Overrides = {
    scenario: { id: 'simple_spread', agents: shape.agents },
    network: { hidden: [shape.hidden, shape.hidden] },
    replay: { capacity: shape.transitions },
    run: { games: 64, threads },
  }
  const { vectorGame, policies, replay, rounds, dispose } = await createRun(layer(preset, settings))
  const step = () => {
    actAll(policies, vectorGame)
    const played = vectorGame.advance()
    replay!.insert(played)
    rounds.take(played)
  }
  while (replay!.size < shape.transitions) step()
  return {
    run() {
      while (!rounds.due) step()
      const { finished } = rounds
      while (rounds.finished === finished) rounds.advance()
    },
    dispose,
  }
}
