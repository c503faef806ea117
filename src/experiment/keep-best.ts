// Which actors count as a run's best: by whose return, in training or in evaluations; and a mean that says nothing, as in zero-sum games.
import { ConfigError, unknownName } from '../errors.ts'
import type { AgentSpec } from '../types.ts'

/** What the best actors are chosen by. */
export interface BestChoice {
  /** training: the training return; evaluation: the return in evaluations while it is trained. */
  readonly by: 'training' | 'evaluation'
  /** Whose mean return counts, by index. */
  readonly agents: readonly number[]
  /** Whether those are all. */
  readonly ofAll: boolean
}

/**
 * What `run.keepBest` asks for: `return` (or true) and `evaluation`, of all agents, or of a team or an agent as in `return/adversary`;
 * null: no best actors are kept.
 * @throws ConfigError where nobody is called so
 */
export function bestChoice(keepBest: boolean | string, agents: readonly AgentSpec[]): BestChoice | null {
  if (keepBest === false) return null
  const [measure, of] = keepBest === true ? ['return'] : split(keepBest)
  const all = agents.map((_, index) => index)
  const found = all.filter(index => of === undefined || agents[index]!.team === of || agents[index]!.id === of)
  if (found.length === 0) {
    const known = [...new Set(agents.flatMap(({ team, id }) => [team, id]))]
    throw new ConfigError('run.keepBest', unknownName('team or agent', of!, known))
  }
  return { by: measure === 'evaluation' ? 'evaluation' : 'training', agents: found, ofAll: found.length === all.length }
}

/** @throws ConfigError for a choice that can never be made */
export function refuseWrongBest(
  { keepBest, evaluateEvery }: { readonly keepBest: boolean | string; readonly evaluateEvery: number },
  agents: readonly AgentSpec[],
): void {
  if (bestChoice(keepBest, agents)?.by !== 'evaluation' || evaluateEvery > 0) return
  throw new ConfigError(
    'run.keepBest',
    `'${keepBest}' needs evaluations while the run is trained; set run.evaluateEvery`,
  )
}

/** Mean return of the agents that count. */
export function meanOf({ agents }: BestChoice, returns: readonly number[]): number {
  return agents.reduce((sum, index) => sum + returns[index]!, 0) / agents.length
}

/** Lines of returns that must agree. */
const enough = 5

/**
 * Watches returns, agent by agent, for a sum that stays the same while they change, as in a zero-sum game: by its mean no actors are
 * better than others. Says so once, as a sentence.
 */
export function createConstantSumWatch(choice: BestChoice): (returns: readonly number[]) => string | null {
  const seen: (readonly number[])[] = []
  let isOver = !choice.ofAll || choice.agents.length === 1
  return returns => {
    if (isOver || returns.length === 0 || returns.some(value => !Number.isFinite(value))) return null
    seen.push(returns)
    if (!isConstant(seen)) isOver = true
    if (isOver || seen.length < enough || !changes(seen)) return null
    isOver = true
    const kind = choice.by === 'training' ? 'return' : 'evaluation'
    return (
      `run.keepBest: the returns of all agents always sum to ${Number(sumOf(returns).toFixed(6))}, so that the best by their mean are chosen by rounding ` +
      `alone; say whose return counts, as run.keepBest=${kind}/<team>`
    )
  }
}

function isConstant(lines: readonly (readonly number[])[]): boolean {
  const [first, last] = [lines[0]!, lines.at(-1)!]
  return Math.abs(sumOf(first) - sumOf(last)) <= 1e-6 * Math.max(sizeOf(first), sizeOf(last))
}

/** Whether somebody's return is another one than at first. */
function changes(lines: readonly (readonly number[])[]): boolean {
  const first = lines[0]!
  return lines.some(line => line.some((value, index) => Math.abs(value - first[index]!) > 1e-3 * sizeOf(first)))
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

function sizeOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + Math.abs(value), 0)
}

function split(text: string): [string, string | undefined] {
  const slash = text.indexOf('/')
  return slash < 0 ? [text, undefined] : [text.slice(0, slash), text.slice(slash + 1)]
}
