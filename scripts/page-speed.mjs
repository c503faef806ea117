// How fast the page is: node scripts/page-speed.mjs [agents ...]
// A game of so many agents at 30 frames a second over a real server, watched by the built page in chromium (drawn by the processor alone):
// pictures per second, milliseconds of script for one picture, and milliseconds from the simulation of a frame to the canvas.
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { of, Subject } from 'rxjs'
import { createSession, createStreamServer, initialSession } from '../dist/src/index.js'

const seconds = 8
const framesPerSecond = 30
const counts = process.argv.slice(2).map(Number)
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
for (const agents of counts.length > 0 ? counts : [3, 100, 500, 1500]) console.log(await measure(agents))
await browser.close()
process.exit(0)

async function measure(agents) {
  const schema = schemaOf(agents)
  const frames = new Subject()
  const server = await createStreamServer({ port: 0, page: join(import.meta.dirname, '../dist/viewer') })
  server.add({ id: 'speed', title: 'speed', session: createSession(stateOf(schema)), show: showOf(schema, frames) })
  let number = 0
  const game = setInterval(() => frames.next(momentOf(schema, number++)), 1000 / framesPerSecond)
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await page.goto(server.url)
  await page.waitForFunction(() => window.marlstrom?.delays.drawnAfter.length > 20)
  await page.evaluate(() => {
    window.pictures = []
    const tick = now => {
      window.pictures.push(now)
      requestAnimationFrame(tick)
    }
    requestAnimationFrame(tick)
  })
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')
  const scriptTime = async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    return metrics.find(({ name }) => name === 'ScriptDuration').value
  }
  const before = await scriptTime()
  await page.waitForTimeout(1000 * seconds)
  const script = (await scriptTime()) - before
  const { pictures, drawnAfter } = await page.evaluate(() => ({
    pictures: window.pictures,
    drawnAfter: window.marlstrom.delays.drawnAfter,
  }))
  const between = pictures.slice(1).map((now, i) => now - pictures[i])
  await page.close()
  clearInterval(game)
  await server.close('measured')
  return {
    agents,
    'pictures/s': round((1000 * between.length) / between.reduce((sum, ms) => sum + ms, 0)),
    'between, p95 (ms)': round(quantile(between, 0.95)),
    'script/picture (ms)': round((1000 * script) / between.length),
    'simulation to canvas, median (ms)': round(quantile(drawnAfter, 0.5)),
    'p99 (ms)': round(quantile(drawnAfter, 0.99)),
  }
}

/** Agents on circles, some of which touch. */
function momentOf(schema, number) {
  const row = new Float32Array(schema.size)
  const count = schema.agents.length
  const rate = 0.4 / framesPerSecond
  for (let i = 0; i < count; i++) {
    const radius = 0.1 + 1.05 * Math.sqrt((i + 0.5) / count)
    const speed = (i % 2 ? 1 : -1) * (0.5 + (i % 7) / 7)
    const angle = 2.4 * i + number * rate * speed
    row[2 * i] = radius * Math.cos(angle)
    row[2 * i + 1] = radius * Math.sin(angle)
    row[2 * count + 2 * i] = -radius * speed * 0.4 * Math.sin(angle)
    row[2 * count + 2 * i + 1] = radius * speed * 0.4 * Math.cos(angle)
  }
  const step = number % 200
  const frame = {
    number,
    at: performance.timeOrigin + performance.now(),
    episode: Math.floor(number / 200),
    step,
    restarted: step === 0,
    placed: false,
    rewards: new Float32Array(count).fill(-1),
    returns: new Float32Array(count).fill(-step),
    actions: new Float32Array(5 * count),
    row,
  }
  return { frame, opening: null, fingerprint: () => null }
}

function schemaOf(count) {
  const teamOf = i => (i % 3 === 0 ? 'adversary' : 'good')
  const size = count > 300 ? 0.012 : count > 30 ? 0.03 : 0.075
  const ids = Array.from({ length: count }, (_, i) => `${teamOf(i)}_${i}`)
  return {
    kind: 'particles',
    extent: 1.3,
    entities: ids.map((id, i) => ({
      id,
      kind: 'agent',
      agent: i,
      team: teamOf(i),
      size,
      color: [0.35, 0.35, 0.85],
      collides: true,
    })),
    fields: [
      { name: 'position', offset: 0, size: 2 * count },
      { name: 'velocity', offset: 2 * count, size: 2 * count },
    ],
    size: 4 * count,
    agents: ids.map((id, i) => ({
      id,
      team: teamOf(i),
      actionSpace: [{ name: 'move', kind: 'choice', size: 5, soft: false }],
      observationParts: [{ name: 'all', size: 4 }],
    })),
    secondsPerStep: 0.1,
  }
}

function stateOf(schema) {
  const run = { scenario: 'speed', algorithm: 'none', seed: 1, preset: 'none', folder: null }
  const state = initialSession(run, 'playing', schema, null)
  return { ...state, exhibition: { ...state.exhibition, speed: 3 } }
}

function showOf(schema, moments$) {
  return { schema$: of(schema), moments$, inspect: () => null, command() {}, left() {} }
}

function quantile(values, part) {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(part * values.length))]
}

function round(value) {
  return Number(value.toFixed(1))
}
