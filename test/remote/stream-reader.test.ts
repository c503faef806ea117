// Streams of a real Redis, read where they were received: what is taken, what comes after a cut, what Redis says.
import { expect, it, onTestFinished } from 'vitest'
import { connectRedis } from '../../src/remote/connect-redis.ts'
import { createStreamReader } from '../../src/remote/stream-reader.ts'
import { describeWith } from '../support/programs.ts'
import { startRedis } from '../support/redis.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'

async function createScene(url: string, through = url) {
  const redis = await connectRedis(url)
  const other = await connectRedis(through)
  const reader = createStreamReader(other)
  onTestFinished(() => {
    reader.close()
    for (const each of [redis, other]) each.disconnect()
  })
  const taken: [string, string][] = []
  const read = (after: Map<string, string>, milliseconds = 20) =>
    reader.read(after, { count: 3, milliseconds }, (key, _, fields) => {
      taken.push([key, `${fields[0]} ${fields[1]!.length} ${fields[1]!.every(byte => byte === fields[1]![0])}`])
    })
  return { redis, read, taken }
}

describeWith(['redis-server', 'redis-cli'], 'redis-server', 'streams of a real Redis', () => {
  it('takes entries in their order, so many at once, small ones and those that are larger than any memory that was there', async () => {
    const { url } = await startRedis()
    const { redis, read, taken } = await createScene(url)
    const sizes = [1, 100_000, 3_000_000, 0, 70_000, 1_048_576, 5]
    for (const [i, size] of sizes.entries()) await redis.xadd('a', '*', String(i), Buffer.alloc(size, i + 1))
    await redis.xadd('b', '*', 'x', 'yy')
    const after = new Map([
      ['a', '0'],
      ['b', '0'],
    ])
    for (let times = 0; times < 4; times++) await read(after)
    expect(taken.filter(([key]) => key === 'a').map(([, said]) => said)).toEqual(
      sizes.map((size, i) => `${i} ${size} true`),
    )
    expect(taken.filter(([key]) => key === 'b')).toEqual([['b', 'x 2 true']])
  })

  it('waits for what comes, and goes on after a cut with what it has not taken yet', async () => {
    const server = await startRedis()
    const proxy = await startTcpProxy({ host: '127.0.0.1', port: server.port }, { delay: 0 })
    const { redis, read, taken } = await createScene(server.url, `redis://127.0.0.1:${proxy.port}`)
    const after = new Map([['a', '0']])
    for (const round of [1, 2, 3]) {
      const reading = read(after, 60_000)
      const before = proxy.connections
      if (round > 1) {
        proxy.cut()
        while (proxy.connections === before) await new Promise(done => setTimeout(done, 5))
      }
      await redis.xadd('a', '*', String(round), 'x')
      await reading
    }
    expect(taken.map(([, said]) => said)).toEqual(['1 1 true', '2 1 true', '3 1 true'])
  })

  it('says who it is, uses the database of the address, and passes on what Redis says', async () => {
    const { url, command } = await startRedis()
    command('ACL', 'SETUSER', 'one', 'on', '>secret', '~a', '+@all')
    const { redis, read, taken } = await createScene(url.replace('//', '//one:secret@').concat('/3'))
    await redis.xadd('a', '*', 'k', 'v')
    await read(new Map([['a', '0']]))
    expect(taken).toEqual([['a', 'k 1 true']])
    await expect(read(new Map([['b', '0']]))).rejects.toThrow('NOPERM')
    // It is as good as before.
    await read(new Map([['a', '0']]))
    expect(taken).toHaveLength(2)
  })
})
