// Trained runs in games with teams of other sizes: whose weights who gets, that they act as they did, and what is refused.
import { describe, expect, it } from 'vitest'
import { evaluate } from '../../src/experiment/evaluate.ts'
import { type GameOptions, gameOptions, inGame } from '../../src/run/in-game.ts'
import { evaluationOf, type Run } from '../../src/run/run.ts'
import { runSetup } from '../../src/run/run-setup.ts'
import type { Matrix } from '../../src/types.ts'
import { expectClose } from '../support/matrices.ts'
import { tinyRun } from '../support/tiny-config.ts'

const sets = { scenario: { see: 'sets' }, learner: { shareParameters: true, identity: false } }
const nearest = { scenario: { agentNeighbors: 1, landmarkNeighbors: 2 }, learner: sets.learner }

const matrix = (numbers: readonly number[]): Matrix => ({
  rows: 1,
  columns: numbers.length,
  data: Float32Array.from(numbers),
})

function playing(run: Run, options: GameOptions) {
  return { ...run, ...inGame(run, options) }
}

describe('a run in a game with other numbers of agents', () => {
  it.each([sets, nearest])('is played by weights that all members of its team have: %o', async settings => {
    const run = await tinyRun(settings)
    for (const agents of [2, 5]) {
      const other = playing(run, { agents })
      expect(other.agents).toHaveLength(agents)
      for (const { actor } of other.roster) {
        expect(actor.networks[0]!.parameters).toEqual(run.roster[0]!.actor.networks[0]!.parameters)
      }
      expect(other.settings.scenario).toMatchObject({ agents, maxCycles: 10 })
      const { returns } = evaluate(evaluationOf(other, 'trained', 'sample', 50))
      expect(Object.keys(returns)).toEqual(other.agents.map(({ id }) => id))
    }
  })

  it('acts as before where the further pieces of sets are not there', async () => {
    const run = await tinyRun(sets)
    const other = playing(run, { agents: 4 })
    const own = [0.1, -0.2, 0.3, 0.4]
    const [landmarks, others] = [
      [1, 0.5, 0.6, 1, -0.7, 0.8, 1, 0.1, 0.2],
      [1, -0.3, 0.2, 1, 0.9, -0.1],
    ]
    const few = matrix([...own, ...landmarks!, ...others!])
    const many = matrix([...own, ...landmarks!, 0, 0, 0, ...others!, 0, 0, 0])
    const before = Float32Array.from(run.roster[1]!.actor.distribution(few).data)
    expectClose(other.roster[3]!.actor.distribution(many).data, before, 1e-6)
  })

  it('remembers, and plays with sub-policies', async () => {
    const run = await tinyRun({ ...sets, learner: { ...sets.learner, subPolicies: 2 }, network: { memory: 3 } })
    const other = playing(run, { agents: 4 })
    expect(other.roster[3]!.actor.subPolicies).toHaveLength(2)
    expect(evaluate(evaluationOf(other, 'trained', 'sample', 50)).episodes).toBe(50)
  })

  it('leaves teams that nobody trained as they are, and gives namesakes their own weights', async () => {
    const team = { agent: 'noop' } as const
    const run = await tinyRun({
      scenario: { id: 'simple_tag', agentNeighbors: 2, landmarkNeighbors: 2 },
      team,
      ...{ learner: sets.learner },
    })
    const other = playing(run, { adversaries: 5 })
    expect(other.parts.at(-1)!.baseline).toBe('noop')
    expect(new Set(other.roster.slice(0, 5).map(({ actor }) => actor.networks[0]))).toEqual(
      new Set([run.roster[0]!.actor.networks[0]]),
    )
    const alone = await tinyRun({ scenario: { id: 'simple_tag', agentNeighbors: 2, landmarkNeighbors: 2 } })
    const longer = playing(alone, { maxCycles: 7 })
    expect(longer.roster).toBe(alone.roster)
    expect(longer.createGame().agents).toEqual(alone.agents)
  })

  it('is shown: viewers may change the number of agents, and see earlier checkpoints play', async () => {
    const run = await tinyRun(sets)
    const setup = runSetup(run)
    const game = setup.definition.create({ ...setup.options, agents: 4 })
    const { policies, members } = setup.teamPolicies('latest', [0, 1, 2, 3], game)
    expect(policies(1)).toHaveLength(4)
    expect(members).toEqual([null, null, null, null])
    const other = playing(run, { agents: 4 })
    const earlier = other.createMembers()
    earlier.restore({ learners: Object.fromEntries(run.agents.map(({ id }, i) => [id, run.roster[i]!.save()])) })
    expect(earlier.roster[3]!.actor.networks[0]!.parameters).toEqual(run.roster[0]!.actor.networks[0]!.parameters)
  })

  const refused: readonly [string, object, GameOptions, RegExp][] = [
    [
      'networks of their own',
      { scenario: nearest.scenario },
      { agents: 4 },
      /^scenario\.agents: team 'agent' was trained with 3 agents and would have 4, but its agents have networks of their own, none for agent_\d; train it with learner\.shareParameters=true and learner\.identity=false$/,
    ],
    [
      'networks that are told who they are',
      { ...nearest, learner: { shareParameters: true } },
      { agents: 2 },
      /^scenario\.agents: team 'agent' .* its networks are told which of its 3 agents they play; train it with learner\.identity=false$/,
    ],
    [
      'observations that grow',
      { learner: sets.learner },
      { agents: 5 },
      /^scenario\.agents: .*: agent_0 has 'landmarks' of 10 numbers where agent_0 was trained with 'landmarks' of 6 numbers; what networks read must not depend on the number of agents: train with observations of the nearest few alone, or of sets$/,
    ],
    [
      'other actions',
      sets,
      { rules: 'mpe2' },
      /^scenario\.rules: agent_0 has actions .* where agent_0 was trained with actions/,
    ],
    ['an option that there is not', sets, { agent: 4 }, /scenario\.agent/],
  ]
  it.each(refused)('is refused by name: %s', async (_, settings, options, message) => {
    const run = await tinyRun(settings)
    expect(() => inGame(run, options)).toThrow(message)
  })

  it('changes nothing but options of the scenario', () => {
    expect(gameOptions({ scenario: { agents: 4 } })).toEqual({ agents: 4 })
    expect(() => gameOptions({ learner: { gamma: 0.5 } })).toThrow(
      /^learner\.gamma: cannot change where a trained run plays; expected an option of its scenario/,
    )
    expect(() => gameOptions({ scenario: { id: 'simple' } })).toThrow(/^scenario\.id: cannot change/)
  })
})
