// COMA: advantages without a mean, the gradient of a central V in expectation, targets of TD(lambda), and that it learns and resumes.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { alternativesOf } from '../../src/agents/alternatives.ts'
import type { TeamLearner, UpdateFigures } from '../../src/learning/team-learner.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { coma } from '../../src/policy-gradient/coma.ts'
import { actionTargets, counterfactualAdvantages, probabilitiesOf } from '../../src/policy-gradient/counterfactual.ts'
import type { Trajectory } from '../../src/rollout/trajectory.ts'
import { copySaved } from '../../src/saved.ts'
import { type ActionSpace, actionSize } from '../../src/spaces.ts'
import type { Matrix, Saved, SavedTensor } from '../../src/types.ts'
import { agentsOf } from '../support/joint-steps.ts'
import { expectClose } from '../support/matrices.ts'
import { expectSecretFollowed, followSecret, playRounds } from '../support/paying-games.ts'
import { type Moment, recordedStep } from '../support/recorded-steps.ts'
import { expectResumesAnywhere } from '../support/resumes-anywhere.ts'
import type { TinyGameOptions } from '../support/tiny-game.ts'
import { plainDescent, type TeamOptions, teamContext, tinyTeam } from '../support/tiny-team.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

const three: ActionSpace = [{ name: 'choose', kind: 'choice', size: 3, soft: true }]
const moveAndSay: ActionSpace = [...three, { name: 'say', kind: 'choice', size: 2, soft: true }]
const brisk = { learningRate: 0.01, gamma: 0.9, rolloutSteps: 8 }
/** Both are paid what both do. */
const together: TinyGameOptions = {
  ...followSecret,
  length: 4,
  space: three,
  reward: scene => followSecret.reward({ ...scene, agent: 0 }) + followSecret.reward({ ...scene, agent: 1 }),
}

const finite = (min: number, max: number) => fc.double({ min, max, noNaN: true })

describe('alternatives', () => {
  const spaces = fc
    .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 })
    .map((sizes): ActionSpace => sizes.map((size, i) => ({ name: `part${i}`, kind: 'choice', size, soft: false })))
  it('are all combinations, each with the product of the probabilities of its parts', () => {
    const drawn = spaces.chain(space =>
      fc.tuple(
        fc.constant(space),
        fc.array(finite(-9, 9), { minLength: actionSize(space), maxLength: actionSize(space) }),
        fc.array(fc.boolean(), { minLength: actionSize(space), maxLength: actionSize(space) }),
      ),
    )
    fc.assert(
      fc.property(drawn, ([space, logits, allowed]) => {
        const { count, numberOf, probabilities } = alternativesOf(space)
        // Of each part at least the first is allowed.
        let from = 0
        const starts = space.map(({ size }) => (from += size) - size)
        const mask = allowed.map((is, at) => Number(is || starts.includes(at)))
        const found = new Float64Array(count + 2)
        probabilities([7, ...logits], 1, found, 2, [3, 3, ...mask], 2)
        const plain = space.map(({ size }, i) => {
          const at = starts[i]!
          const weights = logits.slice(at, at + size).map((x, k) => Math.exp(x) * mask[at + k]!)
          return weights.map(weight => weight / weights.reduce((a, b) => a + b))
        })
        for (let k = 0; k < count; k++) {
          let rest = k
          const chosen = [...space.keys()].reverse().map(i => {
            const of = rest % space[i]!.size
            rest = (rest - of) / space[i]!.size
            return of
          })
          chosen.reverse()
          const action = space.flatMap(({ size }, i) => Array.from({ length: size }, (_, j) => Number(j === chosen[i])))
          expect(numberOf([0, ...action], 1)).toBe(k)
          expect(found[2 + k]).toBeCloseTo(
            chosen.reduce((product, of, i) => product * plain[i]![of]!, 1),
            10,
          )
        }
      }),
    )
  })
})

describe('counterfactual advantages', () => {
  it('have mean 0 under the policy in every row', () => {
    const rows = fc.array(fc.tuple(fc.array(finite(-100, 100), { minLength: 5, maxLength: 5 }), fc.array(finite(-20, 20), { minLength: 5, maxLength: 5 })), { minLength: 1, maxLength: 6 }) // biome-ignore format: one line
    fc.assert(
      fc.property(rows, rows => {
        const q = rows.flatMap(([of]) => of)
        const p = rows.flatMap(([, logits]) => {
          const to = new Float64Array(5)
          alternativesOf([{ name: 'a', kind: 'choice', size: 5, soft: false }]).probabilities(logits, 0, to, 0)
          return [...to]
        })
        const chosen = Uint32Array.from(rows.keys())
        const each = [0, 1, 2, 3, 4].map(k =>
          counterfactualAdvantages(
            q,
            p,
            rows.map(() => k),
            chosen,
            5,
          ),
        )
        for (const row of chosen) {
          const mean = each.reduce((sum, advantages, k) => sum + p[row * 5 + k]! * advantages[row]!, 0)
          expect(Math.abs(mean)).toBeLessThan(1e-11)
        }
      }),
    )
  })
})

