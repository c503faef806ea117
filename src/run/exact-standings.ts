// Where a run stands in a game in turns, exactly: how often its teams win, draw and lose against themselves, the script and chance.
import { exactResult, type TurnPolicy } from '../analysis/exact-result.ts'
import { pigWinRate } from '../analysis/pig-chances.ts'
import { actorTurns, evenChances, scriptedTurns } from '../analysis/turn-policies.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import { ConfigError } from '../errors.ts'
import type { EvaluationMode } from '../experiment/evaluate.ts'
import { pig, pigPolicyOf } from '../games/pig.ts'
import { gameOf } from './find-game.ts'
import type { Run } from './run.ts'
import { learntTeams } from './standings.ts'

/** How a team does against another one, in one seat. */
export interface ExactStanding {
  readonly team: string
  readonly mode: EvaluationMode
  readonly against: 'trained' | 'scripted' | 'random'
  /** Who moves first: `player_0`; null: the game has no such option. */
  readonly begins: string | null
  readonly won: number
  readonly drawn: number
  readonly lost: number
}

type Judged = Pick<Run, 'agents' | 'roster' | 'parts' | 'config' | 'definition' | 'source'>

/**
 * Exact win rates of the teams that learnt, in every mode; the other one plays as trained in the same mode, by the script where there is
 * one, or by chance (opponents that are drawn from past copies are left out). Games without chance are played in full; Pig is solved, without its time limit.
 * @throws ConfigError at `--exact` where the game is no game of two agents in turns, or has other chance
 */
export function exactStandings(run: Judged, modes: readonly EvaluationMode[]): ExactStanding[] {
  const begins = 'begins' in run.definition.options ? run.agents.map(({ id }) => id) : [null]
  const rates = ratesOf(run)
  const trained = modes.map(mode => ({ mode, policies: run.agents.map((_, agent) => trainedTurns(run, agent, mode)) }))
  const scripted = rates.hasScript ? [['scripted', scriptedTurns] as const] : []
  return learntTeams(run).flatMap(team => {
    const own = run.agents.findIndex(agent => agent.team === team)
    return trained.flatMap(({ mode, policies }) => {
      const mine = policies[own] ?? refuseMemory(run.agents[own]!.id)
      const partner = policies[1 - own] ?? null
      const asTrained = partner === null ? [] : [['trained', partner] as const]
      const others = [...asTrained, ...scripted, ['random', evenChances] as const]
      return others.flatMap(([against, other]) =>
        begins.map(who => {
          const pair = own === 0 ? ([mine, other] as const) : ([other, mine] as const)
          const { wins, draws } = rates.of(pair, who)
          return { team, mode, against, begins: who, won: wins[own]!, drawn: draws, lost: wins[1 - own]! }
        }),
      )
    })
  })
}

interface Rates {
  readonly hasScript: boolean
  of(
    policies: readonly [TurnPolicy, TurnPolicy],
    begins: string | null,
  ): { readonly wins: readonly [number, number]; readonly draws: number }
}

function ratesOf({ definition, source, config, agents }: Judged): Rates {
  const create = (begins: string | null): MarkovGame =>
    gameOf({ ...config, scenario: { ...config.scenario, ...(begins === null ? {} : { begins }) } }, definition)()
  const first = create(null)
  const hasScript = first.script !== undefined
  if (agents.length !== 2) {
    throw new ConfigError(
      '--exact',
      `expected a game of two agents in turns, got ${agents.length} agents in ${first.id}`,
    )
  }
  // A user's file may be about another Pig.
  if (definition.id !== pig.id || source !== null) {
    return {
      hasScript,
      of(policies, begins) {
        try {
          return exactResult(create(begins), policies)
        } catch (error) {
          if (!(error instanceof TypeError)) throw error
          throw new ConfigError('--exact', error.message)
        }
      },
    }
  }
  const goal = Number(config.scenario.goal ?? pig.options.goal!.default)
  const asked = new Map<TurnPolicy, ReturnType<typeof pigPolicyOf>[]>()
  const pigPolicy = (policy: TurnPolicy, agent: number) => {
    const known = asked.get(policy) ?? []
    asked.set(policy, known)
    return (known[agent] ??= pigPolicyOf(first, agent, policy, goal))
  }
  return {
    hasScript,
    of(policies, begins) {
      const rate = pigWinRate(pigPolicy(policies[0], 0), pigPolicy(policies[1], 1), goal)
      const won = begins === 'player_1' ? rate.second : rate.first
      return { wins: [won, 1 - won], draws: 0 }
    },
  }
}

/** Null: what it does is no function of what it sees, as of one that remembers, or is drawn from past copies. */
function trainedTurns({ roster, parts }: Judged, agent: number, mode: EvaluationMode): TurnPolicy | null {
  const { baseline } = parts[agent]!
  if (baseline === 'scripted') return scriptedTurns
  if (baseline === 'random') return evenChances
  const { actor, createPolicy } = roster[agent]!
  if (baseline !== null || createPolicy !== undefined || actor.carries.length > 0) return null
  return actorTurns({ actor, mode })
}

function refuseMemory(id: string): never {
  throw new ConfigError('--exact', `expected policies that go by what they see alone; ${id} remembers`)
}
