// What an honest actor process believes: the run's key alone. Forged manifests, weights, tickets and scenario files, over a real Redis.
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { encodeSaved } from '../../src/actors/saved-bytes.ts'
import { connectRedis, type Redis } from '../../src/remote/connect-redis.ts'
import { type Manifest, openManifest, protocol, sealManifest } from '../../src/remote/manifest.ts'
import { type RedisKeys, redisKeys } from '../../src/remote/redis-keys.ts'
import { createRunKey, unsealing } from '../../src/remote/run-key.ts'
import { marlstrom, start } from '../support/command.ts'
import { describeWith } from '../support/programs.ts'
import { startRedis } from '../support/redis.ts'
import { outcomeIn, shortRun, startRemote, undisturbed } from '../support/remote-run.ts'

async function client(url: string): Promise<Redis> {
  const redis = await connectRedis(url)
  onTestFinished(() => redis.disconnect())
  return redis
}

/** The run's manifest, as soon as its learner is there. */
async function manifestOf(redis: Redis, keys: RedisKeys, runKey: string): Promise<Manifest> {
  await expect.poll(() => redis.exists(keys.weights(0))).toBe(1)
  return openManifest(unsealing(runKey), (await redis.getBuffer(keys.manifest))!)
}

describeWith(['redis-server', 'redis-cli'], 'redis-server', 'an honest actor process', () => {
  it('ends where the manifest is not signed by the run it was named, or is of another protocol', async () => {
    const server = await startRedis()
    const redis = await client(server.url)
    const [run, other] = [createRunKey(), createRunKey()]
    const actor = () => marlstrom('actor', '--redis', server.url, '--run-key', run.publicKey)
    const manifest = { protocol, version: '0.1.0', session: 'x', over: false } as Manifest
    for (const forged of [
      sealManifest(other, manifest),
      run.seal('weights of x', Buffer.from(JSON.stringify(manifest))),
      Buffer.from(JSON.stringify(manifest)),
      Buffer.alloc(3),
      Buffer.alloc(50_000_000),
    ]) {
      await redis.set(redisKeys('marlstrom', run.publicKey).manifest, Buffer.from(forged))
      const { code, stderr } = await actor()
      expect([code, stderr]).toEqual([2, expect.stringContaining("--run-key: manifest: not signed by the run's key")])
    }
    const later = sealManifest(run, { ...manifest, protocol: 2, version: '9.9.9' })
    await redis.set(redisKeys('marlstrom', run.publicKey).manifest, Buffer.from(later))
    const { code, stderr } = await actor()
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('expected protocol 1, got 2: the run is trained by marlstrom 9.9.9'),
    ])
    const wrong = await marlstrom('actor', '--redis', server.url, '--run-key', 'x')
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('--run-key: expected the public key')])
  })

  it('plays with no weights and no tickets but the run’s own', async () => {
    const server = await startRedis()
    const redis = await client(server.url)
    const expected = undisturbed(...shortRun)
    const { folder, learner, runKey } = await startRemote(server.url, ...shortRun)
    const keys = redisKeys('marlstrom', runKey)
    const { session } = await manifestOf(redis, keys, runKey)
    const real = (await redis.getBuffer(keys.weights(0)))!
    const stranger = createRunKey()
    await redis.set(keys.weights(0), Buffer.from(stranger.seal(`weights of ${session}`, real.subarray(64))))
    const actor = start('actor', '--redis', server.url, '--run-key', runKey, '--name', 'honest')
    await expect.poll(() => redis.xlen(keys.tickets('honest'))).toBeGreaterThan(0)
    const ticket = {
      id: 1,
      session,
      instance: 'x',
      actor: 0,
      number: 0,
      version: 0,
      wanted: true,
      generation: 0,
      from: null,
    }
    const [[, [, own]]] = (await redis.xrangeBuffer(keys.tickets('honest'), '-', '+', 'COUNT', 1)) as [
      [Buffer, [Buffer, Buffer]],
    ]
    const forged = [
      ...[stranger.seal(`ticket of ${session}`, encodeSaved(ticket)), encodeSaved(ticket), new Uint8Array(0)],
      // Its own once more, and cut off.
      ...[own, own.subarray(0, 100), Buffer.alloc(20_000_000)],
    ]
    for (const each of forged) await redis.xadd(keys.tickets('honest'), '*', 'ticket', Buffer.from(each))
    await redis.xadd(keys.tickets('honest'), '*', 'other', 'field')
    // Nothing is played with weights that somebody else signed.
    await new Promise(done => setTimeout(done, 1500))
    expect(await redis.xlen(keys.played('honest'))).toBe(0)
    // The learner puts its own manifest there again, and the weights with it. The run cannot end before: nobody has played for it.
    await redis.set(keys.manifest, Buffer.from(stranger.seal('manifest', Buffer.from('{}'))))
    await expect.poll(async () => (await manifestOf(redis, keys, runKey).catch(() => null))?.session).toBe(session)
    const again = start('actor', '--redis', server.url, '--run-key', runKey, '--name', 'again')
    expect(await again.finished).toMatchObject({ code: 0, stderr: '' })
    // It ended, or did not look meanwhile.
    expect([0, 2]).toContain((await actor.finished).code)
    const done = await learner.finished
    expect([done.code, done.stderr]).toEqual([0, expect.stringContaining('Redis is there again')])
    expect(outcomeIn(folder)).toBe(await expected)
  })

  it('plays a scenario file of somebody’s own only where it was told so, and only as it was signed', async () => {
    const server = await startRedis()
    const redis = await client(server.url)
    const args = [join(import.meta.dirname, '../../examples/scenarios/rendezvous.ts'), ...shortRun.slice(1)]
    const expected = undisturbed(...args)
    const { folder, learner, runKey } = await startRemote(server.url, ...args)
    const keys = redisKeys('marlstrom', runKey)
    const { file } = await manifestOf(redis, keys, runKey)
    const actor = (...more: string[]) => marlstrom('actor', '--redis', server.url, '--run-key', runKey, ...more)
    for (const more of [[], ['--allow', file!.replace(/./, letter => (letter === '0' ? '1' : '0'))]]) {
      const { code, stderr } = await actor(...more)
      expect([code, stderr]).toEqual([
        2,
        expect.stringMatching(`brings a scenario file of its own, .*; --allow ${file} allows this one, --trust any`),
      ])
    }
    const code = (await redis.get(keys.file(file!)))!
    await redis.set(keys.file(file!), `${code}\nconsole.log('mine')`)
    for (const more of [['--allow', file!], ['--trust']]) {
      const refused = await actor(...more)
      expect([refused.code, refused.stdout, refused.stderr]).toEqual([
        2,
        expect.not.stringContaining('mine'),
        expect.stringContaining(`the scenario file in Redis is not the one that was signed, ${file}`),
      ])
    }
    await redis.set(keys.file(file!), code)
    const both = await Promise.all([actor('--allow', file!, '--name', 'one'), actor('--trust', '--name', 'two')])
    for (const { code, stderr } of both) expect([code, stderr]).toEqual([0, ''])
    expect(await learner.finished).toMatchObject({ code: 0, stderr: '' })
    expect(outcomeIn(folder)).toBe(await expected)
  })
})