it('what is not allowed has no part in the baseline', () => {
  const masks = [1, 0, 1, 1, 1, 0]
  const trajectory = {
    rows: 3,
    learnable: Uint32Array.of(0, 2),
    copy: (name: string, rows: Uint32Array, to: Matrix) => {
      expect([name, ...rows]).toEqual(['mask', 0, 2])
      to.data.set(masks)
    },
  } as unknown as Trajectory
  const outputs = [0, 50, 0, 9, 9, 9, Math.log(3), 0, 50]
  const alternatives = alternativesOf(three)
  const close = (found: Float64Array, expected: number[]) =>
    found.forEach((p, i) => void expect(p).toBeCloseTo(expected[i]!, 12))
  close(probabilitiesOf(trajectory, outputs, alternatives, true), [0.5, 0, 0.5, 0, 0, 0, 0.75, 0.25, 0])
  const [all] = probabilitiesOf(trajectory, [0, 0, 0, ...outputs.slice(3)], alternatives, false)
  expect(all).toBeCloseTo(1 / 3, 12)
})

describe('targets of Q', () => {
  const outcomes = (rewards: number[], given: { terminated?: number[]; truncated?: number[] } = {}) => ({
    steps: rewards.length,
    sequences: 1,
    rewards: Float32Array.from(rewards),
    present: new Uint8Array(rewards.length).fill(1),
    terminated: Uint8Array.from(given.terminated ?? rewards.map(() => 0)),
    truncated: Uint8Array.from(given.truncated ?? rewards.map(() => 0)),
  })
  const q = Float64Array.of(10, 20, 30, 40)
  const config = { gamma: 0.5, lambda: 0.5, targetSteps: null, timeLimit: 'drop' } as const

  it('are those of TD(lambda), and the last row of a rollout, of which nobody knows what was done next, teaches nothing', () => {
    const { targets, counts } = actionTargets(outcomes([1, 2, 3, 4]), q, config)
    // G3 = Q3; G2 = 3 + 0.5 Q3; G1 = 2 + 0.5 (0.5 Q2 + 0.5 G2); G0 likewise.
    const g2 = 3 + 0.5 * 40
    const g1 = 2 + 0.5 * (0.5 * 30 + 0.5 * g2)
    expect([...targets]).toEqual([1 + 0.5 * (0.5 * 20 + 0.5 * g1), g1, g2, 40])
    expect([...counts]).toEqual([1, 1, 1, 0])
  })

  it('are sums of so many rewards and the next Q', () => {
    const { targets } = actionTargets(outcomes([1, 2, 3, 4]), q, { ...config, targetSteps: 2 })
    expect([...targets]).toEqual([1 + 0.5 * 2 + 0.25 * 30, 2 + 0.5 * 3 + 0.25 * 40, 3 + 0.5 * 40, 40])
  })

  it('keep apart what ends and what is cut', () => {
    const ended = actionTargets(outcomes([1, 2, 3, 4], { terminated: [0, 1, 0, 1] }), q, config)
    expect([...ended.targets]).toEqual([1 + 0.5 * (0.5 * 20 + 0.5 * 2), 2, 3 + 0.5 * (0.5 * 40 + 0.5 * 4), 4])
    expect([...ended.counts]).toEqual([1, 1, 1, 1])
    const cut = outcomes([1, 2, 3, 4], { truncated: [0, 1, 0, 1] })
    expect([...actionTargets(cut, q, config).targets]).toEqual([1 + 0.5 * 20, 20, 3 + 0.5 * 40, 40])
    expect([...actionTargets(cut, q, config).counts]).toEqual([1, 0, 1, 0])
    const same = actionTargets(cut, q, { ...config, timeLimit: 'terminate' })
    expect(same).toEqual(ended)
    for (const targetSteps of [1, 3]) {
      const nStep = { ...config, targetSteps }
      expect(actionTargets(cut, q, { ...nStep, timeLimit: 'terminate' })).toEqual(
        actionTargets(outcomes([1, 2, 3, 4], { terminated: [0, 1, 0, 1] }), q, nStep),
      )
    }
  })
})

