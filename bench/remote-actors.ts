// What actors over Redis cost: bytes and microseconds of a trajectory's way, and how many actors one learner takes in. Wants redis-server.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Benchmark, Figure } from './figure.ts'
import { createRemoteStage, type RemoteStage } from './remote-stage.ts'

/** Trajectories that are played, and taken in, in a turn: of one actor, as many as bring sixty states. */
const trajectories = 660
/** The first is for warming up. */
const turns = 6
const cases = [
  ['simple_spread', 8],
  ['simple_tag', 8],
] as const

export const remoteActors: Benchmark = {
  name: 'remote-actors',
  description:
    "bytes and microseconds of an environment step on its way over Redis; the learner's intake against what one actor plays and sends",
  async run(report, note) {
    const server = await startRedis()
    if (server === null) return note('not measured: redis-server is not installed')
    try {
      for (const [scenario, games] of cases) {
        const stage = await createRemoteStage(scenario, games, server.url)
        await measure(`remote-actors/${scenario}`, stage, report)
        await stage.close()
      }
    } finally {
      server.process.kill('SIGKILL')
    }
  },
}

async function measure(of: string, stage: RemoteStage, report: (figure: Figure) => void): Promise<void> {
  const least = { tickets: Infinity, actor: Infinity, alone: Infinity, learner: Infinity, redis: Infinity }
  const clock = { actor: Infinity, learner: Infinity }
  for (let turn = 0; turn < turns; turn++) {
    await stage.hold()
    const tickets = await timesOf(() => stage.give(trajectories))
    const actor = await timesOf(() => stage.play(trajectories))
    await stage.hold()
    const before = await stage.redisTime()
    const learner = await timesOf(() => stage.take(trajectories))
    const redis = (await stage.redisTime()) - before
    const alone = await timesOf(() => stage.playAlone(trajectories))
    if (turn === 0) continue
    const processor = { tickets: tickets.processor, actor: actor.processor, alone: alone.processor, redis }
    for (const [name, seconds] of Object.entries({ ...processor, learner: learner.processor })) {
      least[name as keyof typeof least] = Math.min(least[name as keyof typeof least], seconds)
    }
    clock.actor = Math.min(clock.actor, actor.clock)
    clock.learner = Math.min(clock.learner, learner.clock)
  }
  const { envSteps } = stage
  const each = (seconds: number) => (1e6 * seconds) / (trajectories * envSteps)
  const unit = 'microseconds (cpu)/environment step'
  report({ name: `${of}/message`, value: stage.messageBytes / envSteps, unit: 'bytes/environment step' })
  report({ name: `${of}/weights`, value: stage.weightBytes, unit: 'bytes/version' })
  report({ name: `${of}/actor`, value: each(least.actor), unit: `${unit}, played and sent` })
  report({ name: `${of}/play`, value: each(least.alone), unit: `${unit}, played alone` })
  report({ name: `${of}/redis`, value: each(least.redis), unit: `${unit}, read and dropped` })
  report({ name: `${of}/tickets`, value: each(least.tickets), unit: `${unit}, asked for by the learner` })
  report({
    ...{ name: `${of}/learner`, value: each(least.learner), unit },
    ...{ against: 'what one actor plays and sends', ratio: least.actor / least.learner },
  })
  report({
    ...{ name: `${of}/learner-clock`, value: each(clock.learner), unit: 'microseconds (clock)/environment step' },
    ...{ against: 'what one actor plays and sends', ratio: clock.actor / clock.learner },
  })
}

/** Seconds of processor time of this process, and of the clock. */
async function timesOf(work: () => unknown): Promise<{ readonly processor: number; readonly clock: number }> {
  const [before, began] = [process.cpuUsage(), performance.now()]
  await work()
  const { user, system } = process.cpuUsage(before)
  return { processor: (user + system) / 1e6, clock: (performance.now() - began) / 1e3 }
}

async function startRedis(): Promise<{ url: string; process: ChildProcess } | null> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  await new Promise(done => probe.close(done))
  const server = spawn('redis-server', ['--port', String(port), '--save', ''], { stdio: ['ignore', 'pipe', 'ignore'] })
  const isThere = await Promise.race([
    once(server, 'error').then(() => false),
    (async () => {
      for await (const said of server.stdout) if (String(said).includes('Ready to accept')) return true
      return false
    })(),
  ])
  return isThere ? { url: `redis://127.0.0.1:${port}`, process: server } : null
}
