// What it costs that the weights that play are older than those that learn: greedy returns by lag, with V-trace, without, and with PPO's ratio.
//   node scripts/lag-table.mjs [--lags 0,1,2,4,8] [--algorithms impala,a2c,ppo] [--seeds 1,2,3] [--steps 1000000] [--jobs 1] [--limit 4] [--page]
// Trains what docs/search/lags.jsonl does not have yet, each run on one thread, and writes the table into docs/actors.md; --page: that alone.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { between, evaluated, markdownTable, meanOf, resultsIn, trainKept } from './kept-runs.mjs'

const algorithms = {
  impala: { title: '`impala`: V-trace', args: ['--algorithm', 'impala', '--set', 'learner.policyLag=0'] },
  a2c: {
    title: '`a2c`: no correction',
    args: ['--algorithm', 'a2c', '--set', 'learner.optimizer=rmsProp', '--set', 'learner.rolloutSteps=5'],
  },
  ppo: {
    title: '`ppo`: its ratio begins at the weights that played',
    args: [
      ...['--algorithm', 'ppo', '--set', 'learner.rolloutSteps=100', '--set', 'learner.epochs=5'],
      ...['--set', 'learner.minibatches=4'],
    ],
  },
}
const root = join(import.meta.dirname, '..')
const { values: options } = parseArgs({
  options: {
    lags: { type: 'string', default: '0,1,2,4,8' },
    algorithms: { type: 'string', default: Object.keys(algorithms).join(',') },
    seeds: { type: 'string', default: '1,2,3' },
    steps: { type: 'string', default: '1000000' },
    jobs: { type: 'string', default: '1' },
    limit: { type: 'string' },
    page: { type: 'boolean', default: false },
    runs: { type: 'string', default: join(root, 'runs/lags') },
  },
})
const file = join(root, 'docs/search/lags.jsonl')
const page = join(root, 'docs/actors.md')
const steps = Number(options.steps)

if (!options.page) {
  const runs = options.seeds
    .split(',')
    .flatMap(seed =>
      options.algorithms
        .split(',')
        .flatMap(algorithm => options.lags.split(',').map(lag => runOf(algorithm, Number(lag), Number(seed)))),
    )
  const left = await trainKept(runs, {
    file,
    folder: options.runs,
    jobs: Number(options.jobs),
    ...(options.limit && { limit: Number(options.limit) }),
    measure: events => ({ greedy: Math.round(10 * evaluated(events, 'greedy', 'trained', () => true)) / 10 }),
  })
  console.log(left === 0 ? 'all is measured' : `${left} runs are left`)
}
writePage()

function runOf(algorithm, lag, seed) {
  const settings = {
    'learner.gamma': 0.8,
    'learner.timeLimit': 'bootstrap',
    'learner.learningRate': JSON.stringify({ from: 0.003, to: 0.0003, steps, shape: 'exponential' }),
    'network.activation': 'tanh',
    'network.inputNorm': true,
    'network.layerNorm': true,
    'network.layerNormPlace': 'after',
    'network.initialisation': 'orthogonal',
    'run.lag': lag,
    'run.summaryEpisodes': 1000,
    'run.checkpointEvery': 20_000,
  }
  return {
    id: { algorithm, lag, seed, steps },
    name: `${algorithm}-lag${lag}-${steps}-s${seed}`,
    args: [
      ...['simple_spread', ...algorithms[algorithm].args, '--games', '8', '--actors', '4'],
      ...['--seed', String(seed), '--steps', String(steps)],
      ...Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`]),
    ],
  }
}

function writePage() {
  const results = resultsIn(file).filter(result => result.greedy !== undefined && result.steps === 1_000_000)
  const lags = [...new Set(results.map(({ lag }) => lag))].sort((a, b) => a - b)
  const rows = Object.entries(algorithms).map(([algorithm, { title }]) => [
    title,
    ...lags.map(lag => {
      const own = results.filter(result => result.algorithm === algorithm && result.lag === lag)
      if (own.length === 0) return ''
      const values = own.sort((a, b) => a.seed - b.seed).map(({ greedy }) => greedy.toFixed(1))
      return own.length === 1
        ? values[0]
        : `${meanOf(own.map(({ greedy }) => greedy)).toFixed(1)} (${values.join(', ')})`
    }),
  ])
  const table = markdownTable(['', ...lags.map(lag => `lag ${lag}`)], rows)
  writeFileSync(page, between(readFileSync(page, 'utf8'), 'lags', table))
}
