// Where a run stands: who plays what, in the same episodes, and by how much the trained teams are ahead.
import { describe, expect, it } from 'vitest'
import { standingsText } from '../../src/cli/evaluate/standings-text.ts'
import { evaluate, play } from '../../src/experiment/evaluate.ts'
import { evaluationOf } from '../../src/run/run.ts'
import { learntTeams, type Standing, standingsOf } from '../../src/run/standings.ts'
import { tinyRun } from '../support/tiny-config.ts'

const request = { modes: ['sample', 'greedy'], episodes: 50, seed: 3, baselines: true } as const
const names = (standings: readonly Standing[]) =>
  standings.map(({ policy, team, evaluation }) => `${policy} ${team} ${evaluation.mode}`)

describe('the standings of a run', () => {
  it('are the run in every mode and its baselines, each as an evaluation alone has it', async () => {
    const run = await tinyRun()
    const standings = standingsOf(run, request)
    expect(names(standings)).toEqual([
      'trained null sample',
      'trained null greedy',
      'scripted agent sample',
      'noop agent sample',
      'random agent sample',
    ])
    for (const { policy, evaluation } of standings)
      expect(evaluation).toEqual(evaluate(evaluationOf(run, policy, evaluation.mode, 50, 3)))
  })

  it('put one team at a time in the place of a baseline', async () => {
    const run = await tinyRun({ scenario: { id: 'simple_tag', maxCycles: 10 } })
    const standings = standingsOf(run, { ...request, modes: ['greedy'] })
    expect(names(standings)).toEqual([
      'trained null greedy',
      ...['adversary', 'agent'].flatMap(team =>
        ['scripted', 'noop', 'random'].map(policy => `${policy} ${team} greedy`),
      ),
    ])
    const of = (policy: string, team: string) => standings.find(s => s.policy === policy && s.team === team)!.evaluation
    // The prey are paid for nothing but being caught, and hunters that stand still catch less.
    expect(of('noop', 'adversary').teams.agent!.mean).not.toBe(of('noop', 'agent').teams.agent!.mean)
    expect(of('scripted', 'adversary').teams.adversary!.mean).toBeGreaterThan(
      of('noop', 'adversary').teams.adversary!.mean,
    )
  })

  it('leave teams that did not learn as they were', async () => {
    const run = await tinyRun({ scenario: { id: 'simple_tag', maxCycles: 10 }, team: { agent: 'scripted' } })
    expect(learntTeams(run)).toEqual(['adversary'])
    expect(names(standingsOf(run, { ...request, modes: ['sample'] }))).toEqual([
      'trained null sample',
      ...['scripted', 'noop', 'random'].map(policy => `${policy} adversary sample`),
    ])
  })

  it('pair their leads episode by episode, which knows more than two intervals', async () => {
    const run = await tinyRun()
    const [own, , , noop] = standingsOf(run, request) as [Standing, Standing, Standing, Standing]
    expect(own.lead).toBeNull()
    const [a, b] = [own, noop].map(({ policy }) => play(evaluationOf(run, policy, 'sample', 50, 3)).returns)
    const differences = a!.map((values, episode) => values[0]! - b![episode]![0]!)
    const mean = differences.reduce((x, y) => x + y) / differences.length
    const lead = noop.lead!.returns.agent_0!
    expect(lead.mean).toBeCloseTo(mean, 9)
    expect(lead.mean).toBeCloseTo(own.evaluation.returns.agent_0!.mean - noop.evaluation.returns.agent_0!.mean, 9)
    // The same worlds: what they have in common is no part of the difference.
    const unpaired = Math.hypot(
      own.evaluation.returns.agent_0!.standardError,
      noop.evaluation.returns.agent_0!.standardError,
    )
    expect(lead.standardError).toBeLessThan(0.8 * unpaired)
  })

  it('need no baselines', async () => {
    const run = await tinyRun()
    expect(names(standingsOf(run, { ...request, baselines: false }))).toEqual([
      'trained null sample',
      'trained null greedy',
    ])
  })
})

describe('as a table', () => {
  const text = async (overrides: Parameters<typeof tinyRun>[0], more: Partial<typeof request> = {}) => {
    const run = await tinyRun(overrides)
    return standingsText(standingsOf(run, { ...request, ...more }), run.agents, learntTeams(run), {
      markdown: true,
      metrics: true,
    })
  }

  it('has one row per policy where all agents have the same', async () => {
    const table = await text({})
    expect(table).toContain('| policy | return | 95 % interval | ahead by | 95 % interval |')
    for (const policy of ['trained, best guess', 'scripted controller', 'doing nothing', 'random actions']) {
      expect(table).toMatch(
        new RegExp(`\\| ${policy} \\| -\\d+\\.\\d+ \\| -[\\d.]+ \\.\\.\\. -[\\d.]+ \\| -?[\\d.]+ \\|`),
      )
    }
    expect(table).toMatch(/\| trained, sampling \| -[\d.]+ \| .* \| {2}\| {2}\|/)
    expect(table).toContain('mean of 50 evaluation episodes')
    expect(table).toMatch(/Mean over the steps of an episode.*\n\n\| policy \| collisions/)
    expect(table).not.toContain('Team')
  })

  it('has a part for each team that learnt, and agents one by one where they differ', async () => {
    const table = await text({ scenario: { id: 'simple_adversary', maxCycles: 10 } })
    expect(table).toContain('Team adversary (adversary_0); the others as trained:')
    expect(table).toContain('Team agent (agent_0, agent_1: each has the same); the others as trained:')
    expect(table).toContain('random actions: adversary')
    const foraging = await text({ scenario: { id: 'foraging', maxCycles: 10 } })
    expect(foraging).toMatch(/Team \w+ \(.*: their mean\):/)
    expect(foraging).toMatch(/\| policy \| \w+_0 \| \w+_1 \|/)
  })

  it('says who did not learn', async () => {
    const table = await text({ scenario: { id: 'simple_tag', maxCycles: 10 }, team: { agent: 'random' } })
    expect(table).toContain('In every row the same: agent_0, who did not learn.')
  })
})
