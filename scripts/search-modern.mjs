// The search for preset `modern`: trains named recipes on some seeds and keeps one line per run in docs/search/modern.jsonl.
// node scripts/search-modern.mjs <scenario> <episodes> <seeds 1,2,3 or 1-3> <recipe> [<recipe> ...]   trains what is not there yet
// node scripts/search-modern.mjs table                                                                 prints the tables of docs/search/modern.md
// A recipe is a list of settings: lr=0.003,every=50,tau=0.005 (short names below, or any section.key=value); `openai` is none at all.
import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const results = join(root, 'docs/search/modern.jsonl')

/** Short names, so that a recipe fits into a cell of a table. */
const short = {
  algorithm: 'learner.algorithm',
  lr: 'learner.learningRate',
  every: 'learner.updateEvery',
  after: 'learner.updateAfter',
  batch: 'learner.batch',
  tau: 'learner.tau',
  gamma: 'learner.gamma',
  clip: 'learner.clip',
  penalty: 'learner.logitPenalty',
  temperature: 'learner.temperature',
  estimator: 'learner.estimator',
  copy: 'learner.copyTargets',
  normalise: 'learner.normaliseRewards',
  share: 'learner.shareParameters',
  hidden: 'network.hidden',
  norm: 'network.layerNorm',
  activation: 'network.activation',
  games: 'run.games',
  steps: 'learner.returnSteps',
}

const [scenario, episodes, seeds, ...recipes] = process.argv.slice(2)
mkdirSync(join(root, 'docs/search'), { recursive: true })
const known = existsSync(results)
  ? readFileSync(results, 'utf8')
      .trim()
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line))
  : []

if (scenario === 'table') console.log(tables())
else for (const recipe of recipes) for (const seed of seedsOf(seeds)) await once(recipe, seed)

/** Trains one recipe with one seed, unless that was done before. */
async function once(recipe, seed) {
  const same = line => line.recipe === recipe && line.seed === seed && line.scenario === scenario
  if (known.some(line => same(line) && line.episodes === Number(episodes))) return
  const folder = join(root, 'runs', 'search', `${process.pid}-${seed}`)
  const settings = settingsOf(recipe).flatMap(setting => ['--set', setting])
  const args = ['train', scenario, '--episodes', episodes, '--seed', String(seed), '--threads', '1', '--json']
  const quiet = ['--set', 'run.checkpointEvery=1000000', '--out', folder]
  const { status, events } = await run([...args, ...settings, ...quiet])
  rmSync(folder, { recursive: true, force: true })
  const of = mode => events.find(e => e.event === 'evaluation' && e.policy === 'trained' && e.mode === mode)?.returns
  const means = returns => Object.fromEntries(Object.entries(returns ?? {}).map(([id, { mean }]) => [id, round(mean)]))
  const summary = events.at(-1)
  const line = {
    scenario,
    episodes: Number(episodes),
    recipe,
    seed,
    ...(status === 0
      ? {
          training: Object.fromEntries(Object.entries(summary.returns).map(([id, mean]) => [id, round(mean)])),
          greedy: means(of('greedy')),
          sample: means(of('sample')),
          updates: summary.updates,
          seconds: Math.round(summary.wallSeconds),
        }
      : { failed: true }),
  }
  appendFileSync(results, `${JSON.stringify(line)}\n`)
  console.log(JSON.stringify(line))
}

function run(args) {
  return new Promise(done => {
    const child = spawn(process.execPath, [join(root, 'dist/src/cli/main.js'), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let text = ''
    child.stdout.on('data', data => {
      text += data
    })
    child.on('close', status =>
      done({
        status,
        events: text
          .trim()
          .split('\n')
          .map(line => JSON.parse(line || '{}')),
      }),
    )
  })
}

/** `lr=0.003,hidden=[128;128]` as settings of the command line; a semicolon stands for a comma within a value, a>b/n for a schedule. */
function settingsOf(recipe) {
  if (recipe === 'openai') return []
  if (/^[a-z]+$/.test(recipe)) return [`run.preset=${recipe}`]
  return recipe.split(',').map(setting => {
    const [key, value] = setting.split('=')
    const [, from, to, steps] = /^([\d.e-]+)>([\d.e-]+)\/([\d.e+]+)$/.exec(value) ?? []
    const text = steps
      ? JSON.stringify({ from: Number(from), to: Number(to), steps: Number(steps), shape: 'exponential' })
      : value.replaceAll(';', ',')
    return `${short[key] ?? key}=${text}`
  })
}

/** One table per scenario and length: every seed a point, the best mean first. */
function tables() {
  const groups = groupBy(known, line => `${line.scenario}, ${line.episodes.toLocaleString('en-US')} episodes`)
  return [...groups]
    .map(([title, lines]) => {
      const rows = [...groupBy(lines, line => line.recipe)].map(([recipe, runs]) => {
        const points = runs.toSorted((a, b) => a.seed - b.seed).map(line => score(line.greedy))
        const mean = points.reduce((sum, point) => sum + point, 0) / points.length
        const each = name => Math.round(runs.reduce((sum, line) => sum + (line[name] ?? 0), 0) / runs.length)
        const listed = runs
          .toSorted((a, b) => a.seed - b.seed)
          .map(({ seed }) => seed)
          .join(' ')
        return {
          mean,
          row: `| \`${recipe}\` | ${mean.toFixed(1)} | ${points.map(p => p.toFixed(1)).join(', ')} | ${listed} | ${each('updates').toLocaleString('en-US')} | ${each('seconds')} |`,
        }
      })
      rows.sort((a, b) => b.mean - a.mean)
      const head =
        '| recipe | mean | per seed | seeds | update rounds | seconds |\n| --- | --- | --- | --- | --- | --- |'
      return `### ${title}\n\n${head}\n${rows.map(({ row }) => row).join('\n')}\n`
    })
    .join('\n')
}

/** Mean over the agents of their evaluation return, greedy. */
function score(returns) {
  const values = Object.values(returns ?? {})
  return values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / values.length
}

function seedsOf(text) {
  return text.split(',').flatMap(part => {
    const [from, to = from] = part.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, i) => from + i)
  })
}

function round(value) {
  return Math.round(value * 100) / 100
}

/** Items by what `key` says of them, in the order of their first. */
function groupBy(items, key) {
  const groups = new Map()
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item])
  return groups
}
