// Makes the pictures of the live page: node scripts/page-pictures.mjs [episodes]
// Trains simple_tag on a page in chromium, as the browser tests do, and keeps what a person sees: docs/live.png and docs/watching/*.png.
// Builds first: npm run build.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const episodes = process.argv[2] ?? '20000'
const root = join(import.meta.dirname, '..')
const docs = join(root, 'docs')
const folder = mkdtempSync(join(tmpdir(), 'marlstrom-pictures-'))
const run = join(folder, 'run')
const recording = join(folder, 'simple_tag.mcap')
const running = []
mkdirSync(join(docs, 'watching'), { recursive: true })
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })

const training = await start(
  ...['train', 'simple_tag', '--episodes', episodes, '--preset', 'modern', '--set', 'run.evaluateEvery=1000'],
  ...['--out', run, '--watch', '--record', recording],
)
const page = await open(training.url, 'light', 1280, 800)
await page.waitForFunction(
  part => {
    const { episodes, totalEpisodes } = window.marlstrom?.state?.progress ?? {}
    return episodes > part * totalEpisodes
  },
  0.75,
  { timeout: 0 },
)
await nice(page)
await page.screenshot({ path: join(docs, 'live.png') })
await page.close()

const dark = await open(training.url, 'dark', 1280, 800)
await dark.keyboard.press('2')
await dark.keyboard.press('j')
await dark.waitForTimeout(12_000)
await nice(dark)
await dark.screenshot({ path: join(docs, 'watching/agent.png') })
await dark.close()

const phone = await open(training.url, 'light', 390, 844, 2)
await phone.waitForTimeout(6000)
await nice(phone)
await phone.screenshot({ path: join(docs, 'watching/phone.png') })
await phone.close()
await training.stop()

const playback = await start('playback', recording)
const past = await open(playback.url, 'dark', 1280, 800)
await past.waitForFunction(() => window.marlstrom?.frame)
const { first, last } = await past.evaluate(() => window.marlstrom.state.timeline)
await past.evaluate(
  number => {
    const scrub = document.getElementById('scrub')
    scrub.value = String(number)
    scrub.dispatchEvent(new Event('input'))
  },
  Math.round(first + 0.6 * (last - first)),
)
await past.waitForTimeout(4000)
await past.keyboard.press('2')
await past.keyboard.press('l')
await past.waitForFunction(() => window.marlstrom.state.timeline.loop !== null)
await past.waitForFunction(() => window.marlstrom.frame.step > 12)
await past.screenshot({ path: join(docs, 'watching/playback.png') })
await browser.close()
await playback.stop()
rmSync(folder, { recursive: true, force: true })

/** A command that serves a page. */
async function start(...args) {
  const child = spawn(process.execPath, [join(root, 'dist/src/cli/main.js'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running.push(child)
  const ended = new Promise(resolve => child.on('close', resolve))
  const url = await new Promise((found, missed) => {
    let text = ''
    child.stdout.on('data', data => {
      text += data
      const match = /(http:\/\/\S+)/.exec(text)
      if (match) found(match[1])
    })
    ended.then(() => missed(new Error(`marlstrom ${args.join(' ')} has ended: ${text}`)))
  })
  return {
    url,
    stop() {
      child.kill('SIGINT')
      return ended
    },
  }
}

async function open(url, colorScheme, width, height, deviceScaleFactor = 1) {
  const page = await browser.newPage({ colorScheme, viewport: { width, height }, deviceScaleFactor })
  await page.goto(url)
  await page.waitForFunction(() => window.marlstrom?.frame, null, { timeout: 60_000 })
  return page
}

/** Waits for a moment well within an episode, with everybody near the middle. */
function nice(page) {
  return page.waitForFunction(
    () => {
      const { frame } = window.marlstrom
      const places = Array.from(frame.row.subarray(0, 12))
      return frame.step > 12 && places.every(place => Math.abs(place) < 1.15)
    },
    null,
    { timeout: 60_000, polling: 30 },
  )
}
