// The search for preset `modern-ppo`: trains what docs/search/modern-ppo.jsonl does not have yet, and writes docs/search/modern-ppo.md.
//   node scripts/search-modern-ppo.mjs --stage first|second|last|page [--recipe 3,4 or --recipe 'base gamma=0.9'] [--seeds 1,2]
//     [--limit 4] [--jobs 2] [--kernels standard|blas] [--scale 1] [--to docs/search]
//     [--runs runs/search-modern-ppo]
// first: 24 recipes, 1 M steps, seed 1. second: the best four, 5 M steps, seeds 1 to 5. last: the winner, 5 M steps, seeds 1001 to 1010.
// Each finished run is a line of the results; one that was stopped goes on from its last checkpoint. --limit is the most runs of this
// call, --scale makes runs shorter, for trying it out. `npm run build` first.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  between,
  deviationOf,
  evaluated,
  markdownTable,
  meanOf,
  metricsIn,
  resultsIn,
  trainKept,
} from './kept-runs.mjs'

/** Of several settings that were thought better than those of on-policy from the beginning; each recipe says what it changes in them. */
const base =
  'gamma=0.8 timeLimit=bootstrap games=32 epochs=5 minibatches=4 lr=0.001>0.0001 entropy=0.01>0 identity=true valueClip=null'

/** All over preset mappo. `a>b`: falls by equal steps over the whole run. */
const recipes = [
  '',
  'gamma=0.9 timeLimit=bootstrap',
  'gamma=0.9 timeLimit=bootstrap epochs=5 minibatches=4',
  'base',
  'base gamma=0.7',
  'base gamma=0.85',
  'base gamma=0.9',
  'base lambda=0.9',
  'base timeLimit=terminate',
  'base lr=0.002>0.0002',
  'base lr=0.0005>0.00005',
  'base games=16 lr=0.0007>0.00007',
  'base entropy=0.01',
  'base entropy=0.03>0',
  'base identity=false',
  'base games=16',
  'base games=64 minibatches=8',
  'base games=16 rollout=50',
  'base epochs=10',
  'base epochs=4 minibatches=8',
  'base critic=local',
  'base critic=set',
  'base hidden=[128,128]',
  'base activation=relu inputNorm=false layerNorm=false normObs=true',
]

const short = {
  lr: 'learner.learningRate',
  entropy: 'learner.entropyWeight',
  rollout: 'learner.rolloutSteps',
  normObs: 'network.normaliseObservations',
  games: 'run.games',
  ...named('learner', 'gamma', 'lambda', 'timeLimit', 'epochs', 'minibatches', 'identity', 'valueClip', 'huberDelta'),
  ...named('learner', 'critic', 'valueNorm', 'ratioClip', 'clip', 'advantageNorm', 'targetKl', 'epsilon'),
  ...named('network', 'hidden', 'activation', 'inputNorm', 'layerNorm', 'layerNormPlace', 'hiddenGain'),
}

const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i)
const stages = {
  first: { steps: 1_000_000, seeds: [1] },
  second: { steps: 5_000_000, seeds: range(1, 5) },
  last: { steps: 5_000_000, seeds: range(1001, 1010) },
}
const most = { first: 24, second: 4, last: 1 }

const { values: options } = parseArgs({
  options: {
    stage: { type: 'string' },
    recipe: { type: 'string' },
    seeds: { type: 'string' },
    limit: { type: 'string' },
    jobs: { type: 'string' },
    kernels: { type: 'string', default: 'standard' },
    scale: { type: 'string', default: '1' },
    runs: { type: 'string', default: join(import.meta.dirname, '../runs/search-modern-ppo') },
    to: { type: 'string', default: join(import.meta.dirname, '../docs/search') },
  },
})
const file = join(options.to, 'modern-ppo.jsonl')
const page = join(options.to, 'modern-ppo.md')
const committed = join(import.meta.dirname, '../docs/search/modern-ppo.md')
const scale = Number(options.scale)

if (options.stage !== 'page' && !(options.stage in stages)) {
  throw new Error(`--stage: expected first, second, last or page, got ${options.stage}`)
}
if (options.stage !== 'page') await carryOut(options.stage)
writePage()

async function carryOut(stage) {
  const chosen = chosenFor(stage)
  const tried = new Set([...ranking(stage).map(({ recipe }) => recipe), ...chosen])
  if (tried.size > most[stage]) {
    throw new Error(`--recipe: expected at most ${most[stage]} in stage ${stage}, would be ${tried.size}`)
  }
  const steps = stepsOf(stage)
  const seeds = options.seeds?.split(',').map(Number) ?? stages[stage].seeds
  // Every recipe has its first seed before any has its second.
  const runs = seeds.flatMap(seed =>
    chosen.map(recipe => ({
      id: { stage, recipe, seed, steps },
      name: `${stage}-${steps}-${recipe === '' ? 'mappo' : recipe.replace(/[^\w.=-]+/g, '_')}-s${seed}`,
      args: argsOf(recipe, seed, steps),
    })),
  )
  const left = await trainKept(runs, {
    file,
    folder: options.runs,
    ...(options.jobs && { jobs: Number(options.jobs) }),
    ...(options.limit && { limit: Number(options.limit) }),
    measure: (events, folder) => ({
      greedy: round(evaluated(events, 'greedy')),
      sample: round(evaluated(events, 'sample')),
      seconds: Math.round(metricsIn(folder).at(-1)['time/seconds']),
      kernels: options.kernels,
    }),
  })
  console.log(left === 0 ? `stage ${stage} is complete` : `${left} runs of stage ${stage} are left`)
}

