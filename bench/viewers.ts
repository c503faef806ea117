// What viewers cost: many of them on one core, one that has stopped among others, and a training that is watched.
import { setTimeout as pause } from 'node:timers/promises'
import { filter, firstValueFrom } from 'rxjs'
import { countersOf, train } from '../src/experiment/trainer.ts'
import { createRun } from '../src/run/run.ts'
import { createCrowd, keepTo, serveTag } from './crowd.ts'
import { excessFigure } from './excess.ts'
import type { Benchmark, Figure } from './figure.ts'

type Report = (figure: Figure) => void

const RATE = 30
const asked = `${RATE} frames/s`

export const viewers: Benchmark = {
  name: 'viewers',
  description:
    'the stream server on one core, its viewers on another: frames, delay from simulation to receipt, memory',
  async run(report, _, wanted) {
    for (const count of [10, 100, 1000]) if (wanted(`viewers/simple_tag/${count}`)) await many(count, report)
    if (wanted('viewers/stopped')) await stopped(report)
    if (wanted('viewers/training')) await training(report)
  },
}

/** `count` viewers of simple_tag: measured for 20 s when all have come. */
async function many(count: number, report: Report): Promise<void> {
  const release = keepTo(0)
  const tag = await serveTag(RATE)
  const crowd = createCrowd()
  try {
    crowd.join(count, tag.port)
    await firstValueFrom(tag.server.viewers$.pipe(filter(viewers => viewers === count)))
    await pause(4000)
    await crowd.report()
    const before = { cpu: process.cpuUsage(), memory: memory(), at: performance.now() }
    await pause(20_000)
    const { fewest, frames, delay, keys } = await crowd.report()
    const seconds = (performance.now() - before.at) / 1000
    const cpu = process.cpuUsage(before.cpu)
    const name = `viewers/simple_tag/${count}`
    report({
      name,
      value: frames / count / seconds,
      unit: 'frames/s each',
      against: asked,
      ratio: frames / count / seconds / RATE,
    })
    report({
      name: `${name}/fewest`,
      value: fewest / seconds,
      unit: 'frames/s of one',
      against: asked,
      ratio: fewest / seconds / RATE,
    })
    report({ name: `${name}/core`, value: (cpu.user + cpu.system) / 1e4 / seconds, unit: '% of a core' })
    report({ name: `${name}/delay`, value: delay.p99, unit: 'ms (p99)', against: '50 ms', ratio: 50 / delay.p99 })
    report({ name: `${name}/skips`, value: keys, unit: 'frames after a skip' })
    report({
      name: `${name}/memory`,
      value: memory() - before.memory,
      unit: `MB grown from ${before.memory.toFixed(0)} MB in 20 s`,
    })
  } finally {
    crowd.end()
    await tag.end()
    release()
  }
}

/** One viewer of 51 is stopped for 10 s: what the others notice, and how it comes back. */
async function stopped(report: Report): Promise<void> {
  const release = keepTo(0)
  const tag = await serveTag(RATE)
  const [others, one] = [createCrowd(), createCrowd()]
  const name = 'viewers/stopped/50'
  try {
    others.join(50, tag.port)
    one.join(1, tag.port)
    await pause(2000)
    await others.report()
    await pause(10_000)
    const calm = await others.report()
    await one.report()
    const before = memory()
    one.freeze(true)
    await pause(10_000)
    const meanwhile = await others.report()
    const grown = memory() - before
    one.freeze(false)
    await pause(1000)
    const back = await one.report()
    const { newest } = await others.report()
    report({
      name: `${name}/delay`,
      value: meanwhile.delay.p99,
      unit: 'ms (p99)',
      against: 'before it stopped',
      ratio: calm.delay.p99 / meanwhile.delay.p99,
    })
    report({ name: `${name}/memory`, value: grown, unit: 'MB grown while it was stopped' })
    report({
      name: `${name}/backlog`,
      value: back.frames,
      unit: `frames read in the second after it went on (${10 * RATE} were shown meanwhile)`,
    })
    report({ name: `${name}/keys`, value: back.keys, unit: 'key frames among them' })
    report({ name: `${name}/behind`, value: newest - back.newest, unit: 'frames behind the others after that second' })
  } finally {
    others.end()
    one.end()
    await tag.end()
    release()
  }
}

/**
 * What 100 viewers of a game at its usual ten steps a second cost a training on one thread of the same process: processor time beyond what
 * its steps cost in the turns of 3 s before and after, for each frame that came, times the frames that 100 viewers get in a second: that
 * share of a core is the same whether or not other programs share it.
 */
async function training(report: Report): Promise<void> {
  const release = keepTo(0)
  const run = await createRun({ scenario: { id: 'simple_tag' }, run: { episodes: 1_000_000, threads: 1 } })
  const [viewers, rate] = [100, 10]
  const tag = await serveTag(rate)
  const crowd = createCrowd()
  const training = train(run).subscribe({ error: console.error })
  const turn = async (expected: number) => {
    await firstValueFrom(tag.server.viewers$.pipe(filter(present => present === expected)))
    await pause(500)
    await crowd.report()
    const [{ envSteps }, before] = [countersOf(run), process.cpuUsage()]
    await pause(3000)
    const { user, system } = process.cpuUsage(before)
    const steps = countersOf(run).envSteps - envSteps
    return { steps, cpu: (user + system) / 1e6, frames: (await crowd.report()).frames }
  }
  try {
    await pause(8000) // until updates have begun
    const shares: number[] = []
    let before = await turn(0)
    for (let pair = 0; pair < 16; pair++) {
      crowd.join(viewers, tag.port)
      const watched = await turn(viewers)
      crowd.leave()
      const after = await turn(0)
      const ofStep = (before.cpu + after.cpu) / (before.steps + after.steps)
      shares.push(((watched.cpu - ofStep * watched.steps) / watched.frames) * viewers * rate)
      before = after
    }
    report(excessFigure(`viewers/training/${viewers}`, shares, 'a core', 0.05))
  } finally {
    training.unsubscribe()
    crowd.end()
    await tag.end()
    run.dispose()
    release()
  }
}

function memory(): number {
  globalThis.gc?.()
  return process.memoryUsage().rss / 1e6
}
