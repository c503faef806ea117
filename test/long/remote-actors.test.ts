// Trainings whose actors play over Redis: one hash for every algorithm, world and number of processes, and five faults on the way that change no bit.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { describeWith } from '../support/programs.ts'
import { restartableRedis } from '../support/redis.ts'
import { createRemoteRun, endsWell, playedAlone, quick } from '../support/remote-training.ts'

const needed = ['redis-server', 'redis-cli'] as const
const worlds = ['simple_spread', 'simple_tag'] as const
const algorithms = ['ppo', 'impala', 'maddpg', 'acer'] as const
const settings = { ppo: [], impala: ['--set', 'learner.policyLag=0'], maddpg: [], acer: [] } as const

describeWith(needed, 'redis-server', 'one hash', () => {
  it.each(worlds.flatMap(world => algorithms.map(algorithm => ({ world, algorithm }))))(
    '$algorithm in $world: four actors in three processes over Redis, and in the thread that learns',
    async ({ world, algorithm }) => {
      const train = [...quick(algorithm, 300, world), ...settings[algorithm]]
      const redis = await restartableRedis()
      const run = createRemoteRun({ train, redis: redis.url, lease: 10 })
      const learner = run.learner()
      const actors = await Promise.all(['a', 'b', 'c'].map(name => run.actor(name)))
      await endsWell(run, learner)
      for (const actor of actors) await endsWell(run, actor)
      expect(run.outcome()).toEqual(await playedAlone(train))
      // Nothing is left there but the word that it is over.
      expect(redis.command('--raw', 'keys', '*').trim()).toMatch(/^\S+:manifest$/)
    },
  )
})

describeWith(needed, 'redis-server', 'five faults', () => {
  it('change no bit: an actor killed and one stopped, the learner killed, Redis killed and emptied', async () => {
    const train = quick('ppo', 3000)
    const redis = await restartableRedis()
    const run = createRemoteRun({ train, redis: redis.url })
    let learner = run.learner()
    const [killed, stopped] = [await run.actor('killed'), await run.actor('stopped')]
    await killed.sees(/ plays /)
    await stopped.sees(/ plays /)
    const moves = () => learner.sees(/"event":"checkpoint"/)
    await moves()

    killed.process.kill('SIGKILL')
    const third = await run.actor('third')
    await third.sees(/ plays /)
    stopped.process.kill('SIGSTOP')
    await sleep(3000)
    stopped.process.kill('SIGCONT')
    learner.process.kill('SIGKILL')
    await learner.finished
    learner = run.learner()
    await moves()
    await redis.kill()
    await redis.start()
    await sleep(2000)
    redis.command('flushall')

    await endsWell(run, learner)
    for (const actor of [stopped, third]) await endsWell(run, actor)
    expect(run.outcome(), run.said()).toEqual(await playedAlone(train))
  })
})
