// What actors over Redis cost: bytes and microseconds of a trajectory's way, and how many actors one learner takes in. Wants redis-server.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { keptVersions } from '../src/actors/actor-weights.ts'
import type { Ticket } from '../src/actors/experience-source.ts'
import { createMessageLayout, type MessageLayout } from '../src/actors/trajectory-message.ts'
import { createSimdBackend } from '../src/nn/simd/backend.ts'
import { connectRedis, type Redis } from '../src/remote/connect-redis.ts'
import { createLearnerBoard } from '../src/remote/learner-board.ts'
import { leaseText } from '../src/remote/lease.ts'
import { openManifest, protocol } from '../src/remote/manifest.ts'
import { redisKeys } from '../src/remote/redis-keys.ts'
import { createRunKey, unsealing } from '../src/remote/run-key.ts'
import { answerFields } from '../src/remote/ticket-message.ts'
import { sealWeights } from '../src/remote/weights-message.ts'
import { actorsOfPlan, statesEvery } from '../src/run/actors/actors-of-plan.ts'
import { planRun } from '../src/run/plan.ts'
import { createAnswerCheck } from '../src/run/remote/check-answer.ts'
import { createLearnerLink, type LearnerLink } from '../src/run/remote/learner-link.ts'
import { createReplayedPlay } from '../src/run/remote/replay-play.ts'
import { manifestParts } from '../src/run/remote/run-manifest.ts'
import type { Benchmark, Figure } from './figure.ts'

/** Trajectories of one actor that are played, kept, and taken in. */
const trajectories = 640
const turns = 5
const cases = [
  ['simple_spread', 8],
  ['simple_tag', 8],
] as const

export const remoteActors: Benchmark = {
  name: 'remote-actors',
  description:
    "bytes and microseconds of an environment step on its way over Redis; the learner's intake against one actor's play",
  async run(report, note) {
    const server = await startRedis()
    if (server === null) return note('not measured: redis-server is not installed')
    try {
      for (const [scenario, games] of cases) await measure(scenario, games, server.url, report)
    } finally {
      server.process.kill('SIGKILL')
    }
  },
}

async function measure(scenario: string, games: number, url: string, report: (figure: Figure) => void): Promise<void> {
  const plan = await planRun({
    scenario: { id: scenario },
    learner: { algorithm: 'ppo', rolloutSteps: 25 },
    run: { games, actors: 1, threads: 1 },
  })
  const backend = await createSimdBackend({ threads: 1 })
  const kept = statesEvery(25) + 2
  const held = new ArrayBuffer(4 * kept * 1_000_000)
  let versions = keptVersions(held, 1, kept)
  const player = actorsOfPlan(plan, backend, {
    versions: { buffer: held, at: version => versions.at(version) },
    newest: () => 0,
  })
  versions = keptVersions(held, player.weights.size, kept)
  versions.at(0).set(player.weights.read())
  const { shape } = player
  const layout = createMessageLayout(shape)
  const tickets = Array.from({ length: trajectories }, (_, number): Ticket => {
    return { actor: 0, number, version: 0, place: 0, generation: 0, ...(number === 0 ? { from: null } : {}) }
  })
  const envSteps = trajectories * shape.steps * games

  const memory = layout.memoryOf(new ArrayBuffer(layout.bytes))
  const play = () =>
    tickets.map(ticket => {
      player.begin(ticket, memory)
      for (;;) {
        const arrival = player.advance()
        if (arrival !== null) return layout.encode(memory, arrival.state)
      }
    })
  let messages: Uint8Array[] = []
  let played = Number.POSITIVE_INFINITY
  const [redis, other] = await Promise.all([connectRedis(url), connectRedis(url)])
  let taken = Number.POSITIVE_INFINITY
  let ofRedis = Number.POSITIVE_INFINITY
  for (let turn = 0; turn < turns; turn++) {
    played = Math.min(played, await processorTime(() => void (messages = play())))
    const intake = await createIntake(plan, player, layout, tickets, messages, redis, other)
    const before = await redisTime(other)
    taken = Math.min(taken, await processorTime(intake.take))
    ofRedis = Math.min(ofRedis, (await redisTime(other)) - before)
    await intake.close()
  }
  const key = createRunKey()
  const { networks } = manifestParts(shape, player.weights).weights
  const weights = sealWeights(key, '', networks, { version: 0, parameters: versions.at(0) })
  const of = `remote-actors/${scenario}`
  const bytes = messages.reduce((sum, { length }) => sum + length, 0)
  report({ name: `${of}/message`, value: bytes / envSteps, unit: 'bytes/environment step' })
  report({ name: `${of}/weights`, value: weights.length, unit: 'bytes/version' })
  report({ name: `${of}/actor`, value: (1e6 * played) / envSteps, unit: 'microseconds (cpu)/environment step' })
  report({
    name: `${of}/redis`,
    value: (1e6 * ofRedis) / envSteps,
    unit: 'microseconds (cpu)/environment step, read and dropped',
  })
  report({
    name: `${of}/learner`,
    value: (1e6 * taken) / envSteps,
    unit: 'microseconds (cpu)/environment step',
    against: 'what one actor plays',
    ratio: played / taken,
  })
  await Promise.all([redis.quit(), other.quit()])
  backend.dispose()
}

