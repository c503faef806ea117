// Which algorithm when: greedy returns after so many steps and after so many seconds, as docs/which-algorithm.md shows them.
//   node scripts/which-algorithm.mjs [--scenarios simple_spread,simple_tag] [--algorithms modern,mappo] [--seeds 1,2,3] [--limit 4]
//     [--jobs 1] [--kernels standard|blas] [--steps mappo=5000000,modern=625000] [--scale 1] [--page] [--to docs]
//     [--runs runs/which-algorithm]
// Trains what docs/search/which-algorithm.jsonl does not have yet, each run on one thread, and writes the page; --page: that alone. One
// that was stopped goes on from its last checkpoint. In simple_tag predators learn against the scripted prey, the same for all. Seconds
// are of the wall, so they mean something where there are no more jobs than free cores. `npm run build` first.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { between, evaluated, markdownTable, meanOf, metricsIn, resultsIn, trainKept } from './kept-runs.mjs'

/** Networks of preset `modern-ppo`. */
const network = {
  'network.activation': 'tanh',
  'network.inputNorm': true,
  'network.layerNorm': true,
  'network.layerNormPlace': 'after',
  'network.initialisation': 'orthogonal',
}

/** What is learnt from rollouts here beside preset `modern-ppo` is learnt as there. */
const rollouts = { ...network, 'learner.gamma': 0.8, 'learner.timeLimit': 'bootstrap' }

const modernPpo = steps => ({
  'learner.learningRate': falling(0.001, 0.0001, steps),
  'learner.entropyWeight': falling(0.01, 0, steps),
})

/** A step or two per round: small rounds, large steps. */
const modernA2c = steps => ({
  ...rollouts,
  'run.games': 8,
  'learner.rolloutSteps': 25,
  'learner.learningRate': falling(0.004, 0.0004, steps),
  'learner.entropyWeight': falling(0.01, 0, steps),
})

/** Steps: how long a run is where nobody says. Settings: over those of args, for a run of so many steps. */
const algorithms = {
  modern: {
    title: 'MADDPG, preset `modern`',
    args: ['--preset', 'modern'],
    settings: steps => ({ 'learner.learningRate': falling(0.003, 0.0005, steps, 'exponential') }),
    steps: 625_000,
  },
  'modern-masac': {
    title: 'MASAC, settings of `modern`',
    args: ['--algorithm', 'masac'],
    settings: steps => ({
      'learner.gamma': 0.8,
      'learner.batch': 256,
      'learner.updateEvery': 12,
      'learner.copyTargets': true,
      'learner.shareParameters': true,
      'learner.learningRate': falling(0.003, 0.0003, steps, 'exponential'),
    }),
    steps: 625_000,
  },
  masac: { title: 'MASAC', args: ['--algorithm', 'masac'], steps: 625_000 },
  'modern-mappo': {
    title: 'MAPPO, preset `modern-ppo` with a joint critic',
    args: ['--preset', 'modern-ppo', '--set', 'learner.critic=joint'],
    settings: modernPpo,
    steps: 3_000_000,
  },
  'modern-ippo': {
    title: 'IPPO, preset `modern-ppo`',
    args: ['--preset', 'modern-ppo'],
    settings: modernPpo,
    steps: 3_000_000,
  },
  'modern-maa2c': {
    title: 'MAA2C, settings of `modern-ppo`',
    args: ['--algorithm', 'maa2c'],
    settings: modernA2c,
    steps: 3_000_000,
  },
  'modern-ia2c': {
    title: 'IA2C, settings of `modern-ppo`',
    args: ['--algorithm', 'ia2c'],
    settings: modernA2c,
    steps: 3_000_000,
  },
  'modern-matrpo': {
    title: 'MATRPO, settings of `modern-ppo`',
    args: ['--algorithm', 'matrpo'],
    settings: steps => ({
      ...rollouts,
      'run.games': 32,
      'learner.rolloutSteps': 25,
      'learner.learningRate': falling(0.001, 0.0001, steps),
    }),
    steps: 3_000_000,
  },
  'modern-acktr': {
    title: 'ACKTR with a joint critic, settings of `modern-ppo`',
    args: ['--algorithm', 'acktr'],
    settings: () => ({ ...rollouts, 'run.games': 32, 'learner.critic': 'joint' }),
    steps: 3_000_000,
  },
  'modern-coma': {
    title: 'COMA, settings of `modern-ppo`',
    args: ['--algorithm', 'coma'],
    settings: steps => ({
      ...network,
      'run.games': 8,
      'learner.gamma': 0.8,
      'learner.rolloutSteps': 25,
      'learner.learningRate': falling(0.001, 0.0001, steps),
      'learner.entropyWeight': falling(0.01, 0, steps),
    }),
    steps: 3_000_000,
  },
  mappo: { title: 'MAPPO, preset `mappo`', args: ['--preset', 'mappo'], steps: 3_000_000 },
  ippo: { title: 'IPPO, preset `ippo`', args: ['--preset', 'ippo'], steps: 3_000_000 },
  maa2c: { title: 'MAA2C, preset `maa2c`', args: ['--preset', 'maa2c'], steps: 3_000_000 },
}

