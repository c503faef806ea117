// Which tag a figure of a metrics line has in TensorBoard, and what it says about unit and scale.
import { meanings } from '../figures.ts'
import type { AgentSpec } from '../types.ts'
import type { Scalar } from './event.ts'

/** What stands in a line of metrics.jsonl. */
type Line = Readonly<Record<string, number>>

/** Turns the lines of a run into scalars under stable tags; numbers that are none, as before the first episode, are left out. */
export function createTags(agents: readonly Pick<AgentSpec, 'id' | 'team'>[]): (line: Line) => Scalar[] {
  const teams = teamsOf(agents)
  return line => {
    const scalars = Object.entries(line).flatMap(([key, value]) => (key === 'envSteps' ? [] : [scalarOf(key, value)]))
    const ofTeams = Object.entries(returns).flatMap(([key, { tag, name, scale }]) =>
      [...teams].map(([team, ids]) => ({
        tag: `${tag}/${team}`,
        value: ids.reduce((sum, id) => sum + line[`${key}/${id}`]!, 0) / ids.length,
        description: `${name} of team ${team}, mean over its agents (${ids.join(', ')}): ${scale}`,
      })),
    )
    return [...scalars, ...ofTeams].filter(({ value }) => Number.isFinite(value))
  }
}

/** Ids of each team's agents; a team that is called like an agent has no tag of its own. */
function teamsOf(agents: readonly Pick<AgentSpec, 'id' | 'team'>[]): Map<string, string[]> {
  const teams = new Map<string, string[]>()
  for (const { id, team } of agents) teams.set(team, [...(teams.get(team) ?? []), id])
  for (const { id } of agents) teams.delete(id)
  return teams
}

/** Returns by the beginning of their key in a line. */
const returns: Readonly<Record<string, { readonly tag: string; readonly name: string; readonly scale: string }>> = {
  return: {
    tag: 'episode/return',
    name: 'Training return',
    scale: 'per agent, per episode, mean of the last 1,000 training episodes, exploration included.',
  },
  'evaluation/return': {
    tag: 'evaluation/return',
    name: 'Evaluation return',
    scale: 'per agent, per episode, mean of run.evaluateEpisodes episodes with fixed seeds, without learning.',
  },
}

function scalarOf(key: string, value: number): Scalar {
  const counter = counters[key]
  if (counter !== undefined) return { ...counter, value }
  const [, name = key, agent = 'all'] = /^((?:evaluation\/)?[^/]*)\/(.*)$/s.exec(key) ?? []
  const ofReturn = returns[name]
  if (ofReturn !== undefined) {
    const { tag, name: kind, scale } = ofReturn
    return { tag: `${tag}/${agent}`, value, description: `${kind} of ${agent}: ${scale}` }
  }
  const measured = measures[name]
  if (measured !== undefined) {
    return {
      tag: `${words(name)}/${agent}`,
      value,
      description: `What the scenario measures as ${agent}, ${measured}.`,
    }
  }
  if (name === 'operator')
    return { tag: key, value, description: `What an operator of the run says of itself: ${agent}.` }
  const path = name.endsWith('Loss') ? `loss/${words(name.slice(0, -'Loss'.length))}` : `learner/${words(name)}`
  const description = `${meanings[name] ?? name} of ${agent}, mean over its updates since the line before.`
  return { tag: `${path}/${agent}`, value, description }
}

/** `secondCritic` as `second_critic`. */
function words(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase()
}

/** Figures of the scenario by the beginning of their key in a line. */
const measures: Readonly<Record<string, string>> = {
  'evaluation/metric': 'mean over the steps of the evaluation episodes',
  'evaluation/finalMetric': 'at the last step, mean over the evaluation episodes',
}

const counters: Readonly<Record<string, Omit<Scalar, 'value'>>> = {
  episodes: { tag: 'progress/episodes', description: 'Training episodes finished.' },
  updates: {
    tag: 'progress/updates',
    description: 'Update rounds finished: in a round every agent learns once, or learns from one rollout.',
  },
  actors: { tag: 'progress/actors', description: 'Actors that play the games.' },
  reproducible: {
    tag: 'progress/reproducible',
    description: '0: the bits depend on which actors were faster (run.actorOrder=arrival).',
  },
  'lag/mean': {
    tag: 'learner/lag/mean',
    description: `${meanings.lag}, mean over the trajectories since the line before.`,
  },
  'lag/max': { tag: 'learner/lag/max', description: `${meanings.lag}, the most since the line before.` },
  'time/seconds': { tag: 'time/seconds', description: 'Seconds of training so far, resumed runs together.' },
  'time/evaluation': { tag: 'time/evaluation', description: 'Seconds that the evaluation of this line took.' },
  'time/env_steps_per_s': {
    tag: 'time/env_steps_per_s',
    description: 'Environment steps per second since the line before, learning included.',
  },
  'time/update_ms': {
    tag: 'time/update_ms',
    description: 'Milliseconds of an update round, mean over the rounds since the line before.',
  },
}
