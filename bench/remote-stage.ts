// A learner's link to Redis and one actor that plays for it, in one process and one after the other, so that what each of them costs can be told apart.
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import { keptVersions } from '../src/actors/actor-weights.ts'
import type { Ticket } from '../src/actors/experience-source.ts'
import { encodeSaved } from '../src/actors/saved-bytes.ts'
import { createMessageLayout } from '../src/actors/trajectory-message.ts'
import { packageVersion } from '../src/installation/package.ts'
import { createSimdBackend } from '../src/nn/simd/backend.ts'
import { createActorBoard } from '../src/remote/actor-board.ts'
import { connectRedis } from '../src/remote/connect-redis.ts'
import { createLearnerBoard } from '../src/remote/learner-board.ts'
import { protocol } from '../src/remote/manifest.ts'
import { redisKeys } from '../src/remote/redis-keys.ts'
import { createRunKey, unsealing } from '../src/remote/run-key.ts'
import { createStreamReader } from '../src/remote/stream-reader.ts'
import { sealWeights } from '../src/remote/weights-message.ts'
import { actorsOfPlan, statesEvery } from '../src/run/actors/actors-of-plan.ts'
import { planRun } from '../src/run/plan.ts'
import { createAnswerCheck } from '../src/run/remote/check-answer.ts'
import { createLearnerLink } from '../src/run/remote/learner-link.ts'
import { playRemotely } from '../src/run/remote/remote-actor.ts'
import { createReplayedPlay } from '../src/run/remote/replay-play.ts'
import { manifestParts } from '../src/run/remote/run-manifest.ts'

export type RemoteStage = Awaited<ReturnType<typeof createRemoteStage>>

/** An actor of some games of a scenario, who has begun to wait for tickets. */
export async function createRemoteStage(scenario: string, games: number, url: string) {
  const plan = await planRun({
    scenario: { id: scenario },
    learner: { algorithm: 'ppo', rolloutSteps: 25 },
    run: { games, actors: 1, threads: 1 },
  })
  const backend = await createSimdBackend({ threads: 1 })
  // A version has to be there before its size is known.
  const held = new ArrayBuffer(4_000_000)
  let versions = keptVersions(held, 1, 1)
  const player = actorsOfPlan(plan, backend, {
    versions: { buffer: held, at: version => versions.at(version) },
    newest: () => 0,
  })
  versions = keptVersions(held, player.weights.size, 1)
  versions.at(0).set(player.weights.read())
  const { shape } = player
  const layout = createMessageLayout(shape)
  const keyEvery = statesEvery(shape.steps)
  const [redis, waiting] = await Promise.all([connectRedis(url), connectRedis(url)])
  const reader = createStreamReader(redis)
  const key = createRunKey()
  const keys = redisKeys(`bench-${scenario}`, key.publicKey)
  const { port1: here, port2: there } = new MessageChannel()
  const place = new Uint8Array(new SharedArrayBuffer(layout.bytes))
  const parts = manifestParts(shape, player.weights)
  const { networks } = parts.weights
  let taken = 0
  const link = createLearnerLink({
    ...{ key, networks, keyEvery, files: new Map(), actors: 1, kept: 2, verify: 0, knows: () => true },
    board: createLearnerBoard(redis, reader, keys),
    manifest: {
      ...{ ...parts, protocol, version: packageVersion(), over: false, order: 'fixed', file: null },
      settings: plan.config as unknown as Readonly<Record<string, unknown>>,
    },
    weightsAt: () => versions.at(0),
    check: createAnswerCheck({
      ...{ layout, keyEvery, isExact: true, createPlayer: player.createPlayer },
      versionsFor: () => [0, 0],
    }),
    place: (_, { memory }) => place.set(new Uint8Array(memory!.buffer, 0, layout.bytes)),
    replayed: createReplayedPlay(player, layout),
    stepsOfBatch: shape.steps * games,
    news: {
      played(arrival) {
        taken++
        here.postMessage({ type: 'played', ...arrival })
      },
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

  // The actor asks for tickets only while the gate is open.
  let gate = Promise.resolve()
  let open: (() => void) | null = null
  let asking: Promise<unknown> = Promise.resolve()
  const ending = new AbortController()
  const board = createActorBoard(redis, waiting, keys, 'one')
  const over = playRemotely({
    board: {
      ...board,
      async take(...how) {
        await gate
        const found = board.take(...how)
        asking = found.catch(() => {})
        return await found
      },
    },
    ...{ unsealing: unsealing(key.publicKey), lease: 600_000, idle: null, signal: ending.signal },
    allows: () => false,
    tell() {},
  })
  const count = (of: string) => redis.xlen(of)
  const until = async (isSo: () => Promise<boolean>) => {
    while (!(await isSo())) await new Promise(done => setTimeout(done, 20))
  }
  await link.tend()
  link.publish(0)
  await until(async () => (await redis.exists(keys.lease('one'))) === 1)
  await link.tend()

  let next = 0
  return {
    envSteps: shape.steps * games,
    /** Of a trajectory, with its share of a state. */
    messageBytes: layout.bytes + encodeSaved(player.createPlayer(0).save()).length / keyEvery,
    weightBytes: sealWeights(key, '', networks, { version: 0, parameters: versions.at(0) }).length,
    /** Nobody asks for anything from here on. */
    async hold() {
      if (open === null) {
        gate = new Promise(done => {
          open = done
        })
      }
      await asking
      while (receiveMessageOnPort(there) !== undefined);
    },
    /** Signs and gives tickets for so many further trajectories. */
    async give(trajectories: number) {
      for (const end = next + trajectories; next < end; next++) {
        const ticket: Ticket = { actor: 0, number: next, version: 0, place: 0, generation: 0 }
        link.take(next === 0 ? { ...ticket, from: null } : ticket)
      }
      await redis.ping()
    },
    /** Has them played, until all that were given lie in Redis. */
    async play(trajectories: number) {
      open?.()
      open = null
      await until(async () => (await count(keys.played('one'))) === trajectories)
    },
    /** Takes them in. */
    async take(trajectories: number) {
      for (const end = taken + trajectories; taken < end; ) await link.read()
      await redis.ping()
    },
    /** Plays so many trajectories as `play` has them played, and sends nothing. */
    playAlone(trajectories: number) {
      const memory = layout.memoryOf(new ArrayBuffer(layout.bytes))
      for (let number = 0; number < trajectories; number++) {
        const ticket: Ticket = { actor: 0, number, version: 0, place: 0, generation: 0 }
        player.begin(number === 0 ? { ...ticket, from: null } : ticket, memory)
        while (player.advance() === null);
      }
    },
    /** Seconds of processor time that the server has taken. */
    async redisTime() {
      const info = await redis.info('cpu')
      const of = (name: string) => Number(new RegExp(`${name}:(\\S+)`).exec(info)![1])
      return of('used_cpu_user') + of('used_cpu_sys')
    },
    async close() {
      ending.abort()
      open?.()
      await over
      await link.close(true)
      reader.close()
      await Promise.all([redis.quit(), waiting.quit()])
      here.close()
      backend.dispose()
    },
  }
}