/** Whose return counts, and who else plays. */
const scenarios = {
  simple_spread: { args: [], of: 'agents', counts: () => true },
  simple_speaker_listener: { args: [], of: 'agents', counts: () => true },
  simple_reference: { args: [], of: 'agents', counts: () => true },
  simple_tag: {
    args: ['--team', 'agent=scripted'],
    of: 'predators, against the scripted prey',
    counts: id => id.startsWith('adversary'),
  },
}

const stepMarks = [100_000, 300_000, 600_000, 1_000_000, 3_000_000]
const secondMarks = [10, 30, 100, 300]
/** Evaluations of a run on its way, and the episodes of each; at the end there are 1,000. */
const points = 40
const pointEpisodes = 200
const stepsPerEpisode = 25

const root = join(import.meta.dirname, '..')
const { values: options } = parseArgs({
  options: {
    scenarios: { type: 'string', default: Object.keys(scenarios).join(',') },
    algorithms: { type: 'string', default: Object.keys(algorithms).join(',') },
    seeds: { type: 'string', default: '1,2,3' },
    steps: { type: 'string', default: '' },
    limit: { type: 'string' },
    jobs: { type: 'string', default: '1' },
    kernels: { type: 'string', default: 'standard' },
    scale: { type: 'string', default: '1' },
    page: { type: 'boolean', default: false },
    to: { type: 'string', default: join(root, 'docs') },
    runs: { type: 'string', default: join(root, 'runs/which-algorithm') },
  },
})
const file = join(options.to, 'search/which-algorithm.jsonl')
const page = join(options.to, 'which-algorithm.md')
const scale = Number(options.scale)
const asked = new Map(options.steps.split(',').map(pair => pair.split('=')))

/** The page before anything was measured. */
const skeleton = `# Which algorithm when

<!-- tables -->
<!-- /tables -->

Greedy evaluations of ${pointEpisodes} episodes on the way (the last one before the mark, mean over seeds), 1,000 at the end; rules \`openai\`, one thread, evaluations included in the seconds. Empty: the run had ended,
or was not evaluated yet. In simple_tag predators learn against the scripted prey, so that all meet the same opponent.

\`\`\`sh
npm run build && node scripts/which-algorithm.mjs    # trains what is not measured yet
\`\`\`
`

if (!options.page) await measure()
writePage()

async function measure() {
  const runs = []
  for (const seed of options.seeds.split(',').map(Number)) {
    for (const scenario of options.scenarios.split(',')) {
      for (const algorithm of options.algorithms.split(',')) runs.push(runOf(scenario, algorithm, seed))
    }
  }
  const left = await trainKept(runs, {
    file,
    folder: options.runs,
    jobs: Number(options.jobs),
    ...(options.limit && { limit: Number(options.limit) }),
    measure: (events, folder, { scenario }) => {
      const { counts } = known(scenarios, scenario, '--scenarios')
      return {
        curve: curveIn(metricsIn(folder), counts),
        greedy: round(evaluated(events, 'greedy', 'trained', counts)),
        seconds: round(metricsIn(folder).at(-1)['time/seconds']),
        kernels: options.kernels,
      }
    },
  })
  console.log(left === 0 ? 'all is measured' : `${left} runs are left`)
}