/** A link that has handed out tickets for all trajectories, and all answers waiting in Redis. */
async function createIntake(
  plan: Awaited<ReturnType<typeof planRun>>,
  player: ReturnType<typeof actorsOfPlan>,
  layout: MessageLayout,
  tickets: readonly Ticket[],
  messages: readonly Uint8Array[],
  redis: Redis,
  reader: Redis,
) {
  const key = createRunKey()
  const keys = redisKeys('bench', key.publicKey)
  const parts = manifestParts(player.shape, player.weights)
  const keyEvery = statesEvery(player.shape.steps)
  const place = new Uint8Array(layout.bytes)
  let count = 0
  const link: LearnerLink = createLearnerLink({
    board: createLearnerBoard(redis, reader, keys),
    key,
    manifest: {
      ...parts,
      protocol,
      version: 'bench',
      over: false,
      order: 'fixed',
      settings: { ...plan.config },
      file: null,
    },
    files: new Map(),
    networks: parts.weights.networks,
    actors: 1,
    kept: 2,
    weightsAt: () => player.weights.read(),
    check: createAnswerCheck({
      layout,
      keyEvery,
      isExact: true,
      versionsFor: () => [0, 0],
      createPlayer: player.createPlayer,
    }),
    place: (_, { memory }) => place.set(new Uint8Array(memory!.buffer, 0, layout.bytes)),
    replayed: createReplayedPlay(player, layout),
    verify: 0,
    keyEvery,
    stepsOfBatch: 1,
    news: {
      played: () => void count++,
      lost() {},
      note(sentence) {
        throw new Error(sentence)
      },
      players() {},
      thrown(error) {
        throw error
      },
    },
  })
  await link.tend()
  const sealed = await redis.getBuffer(keys.manifest)
  const { session } = openManifest(unsealing(key.publicKey), sealed!)
  await redis.set(keys.lease('bench'), leaseText({ instance: 'one', session, version: 'bench', exact: true, steps: 0 }))
  link.publish(0)
  for (const ticket of tickets) link.take(ticket)
  await link.tend()
  for (const [i, message] of messages.entries()) {
    await redis.xadd(keys.played('bench'), '*', ...answerFields({ ticket: i + 1, session, message, thrown: null }))
  }
  return {
    async take() {
      while (count < messages.length) await link.read()
    },
    close: () => link.close(true),
  }
}

/** Seconds of processor time of this process. */
async function processorTime(work: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

/** Seconds of processor time that the server has taken. */
async function redisTime(redis: Redis): Promise<number> {
  const info = await redis.info('cpu')
  const of = (name: string) => Number(new RegExp(`${name}:(\\S+)`).exec(info)![1])
  return of('used_cpu_user') + of('used_cpu_sys')
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
