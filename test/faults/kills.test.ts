// kill -9 of actors, learners and Redis, a hundred times at random moments: every run comes to the bits of one that nobody disturbed.
import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, it } from 'vitest'
import type { Running } from '../support/command.ts'
import { describeWith } from '../support/programs.ts'
import { type RestartableRedis, restartableRedis } from '../support/redis.ts'
import {
  chance,
  createRemoteRun,
  endsWell,
  playedAlone,
  quick,
  type RemoteRun,
  whileItLearns,
} from '../support/remote-training.ts'

/** What is killed, and how often. */
const kills = {
  actor: 40,
  learner: 30,
  redis: 20,
  'redis with an older state': 10,
  'redis that writes all': 10,
} as const
const algorithms = ['ppo', 'maddpg'] as const
const train = { ppo: quick('ppo', 4000), maddpg: quick('maddpg', 2000) } as const

describeWith(['redis-server', 'redis-cli'], 'redis-server', 'kill -9', () => {
  const table: string[] = []
  afterAll(() => console.log(table.join('\n')))
  const alone = new Map<string, ReturnType<typeof playedAlone>>()
  const aloneBy = (algorithm: (typeof algorithms)[number]) => {
    const known = alone.get(algorithm) ?? playedAlone(train[algorithm])
    alone.set(algorithm, known)
    return known
  }

  /** Runs, one after the other, until something was killed so often. */
  async function killing(
    what: keyof typeof kills,
    redisArgs: readonly string[],
    stage: (on: {
      run: RemoteRun
      redis: RestartableRedis
      between: (low: number, high: number) => number
      /** Whether it may be done once more. */
      count: () => boolean
    }) => Promise<void>,
  ): Promise<void> {
    const random = chance(what)
    let [killed, runs] = [0, 0]
    for (; killed < kills[what]; runs++) {
      const algorithm = algorithms[runs % algorithms.length]!
      const expected = await aloneBy(algorithm)
      const redis = await restartableRedis({ args: redisArgs })
      const run = createRemoteRun({ train: train[algorithm], redis: redis.url })
      // Half of them at most in one run: over rollouts and over replay alike.
      let left = Math.ceil(kills[what] / 2)
      await stage({
        run,
        redis,
        between: (low, high) => random.between(low, high),
        count: () => left-- > 0 && killed < kills[what] && ++killed > 0,
      })
      expect(run.outcome(), run.said()).toEqual(expected)
      await redis.kill()
    }
    table.push(`${what}: ${killed} kills, ${runs} runs with the bits of one that nobody disturbed`)
  }

  const allThere = async (learner: Running, actors: readonly Running[]) => {
    await Promise.all(actors.map(actor => actor.sees(/ plays /)))
    await learner.sees(/"event":"checkpoint"/)
  }

  it('of an actor process at a time, of three', async () => {
    await killing('actor', [], async ({ run, between, count }) => {
      const learner = run.learner()
      const actors: Running[] = []
      for (const number of [0, 1, 2]) actors.push(await run.actor(`first-${number}`))
      await whileItLearns(
        () => learner,
        () => between(100, 2500),
        async fault => {
          if (!count()) return
          const at = Math.floor(between(0, 2.999))
          actors[at]!.process.kill('SIGKILL')
          // Half of them come again under their name.
          actors[at] = await run.actor(fault % 2 === 0 ? `first-${at}` : `later-${fault}`)
        },
      )
      await endsWell(run, learner)
      for (const actor of actors) actor.process.kill('SIGKILL')
    })
  })

  it('of the learner, which goes on from its newest checkpoint while actors wait for it', async () => {
    await killing('learner', [], async ({ run, between, count }) => {
      let learner = run.learner()
      const actors = [await run.actor('a'), await run.actor('b')]
      // A run without a checkpoint is begun anew, with another key.
      await allThere(learner, actors)
      await whileItLearns(
        () => learner,
        () => between(500, 6000),
        async () => {
          if (!count()) return
          learner.process.kill('SIGKILL')
          await learner.finished
          learner = run.learner()
        },
      )
      await endsWell(run, learner)
      // They have seen every learner, and the end.
      for (const actor of actors) await endsWell(run, actor, 1)
    })
  })

  it('of Redis, which comes again empty', async () => {
    await killing('redis', [], async ({ run, redis, between, count }) => {
      const learner = run.learner()
      const actors = [await run.actor('a'), await run.actor('b')]
      // Who begins while Redis is away ends with an error.
      await allThere(learner, actors)
      await whileItLearns(
        () => learner,
        () => between(500, 5000),
        async () => {
          if (!count()) return
          await redis.kill()
          await sleep(between(0, 1000))
          await redis.start()
        },
      )
      await endsWell(run, learner)
      // They have not heard of the end where Redis was killed just after it.
      for (const { process } of actors) process.kill('SIGTERM')
      for (const actor of actors) await endsWell(run, actor, 1)
    })
  })

  it('of Redis, which writes all that it is told before it answers', async () => {
    const writing = ['--appendonly', 'yes', '--appendfsync', 'always']
    await killing('redis that writes all', writing, async ({ run, redis, between, count }) => {
      const learner = run.learner()
      const actors = [await run.actor('a'), await run.actor('b')]
      // Who begins while Redis is away ends with an error.
      await allThere(learner, actors)
      await whileItLearns(
        () => learner,
        () => between(500, 5000),
        async () => {
          if (!count()) return
          await redis.kill()
          await redis.start()
        },
      )
      await endsWell(run, learner)
      for (const actor of actors) await endsWell(run, actor, 1)
    })
  })

  it('of Redis, which comes again with what it had some time before', async () => {
    const saving = ['--save', '1 1', '--appendonly', 'no']
    await killing('redis with an older state', saving, async ({ run, redis, between, count }) => {
      const learner = run.learner()
      const actors = [await run.actor('a'), await run.actor('b')]
      // Who begins while Redis is away ends with an error.
      await allThere(learner, actors)
      await whileItLearns(
        () => learner,
        () => between(2000, 6000),
        async fault => {
          if (!count()) return
          if (fault === 0) redis.command('save')
          await redis.kill()
          await redis.start()
        },
      )
      await endsWell(run, learner)
      // They have not heard of the end where Redis was killed just after it.
      for (const { process } of actors) process.kill('SIGTERM')
      for (const actor of actors) await endsWell(run, actor, 1)
      rmSync(`${redis.folder}/dump.rdb`, { force: true })
    })
  })
})
