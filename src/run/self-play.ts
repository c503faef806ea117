// Self-play: a team that is played by the policies of another team of the same run, as they are, or by earlier copies of them.
import { ConfigError, unknownName } from '../errors.ts'
import { count, ratio } from '../settings/option.ts'
import type { AgentSpec } from '../types.ts'
import type { SelfPlay } from './config/self-play-name.ts'
import type { Described } from './config/team-settings.ts'

/** Settings of a team that is played by earlier copies of another one's policies: `team.<team>.<option>`. */
export const pastPlay = {
  id: 'past',
  options: {
    pastEvery: count(500, { min: 1 }, 'training episodes between two copies of the policies that are kept'),
    pastKept: count(20, { min: 1 }, 'newest copies that are kept'),
    pastLatest: ratio(
      0.5,
      'share of episodes against the policies as they are when an episode begins; the others: against any copy, each as likely',
    ),
  },
} as const satisfies Described

/**
 * @param learning Teams that learn by an algorithm.
 * @throws ConfigError at `team.<team>` where there is no such team to play as, where it does not learn by an algorithm, and where the two
 * have not as many agents, with the same spaces
 */
export function refuseUnfitSelfPlay(
  agents: readonly AgentSpec[],
  team: string,
  { kind, of }: SelfPlay,
  learning: ReadonlySet<string>,
): void {
  const path = `team.${team}`
  const others = [...learning].filter(other => other !== team)
  if (!others.includes(of)) {
    const teams = new Set(agents.map(agent => agent.team))
    const known = others.length === 0 ? 'none does' : others.join(', ')
    throw new ConfigError(
      path,
      teams.has(of)
        ? `${kind}:${of}: expected another team that learns by an algorithm of its own (${known}), got '${of}'`
        : unknownName('team', of, others),
    )
  }
  const [own, theirs] = [team, of].map(name => agents.filter(agent => agent.team === name)) as [
    AgentSpec[],
    AgentSpec[],
  ]
  if (own.length !== theirs.length) {
    throw new ConfigError(
      path,
      `${kind}:${of}: expected as many agents as in ${of}, ${theirs.length}, got ${own.length} in ${team}`,
    )
  }
  own.forEach((agent, i) => {
    const difference = spaceDifference(agent, theirs[i]!)
    if (difference !== null) throw new ConfigError(path, `${kind}:${of}: ${difference}`)
  })
}

/** How the spaces of two agents differ; null: one policy can play both. */
function spaceDifference(agent: AgentSpec, other: AgentSpec): string | null {
  const facts = ({ observationParts, actionSpace }: AgentSpec): [string, string][] => [
    ['observation', observationParts.map(({ size }) => size).join(' + ')],
    ['actions', actionSpace.map(({ name: _, ...space }) => JSON.stringify({ ...space, names: undefined })).join(', ')],
  ]
  const [own, theirs] = [facts(agent), facts(other)]
  const index = own.findIndex(([, fact], i) => fact !== theirs[i]![1])
  if (index < 0) return null
  const [what] = own[index]!
  return `expected the ${what} of ${other.id} for ${agent.id}, ${theirs[index]![1]}, got ${own[index]![1]}`
}
