// What `marlstrom new --algorithm` writes: an actor-critic that trains as it stands, commented for its author, and its test.

// Put together from pieces, so that tools do not read the template's imports as imports of this file.
const from = (name: string) => `from '${name}'`

/** The algorithm's file, TypeScript. */
export function algorithmTemplate(id: string): string {
  return `// ${id}: an advantage actor-critic. It plays some episodes, learns from them once, and forgets them.
import {
  count,
  createStateValue,
  createStochasticPolicy,
  defineAlgorithm,
  gae,
  learningMembers,
  optionGroups,
  ratio,
  real,
  standardised,
  unsupportedSpaces,
  updatesOverRollouts,
  withDefaults,
} ${from('marlstrom')}

export default defineAlgorithm({
  id: '${id}',
  description: 'advantage actor-critic with a value function that sees all agents',

  // Its settings: --set learner.lambda=0.9, of one team --set team.agent.lambda=0.9. Groups that other algorithms have too,
  // with defaults of its own, and what it alone has.
  options: {
    ...withDefaults(optionGroups.optimisation, { learningRate: 0.003, clipBy: 'network' }),
    ...optionGroups.discounting, // gamma, what it counts where agents wait, and what a time limit means
    ...optionGroups.sharing, // shareParameters
    rolloutEpisodes: count(16, { min: 1 }, 'complete episodes that a round learns from, at least'),
    lambda: ratio(0.95, 'how far advantages look: 0, one step and the next value; 1, to the end of the episode'),
    entropyWeight: real(0.01, { min: 0 }, 'weight of the entropy of the policy'),
  },

  // Choices are one-hot, so that the probability of what was done is known.
  acts: 'oneHot',

  // Why a team cannot be trained by it, as a sentence: boxes must have bounds.
  unsupported: unsupportedSpaces,

  // Called once for each team that learns by it. Networks belong to a group: agents that share parameters, else one agent.
  createLearner(team, settings) {
    const { rolloutEpisodes: episodes, gamma, discountPer: per } = settings
    const round = { length: { episodes }, epochs: 1, minibatches: 1, isJoint: true, discount: { gamma, per } }
    return updatesOverRollouts(team, round, group => {
      const policy = createStochasticPolicy(group, settings) // pi(a | o): an actor sees its own observation alone
      const value = createStateValue(group, 'joint', settings) // V: sees the observations of all agents

      return {
        members: learningMembers(policy, value),
        isRecurrent: policy.isRecurrent,

        // When a round begins: a number per row of what was played, saved with the round.
        //   delta_t = r_t + gamma V(o_t+1) - V(o_t),  A_t = delta_t + gamma lambda A_t+1
        prepare(trajectory) {
          const next = value.of(trajectory, 'nextObservation')
          const { advantages, targets } = gae(trajectory, value.of(trajectory), next, settings)
          return { advantages: standardised(advantages, trajectory.learnable), targets }
        },

        // For each minibatch: one step up sum A log pi(a | o) + entropyWeight H(pi), and one down (V - target)^2. What it gives
        // back is drawn as curves, by name.
        update: (rows, { advantages, targets }) => ({
          ...policy.at(rows).climb(rows.of(advantages), settings.entropyWeight),
          ...value.fit(rows, rows.of(targets)),
        }),
      }
    })
  },
})
`
}

/** Its test: for Node.js' own test runner, so that it needs nothing but marlstrom. */
export function algorithmTestTemplate(id: string): string {
  return `// Run with: node --test
import assert ${from('node:assert/strict')}
import { test } ${from('node:test')}
import { createRun, evaluate, evaluationOf, loadAlgorithm, train } ${from('marlstrom')}

const algorithm = await loadAlgorithm(new URL('./${id}.ts', import.meta.url))

/** A run of a game in which each of two agents is paid 1 at every step at which it chooses the first of two, 10 steps long. */
const newRun = episodes =>
  createRun({
    algorithms: { ${id}: algorithm },
    scenario: { id: 'matrix_game', payoffs: [[[1, 1], [1, 0]], [[0, 1], [0, 0]]] },
    learner: { algorithm: '${id}' },
    network: { hidden: [16] },
    run: { seed: 1, episodes },
  })

const trained = run => new Promise((done, failed) => train(run).subscribe({ error: failed, complete: () => done(run) }))

test('${id} learns', async () => {
  const run = await trained(await newRun(1600))
  const { returns } = evaluate(evaluationOf(run, 'trained', 'greedy', 50))
  assert.ok(returns.agent_0.mean > 9, \`return \${returns.agent_0.mean}, expected about 10\`)
  run.dispose()
})

test('${id} goes on exactly where it was saved', async () => {
  const [half, whole, again] = [await newRun(100), await newRun(200), await newRun(200)]
  await trained(half)
  again.restore(half.save())
  assert.deepEqual((await trained(again)).save(), (await trained(whole)).save())
  for (const run of [half, whole, again]) run.dispose()
})
`
}
