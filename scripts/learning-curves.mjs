// Trains several seeds and draws their learning curves: node scripts/learning-curves.mjs simple_spread 60000 1 2 3
// Writes docs/curves/<scenario>.svg and prints the table for docs/results.md. Seeds that are already under runs/curves are not trained again.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [scenario = 'simple_spread', episodes = '60000', ...seeds] = process.argv.slice(2)
const command = join(import.meta.dirname, '../dist/src/cli/main.js')

/** Mean return of ten runs of openai/maddpg at some episodes, and the range at 60,000, where published. */
const references = {
  simple_spread: {
    points: [
      [0, -221],
      [3000, -197],
      [10000, -165],
      [20000, -155],
      [30000, -150],
      [60000, -140],
    ],
    range: [-144, -135],
  },
}

const runs = seeds.map(seed => {
  const folder = join('runs', 'curves', `${scenario}-${episodes}-s${seed}`)
  if (!existsSync(join(folder, 'summary.json'))) {
    const args = [command, 'train', scenario, '--episodes', episodes, '--seed', seed, '--out', folder, '--json']
    const { stdout, status } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      maxBuffer: 1e9,
    })
    if (status !== 0) throw new Error(`seed ${seed} ended with ${status}`)
    const events = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    const evaluations = events.filter(event => event.event === 'evaluation')
    writeFileSync(join(folder, 'summary.json'), JSON.stringify({ ...events.at(-1), evaluations }, null, 2))
  }
  const lines = readFileSync(join(folder, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  return { seed, lines, summary: JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) }
})

mkdirSync('docs/curves', { recursive: true })
writeFileSync(`docs/curves/${scenario}.svg`, picture(runs, references[scenario]))
console.log(table(runs))

function table(all) {
  const marks = [2000, 3000, 6000, 10000, 20000, 30000, 46000, 60000].filter(mark => mark <= Number(episodes))
  const at = (run, mark) => run.lines.findLast(line => line.episodes <= mark)['return/agent_0'].toFixed(1)
  const evaluated = (run, mode) => {
    const { mean, standardError } = run.summary.evaluations.find(e => e.policy === 'trained' && e.mode === mode).returns
      .agent_0
    return `${mean.toFixed(1)} ± ${standardError.toFixed(1)}`
  }
  const head = [
    'seed',
    ...marks.map(mark => `${mark / 1000}k`),
    'evaluation, sample',
    'evaluation, greedy',
    'wall time',
    'env steps/s',
    'ms per round',
  ]
  const rows = all.map(run => [
    run.seed,
    ...marks.map(mark => at(run, mark)),
    evaluated(run, 'sample'),
    evaluated(run, 'greedy'),
    `${Math.round(run.summary.wallSeconds)} s`,
    Math.round(run.summary.envStepsPerSecond).toLocaleString('en-US'),
    run.summary.updateMilliseconds.toFixed(1),
  ])
  const mean = marks.map(mark => (all.reduce((sum, run) => sum + Number(at(run, mark)), 0) / all.length).toFixed(1))
  rows.push(['mean', ...mean, '', '', '', '', ''])
  return [head, head.map(() => '---'), ...rows].map(row => `| ${row.join(' | ')} |`).join('\n')
}

function picture(all, reference) {
  const [width, height, left, right, top, bottom] = [860, 420, 60, 20, 30, 46]
  const values = all.flatMap(run => run.lines.map(line => line['return/agent_0']))
  const low = Math.floor(Math.min(...values, ...(reference?.points.map(point => point[1]) ?? [])) / 20) * 20
  const high = Math.ceil(Math.max(...values, ...(reference?.range ?? [])) / 20) * 20
  const x = episode => left + (episode / Number(episodes)) * (width - left - right)
  const y = value => top + ((high - value) / (high - low)) * (height - top - bottom)
  const path = points =>
    points.map(([e, v], i) => `${i === 0 ? 'M' : 'L'}${x(e).toFixed(1)} ${y(v).toFixed(1)}`).join('')
  const colors = ['#3557d6', '#d9730d', '#0f8a6d', '#a63ec5', '#c4314b']
  const ticksY = Array.from({ length: (high - low) / 20 + 1 }, (_, i) => low + i * 20)
  const ticksX = Array.from({ length: 7 }, (_, i) => (Number(episodes) / 6) * i)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">
<title>Training returns of ${scenario}</title>
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="${left}" y="18" font-size="13" fill="#1b2230">${scenario}: training return per agent per episode (mean of the last 1,000 episodes)</text>
${ticksY.map(v => `<path d="M${left} ${y(v)}H${width - right}" stroke="#e3e6ec"/><text x="${left - 8}" y="${y(v) + 4}" text-anchor="end" fill="#5a6372">${v}</text>`).join('\n')}
${ticksX.map(e => `<text x="${x(e)}" y="${height - 26}" text-anchor="middle" fill="#5a6372">${Math.round(e).toLocaleString('en-US')}</text>`).join('\n')}
<text x="${(left + width - right) / 2}" y="${height - 8}" text-anchor="middle" fill="#5a6372">training episodes</text>
${
  reference === undefined
    ? ''
    : `<rect x="${x(Number(episodes) * 0.97)}" y="${y(reference.range[1])}" width="${x(Number(episodes)) - x(Number(episodes) * 0.97)}" height="${y(reference.range[0]) - y(reference.range[1])}" fill="#1b2230" opacity="0.18"/>
<path d="${path(reference.points.filter(point => point[0] <= Number(episodes)))}" fill="none" stroke="#1b2230" stroke-dasharray="5 4"/>`
}
${all.map((run, i) => `<path d="${path(run.lines.map(line => [line.episodes, line['return/agent_0']]))}" fill="none" stroke="${colors[i % colors.length]}" stroke-width="1.6"/>`).join('\n')}
${[
  ...all.map((run, i) => [colors[i % colors.length], `seed ${run.seed}`]),
  ...(reference === undefined ? [] : [['#1b2230', 'openai/maddpg, mean of 10 runs; range at the end']]),
]
  .map(
    ([color, name], i) =>
      `<path d="M${width - 400} ${height - 150 + i * 18}h24" stroke="${color}" stroke-width="2"/><text x="${width - 368}" y="${height - 146 + i * 18}" fill="#1b2230">${name}</text>`,
  )
  .join('\n')}
</svg>
`
}
