// The longest standstill of a training while its viewers ask for one thing again and again, in a real `train --watch`.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { compiledFile } from '../src/installation/package-folder.ts'
import type { Benchmark } from './figure.ts'

/** Milliseconds that each kind of request is made for, and between two requests of one kind. */
const span = 4000
const every = 20
/** Nothing that a viewer asks may hold up the training for longer. */
const aim = 50

/** Milliseconds. */
interface Gap {
  readonly gap: number
  readonly work: number
}

const calmName = 'nobody asks'

type Ask = (request: object) => void

interface Scene {
  readonly url: string
  readonly checkpoint: string
}

/** What viewers do: once, or each time again. */
interface Kind {
  readonly name: string
  readonly once?: readonly object[]
  readonly each?: (turn: number, scene: Scene) => object | readonly object[]
  readonly foxglove?: boolean
  readonly elsewhere?: (scene: Scene) => Promise<unknown>
}

const kinds: readonly Kind[] = [
  { name: 'connect', elsewhere: ({ url }) => comeAndGo(url) },
  { name: 'sync', each: () => ({ type: 'sync' }) },
  { name: 'inspect', each: turn => ({ type: 'subscribe', rate: 60, inspect: [turn % 3, 3] }) },
  { name: 'history', each: () => ({ type: 'history', from: 0, to: 19_999 }) },
  { name: 'pause', each: turn => ({ type: turn % 2 === 0 ? 'pause' : 'resume' }) },
  { name: 'step 1000', once: [{ type: 'pause' }], each: () => ({ type: 'step', steps: 1000 }) },
  { name: 'speed as fast as possible', once: [{ type: 'resume' }, { type: 'speed', speed: null }] },
  { name: 'reset', each: turn => ({ type: 'reset', seed: turn }) },
  { name: 'options', each: turn => ({ type: 'options', options: { maxCycles: 20 + (turn % 9) } }) },
  { name: 'options of 1,000,000 agents', each: () => ({ type: 'options', options: { adversaries: 1_000_000 } }) },
  { name: 'options of 12,000 agents', each: () => ({ type: 'options', options: { adversaries: 12_000 } }) },
  {
    name: 'play',
    each: (turn, { checkpoint }) => ({ type: 'play', team: 'agent', who: turn % 2 === 0 ? 'latest' : checkpoint }),
  },
  {
    name: 'take, act, release',
    each: () => [
      { type: 'take', agent: 0 },
      { type: 'act', agent: 0, move: [1, 0] },
      { type: 'release', agent: 0 },
    ],
  },
  { name: 'drag', each: turn => ({ type: 'drag', entity: 0, position: [Math.sin(turn), 0] }) },
  { name: 'pauseTraining', each: turn => ({ type: turn % 8 === 0 ? 'pauseTraining' : 'resumeTraining' }) },
  { name: 'foxglove setParameters', foxglove: true, each: turn => setParameters(turn) },
  { name: 'GET /', elsewhere: ({ url }) => fetch(url).then(answer => answer.arrayBuffer()) },
  { name: 'GET /sessions', elsewhere: ({ url }) => fetch(`${url}sessions`).then(answer => answer.arrayBuffer()) },
  { name: 'GET /recording', elsewhere: ({ url }) => fetch(`${url}recording`).then(answer => answer.arrayBuffer()) },
]

export const standstill: Benchmark = {
  name: 'standstill',
  description: `longest gap between two ticks of a training while viewers ask ${1000 / every} times a second; the aim is ${aim} ms`,
  async run(report) {
    const folder = mkdtempSync(join(tmpdir(), 'marlstrom-bench-'))
    let training: ChildProcess | undefined
    try {
      const opened = await open(folder)
      training = opened.training
      const longest = async (during: () => Promise<unknown>) => {
        opened.training.send('begin')
        await during()
        return gapOf(opened.training)
      }
      await pause(span)
      const calm = await longest(() => pause(2 * span))
      const tell = (name: string, { gap, work }: Gap) => {
        const ratio = { against: 'nobody asks', ratio: calm.gap / gap }
        report({
          name: `standstill/${name}`,
          value: gap,
          unit: 'ms between two ticks',
          ...(name !== calmName && ratio),
        })
        // Beside other programs this one counts: what the training's own thread did in between.
        report({ name: `standstill/${name}/work`, value: work, unit: 'ms of processor time of that' })
      }
      tell(calmName, calm)
      for (const kind of kinds) {
        tell(kind.name, await longest(() => askFor(kind, opened)))
        await pause(500)
      }
    } finally {
      training?.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    }
  },
}

