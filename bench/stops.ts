// How soon a training with a page has ended after Ctrl-C, amid whatever it does, and how soon pages are back when their server is.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { compiledFile } from '../src/installation/package-folder.ts'
import type { Benchmark, Figure } from './figure.ts'

/** Seconds that are aimed at. */
const aims = { exit: 2, page: 10 }
const turns = 3

/** simple_spread with twelve agents and the default networks and batch; a buffer that one machine has room for. */
const twelve = ['simple_spread', '--set', 'scenario.agents=12', '--set', 'replay.capacity=100000', '--json']

interface Moment {
  readonly name: string
  readonly args: readonly string[]
  /** What has been printed when the moment has come. */
  readonly sign: RegExp
}

/** When Ctrl-C comes. Evaluations of so many episodes would take hours. */
const moments: readonly Moment[] = [
  {
    name: 'update-rounds',
    args: ['--episodes', '100000', '--set', 'learner.updateAfter=1024'],
    sign: /"updates":[1-9]/,
  },
  {
    name: 'table',
    args: ['--episodes', '20', '--set', 'run.summaryEpisodes=10000000', '--set', 'learner.updateAfter=25600'],
    sign: /"event":"checkpoint","episodes":20,/,
  },
  {
    name: 'evaluation',
    args: [
      ...['--episodes', '100000', '--set', 'learner.updateAfter=25600', '--set', 'run.logEvery=20'],
      ...['--set', 'run.evaluateEvery=20', '--set', 'run.evaluateEpisodes=10000000'],
    ],
    sign: /"event":"progress","episodes":20,/,
  },
]

export const stops: Benchmark = {
  name: 'stops',
  description: `Ctrl-C to the end of train --watch with 12 agents and a viewer, longest of ${turns}; pages back after their server`,
  async run(report) {
    for (const moment of moments) {
      const seconds: number[] = []
      for (let turn = 0; turn < turns; turn++) seconds.push(await secondsToExit(moment))
      report(against(`stops/${moment.name}`, Math.max(...seconds), 's to exit', aims.exit))
    }
    const seconds = await secondsToReturn()
    if (seconds !== null) report(against('stops/page', Math.max(...seconds), 's until the page is back', aims.page))
  },
}

function against(name: string, value: number, unit: string, aim: number): Figure {
  return { name, value, unit, against: `the aim of ${aim} s`, ratio: aim / value }
}

/** From the signal to the end of the process, with a viewer that is sent frames. */
async function secondsToExit({ args, sign }: Moment): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'marlstrom-bench-'))
  const port = await freePort()
  const training = begin('train', ...twelve, ...args, '--watch', String(port), '--out', join(folder, 'run'))
  try {
    await training.prints(/"event":"progress"/)
    const viewer = new WebSocket(`ws://127.0.0.1:${port}/stream`)
    viewer.on('error', () => {})
    await training.prints(sign)
    await pause(1000)
    const start = performance.now()
    training.process.kill('SIGINT')
    await training.ended
    return (performance.now() - start) / 1000
  } finally {
    training.process.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

const chromiumPlaces = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
/** Milliseconds that a server is away: its pages ask as seldom then as they ever do. */
const away = 20_000

/** From the moment that a server is there again, after an orderly end, until its page shows it; null: there is no browser here. */
async function secondsToReturn(): Promise<number[] | null> {
  const executablePath = chromiumPlaces.find(place => existsSync(place))
  const { chromium } = await import('playwright-core').catch(() => ({ chromium: null }))
  if (executablePath === undefined || chromium === null) return null
  const port = await freePort()
  const watch = () => begin('watch', 'simple_spread', '--port', String(port))
  let server = watch()
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  try {
    await server.prints(/live page/)
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${port}/`)
    const isConnected = (value: boolean) =>
      page.locator(`body[data-connected="${value}"]`).waitFor({ state: 'attached', timeout: 60_000 })
    await isConnected(true)
    const seconds: number[] = []
    for (let turn = 0; turn < turns; turn++) {
      server.process.kill('SIGINT')
      await server.ended
      await isConnected(false)
      await pause(away)
      server = watch()
      await server.prints(/live page/)
      const start = performance.now()
      await isConnected(true)
      seconds.push((performance.now() - start) / 1000)
    }
    return seconds
  } finally {
    await browser.close()
    server.process.kill('SIGKILL')
  }
}

interface Command {
  readonly process: ChildProcess
  prints(sign: RegExp): Promise<void>
  readonly ended: Promise<void>
}

/** The command `marlstrom` in a process of its own. */
function begin(...args: readonly string[]): Command {
  const child = spawn(process.execPath, [compiledFile('cli/main.js'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  let complaint = ''
  child.stderr.on('data', data => {
    complaint += data
  })
  child.stdout.setEncoding('utf8').on('data', data => {
    printed += data
  })
  const ended = new Promise<void>(done => child.on('close', () => done()))
  return {
    process: child,
    ended,
    async prints(sign) {
      while (!sign.test(printed)) {
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`marlstrom ${args[0]} ended before it printed ${sign}: ${complaint}`)
        await pause(20)
      }
    },
  }
}

function freePort(): Promise<number> {
  return new Promise(found => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => found(port))
    })
  })
}
