// An exhibition without learnt policies: random, no-op, and the scenario's own script.
import { type Baseline, baselines, createBaselinePolicy, isBaseline } from '../agents/baseline-policies.ts'
import { agentsOf } from '../envs/game-agents.ts'
import type { GameDefinition } from '../envs/game-definition.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import { ConfigError, unknownName } from '../errors.ts'
import type { ExhibitionSetup, TeamPolicies } from './setup.ts'

/** Who may play a game without having learnt it: its script first, where it ships one. */
export function baselinesOf({ script }: Pick<MarkovGame, 'script'>): readonly Baseline[] {
  return script === undefined ? ['random', 'noop'] : ['scripted', 'random', 'noop']
}

/** @throws ConfigError for another name, and for a script that the game does not ship. */
export function baselineTeamPolicies(who: string, agents: readonly number[], game: MarkovGame): TeamPolicies {
  if (!isBaseline(who)) throw new ConfigError('play', unknownName('player', who, baselines))
  if (who === 'scripted' && game.script === undefined) {
    throw new ConfigError('play', `${game.id} ships no scripted controller`)
  }
  return {
    policies: seed =>
      agents.map(agent =>
        createBaselinePolicy(who, agentsOf(game)[agent]!, agent, () => [game], [seed, `exhibition/${who}`]),
      ),
    members: agents.map(() => null),
  }
}

/**
 * The games of a definition, played by `first` to begin with; absent: by the script, or chance where there is none.
 * @see {@link createExhibition} for an example
 */
export function baselineSetup(
  definition: GameDefinition,
  options: Readonly<Record<string, unknown>>,
  seed: number,
  first?: Baseline,
): ExhibitionSetup {
  return {
    definition,
    options,
    seed,
    choices: (_, game) => [...new Set([...(first === undefined ? [] : [first]), ...baselinesOf(game)])],
    teamPolicies: baselineTeamPolicies,
  }
}
