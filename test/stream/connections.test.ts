// How many connections there may be: which are ended for others, and that nobody with a token is kept out by those who have none.
import { connect, type Socket } from 'node:net'
import { firstValueFrom } from 'rxjs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { createConnections, MOST_CONNECTIONS, MOST_STRANGERS, networkOf } from '../../src/stream/connections.ts'
import type { Descriptors } from '../../src/stream/descriptors.ts'
import { rawViewer } from './hostile.ts'
import { http, TinyViewer, tinyServer, until } from './tiny-stream.ts'

const operator = '6b1f0a9c4de2783512f9c07ab48d3e65'
const bearer = { authorization: `Bearer ${operator}` }

/** Connections that are there in name only. */
function tinyConnection(remoteAddress: string | undefined) {
  const heard: (() => void)[] = []
  const connection = {
    remoteAddress,
    ended: false,
    destroy() {
      connection.ended = true
    },
    once: (_: 'close', hear: () => void) => void heard.push(hear),
    close: () => {
      for (const hear of heard) hear()
    },
  }
  return connection
}

const later = (work: () => void) => work()
const endless: Descriptors = { limit: Infinity, room: () => Infinity, isRoom: () => true }
/** Room for so many of these connections. */
const roomFor = (most: number, all: readonly { ended: boolean }[]): Descriptors => ({
  limit: most,
  room: () => most,
  isRoom: () => all.filter(({ ended }) => !ended).length <= most,
})

describe('connections', () => {
  it('without a token are limited by network, the oldest first', () => {
    const { accept, recognise } = createConnections({ guarded: true, descriptors: endless, later })
    const owner = tinyConnection('192.0.2.1')
    accept(owner)
    recognise(owner)
    const strangers = Array.from({ length: MOST_STRANGERS + 3 }, () => tinyConnection('192.0.2.1'))
    for (const stranger of strangers) accept(stranger)
    const other = tinyConnection('192.0.2.2')
    accept(other)
    expect(strangers.map(({ ended }) => ended)).toEqual(strangers.map((_, i) => i < 3))
    expect([owner.ended, other.ended]).toEqual([false, false])
    // One that leaves makes room.
    strangers[3]!.close()
    accept(tinyConnection('192.0.2.1'))
    expect(strangers[4]!.ended).toBe(false)
  })

  it('that come at the same time are ended only when what they sent has been read', () => {
    const waiting: (() => void)[] = []
    const { accept, recognise } = createConnections({
      guarded: true,
      descriptors: endless,
      later: work => void waiting.push(work),
    })
    const audience = Array.from({ length: 3 * MOST_STRANGERS }, () => tinyConnection('192.0.2.1'))
    for (const one of audience) accept(one)
    expect(audience.some(({ ended }) => ended)).toBe(false)
    for (const one of audience.slice(0, 2 * MOST_STRANGERS - 5)) recognise(one)
    for (const work of waiting.splice(0)) work()
    expect(audience.filter(({ ended }) => ended)).toEqual(audience.slice(2 * MOST_STRANGERS - 5, 2 * MOST_STRANGERS))
    // And so for those that come later.
    for (let i = 0; i < 7; i++) accept(tinyConnection('192.0.2.1'))
    for (const work of waiting.splice(0)) work()
    expect(audience.filter(({ ended }) => ended)).toHaveLength(12)
  })

  it('of a proxy are not, however its address is written', () => {
    const proxies = ['192.0.2.1', '2001:db8::1']
    const { accept } = createConnections({ guarded: true, descriptors: endless, proxies, later })
    const addresses = ['192.0.2.1', '::ffff:192.0.2.1', '::FFFF:c000:201', '2001:db8:0:0::1']
    const many = Array.from({ length: 4 * MOST_STRANGERS }, (_, i) => tinyConnection(addresses[i % 4]))
    for (const one of many) accept(one)
    // Its neighbours have the usual limit, and end none of its connections.
    const neighbours = Array.from({ length: MOST_STRANGERS + 1 }, () => tinyConnection('2001:db8::2'))
    for (const one of neighbours) accept(one)
    expect(many.some(({ ended }) => ended)).toBe(false)
    expect(neighbours.map(({ ended }) => ended)).toEqual(neighbours.map((_, i) => i === 0))
  })

  it('are not limited by network where no token is needed', () => {
    const { accept } = createConnections({ guarded: false, descriptors: endless })
    const many = Array.from({ length: 1000 }, () => tinyConnection('127.0.0.1'))
    for (const one of many) accept(one)
    expect(many.some(({ ended }) => ended)).toBe(false)
  })

  it('make room when descriptors run short: strangers, the oldest first, and never who was let in', () => {
    const all: ReturnType<typeof tinyConnection>[] = []
    const { accept, recognise } = createConnections({ guarded: false, descriptors: roomFor(10, all) })
    const come = () => {
      const connection = tinyConnection('127.0.0.1')
      all.push(connection)
      accept(connection)
      return connection
    }
    const viewers = Array.from({ length: 5 }, come)
    for (const viewer of viewers) recognise(viewer)
    const strangers = Array.from({ length: 20 }, come)
    expect(strangers.map(({ ended }) => ended)).toEqual(strangers.map((_, i) => i < 15))
    for (let i = 0; i < 5; i++) recognise(come())
    expect(strangers.every(({ ended }) => ended)).toBe(true)
    expect(come().ended).toBe(true)
    expect(viewers.some(({ ended }) => ended)).toBe(false)
  })

  it('are at most so many, whatever the system allows', () => {
    const { accept, recognise } = createConnections({ guarded: true, descriptors: endless })
    const viewers = Array.from({ length: MOST_CONNECTIONS }, (_, i) => tinyConnection(`192.0.${i >> 8}.${i & 255}`))
    for (const viewer of viewers) {
      accept(viewer)
      recognise(viewer)
    }
    const late = tinyConnection('192.0.2.1')
    accept(late)
    expect(late.ended).toBe(true)
    viewers[7]!.close()
    const later = tinyConnection('192.0.2.1')
    accept(later)
    expect(later.ended).toBe(false)
  })

  it('that ended before they were accepted are let go', () => {
    const { accept } = createConnections({ guarded: true, descriptors: endless })
    const gone = tinyConnection(undefined)
    accept(gone)
    expect(gone.ended).toBe(true)
  })

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:0201', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
  ])('from %s are of the network %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })
})

