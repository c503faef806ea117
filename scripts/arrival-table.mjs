// What order of arrival saves: wall seconds to as many environment steps, and the training return, where all actors are as fast, and where one stands still half of the time.
//   node scripts/arrival-table.mjs [--cases threads,slow] [--algorithms ppo,impala] [--seeds 1,2,3] [--steps 30000] [--page]
// Wants two free cores and, for `slow`, redis-server. Appends each run to docs/search/arrival.jsonl and writes the table into docs/actors.md; --page: that alone.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { between, markdownTable, meanOf, metricsIn, resultsIn } from './kept-runs.mjs'

const root = join(import.meta.dirname, '..')
const { values: options } = parseArgs({
  options: {
    cases: { type: 'string', default: 'threads,slow' },
    algorithms: { type: 'string', default: 'ppo,impala' },
    seeds: { type: 'string', default: '1,2,3' },
    steps: { type: 'string', default: '30000' },
    page: { type: 'boolean', default: false },
  },
})
const titles = {
  threads: 'four actors in two threads',
  slow: 'three processes over Redis, one stopped half of the time',
}
const algorithms = { ppo: [], impala: ['--set', 'learner.policyLag=0'] }
const file = join(root, 'docs/search/arrival.jsonl')
const page = join(root, 'docs/actors.md')
const command = join(root, 'dist/src/cli/main.js')
const port = 7391
/** Milliseconds for which a process stands still, and for which it plays. */
const pause = 500

if (!options.page) {
  for (const seed of options.seeds.split(',').map(Number))
    for (const which of options.cases.split(','))
      for (const algorithm of options.algorithms.split(','))
        for (const order of ['fixed', 'arrival']) await measure({ which, algorithm, order, seed })
}
writePage()

async function measure(id) {
  const folder = mkdtempSync(join(tmpdir(), 'arrival-'))
  const ended = []
  const start = (args, program = process.execPath) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    ended.push(once(child, 'exit'))
    return child
  }
  const train = [
    ...['train', 'simple_spread', '--algorithm', id.algorithm, ...algorithms[id.algorithm]],
    ...[
      '--actors',
      '4',
      '--games',
      '4',
      '--steps',
      options.steps,
      '--seed',
      String(id.seed),
      '--json',
      '--out',
      join(folder, 'run'),
    ],
    ...['--set', `run.actorOrder=${id.order}`, '--set', 'run.logEvery=100'],
  ]
  const isSlow = id.which === 'slow'
  const place = isSlow ? ['--redis', `redis://127.0.0.1:${port}`] : []
  const redis = isSlow && start(['--port', String(port), '--save', '', '--dir', folder], 'redis-server')
  if (redis) await once(redis.stdout, 'data')
  const learner = start([command, ...train, ...(isSlow ? ['--threads', '1', ...place] : ['--threads', '2'])])
  const actors = []
  let [text, isOver] = ['', false]
  learner.stdout.setEncoding('utf8').on('data', more => {
    text += more
    const lines = text.split('\n')
    text = lines.pop()
    for (const event of lines.map(line => JSON.parse(line))) {
      if (event.event === 'actors' && isSlow && actors.length === 0) {
        for (let i = 0; i < 3; i++)
          actors.push(start([command, 'actor', ...place, '--run-key', event.runKey, '--name', `p${i}`]))
        for (const { stdout } of actors) stdout.resume()
      }
    }
  })
  const done = once(learner, 'exit').then(() => void (isOver = true))
  while (!isOver) {
    await Promise.race([sleep(pause), done])
    if (actors[0] === undefined || isOver) continue
    actors[0].kill('SIGSTOP')
    await sleep(pause)
    actors[0].kill('SIGCONT')
  }
  for (const actor of actors) actor.kill('SIGKILL')
  if (redis) redis.kill()
  await Promise.all(ended)
  const last = metricsIn(join(folder, 'run')).at(-1)
  const returns = Object.entries(last)
    .filter(([name]) => name.startsWith('return/'))
    .map(([, value]) => value)
  const found = {
    seconds: last['time/seconds'],
    return: meanOf(returns),
    envSteps: last.envSteps,
    lag: last['lag/mean'],
  }
  const line = { ...id, steps: Number(options.steps), ...found }
  console.log(JSON.stringify(line))
  appendFileSync(file, `${JSON.stringify(line)}\n`)
  rmSync(folder, { recursive: true, force: true })
}

function writePage() {
  const runs = resultsIn(file)
  const number = (value, digits) => value.toFixed(digits)
  const rows = Object.keys(titles).flatMap(which =>
    Object.keys(algorithms).flatMap(algorithm => {
      const of = order => runs.filter(run => run.which === which && run.algorithm === algorithm && run.order === order)
      const [fixed, arrival] = [of('fixed'), of('arrival')]
      if (fixed.length === 0 || arrival.length === 0) return []
      const seconds = all =>
        `${number(meanOf(all.map(run => run.seconds)), 1)} (${all.map(run => number(run.seconds, 1)).join(', ')})`
      const returns = all => number(meanOf(all.map(run => run.return)), 1)
      return [
        [`\`${algorithm}\`, ${titles[which]}`, seconds(fixed), seconds(arrival), returns(fixed), returns(arrival)],
      ]
    }),
  )
  const table = markdownTable(
    ['', 'fixed: seconds (seeds)', 'arrival: seconds (seeds)', 'fixed: return', 'arrival: return'],
    rows,
  )
  writeFileSync(page, between(readFileSync(page, 'utf8'), 'arrival', table))
}
