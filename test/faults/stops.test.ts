// What stands still for a while, is emptied, is full, or has another time: the run waits, says so where it is Redis, and comes to the same bits.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { type Running, temporaryFolder } from '../support/command.ts'
import { describeWith } from '../support/programs.ts'
import { type RedisOptions, type RestartableRedis, restartableRedis } from '../support/redis.ts'
import {
  chance,
  createRemoteRun,
  endsWell,
  type ProcessOptions,
  playedAlone,
  quick,
  type RemoteRun,
  whileItLearns,
} from '../support/remote-training.ts'

interface Stage {
  readonly run: RemoteRun
  readonly redis: RestartableRedis
  readonly learner: Running
  readonly actors: readonly Running[]
}

/** A run of seconds with two actor processes, disturbed after its first checkpoint; it must come to what it comes to undisturbed. */
async function disturbed(
  disturb: (stage: Stage) => Promise<void>,
  { redis: redisOptions = {}, node = {} }: { readonly redis?: RedisOptions; readonly node?: ProcessOptions } = {},
  train = quick('ppo', 3000),
): Promise<RemoteRun> {
  const expected = await playedAlone(train)
  const redis = await restartableRedis(redisOptions)
  const run = createRemoteRun({ train, redis: redis.url })
  const learner = run.learner(node)
  const actors = [await run.actor('a', node), await run.actor('b', node)]
  // Who begins while Redis is away ends with an error.
  await Promise.all(actors.map(actor => actor.sees(/ plays /)))
  await learner.sees(/"event":"checkpoint"/)
  await disturb({ run, redis, learner, actors })
  await endsWell(run, learner)
  for (const actor of actors) await endsWell(run, actor, 1)
  expect(run.outcome(), run.said()).toEqual(expected)
  return run
}

/** Stops a process for so long, then lets it go on. */
async function stopped(signal: (signal: NodeJS.Signals) => unknown, milliseconds: number): Promise<void> {
  signal('SIGSTOP')
  await sleep(milliseconds)
  signal('SIGCONT')
}

describeWith(['redis-server', 'redis-cli'], 'redis-server', 'standing still', () => {
  it('an actor process, for longer than its lease, again and again', async () => {
    const random = chance('stopped actors')
    let stops = 0
    await disturbed(async ({ learner, actors }) => {
      stops = await whileItLearns(
        () => learner,
        () => random.between(200, 1500),
        async count => await stopped(signal => actors[count % 2]!.process.kill(signal), random.between(500, 4000)),
      )
    })
    expect(stops).toBeGreaterThan(2)
    console.log(`${stops} times an actor process stood still`)
  })

  it('the learner, for longer than Redis keeps a connection busy', async () => {
    await disturbed(async ({ learner }) => {
      for (const milliseconds of [1500, 12_000]) {
        await stopped(signal => learner.process.kill(signal), milliseconds)
        await sleep(1000)
      }
    })
  })

  it('Redis, for longer than a connection waits', async () => {
    const run = await disturbed(async ({ redis }) => {
      for (const milliseconds of [1500, 14_000]) {
        await stopped(redis.signal, milliseconds)
        await sleep(1000)
      }
    })
    expect(run.said()).toMatch(/Redis does not answer; the run waits[\s\S]*Redis (answers again|is there again)/)
  })

  it('Redis that is away for a minute and comes again empty', async () => {
    const run = await disturbed(async ({ redis }) => {
      await redis.kill()
      await sleep(60_000)
      await redis.start()
    })
    expect(run.said()).toMatch(/Redis does not[\s\S]*the run waits[\s\S]*Redis is there again/)
  })
})

