// An exhibition setup for the tiny game: played by no-ops unless the test brings policies.
import { createNoOpPolicy } from '../../src/agents/baseline-policies.ts'
import type { Policy } from '../../src/agents/policy.ts'
import type { ExhibitionSetup } from '../../src/exhibition/setup.ts'
import { createTinyGame, type TinyGameOptions } from './tiny-game.ts'

export function tinySetup(options: TinyGameOptions = {}, policies?: readonly Policy[]): ExhibitionSetup {
  return {
    definition: { id: 'tiny', version: 1, options: {}, create: () => createTinyGame(options) },
    options: {},
    seed: 1,
    choices: () => ['noop'],
    teamPolicies: (_, agents, game) => ({
      policies: () => agents.map(agent => policies?.[agent] ?? createNoOpPolicy(game.agents[agent]!.actionSpace)),
      members: agents.map(() => null),
    }),
  }
}