describe('a server with many silent connections', () => {
  it('behind a token keeps the newest few, keeps its viewers, and lets in who has a token', async () => {
    const { server } = await tinyServer({ tokens: { operator } })
    const viewer = await TinyViewer.connect(server.url, bearer)
    const strangers = await silent(server.url, 3 * MOST_STRANGERS)
    await until(() => expect(strangers.standing()).toBeLessThanOrEqual(MOST_STRANGERS))
    const late = await TinyViewer.connect(server.url, bearer)
    expect((await http(server.url, 'GET', bearer)).status).toBe(200)
    for (const { socket } of [viewer, late]) expect(socket.readyState).toBe(socket.OPEN)
    expect(strangers.standing()).toBeGreaterThan(MOST_STRANGERS / 2)
  })

  it('lets a whole audience in that comes back at once', async () => {
    const { server } = await tinyServer({ tokens: { operator } })
    const path = `/stream?token=${operator}`
    const viewers = await Promise.all(Array.from({ length: 3 * MOST_STRANGERS }, () => rawViewer(server.url, path)))
    onTestFinished(() => {
      for (const viewer of viewers) viewer.destroy()
    })
    await until(async () => expect(await firstValueFrom(server.viewers$)).toBe(viewers.length))
  })

  it.each([
    ['of a proxy', { tokens: { operator }, proxies: ['127.0.0.1'] }],
    ['without tokens', {}],
  ])('%s keeps them all', async (_name, options) => {
    const { server } = await tinyServer(options)
    const strangers = await silent(server.url, 2 * MOST_STRANGERS)
    await TinyViewer.connect(server.url, bearer)
    expect(strangers.standing()).toBe(2 * MOST_STRANGERS)
  })

  it('ends those that were turned away', async () => {
    const { server } = await tinyServer({ tokens: { operator } })
    expect((await http(server.url, 'GET')).headers.connection).toBe('close')
    expect((await http(server.url, 'GET', { ...bearer, host: 'example.org' })).headers.connection).toBe('close')
  })

  it('takes addresses of proxies alone', async () => {
    const attempt = tinyServer({ proxies: ['proxy.example.org'] })
    await expect(attempt).rejects.toThrow(ConfigError)
    await expect(attempt).rejects.toThrow("proxies: expected an IP address like 192.0.2.1, got 'proxy.example.org'")
  })
})

/** Connections that send nothing, all of them open once. */
async function silent(url: string, count: number): Promise<{ standing(): number }> {
  const { port, hostname } = new URL(url)
  const open = new Set<Socket>()
  onTestFinished(() => {
    for (const socket of open) socket.destroy()
  })
  await Promise.all(
    Array.from({ length: count }, () => {
      const socket = connect(Number(port), hostname)
      open.add(socket.resume())
      socket.on('error', () => {}).on('close', () => open.delete(socket))
      return new Promise(resolve => socket.once('connect', resolve))
    }),
  )
  return { standing: () => open.size }
}