/** Of --recipe: numbers from 1 of the list above, or one that is not in it. Else the list, the best four, the winner. */
function chosenFor(stage) {
  if (options.recipe !== undefined) {
    if (!/^[\d,]+$/.test(options.recipe)) return [options.recipe]
    return options.recipe.split(',').map(number => {
      const recipe = recipes[Number(number) - 1]
      if (recipe === undefined) throw new Error(`--recipe: expected 1 to ${recipes.length}, got ${number}`)
      return recipe
    })
  }
  if (stage === 'first') return recipes
  const [before, wanted] = stage === 'second' ? ['first', 24] : ['second', 4]
  const ranked = ranking(before)
  const complete = ranked.filter(({ runs }) => runs.length === stages[before].seeds.length)
  if (complete.length < wanted) {
    throw new Error(
      `stage ${stage} wants ${wanted} recipes of stage ${before}, ${complete.length} are done; or say --recipe`,
    )
  }
  return complete.slice(0, most[stage]).map(({ recipe }) => recipe)
}

function argsOf(recipe, seed, steps) {
  const given = new Map(
    recipe
      .replace(/\bbase\b/, base)
      .split(' ')
      .filter(Boolean)
      .map(setting => setting.split('=')),
  )
  const settings = [...given].flatMap(([key, value]) => {
    if (short[key] === undefined) throw new Error(`${key}: expected one of ${Object.keys(short).join(', ')}`)
    const [, from, to] = /^([\d.e-]+)>([\d.e-]+)$/.exec(value) ?? []
    // A learning rate is above 0 to the last step.
    return ['--set', `${short[key]}=${to ? JSON.stringify({ from: Number(from), to: Number(to), steps }) : value}`]
  })
  const run = ['--seed', String(seed), '--steps', String(steps), '--set', `run.kernels=${options.kernels}`]
  const evaluation = ['--set', `run.summaryEpisodes=${scale === 1 ? 1000 : 20}`, '--set', 'run.checkpointEvery=20000']
  return ['simple_spread', '--preset', 'mappo', ...settings, ...run, ...evaluation]
}

/** Recipes of a stage, the best mean first; runs that failed count as the worst. */
function ranking(stage) {
  const steps = stepsOf(stage)
  const lines = resultsIn(file).filter(line => line.stage === stage && line.steps === steps)
  return [...new Set(lines.map(({ recipe }) => recipe))]
    .map(recipe => {
      const runs = lines.filter(line => line.recipe === recipe).sort((a, b) => a.seed - b.seed)
      const points = runs.map(({ greedy }) => greedy ?? -Infinity)
      return { recipe, runs, points, mean: meanOf(points) }
    })
    .sort((a, b) => b.mean - a.mean)
}

function stepsOf(stage) {
  return Math.round(stages[stage].steps * scale)
}

function writePage() {
  const text = readFileSync(existsSync(page) ? page : committed, 'utf8')
  const tables = Object.entries(stages).map(([stage, { steps, seeds }]) => {
    const ranked = ranking(stage)
    const title = `### ${steps / 1e6} M steps, seed${seeds.length === 1 ? '' : 's'} ${seeds.length === 1 ? seeds[0] : `${seeds[0]} to ${seeds.at(-1)}`}`
    if (ranked.length === 0) return `${title}\n\nNothing was trained yet.\n`
    const rows = ranked.map(({ recipe, runs, points, mean }) => [
      recipe === '' ? 'preset mappo' : `\`${recipe}\``,
      mean.toFixed(1),
      points.length > 1 ? deviationOf(points).toFixed(1) : '',
      points.map(point => point.toFixed(1)).join(', '),
      meanOf(runs.map(({ sample }) => sample ?? Number.NaN)).toFixed(1),
      Math.round(meanOf(runs.map(({ seconds }) => seconds ?? Number.NaN))),
    ])
    return `${title}\n\n${markdownTable(['recipe', 'mean', 'deviation', 'by seed', 'sampling', 'seconds'], rows)}\n`
  })
  const all = `\`base\` is \`${base}\`.\n\n${tables.join('\n')}`
  writeFileSync(page, between(text, 'tables', all))
}

function named(section, ...keys) {
  return Object.fromEntries(keys.map(key => [key, `${section}.${key}`]))
}

function round(value) {
  return Math.round(value * 100) / 100
}
