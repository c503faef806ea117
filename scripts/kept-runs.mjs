// Trainings that scripts measure: side by side, each on one thread, gone on with where they were stopped, each result a line of a file.
import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'

const command = join(import.meta.dirname, '../dist/src/cli/main.js')

/** What was measured so far: one JSON object per line. */
export function resultsIn(file) {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean)
  return lines.map(line => JSON.parse(line))
}

/**
 * Trains what has no result yet. A run is `{ id, name, args }`: the fields that tell its result from others, the name of its folder, the
 * arguments of `marlstrom train`. `measure(events, folder, id)` gives further fields of its result. Runs that a signal stops go on from their
 * checkpoint next time. Resolves with the number of runs that are still to be trained.
 */
export async function trainKept(runs, { file, folder, jobs = availableParallelism(), limit = Infinity, measure }) {
  const known = resultsIn(file)
  const isKnown = ({ id }) => known.some(line => Object.entries(id).every(([key, value]) => line[key] === value))
  const missing = runs.filter(run => !isKnown(run))
  const waiting = missing.slice(0, limit)
  const children = new Set()
  let [ended, stopped] = [0, false]
  const stop = signal => {
    stopped = true
    // Ctrl-C has reached the trainings by itself.
    if (signal === 'SIGTERM') for (const child of children) child.kill('SIGTERM')
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  mkdirSync(folder, { recursive: true })
  mkdirSync(dirname(file), { recursive: true })

  const once = async run => {
    const out = join(folder, run.name)
    const goesOn = existsSync(join(out, 'checkpoints')) && readdirSync(join(out, 'checkpoints')).length > 0
    if (!goesOn) rmSync(out, { recursive: true, force: true })
    console.log(`${goesOn ? 'going on with' : 'training'} ${run.name}`)
    const where = goesOn ? ['--resume', out] : [...run.args, '--out', out]
    const { code, events, text } = await eventsOf(['train', ...where, '--threads', '1', '--json'], children)
    const summary = events.findLast(({ event }) => event === 'summary')
    if (stopped || summary?.stopped) return
    // Code 1 is a run that came to an end by itself, as where numbers are no longer finite.
    if (code > 1 || code === null) throw new Error(`${run.name} ended with code ${code}:\n${text}`)
    const measured = code === 0 ? measure(events, out, run.id) : { failed: text.trim().split('\n').at(-1) }
    appendFileSync(file, `${JSON.stringify({ ...run.id, ...measured })}\n`)
    rmSync(out, { recursive: true, force: true })
    ended++
    console.log(`${ended} of ${missing.length}: ${run.name} ${JSON.stringify(measured).slice(0, 150)}`)
  }
  const worker = async () => {
    for (let run = waiting.shift(); run !== undefined && !stopped; run = waiting.shift()) await once(run)
  }
  try {
    await Promise.all(Array.from({ length: jobs }, worker))
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
  return missing.length - ended
}

/** What a command of marlstrom says, line by line, and what it complains of. */
function eventsOf(args, children) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [command, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    let [said, text] = ['', '']
    child.stdout.setEncoding('utf8').on('data', part => {
      said += part
    })
    child.stderr.setEncoding('utf8').on('data', part => {
      text += part
    })
    children.add(child)
    child.on('error', reject)
    child.on('close', code => {
      children.delete(child)
      const lines = said.split('\n').filter(line => line.startsWith('{'))
      resolve({ code, text, events: lines.map(line => JSON.parse(line)) })
    })
  })
}

/** The metrics lines of a run folder. */
export function metricsIn(folder) {
  return resultsIn(join(folder, 'metrics.jsonl'))
}

/** Mean return of some agents in the evaluation at the end, not on the way: of mode `greedy` or `sample`, of a policy; NaN where there is none. */
export function evaluated(events, mode, policy = 'trained', isCounted = () => true) {
  const ofTable = events.filter(e => e.event === 'evaluation' && e.trainingEpisodes === undefined)
  const found = ofTable.find(e => e.policy === policy && e.mode === mode)
  const means = Object.entries(found?.returns ?? {}).flatMap(([id, { mean }]) => (isCounted(id) ? [mean] : []))
  return meanOf(means)
}

export function meanOf(numbers) {
  return numbers.reduce((sum, x) => sum + x, 0) / numbers.length
}

/** Deviation of a sample; 0 of one number. */
export function deviationOf(numbers) {
  const mean = meanOf(numbers)
  return Math.sqrt(numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(1, numbers.length - 1))
}

/** The text with what stands between `<!-- name -->` and `<!-- /name -->` replaced. */
export function between(text, name, middle) {
  const [from, to] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const [start, end] = [text.indexOf(from), text.indexOf(to)]
  if (start < 0 || end < start) throw new Error(`expected ${from} and ${to} in the page`)
  return `${text.slice(0, start + from.length)}\n${middle}\n${text.slice(end)}`
}

/** A table of Markdown. */
export function markdownTable(head, rows) {
  return [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}
