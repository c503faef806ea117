// Where a run stands: its trained teams beside chance, doing nothing and a script, in the same evaluation episodes.
import { atOnce } from '../engine/carry-out.ts'
import {
  type Evaluation,
  type EvaluationMode,
  estimatesOf,
  type Played,
  playing,
  type Returns,
  summarised,
} from '../experiment/evaluate.ts'
import { type Baseline, evaluationOf, type PolicyKind } from './policies.ts'
import type { Run } from './run.ts'

/** One way to play the episodes. */
export interface Standing {
  readonly policy: PolicyKind
  /** The team that it plays, while all others play as trained; null: every team plays as trained. */
  readonly team: string | null
  readonly evaluation: Evaluation
  /** What the run gets more as trained, in the first mode and in the same episodes (paired differences); null: this is it. */
  readonly lead: Returns | null
}

/** How a run is judged by `standingsOf`: in which modes, over how many episodes, beside which baselines. */
export interface StandingsRequest {
  /** All are played as trained; baselines play beside the first, which everything is compared with. */
  readonly modes: readonly [EvaluationMode, ...EvaluationMode[]]
  readonly episodes: number
  readonly seed: number
  readonly baselines: boolean
}

type Evaluated = Pick<Run, 'agents' | 'roster' | 'parts' | 'config' | 'createGame'>

/** The run as trained, mode by mode; then each team that learnt played by the scenario's script (where it ships one), nothing, chance. */
export function standingsOf(run: Evaluated, request: StandingsRequest): Standing[] {
  return atOnce(playingStandings(run, request))
}

/** The same bit by bit, so that others have their turn in between. */
export function* playingStandings(
  run: Evaluated,
  { modes, episodes, seed, baselines }: StandingsRequest,
): Generator<void, Standing[]> {
  const entries = modes.map(mode => ({ policy: 'trained' as PolicyKind, team: null as string | null, mode }))
  if (baselines) {
    const kinds = baselinesOf(run)
    for (const team of learntTeams(run)) for (const policy of kinds) entries.push({ policy, team, mode: modes[0] })
  }
  const played: Played[] = []
  for (const { policy, team, mode } of entries) {
    played.push(yield* playing(evaluationOf(run, policy, mode, episodes, seed, team)))
  }
  return entries.map(({ policy, team, mode }, i) => ({
    policy,
    team,
    evaluation: summarised(played[i]!, mode),
    lead: i === 0 ? null : leadOf(played[0]!, played[i]!),
  }))
}

/** Teams that learnt, in agent order. */
export function learntTeams({ agents, parts }: Pick<Run, 'agents' | 'parts'>): string[] {
  return [...new Set(agents.filter((_, index) => parts[index]!.learns).map(({ team }) => team))]
}

/** What one gets more than the other, episode by episode. */
function leadOf({ agents, returns }: Played, other: Played): Returns {
  const differences = returns.map((own, episode) => own.map((value, agent) => value - other.returns[episode]![agent]!))
  return estimatesOf({ agents, returns: differences })
}

function baselinesOf(run: Pick<Run, 'createGame'>): readonly Baseline[] {
  return run.createGame().script === undefined ? ['noop', 'random'] : ['scripted', 'noop', 'random']
}