describe('the climbing game', () => {
  const climbing = [[11, -30, 0], [-30, 7, 6], [0, 0, 5]] // biome-ignore format: a table
  const joint = [0, 1, 2].flatMap(a => [0, 1, 2].map(b => [a, b]))
  const agents = agentsOf([1, 1], three)
  const oneHot = (chosen: number) => [0, 1, 2].map(j => Number(j === chosen))
  const settings = {
    entropyWeight: 0,
    valueNorm: 'none',
    huberDelta: null,
    gamma: 1,
    rolloutSteps: 1,
    criticSteps: 1,
    learningRate: 1,
  }
  const logitsOf = (learner: TeamLearner, agent: number) => {
    const network = learner.members[agent]!.actor.networks[0]!
    return network.parameters.subarray(network.tensors.find(({ name }) => name === 'layer0.bias')!.offset)
  }
  /** Each joint action once: both policies are uniform. */
  const everything = recordedStep(
    agents,
    joint.map(
      ([a, b]): Moment => ({
        actions: [oneHot(a!), oneHot(b!)],
        rewards: [climbing[a!]![b!]!, climbing[a!]![b!]!],
        terminated: [1, 1],
      }),
    ),
  )
  const bandit = (own: object, options: TeamOptions = {}) =>
    coma.createLearner(teamContext(plainDescent(backend), agents, { games: 9, network: { hidden: [] }, ...options }), {
      ...settings,
      ...own,
    })
  const learn = (learner: TeamLearner) => {
    learner.take(everything)
    const figures: UpdateFigures[] = []
    while (learner.due) figures.push(learner.advance(learner.members).figures)
    return figures
  }

  it('with the true Q the gradient is that of a central V in expectation', () => {
    const learner = bandit({ criticLearningRate: 1e-9, shareParameters: false })
    learner.members.forEach((member, agent) => {
      const saved = member.save() as unknown as Record<string, Record<string, SavedTensor & Float32Array>>
      const weight = saved.critic!['layer0.weight']!
      // Seen: two observations, then the actions of both.
      for (let other = 0; other < 3; other++) {
        for (let own = 0; own < 3; own++) {
          const row = 2 + 3 * (1 - agent) + other
          weight.data[row * 3 + own] = agent === 0 ? climbing[own]![other]! : climbing[other]![own]!
        }
      }
      member.restore(copySaved(saved as unknown as Saved))
    })
    learn(learner)
    expectClose(logitsOf(learner, 0), [-0.962963, -0.740741, 1.703704], 1e-6)
    expectClose(logitsOf(learner, 1), [-0.962963, -1.407407, 2.37037], 1e-6)
  })

  it.each([true, false])('Q becomes the payoff of both actions (shared parameters: %s)', shareParameters => {
    const options = { shareParameters, network: { hidden: [16] } }
    const team = teamContext(backend, agents, { games: 9, ...options })
    const own = { ...settings, learningRate: 0.01, actorLearningRate: 1e-9, criticSteps: 400, shareParameters }
    const learner = coma.createLearner(team, own)
    let last: UpdateFigures = {}
    for (let round = 0; round < 5; round++) last = learn(learner).at(-1)!
    expect(last.criticLoss).toBeLessThan(0.5)
    const seen = [0, 1].map(() => ({ rows: 1, columns: 1, data: new Float32Array(1) }))
    for (const [a, b] of joint) {
      const actions = [a!, b!].map(chosen => ({ rows: 1, columns: 3, data: Float32Array.from(oneHot(chosen)) }))
      for (const member of learner.members) {
        expect(Math.abs(member.value!({ observations: seen }, actions) - climbing[a!]![b!]!)).toBeLessThan(2)
      }
    }
  })
})

