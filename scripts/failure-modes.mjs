// Trains ppo on three bandits on which it fails in three ways, with what cures each: node scripts/failure-modes.mjs [seeds, 10]
// Prints the table of docs/algorithms.md ("Where PPO fails") and draws docs/curves/failure-modes.svg: what every seed ends with.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRun, train } from '../dist/src/index.js'

const seeds = Array.from({ length: Number(process.argv[2] ?? 10) }, (_, i) => i + 1)
const rounds = 200
const games = 64
/** Above what only the best actions lead. */
const good = 0.75

/** Clipped Gaussians begin with a deviation of 1 as in other implementations, where `first` says it in half widths of the box; by themselves, with 4. */
const gaussian = { boxes: 'clipped', first: 1 / 4 }
const wide = { boxes: 'clipped' }
const beta = { boxes: 'beta' }
const objectives = [
  ['clip', { objective: 'clip' }],
  ['adaptive KL', { objective: 'adaptiveKl' }],
  ['reverse KL', { objective: 'reverseKl' }],
]
const boxes = [
  ...objectives.map(([name, objective]) => [`Gaussian, ${name}`, { ...gaussian, ...objective }]),
  ['Gaussian that begins wide, clip', wide],
  ['Beta, clip', beta],
  ['Beta, reverse KL', { ...beta, objective: 'reverseKl' }],
]
const panels = [
  { task: 'support', learningRate: 0.01, title: 'Nothing is paid outside of -1 ... 1', methods: boxes },
  { task: 'arms', learningRate: 0.003, title: '100 arms, one pays 1, the others 0.5 or less', methods: objectives },
  {
    task: 'peaks',
    learningRate: 0.003,
    title: 'A peak of 0.5 where policies begin, one of 1 to the side',
    methods: boxes,
  },
]

for (const panel of panels) {
  panel.results = []
  for (const [name, settings] of panel.methods) {
    const ends = []
    for (const seed of seeds) ends.push(await reward(panel, settings, seed))
    panel.results.push({ name, ends })
  }
  console.log(table(panel))
}
writeFileSync(join(import.meta.dirname, '../docs/curves/failure-modes.svg'), picture())

/** Mean reward of the last 1,000 episodes. */
async function reward({ task, learningRate }, { first, ...learner }, seed) {
  const run = await createRun({
    scenario: { id: join(import.meta.dirname, 'failure-modes-game.mjs'), task },
    learner: {
      algorithm: 'ppo',
      rolloutSteps: 1,
      epochs: 10,
      minibatches: 8,
      learningRate,
      entropyWeight: 0,
      ...learner,
    },
    network: { hidden: [16], activation: 'tanh' },
    run: { seed, games, episodes: games * rounds, logEvery: games * rounds, threads: 1 },
  })
  // The deviation is a parameter of its own, the last one.
  const { parameters } = run.roster[0].actor.network
  if (first !== undefined) parameters[parameters.length - 1] = Math.log(first)
  let last = 0
  await new Promise((resolve, reject) => {
    const next = event => {
      if (event.type === 'metrics') last = event.line['return/agent']
    }
    train(run).subscribe({ next, error: reject, complete: resolve })
  })
  run.dispose()
  return last
}

function table({ title, results }) {
  const rows = results.map(({ name, ends }) => {
    const best = ends.filter(end => end > good).length
    const mean = ends.reduce((sum, end) => sum + end, 0) / ends.length
    const sorted = ends.toSorted((a, b) => a - b)
    return `| ${name} | ${best} of ${ends.length} | ${mean.toFixed(2)} | ${sorted.map(end => end.toFixed(2)).join(' ')} |`
  })
  return [`\n${title}\n`, '| | above 0.75 | mean | per seed |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

/** A panel per task, a row per method, a dot per seed. */
function picture() {
  const [width, left, right, rowHeight] = [760, 230, 30, 26]
  const x = value => left + value * (width - left - right)
  let y = 10
  const parts = panels.flatMap(({ title, results }) => {
    const top = y + 30
    y = top + results.length * rowHeight + 34
    const bottom = top + results.length * rowHeight
    const ticks = [0, 0.25, 0.5, 0.75, 1].map(
      tick =>
        `<path d="M${x(tick)} ${top}V${bottom}" stroke="#e3e6ec"/><text x="${x(tick)}" y="${bottom + 16}" text-anchor="middle" fill="#5a6372">${tick}</text>`,
    )
    const rows = results.map(({ name, ends }, row) => {
      const middle = top + (row + 0.5) * rowHeight
      const dots = ends.map((end, i) => {
        const place = middle + ((i + 0.5) / ends.length - 0.5) * 14
        return `<circle cx="${x(Math.min(1, Math.max(0, end))).toFixed(1)}" cy="${place.toFixed(1)}" r="3.5" fill="${end > good ? '#0f8a6d' : '#c4314b'}" opacity="0.7"/>`
      })
      return `<text x="${left - 12}" y="${middle + 4}" text-anchor="end" fill="#1b2230">${name}</text>${dots.join('')}`
    })
    return [
      `<text x="${left}" y="${top - 10}" font-size="13" font-weight="600" fill="#1b2230">${title}</text>`,
      ...ticks,
      ...rows,
    ]
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y + 16}" font-family="system-ui, sans-serif" font-size="12">
<title>What ppo ends with on three bandits, by objective and policy</title>
<rect width="${width}" height="${y + 16}" fill="#ffffff"/>
${parts.join('\n')}
<text x="${(left + width - right) / 2}" y="${y + 6}" text-anchor="middle" fill="#5a6372">mean reward of the last 1,000 of ${(games * rounds).toLocaleString('en-US')} episodes, a dot per seed</text>
</svg>
`
}
