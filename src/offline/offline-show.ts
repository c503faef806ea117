// The show within a page: the exhibition of a run, played by its actors, without a server and without Node.js.
import type { Actor } from '../agents/actor.ts'
import { createActorPolicy } from '../agents/actor-policy.ts'
import type { Policy } from '../agents/policy.ts'
import { gameIn } from '../authoring/exported-game.ts'
import { agentsOf } from '../envs/game-agents.ts'
import type { GameDefinition } from '../envs/game-definition.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import { baselinesOf, baselineTeamPolicies } from '../exhibition/baseline-setup.ts'
import { refuseIncompatible } from '../exhibition/compatibility.ts'
import { createExhibition, type Exhibition } from '../exhibition/exhibition.ts'
import type { ExhibitionSetup } from '../exhibition/setup.ts'
import { createSession, type Session } from '../experiment/session.ts'
import { createSimdBackend } from '../nn/simd/backend.ts'
import { createNoise, createRandom } from '../random.ts'
import { createWrittenPolicy, type PolicyDefinition } from '../run/written-policy.ts'
import type { AgentSpec } from '../types.ts'
import { memoryFor, reviveActors } from './kept-actors.ts'
import type { PageData } from './page-data.ts'

/** Who may play beside those who learnt nothing: the actors by their best guesses, or by chance as they were trained. */
const trained = { greedy: 'trained, greedy', sampling: 'trained, sampling' } as const

/** Policies that users wrote, by the team that they play. */
export type PolicyByTeam = Readonly<Record<string, PolicyDefinition>>

/**
 * `exports`: those of the scenario's file.
 * @throws FileError where they hold no scenario, ConfigError where the browser cannot run the kernels.
 */
export async function createOfflineShow(
  exports: Readonly<Record<string, unknown>>,
  data: PageData,
  policies: PolicyByTeam = {},
): Promise<{ readonly session: Session; readonly show: Exhibition }> {
  const definition = gameIn(data.state.run.scenario, exports)
  const { agents } = definition.create(data.options)
  const backend = await createSimdBackend({ kernels: data.kernels, plainMemory: memoryFor(data.kept) })
  const actors = reviveActors(backend, agents, data.kept)
  const session = createSession(data.state)
  return { session, show: createExhibition(offlineSetup(definition, agents, actors, data, policies), session) }
}

function offlineSetup(
  definition: GameDefinition,
  agents: readonly AgentSpec[],
  actors: readonly (Actor | null)[],
  { options, seed, baselines }: PageData,
  policies: PolicyByTeam,
): ExhibitionSetup {
  /** The streams are those of `marlstrom watch`: the same run with the same seed plays the same episode. */
  const policyOf = (agent: number, purpose: string, who: string): Policy => {
    const { id } = agents[agent]!
    const policy = createActorPolicy(actors[agent]!, createNoise(seed, purpose, id), createRandom(seed, purpose, id))
    return who === trained.sampling ? sampling(policy) : policy
  }
  return {
    definition,
    options,
    seed,
    choices(team, game: MarkovGame) {
      const baselinesHere = baselinesOf(game)
      const agent = agents.findIndex(agent => agent.team === team)
      if (agent < 0) return baselinesHere
      const baseline = baselines[agent]!
      if (baseline === null) return [trained.greedy, trained.sampling, ...baselinesHere]
      return [...new Set([typeof baseline === 'string' ? baseline : baseline.policy, ...baselinesHere])]
    },
    teamPolicies(who, playing, game) {
      const { team } = game.agents[playing[0]!]!
      const written = baselines[playing[0]!] ?? null
      if (written !== null && typeof written !== 'string' && written.policy === who) {
        const player = { policy: policies[team]!, settings: written.settings }
        return {
          policies: seed =>
            playing.map(agent => createWrittenPolicy(player, agentsOf(game), agent, [seed, `exhibition/${who}`])),
          members: playing.map(() => null),
        }
      }
      if (who !== trained.greedy && who !== trained.sampling) return baselineTeamPolicies(who, playing, game)
      for (const agent of playing) refuseIncompatible(agents, agent, game)
      return {
        policies: seed => playing.map(agent => policyOf(agent, `exhibition/${seed}`, who)),
        members: playing.map(() => null),
      }
    },
  }
}

/** The same policy, exploring by its actor's own chance whatever it is asked. */
function sampling(policy: Policy): Policy {
  return { ...policy, act: request => policy.act({ ...request, explore: true }) }
}