describe('a team', () => {
  it.each([
    { settings: {}, space: three, shareParameters: true },
    { settings: { critic: 'local', valueNorm: 'none', targetSteps: 2 }, space: three, shareParameters: false },
    { settings: { teamReward: 'sum', tau: 0.05 }, space: three, shareParameters: true },
  ])('learns what pays where: %j', ({ settings, space, shareParameters }) => {
    const all = { ...brisk, entropyWeight: 0.003, ...settings, shareParameters }
    const team = tinyTeam(backend, coma, all, { ...together, space }, { games: 16, shareParameters })
    playRounds(team, 150)
    expectSecretFollowed(team.learner)
  })

  it.each([
    { shareParameters: false, memory: 0, space: moveAndSay, games: 2, own: {}, steps: 60 },
    { shareParameters: true, memory: 4, space: three, games: 2, own: { valueNorm: 'popArt' }, steps: 60 },
    // More rows than a slice has: cut also within a minibatch.
    { shareParameters: true, memory: 3, space: three, games: 90, own: { rolloutSteps: 20 }, steps: 60 },
  ])('resumes to the bit from anywhere: %j', ({ shareParameters, memory, space, games, own, steps }) => {
    const settings = { rolloutSteps: 6, gamma: 0.9, criticSteps: 2, teamReward: 'sum', shareParameters, ...own }
    const game: TinyGameOptions = {
      ...together,
      space,
      leaves: { 1: 2 },
      reward: ({ agent, actions }) => actions[agent]![0]!,
    }
    const create = () => tinyTeam(backend, coma, settings, game, { games, shareParameters, network: { memory } })
    expectResumesAnywhere(create, steps, games > 2 ? 7 : 3)
  })

  it('says what it did: of the policy once in a round', () => {
    const figures = playRounds(
      tinyTeam(backend, coma, { ...brisk, criticSteps: 3 }, together, { shareParameters: true }),
      1,
    )
    const ofCritic = ['criticLoss', 'criticGradientNorm']
    expect(figures.map(each => Object.keys(each).sort())).toEqual([
      [...ofCritic, 'policyLoss', 'entropy', 'actorGradientNorm', 'explainedVariance', 'truncatedShare'].sort(),
      [...ofCritic].sort(),
      [...ofCritic].sort(),
    ])
    expect(figures[0]!.truncatedShare).toBe(0.25)
  })

  it('has a target that begins as Q is and follows it step by step', () => {
    const team = tinyTeam(backend, coma, { ...brisk, criticSteps: 1, tau: 0.25 }, together)
    const network = (name: string) => {
      const saved = team.learner.members[1]!.save() as unknown as Record<string, Record<string, SavedTensor>>
      return [...saved[name]!['layer0.weight']!.data]
    }
    const before = network('targetCritic')
    expect(before).toEqual(network('critic'))
    playRounds(team, 1)
    const now = network('critic')
    expect(now).not.toEqual(before)
    expectClose(
      network('targetCritic'),
      now.map((w, i) => 0.25 * Number(w) + 0.75 * Number(before[i]!)),
      1e-6,
    )
  })

  it.each([
    [0, 1, 3],
    [1, 5, 10.5],
  ])('takes the value of what follows from its target, which follows at rate %d', (tau, least, most) => {
    // Paid is 1 a step, for ever: 1 + gamma Q of a target that stays near 0, or 1 / (1 - gamma) = 10.
    const game: TinyGameOptions = { ...together, length: 1000, reward: () => 1 }
    const own = { ...brisk, learningRate: 0.02, lambda: 0, valueNorm: 'none', huberDelta: null, criticSteps: 20, tau }
    const team = tinyTeam(backend, coma, own, game, { games: 4 })
    playRounds(team, 20)
    const observations = [0, 1].map(() => ({ rows: 1, columns: 1, data: Float32Array.of(1) }))
    const actions = [0, 1].map(() => ({ rows: 1, columns: 3, data: Float32Array.of(1, 0, 0) }))
    const value = team.learner.members[0]!.value!({ observations }, actions)
    expect(value).toBeGreaterThan(least)
    expect(value).toBeLessThan(most)
  })

  it('reads what it sees in the same units with its target', () => {
    const network = { normaliseObservations: true }
    const team = tinyTeam(backend, coma, brisk, together, { games: 4, network })
    playRounds(team, 2)
    const { critic, targetCritic } = team.learner.members[0]!.save() as unknown as Record<
      string,
      Record<string, Float32Array>
    >
    const [mean, scale] = Object.keys(critic!)
    for (const name of [mean!, scale!]) expect(targetCritic![name]).toEqual(critic![name])
    expect(critic![mean!]!.some(x => x !== 0)).toBe(true)
    expect(targetCritic).not.toEqual(critic)
  })

  it('refuses boxes, too many alternatives, sets and rewards of its own for each, with what to do', () => {
    const agentsWith = (space: ActionSpace) => agentsOf([1], space)
    expect(coma.unsupported(agentsWith([...three, { name: 'push', kind: 'box', size: 1, low: -1, high: 1 }]))).toBe(
      "agent_0: part 'push' is a box; coma weighs all alternatives of an action against each other, which boxes have not: ppo and happo play them",
    )
    const four = [1, 2, 3, 4].map(i => ({ name: `say${i}`, kind: 'choice', size: 6, soft: true }) as const)
    expect(coma.unsupported(agentsWith(four))).toMatch(/^agent_0: its choices have 1296 combinations, .* at most 1024/)
    expect(coma.unsupported(agentsWith(moveAndSay))).toBeNull()
    const create = (settings: object) =>
      tinyTeam(backend, coma, { ...brisk, ...settings }, { ...together, reward: ({ agent }) => agent })
    expect(() => create({ critic: 'set' })).toThrow(/^learner\.critic: expected joint, local or state, got set/)
    expect(() => create({ timeLimit: 'bootstrap' })).toThrow(
      /^learner\.timeLimit: expected drop or terminate, got boot/,
    )
    expect(() => create({}).go()).toThrow(/^learner\.teamReward: expected sum or mean .* agent_0 0, agent_1 1/)
  })
})
