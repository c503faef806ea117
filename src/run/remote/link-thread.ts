// The program of the thread that stands between a learner and its actors on other machines: what is sent and checked costs the learner no time.
import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises'
import { workerData } from 'node:worker_threads'
import { createPastVersions, keptVersions } from '../../actors/actor-weights.ts'
import type { Ticket } from '../../actors/experience-source.ts'
import { createMessageLayout } from '../../actors/trajectory-message.ts'
import { packageVersion } from '../../installation/package.ts'
import { createSimdBackend } from '../../nn/simd/backend.ts'
import { connectRedis, expectNothingEvicted } from '../../remote/connect-redis.ts'
import { createLearnerBoard } from '../../remote/learner-board.ts'
import { protocol } from '../../remote/manifest.ts'
import { redisKeys } from '../../remote/redis-keys.ts'
import { runKeyFrom } from '../../remote/run-key.ts'
import { createStreamReader } from '../../remote/stream-reader.ts'
import { actorsOfPlan, statesEvery } from '../actors/actors-of-plan.ts'
import { kernelOptions } from '../kernels.ts'
import { actorWords } from '../threads/actor-messages.ts'
import { asThrown } from '../threads/thrown.ts'
import { createAnswerCheck } from './check-answer.ts'
import { createLearnerLink, type LinkNews } from './learner-link.ts'
import { keepsPast } from './remote-actors.ts'
import type { LinkAnswer, LinkData, LinkOrder } from './remote-messages.ts'
import { createReplayedPlay } from './replay-play.ts'
import { manifestParts } from './run-manifest.ts'
import { hashOfFile, planOfCode } from './travelling-file.ts'

const { port, config, code, redis, versions: given, memories, words: sharedWords } = workerData as LinkData
const words = new Int32Array(sharedWords)

/** Milliseconds between two looks at who is there. */
const tendEvery = 1000

const say = (answer: LinkAnswer) => {
  port.postMessage(answer)
  Atomics.add(words, actorWords.answers, 1)
  Atomics.notify(words, actorWords.answers)
}
const news: LinkNews = {
  played: arrival => say({ type: 'played', ...arrival }),
  lost: (actors, isDistrusted) => say({ type: 'lost', actors, isDistrusted }),
  note: sentence => say({ type: 'note', sentence }),
  players: of => say({ type: 'players', of }),
  thrown: error => say({ type: 'thrown', thrown: asThrown(error) }),
}

try {
  const shared = keptVersions(given.memory, given.size, given.count)
  const past = keepsPast(config) ? createPastVersions(given.size) : null
  const versions = past === null ? shared : { buffer: shared.buffer, at: past.at }
  let newest = 0
  const plan = await planOfCode(config, code)
  const backend = await createSimdBackend({ threads: 1, ...kernelOptions(config.run, false) })
  const player = actorsOfPlan(plan, backend, { versions, newest: () => newest })
  const { shape } = player
  const layout = createMessageLayout(shape)
  const places = memories.map(of => of.map(memory => new Uint8Array(memory)))
  const key = runKeyFrom(redis.key, '--redis')
  const connection = await connectRedis(redis.url)
  await expectNothingEvicted(connection, redis.url, 'trajectories')
  const parts = manifestParts(shape, player.weights)
  const keyEvery = statesEvery(shape.steps)
  const { actorOrder: order, actors, verifyActors: verify } = config.run
  const hash = code === null ? null : hashOfFile(code)
  const link = createLearnerLink({
    board: createLearnerBoard(connection, createStreamReader(connection), redisKeys(redis.prefix, key.publicKey)),
    key,
    manifest: {
      ...parts,
      ...{ protocol, version: packageVersion(), over: false, order, file: hash },
      settings: config as unknown as Readonly<Record<string, unknown>>,
    },
    files: new Map(hash === null ? [] : [[hash, code!]]),
    networks: parts.weights.networks,
    actors: actors!,
    kept: given.count,
    weightsAt: version => shared.at(version),
    knows: version => past === null || past.has(version),
    check: createAnswerCheck({
      layout,
      keyEvery,
      isExact: order === 'fixed' || verify > 0,
      // How long an actor has played, or how much meanwhile the others did, nobody knows.
      versionsFor: () => [0, newest],
      createPlayer: player.createPlayer,
    }),
    place({ actor, place }: Ticket, { memory }) {
      if (place !== null && memory !== null) places[actor]![place]!.set(new Uint8Array(memory.buffer, 0, layout.bytes))
    },
    replayed: createReplayedPlay(player, layout),
    verify,
    keyEvery,
    stepsOfBatch: shape.steps * config.run.games,
    news,
  })
  let isOpen = true
  port.on('message', async (order: LinkOrder) => {
    if (order.type === 'published') {
      newest = order.version
      if (order.weights !== undefined) past?.add(newest, order.weights)
      link.publish(order.version)
    } else if (order.type === 'ticket') link.take(order.ticket)
    else {
      isOpen = false
      // A Redis that is away must not keep the process: then actors find nobody, and wait.
      setTimeout(() => process.exit(), 3000)
      await link.close(order.isOver).catch(() => {})
      process.exit()
    }
  })
  const tend = async () => {
    while (isOpen) {
      await link.tend()
      await sleep(tendEvery)
    }
  }
  const read = async () => {
    // Orders have their turn between two reads.
    while (isOpen) await ((await link.read()) ? breathe() : sleep(0))
  }
  await Promise.all([tend(), read()])
} catch (error) {
  news.thrown(error)
}
