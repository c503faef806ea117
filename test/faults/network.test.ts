// Three hosts and a bad network between them: pieces late by 20 ms, held back, connections cut and ended by half, cables pulled.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, it } from 'vitest'
import { createNetHost, netHostsHindrance } from '../support/net-hosts.ts'
import { describeWith } from '../support/programs.ts'
import { restartableRedis } from '../support/redis.ts'
import { chance, createRemoteRun, endsWell, playedAlone, quick, whileItLearns } from '../support/remote-training.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'

const needed = ['redis-server', 'redis-cli', 'ip'] as const

describeWith(
  needed,
  'redis-server iproute2',
  'three hosts',
  () => {
    const table: string[] = []
    afterAll(() => console.log(table.join('\n')))

    /** Redis, learner and actors on a host each, which reach each other only by proxies of the test. */
    async function threeHosts(train: readonly string[]) {
      const [redisHost, learnerHost, actorHost] = [createNetHost(0), createNetHost(1), createNetHost(2)]
      const redis = await restartableRedis({ inside: redisHost.inside, address: redisHost.address })
      const target = { host: redisHost.address, port: redis.port }
      const [toLearner, toActors] = await Promise.all(
        [learnerHost, actorHost].map(({ testAddress }) => startTcpProxy(target, { host: testAddress })),
      )
      const run = createRemoteRun({ train, redis: redis.url, lease: 2 })
      const at = (port: number, host: string) => `redis://${host}:${port}`
      const learner = run.learner({
        redis: at(toLearner!.port, learnerHost.testAddress),
        inside: learnerHost.inside,
      })
      const options = { redis: at(toActors!.port, actorHost.testAddress), inside: actorHost.inside }
      const actors = [await run.actor('a', options), await run.actor('b', options), await run.actor('c', options)]
      await Promise.all(actors.map(actor => actor.sees(/ plays /)))
      return { run, learner, actors, redisHost, learnerHost, actorHost, proxies: [toLearner!, toActors!] as const }
    }

    it.each(['ppo', 'maddpg'])('%s: connections are cut, ended by half and held back', async algorithm => {
      const train = quick(algorithm, 1500)
      const expected = await playedAlone(train)
      const random = chance(`network ${algorithm}`)
      const { run, learner, actors, proxies } = await threeHosts(train)
      const done = { cut: 0, halfClose: 0, stall: 0 }
      await learner.sees(/"event":"checkpoint"/)
      await whileItLearns(
        () => learner,
        () => random.between(200, 2500),
        async () => {
          const proxy = proxies[random.uniform() < 0.5 ? 0 : 1]
          const chosen = (['cut', 'halfClose', 'stall'] as const)[Math.floor(random.between(0, 2.999))]!
          done[chosen]++
          proxy[chosen]()
          if (chosen !== 'stall') return
          await sleep(random.between(100, 4000))
          proxy.flow()
        },
      )
      await endsWell(run, learner)
      for (const actor of actors) await endsWell(run, actor, 1)
      expect(run.outcome(), run.said()).toEqual(expected)
      const [a, b] = proxies
      table.push(`${algorithm}: ${JSON.stringify(done)}, ${a.connections + b.connections} connections; the same bits`)
    })

    it('cables are pulled, and all is held back for longer than anybody waits for', async () => {
      const train = quick('ppo', 1500)
      const expected = await playedAlone(train)
      const { run, learner, actors, redisHost, learnerHost, actorHost, proxies } = await threeHosts(train)
      await learner.sees(/"event":"checkpoint"/)
      for (const { cable } of [actorHost, learnerHost, redisHost]) {
        cable('down')
        await sleep(4000)
        cable('up')
        await sleep(2000)
      }
      for (const proxy of proxies) {
        proxy.stall()
        // What is given up meanwhile comes late, after what was sent anew.
        await sleep(16_000)
        proxy.flow()
        await sleep(2000)
      }
      await endsWell(run, learner)
      for (const actor of actors) await endsWell(run, actor, 1)
      expect(run.outcome(), run.said()).toEqual(expected)
      expect(run.said()).toContain('Redis does not answer; the run waits')
      table.push('3 cables pulled for 4 s, 2 stalls of 16 s; the same bits')
    })
  },
  netHostsHindrance(),
)
