// Which algorithm finds the best joint choice of the climbing, the penalty and the two-step game: node scripts/who-finds-the-optimum.mjs [seeds, 20]
// Writes docs/who-finds-the-optimum.md. `npm run build` first.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lastValueFrom } from 'rxjs'
import { createRun, evaluate, evaluationOf, train } from '../dist/src/index.js'
import { markdownTable, meanOf } from './kept-runs.mjs'

const seeds = Array.from({ length: Number(process.argv[2] ?? 20) }, (_, i) => i + 1)
const games = { climbing: 11, penalty: 10, two_step: 8 }
const steps = 5_000

const discount = { gamma: 0.99 }
/** Values of actions are explored by choosing at random, at first always, in the last half of a training in one step of twenty. */
const values = {
  ...{ ...discount, learningRate: 0.002, batch: 64, updateEvery: 8, updateAfter: 256, targetEvery: 20 },
  explorationRate: { from: 1, to: 0.05, steps: steps / 2 },
}
const critics = { ...discount, batch: 64, updateEvery: 8, updateAfter: 256, tau: 0.05 }
const onPolicy = { ...discount, rolloutSteps: 4, learningRate: 0.005 }
const clipped = { ...onPolicy, epochs: 4, minibatches: 1 }
const algorithms = {
  iql: values,
  vdn: values,
  qmix: values,
  facmac: critics,
  'facmac, unrestricted mixer': { ...critics, algorithm: 'facmac', mixer: 'unrestricted' },
  maddpg: critics,
  masac: critics,
  reinforce: { ...discount, learningRate: 0.005 },
  ia2c: onPolicy,
  maa2c: onPolicy,
  ippo: clipped,
  mappo: clipped,
  happo: clipped,
  coma: onPolicy,
}

const begun = process.cpuUsage()
const rows = []
for (const [name, settings] of Object.entries(algorithms)) {
  const cells = []
  for (const [game, optimum] of Object.entries(games)) {
    const found = []
    for (const seed of seeds) found.push(await valueFound({ algorithm: name, ...settings }, game, seed))
    cells.push(String(found.filter(value => value === optimum).length), meanOf(found).toFixed(2))
  }
  console.log([name, ...cells].join('  '))
  rows.push([`\`${name}\``, ...cells])
  writeFileSync(join(import.meta.dirname, '../docs/who-finds-the-optimum.md'), page())
}

/** The return of the joint policy that a training ends with, each agent doing what it thinks best: exact, as the games know no chance. */
async function valueFound(learner, game, seed) {
  const run = await createRun({
    scenario: { id: 'common_payoff', game },
    learner,
    network: { hidden: [32] },
    run: { seed, games: 16, episodes: game === 'two_step' ? steps / 2 : steps, logEvery: steps, threads: 1 },
  })
  await lastValueFrom(train(run))
  const { returns } = evaluate(evaluationOf(run, 'trained', 'greedy', 2))
  run.dispose()
  return Math.round(returns.agent_0.mean * 1e6) / 1e6
}

function page() {
  const { user, system } = process.cpuUsage(begun)
  const head = ['', ...Object.entries(games).flatMap(([game, optimum]) => [`${game}: ${optimum}`, 'mean'])]
  return `# Who finds the optimum

Game \`common_payoff\`: two agents choose at once and are paid the same. *climbing* (11, -30, 0; -30, 7, 6; 0, 0, 5) and *penalty* (10, 0, -30; 0, 2, 0; -30, 0, 10) of Claus and Boutilier 1998 are played once; in *two_step*
(Rashid et al. 2018) the first choice of agent_0 leads to a table that pays 7 everywhere, or to (0, 1; 1, 8). Of ${seeds.length} seeds, those whose greedy joint policy is worth the optimum after ${steps.toLocaleString('en')} steps, and the mean of what it is worth, which
is exact.

${markdownTable(head, rows)}

\`\`\`sh
npm run build && node scripts/who-finds-the-optimum.mjs    # ${Math.ceil((user + system) / 6e7)} minutes of one core; the settings stand at its top
\`\`\`
`
}