/** A training of simple_tag that goes on from a checkpoint, is recorded and measured from within. */
async function open(folder: string): Promise<Scene & { readonly training: ChildProcess }> {
  const [first, second] = [join(folder, 'first'), join(folder, 'second')]
  const settings = [
    '--set',
    'run.threads=1',
    '--set',
    'learner.updateAfter=1024',
    '--set',
    'run.checkpointEvery=1000000',
  ]
  const before = start(['train', 'simple_tag', '--episodes', '60', '--out', first, ...settings])
  await new Promise(resolve => before.once('exit', resolve))
  const training = start([
    'train',
    '--fork',
    first,
    '--out',
    second,
    '--episodes',
    '1000000',
    '--watch',
    '0',
    '--record',
  ])
  let text = ''
  training.stdout!.on('data', data => {
    text += data
  })
  for (let tries = 0; !/live page: \S+/.test(text); tries++) {
    if (tries > 1200 || training.exitCode !== null) throw new Error(`the training did not begin: ${text}`)
    await pause(50)
  }
  return { training, url: /live page: (\S+)/.exec(text)![1]!, checkpoint: '60' }
}

/** Within the training: the longest time between two turns of its loop. */
const probe = `
import { readFileSync } from 'node:fs'
// Nanoseconds that the thread has run, where the system tells it: other programs do not count.
const worked = () => {
  try {
    return Number(readFileSync('/proc/self/task/' + process.pid + '/schedstat', 'utf8').split(' ')[0]) / 1e6
  } catch {
    return 0
  }
}
let longest = { gap: 0, work: 0 }, last = performance.now(), before = worked()
const turn = () => {
  const now = performance.now(), after = worked()
  longest = { gap: Math.max(longest.gap, now - last), work: Math.max(longest.work, after - before) }
  last = now
  before = after
  setImmediate(turn).unref()
}
setImmediate(turn).unref()
process.on('message', text => {
  if (text === 'begin') longest = { gap: 0, work: 0 }
  else process.send(longest)
})
process.channel?.unref()
`

function start(args: readonly string[]): ChildProcess {
  const from = `data:text/javascript,${encodeURIComponent(probe)}`
  return spawn(process.execPath, ['--import', from, compiledFile('cli/main.js'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
}

function gapOf(training: ChildProcess): Promise<Gap> {
  return new Promise(resolve => {
    training.once('message', longest => resolve(longest as Gap))
    training.send('end')
  })
}

async function askFor(kind: Kind, scene: Scene): Promise<void> {
  const until = performance.now() + span
  if (kind.elsewhere !== undefined) {
    while (performance.now() < until) {
      await kind.elsewhere(scene)
      await pause(every)
    }
    return
  }
  const { ask, close } = await connect(scene.url, kind.foxglove === true)
  for (const request of kind.once ?? []) ask(request)
  for (let turn = 0; performance.now() < until; turn++) {
    for (const request of [kind.each?.(turn, scene) ?? []].flat()) ask(request)
    await pause(every)
  }
  if (!kind.foxglove) for (const type of ['resumeTraining', 'resume']) ask({ type })
  await pause(200)
  close()
}

async function connect(url: string, foxglove: boolean): Promise<{ ask: Ask; close(): void }> {
  const address = `${url.replace('http', 'ws')}${foxglove ? '' : 'stream'}`
  const socket = new WebSocket(address, foxglove ? ['foxglove.websocket.v1'] : [])
  socket.on('message', () => {})
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return { ask: request => socket.send(JSON.stringify(request)), close: () => socket.close() }
}

async function comeAndGo(url: string): Promise<void> {
  const { close } = await connect(url, false)
  await pause(5)
  close()
}

/** As many parameters as one message takes, and as many as it does not. */
function setParameters(turn: number): object {
  const names = ['seed', 'speed', 'paused', 'options.maxCycles', 'players.agent', 'no.such']
  const parameters = Array.from({ length: turn % 2 === 0 ? 100 : 1000 }, (_, i) => ({
    name: `${names[i % names.length]}${i < names.length ? '' : i}`,
    value: i % 3 === 0 ? 1 : i,
  }))
  return { op: 'setParameters', id: `${turn}`, parameters }
}