describeWith(['redis-server', 'redis-cli'], 'redis-server', 'Redis', () => {
  it('is away when actors are told to end: they do', async () => {
    const redis = await restartableRedis()
    const run = createRemoteRun({ train: quick('ppo', 1_000_000), redis: redis.url })
    const learner = run.learner()
    const actors = [await run.actor('a'), await run.actor('b')]
    await Promise.all(actors.map(actor => actor.sees(/ plays /)))
    await learner.sees(/"event":"checkpoint"/)
    await redis.kill()
    await sleep(1000)
    for (const { process } of [...actors, learner]) process.kill('SIGTERM')
    for (const running of [...actors, learner]) await endsWell(run, running, 1)
  })

  it('is emptied again and again', async () => {
    const random = chance('emptied')
    let times = 0
    await disturbed(
      async ({ redis, learner }) => {
        times = await whileItLearns(
          () => learner,
          // Oftener than it can be noticed and played again, nothing goes on.
          () => random.between(2500, 6000),
          async () => redis.command('flushall'),
        )
      },
      {},
      quick('ppo', 5000),
    )
    expect(times).toBeGreaterThan(1)
    console.log(`emptied ${times} times`)
  })

  it('loses one key after the other', async () => {
    await disturbed(async ({ redis, learner }) => {
      await whileItLearns(
        () => learner,
        () => 3000,
        async count => {
          const kinds = ['manifest', 'newest', 'weights:*', 'lease:*']
          const found = redis
            .command('--raw', 'keys', `*${kinds[count % kinds.length]}`)
            .trim()
            .split('\n')
          redis.command('del', ...found)
        },
      )
    })
  })

  it('is full for a while', async () => {
    const run = await disturbed(async ({ redis }) => {
      for (let time = 0; time < 3; time++) {
        redis.command('config', 'set', 'maxmemory', '1')
        await sleep(3000)
        redis.command('config', 'set', 'maxmemory', '0')
        await sleep(1500)
      }
    })
    expect(run.said()).toMatch(/Redis does not do what it is asked to[\s\S]*OOM[\s\S]*Redis is there again/)
  })
})

describeWith(['redis-server', 'redis-cli'], 'redis-server', 'clocks that jump', () => {
  it('of learner and actors, by hours forth and back', async () => {
    const jumping = join(temporaryFolder(), 'jumping.mjs')
    writeFileSync(
      jumping,
      `const [now, from] = [Date.now, Date.now()]
const jumps = [0, 36e5, -36e5, 864e5, -864e5]
Date.now = () => now() + jumps[Math.floor((now() - from) / 700) % jumps.length]
`,
    )
    await disturbed(async () => {}, { node: { node: ['--import', jumping] } })
  })

  it('of Redis: every lease ends at once, and one lasts for a day beyond its process', async () => {
    const run = await disturbed(
      async ({ redis, actors, run }) => {
        const leases = () => redis.command('--raw', 'keys', '*lease:*').trim().split('\n')
        for (let jump = 0; jump < 3; jump++) {
          for (const lease of leases()) redis.command('pexpire', lease, '1')
          await sleep(2000)
        }
        const third = await run.actor('third')
        await third.sees(/ plays /)
        await sleep(1500)
        third.process.kill('SIGKILL')
        await third.finished
        redis.command('pexpire', leases().find(lease => lease.endsWith('third'))!, '86400000')
        expect(actors.every(({ process }) => process.exitCode === null)).toBe(true)
      },
      {},
      quick('ppo', 20_000),
    )
    expect(run.said()).toContain('actor process third has not moved for 60 s; its actors are given to others')
  })
})

describeWith(['redis-server', 'redis-cli', 'cc'], 'redis-server gcc libc6-dev', 'the clock of a Redis server', () => {
  it('jumps by an hour and a day, forth and back', async () => {
    const folder = temporaryFolder()
    const [shift, library] = [join(folder, 'shift'), join(folder, 'shifted-clock.so')]
    // In place: the server has mapped the file.
    const shiftBy = (seconds: number) => writeFileSync(shift, BigInt64Array.of(BigInt(seconds)), { flag: 'r+' })
    writeFileSync(shift, new BigInt64Array(1))
    execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', library, join(import.meta.dirname, 'shifted-clock.c')])
    const env = { LD_PRELOAD: library, SHIFT: shift }
    const hours: number[] = []
    await disturbed(
      async ({ redis }) => {
        const seconds = () => Number(redis.command('--raw', 'time').split('\n')[0])
        for (const jump of [3600, -3600, 86_400, 0]) {
          shiftBy(jump)
          await sleep(3000)
          hours.push(Math.round((seconds() - Date.now() / 1000) / 3600) || 0)
        }
      },
      { redis: { env } },
      quick('ppo', 5000),
    )
    expect(hours).toEqual([1, -1, 24, 0])
  })
})
