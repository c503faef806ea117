// Exhibitions of runs: their games for viewers, played by the latest actors, by those of a checkpoint, or by baselines.

import { agentsOf } from '../envs/game-agents.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import { ConfigError, unknownName } from '../errors.ts'
import { baselinesOf, baselineTeamPolicies } from '../exhibition/baseline-setup.ts'
import { refuseIncompatible } from '../exhibition/compatibility.ts'
import type { ExhibitionSetup, TeamPolicies } from '../exhibition/setup.ts'
import type { RunFolder } from '../experiment/run-folder.ts'
import type { Member } from '../learning/member.ts'
import type { Saved } from '../types.ts'
import { isBaseline, trainedPolicies, untaughtName } from './policies.ts'
import type { Members, Run } from './run.ts'
import { createWrittenPolicy } from './written-policy.ts'

/** The checkpoints of a run that viewers watch. */
export interface Checkpoints {
  /** Oldest first. */
  names(): readonly string[]
  /** What the learners saved. @throws FileError */
  read(name: string): Saved
}

/** What an exhibition needs of a run. */
export type ExhibitedRun = Pick<
  Run,
  'config' | 'settings' | 'definition' | 'agents' | 'roster' | 'parts' | 'createMembers' | 'otherAgents'
>

const latest = 'latest'
const best = 'best'

/** All checkpoints that the folder of a run keeps, named by their episodes, and the best one. */
export function checkpointsOf(folder: Pick<RunFolder, 'hasBest' | 'checkpoints' | 'readCheckpoint'>): Checkpoints {
  return {
    names: () => [...(folder.hasBest ? [best] : []), ...folder.checkpoints.map(String)],
    read: name => folder.readCheckpoint(tensor => tensor.startsWith('learners/'), name === best ? best : Number(name)),
  }
}

/**
 * `seed` stands for the first episode; absent: the run's.
 * @example
 * ```ts
 * import { createExhibition, createRun, createSession, initialSession, runSetup } from 'marlstrom'
 * import { firstValueFrom } from 'rxjs'
 *
 * const run = await createRun({ scenario: { id: 'simple' }, run: { seed: 1, threads: 1 } })
 * const about = { scenario: 'simple', algorithm: 'maddpg', seed: 1, preset: 'openai', folder: null }
 * const show = createExhibition(runSetup(run), createSession(initialSession(about, 'playing', run, null)))
 * console.log((await firstValueFrom(show.moments$)).frame.step) // 0
 * run.dispose()
 * ```
 */
export function runSetup(run: ExhibitedRun, checkpoints?: Checkpoints, seed = run.config.run.seed): ExhibitionSetup {
  const { id: _, ...options } = run.settings.scenario!
  /** By team: members apart from those that learn, and the checkpoint that they stand at. */
  const standIns = new Map<string, { readonly members: Members; name: string }>()

  /** The members of a team as they were. @throws ConfigError, FileError */
  const standIn = (team: string, name: string): Members => {
    let found = standIns.get(team)
    if (found?.name === name) return found.members
    if (!checkpoints?.names().includes(name)) {
      const known = [latest, ...(checkpoints?.names() ?? [])]
      throw new ConfigError('play', unknownName('player', name, known))
    }
    const saved = checkpoints.read(name)
    found ??= { members: run.createMembers(), name }
    found.members.restore(saved)
    found.name = name
    standIns.set(team, found)
    return found.members
  }
  /** The team in a game in which it has other agents, or sees other numbers of them. */
  const otherTeam = (trained: ExhibitedRun, agents: readonly number[], game: MarkovGame): TeamPolicies => {
    const specs = agents.map(agent => game.agents[agent]!)
    const { roster, parts, refresh } = trained.otherAgents(specs, 'play', trained)
    return {
      policies(seed) {
        refresh()
        return trainedPolicies({ ...trained, agents: specs, roster, parts }, `exhibition/${seed}`, [game])
      },
      members: agents.map(() => null),
    }
  }
  const teamLearns = (team: string) => run.agents.some((agent, i) => agent.team === team && run.parts[i]!.learns)

  return {
    definition: run.definition,
    options,
    seed,
    choices(team, game) {
      const baselines = baselinesOf(game)
      const part = run.parts[run.agents.findIndex(agent => agent.team === team)]
      // A team that the run trains against chance is played by chance.
      if (part === undefined) return baselines
      if (part.baseline !== null) return [...new Set([untaughtName(part.baseline), ...baselines])]
      return [latest, ...(teamLearns(team) ? [...(checkpoints?.names() ?? [])].reverse() : []), ...baselines]
    },
    teamPolicies(who, agents, game): TeamPolicies {
      if (isBaseline(who)) return baselineTeamPolicies(who, agents, game)
      const written = run.parts[agents[0]!]?.baseline ?? null
      if (written !== null && typeof written !== 'string' && written.policy.id === who) {
        return {
          policies: seed =>
            agents.map(agent => createWrittenPolicy(written, agentsOf(game), agent, [seed, `exhibition/${who}`])),
          members: agents.map(() => null),
        }
      }
      const team = game.agents[agents[0]!]!.team
      const roster: readonly Member[] = who === latest ? run.roster : standIn(team, who).roster
      if (isResized(run.agents, team, game)) return otherTeam({ ...run, roster }, agents, game)
      for (const agent of agents) refuseIncompatible(run.agents, agent, game)
      return {
        policies(seed) {
          const all = trainedPolicies({ ...run, roster }, `exhibition/${seed}`, [game])
          return agents.map(agent => all[agent]!)
        },
        members: agents.map(agent => roster[agent]!),
      }
    },
  }
}

/** Whether a team has other agents than were trained, has them elsewhere in the game, or sees sets of other sizes. */
function isResized(trained: ExhibitedRun['agents'], team: string, game: MarkovGame): boolean {
  const ofTeam = (agents: ExhibitedRun['agents']) =>
    agents.flatMap((agent, index) => (agent.team === team ? [`${index} ${agent.id}`] : [])).join()
  if (ofTeam(trained) !== ofTeam(game.agents)) return trained.some(agent => agent.team === team)
  return game.agents.some(
    (agent, index) =>
      agent.team === team &&
      agent.observationSize !== trained[index]!.observationSize &&
      agent.observationParts.some(({ piece }) => piece !== undefined),
  )
}
