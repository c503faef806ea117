// Compares algorithms at equal environment steps: node scripts/compare-algorithms.mjs <episodes> <seeds 1,2,3>
//   [--scenarios simple_spread,simple_tag] [--algorithms maddpg,matd3] [--mode sample|greedy] [--jobs 1]
// Trains every algorithm on every scenario with every seed, on one thread each, and prints a table per scenario: evaluation return per
// agent of each team over 1,000 episodes, what it took, and what policies get that learn nothing. Runs that are finished under
// runs/compare are not trained again. With --jobs above the free cores, wall times say nothing.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const command = join(import.meta.dirname, '../dist/src/cli/main.js')
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    scenarios: { type: 'string', default: 'simple_spread,simple_tag' },
    algorithms: { type: 'string' },
    mode: { type: 'string', default: 'sample' },
    jobs: { type: 'string', default: '1' },
  },
})
if (!['sample', 'greedy'].includes(options.mode))
  throw new Error(`--mode: expected sample or greedy, got ${options.mode}`)
const [episodes = '10000', seeds = '1,2,3'] = positionals
const scenarios = options.scenarios.split(',')
const algorithms = options.algorithms?.split(',') ?? (await registered())

const wanted = scenarios.flatMap(scenario =>
  algorithms.flatMap(algorithm => seeds.split(',').map(seed => ({ scenario, algorithm, seed }))),
)
const waiting = [...wanted]
await Promise.all(
  Array.from({ length: Number(options.jobs) }, async () => {
    for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) await finish(run)
  }),
)
for (const scenario of scenarios) console.log(`\n## ${scenario}\n\n${table(scenario)}`)

/** Every algorithm that there is. */
async function registered() {
  const events = await eventsOf(['list', '--json'])
  return events.filter(({ event }) => event === 'algorithm').map(({ id }) => id)
}

function folderOf({ scenario, algorithm, seed }) {
  return join('runs', 'compare', `${scenario}-${algorithm}-${episodes}-s${seed}`)
}

/** Trains a run unless it is there; one that was broken off begins anew. */
async function finish(run) {
  const folder = folderOf(run)
  if (existsSync(join(folder, 'summary.json'))) return
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join('runs', 'compare'), { recursive: true })
  const { scenario, algorithm, seed } = run
  console.error(`training ${algorithm} on ${scenario}, seed ${seed}`)
  const settings = ['--algorithm', algorithm, '--episodes', episodes, '--seed', seed, '--threads', '1']
  const events = await eventsOf(['train', scenario, ...settings, '--out', folder, '--json'])
  const evaluations = events.filter(({ event }) => event === 'evaluation')
  writeFileSync(join(folder, 'summary.json'), JSON.stringify({ ...events.at(-1), evaluations }, null, 2))
}

/** What a command of marlstrom prints, line by line. */
function eventsOf(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [command, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', part => {
      text += part
    })
    child.on('error', reject)
    child.on('close', code => {
      if (code !== 0) return reject(new Error(`marlstrom ${args.join(' ')} ended with ${code}`))
      resolve(
        text
          .trim()
          .split('\n')
          .map(line => JSON.parse(line)),
      )
    })
  })
}

function table(scenario) {
  const runs = wanted
    .filter(run => run.scenario === scenario)
    .map(run => ({ ...run, summary: JSON.parse(readFileSync(join(folderOf(run), 'summary.json'), 'utf8')) }))
  const teams = [...new Set(Object.keys(runs[0].summary.evaluations[0].returns).map(teamOf))]
  const head = ['', ...teams.map(team => `${team}: return (seeds)`), 'wall time', 'update rounds', 'updates/s']
  const learnt = algorithms.map(algorithm => {
    const own = runs.filter(run => run.algorithm === algorithm).map(run => run.summary)
    const returns = teams.map(team => {
      const points = own.map(summary => teamReturn(summary, 'trained', options.mode, team))
      return `**${mean(points).toFixed(1)}** (${points.map(point => point.toFixed(1)).join(', ')})`
    })
    const rounds = mean(own.map(({ updates }) => updates))
    const perSecond = rounds === 0 ? '' : (1000 / mean(own.map(run => run.updateMilliseconds))).toFixed(1)
    const seconds = mean(own.map(({ wallSeconds }) => wallSeconds))
    return [algorithm, ...returns, `${Math.round(seconds)} s`, String(Math.round(rounds)), perSecond]
  })
  const { summary } = runs[0]
  const others = [...new Set(summary.evaluations.map(({ policy }) => policy))].filter(policy => policy !== 'trained')
  const unlearnt = others.map(policy => {
    const { mode } = summary.evaluations.find(evaluation => evaluation.policy === policy)
    return [policy, ...teams.map(team => teamReturn(summary, policy, mode, team).toFixed(1)), '', '', '']
  })
  return [head, head.map(() => '---'), ...learnt, ...unlearnt].map(row => `| ${row.join(' | ')} |`).join('\n')
}

/** Mean return per episode over the agents of a team. */
function teamReturn({ evaluations }, policy, mode, team) {
  const found = evaluations.find(evaluation => evaluation.policy === policy && evaluation.mode === mode)
  return mean(
    Object.entries(found.returns)
      .filter(([id]) => teamOf(id) === team)
      .map(([, estimate]) => estimate.mean),
  )
}

/** An agent's id without its number. */
function teamOf(id) {
  return id.replace(/_\d+$/, '')
}

function mean(numbers) {
  return numbers.reduce((sum, x) => sum + x, 0) / numbers.length
}
