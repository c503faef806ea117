// Players in files of their own, as users write them.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Writes an actor-critic of few lines; `id` names it, and its file. */
export function writeAlgorithm(folder: string, id = 'own', name = id): string {
  return write(
    folder,
    name,
    `import { count, createStateValue, createStochasticPolicy, defineAlgorithm, gae, learningMembers } from 'marlstrom'
import { optionGroups, ratio, updatesOverRollouts } from 'marlstrom'
export default defineAlgorithm({
  id: '${id}', description: 'an actor-critic',
  options: {
    ...optionGroups.optimisation, ...optionGroups.discounting, ...optionGroups.sharing,
    episodes: { ...count(2, { min: 1 }, 'episodes of a round'), changes: 'never' },
    lambda: ratio(0.9, 'how far advantages look'),
    told: { ...ratio(0.5, 'changes nothing'), changes: 'resume', immaterial: true },
  },
  acts: 'oneHot',
  createLearner: (team, settings) =>
    updatesOverRollouts(team, { length: { episodes: settings.episodes }, epochs: 1, minibatches: 1, isJoint: false }, group => {
      const policy = createStochasticPolicy(group, settings)
      const value = createStateValue(group, 'local', settings)
      return {
        members: learningMembers(policy, value),
        isRecurrent: policy.isRecurrent,
        prepare: trajectory => gae(trajectory, value.of(trajectory), value.of(trajectory, 'nextObservation'), settings),
        update: (rows, { advantages, targets }) => ({
          ...policy.at(rows).climb(rows.of(advantages), 0.01),
          ...value.fit(rows, rows.of(targets)),
        }),
      }
    }),
})
`,
  )
}

/** Writes a policy; `act` is what stands between the braces of its function. */
export function writePolicy(folder: string, id = 'jitter', act = walk): string {
  return write(
    folder,
    id,
    `import { definePolicy, ratio } from 'marlstrom'
export default definePolicy({
  id: '${id}', description: 'walks about',
  options: { calm: ratio(0.5, 'how often it stands still') },
  create: ({ agent, index, agents, random, options }) => ({
    act({ observation, part, restarted, explore, act }) { ${act} },
  }),
})
`,
  )
}

/** Writes any file. */
export function write(folder: string, name: string, text: string): string {
  const file = join(folder, `${name}.ts`)
  writeFileSync(file, text)
  return file
}

const walk = 'if (random.uniform() >= options.calm) act.move(random.between(-1, 1), random.between(-1, 1))'