function runOf(scenario, algorithm, seed) {
  const { args, settings: own, steps } = known(algorithms, algorithm, '--algorithms')
  const length = Math.round(Number(asked.get(algorithm) ?? steps) * scale)
  // Evaluations come with metrics lines.
  const every = Math.max(1, Math.floor(length / stepsPerEpisode / points))
  const settings = {
    ...own?.(length),
    'run.kernels': options.kernels,
    'run.evaluateEvery': every,
    'run.logEvery': every,
    'run.evaluateMode': 'greedy',
    'run.evaluateEpisodes': scale === 1 ? pointEpisodes : 5,
    'run.summaryEpisodes': scale === 1 ? 1000 : 20,
    'run.checkpointEvery': 20_000,
  }
  return {
    id: { scenario, algorithm, seed, steps: length },
    name: `${scenario}-${algorithm}-${length}-s${seed}`,
    args: [
      ...[scenario, ...known(scenarios, scenario, '--scenarios').args, ...args],
      ...['--seed', String(seed), '--steps', String(length)],
      ...Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`]),
    ],
  }
}

/** Steps, seconds and mean return of each evaluation. */
function curveIn(lines, counts) {
  return lines.flatMap(line => {
    const returns = Object.entries(line).flatMap(([key, value]) => {
      const [, id] = /^evaluation\/return\/(.*)$/.exec(key) ?? []
      return id !== undefined && counts(id) ? [value] : []
    })
    return returns.length === 0 ? [] : [[line.envSteps, round(line['time/seconds']), round(meanOf(returns))]]
  })
}

function writePage() {
  const measured = resultsIn(file)
  const tables = Object.entries(scenarios).flatMap(([scenario, { of }]) => {
    const rows = Object.entries(algorithms).flatMap(([algorithm, { title }]) => {
      const runs = measured.filter(line => line.scenario === scenario && line.algorithm === algorithm)
      return runs.length === 0 ? [] : [rowOf(title, runs)]
    })
    if (rows.length === 0) return []
    const marks = [...stepMarks.map(steps => `${shortly(steps)} steps`), ...secondMarks.map(seconds => `${seconds} s`)]
    const head = ['algorithm', ...marks, 'at the end (seeds)', 'steps', 'seconds']
    return [`### ${scenario}\n\nReturn of ${of}, per agent and episode.\n\n${markdownTable(head, rows)}\n`]
  })
  const text = existsSync(page) ? readFileSync(page, 'utf8') : skeleton
  mkdirSync(options.to, { recursive: true })
  writeFileSync(page, between(text, 'tables', tables.length === 0 ? 'Nothing was measured yet.\n' : tables.join('\n')))
}

function rowOf(title, runs) {
  const good = runs.filter(({ curve }) => curve !== undefined)
  const at = (column, mark) => {
    const values = good.flatMap(({ curve, seconds, steps }) => {
      // What had ended by then is not shown again; what had not been evaluated yet is not known.
      if (mark > (column === 0 ? steps : seconds)) return []
      const before = curve.filter(point => point[column] <= mark)
      return before.length === 0 ? [] : [before.at(-1)[2]]
    })
    return values.length === good.length && values.length > 0 ? meanOf(values).toFixed(1) : ''
  }
  const ends = runs.map(({ greedy }) => (greedy === undefined ? 'failed' : greedy.toFixed(1)))
  const mean = meanOf(good.map(({ greedy }) => greedy))
  return [
    title,
    ...stepMarks.map(mark => at(0, mark * scale)),
    ...secondMarks.map(mark => at(1, mark)),
    `**${mean.toFixed(1)}** (${ends.join(', ')})`,
    shortly(runs[0].steps),
    String(Math.round(meanOf(good.map(({ seconds }) => seconds)))),
  ]
}

/** A schedule that ends with the run. */
function falling(from, to, steps, shape = 'linear') {
  return JSON.stringify({ from, to, steps, shape })
}

function known(table, name, option) {
  if (!Object.hasOwn(table, name)) throw new Error(`${option}: expected ${Object.keys(table).join(', ')}, got ${name}`)
  return table[name]
}

/** 100 k, 3 M. */
function shortly(steps) {
  return steps >= 1e6 ? `${steps / 1e6} M` : `${Math.round(steps / 1000)} k`
}

function round(value) {
  return Math.round(value * 100) / 100
}
