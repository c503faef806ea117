// marlstrom/client in Node.js against servers that really listen, and over a proxy that cuts its connection.
import { once } from 'node:events'
import { firstValueFrom, take, toArray } from 'rxjs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocketServer } from 'ws'
import type { Client } from '../../src/client/client.ts'
import type { ConnectOptions } from '../../src/client/connect.ts'
import { connect } from '../../src/client/node.ts'
import type { StreamedFrame } from '../../src/stream/protocol.ts'
import { circlingFrame, type TinyServerOptions, tinyServer, tinyShow, until } from '../stream/tiny-stream.ts'
import { startReverseProxy } from '../support/reverse-proxy.ts'

const operator = 'an-operator-of-32-characters-0001'

function open(address: string, options?: ConnectOptions): Client {
  const client = connect(address, options)
  onTestFinished(() => client.close())
  return client
}

/** A client and the frames that it got, in their order. */
async function watched(options: TinyServerOptions = {}, connecting?: ConnectOptions) {
  const run = await tinyServer(options)
  const proxy = await startReverseProxy({ prefix: '', strips: false, keepsHost: false })
  proxy.target = run.server.listening
  const client = open(`http://127.0.0.1:${proxy.port}/`, connecting)
  const got: StreamedFrame[] = []
  client.frames$.subscribe({ next: frame => void got.push(frame), error() {} })
  await until(() => expect(client.view.link).toBe('open'))
  let n = 0
  /** The next frame, and the client's last. */
  const show = async (frames = 1) => {
    for (let i = 0; i < frames; i++) run.frames.next(circlingFrame(run.schema, ++n))
    return n
  }
  const shown = async (frames: number) => {
    for (let i = 0; i < frames; i++) {
      await show()
      await until(() => expect(got.at(-1)?.number).toBe(n))
    }
  }
  return { ...run, proxy, client, got, show, shown }
}

describe('a client', () => {
  it('gives state, schema, frames and figures, those of before first', async () => {
    const { client, session, schema, shown, got } = await watched()
    session.dispatch({ type: 'point', episodes: 100, returns: [1, 2, 3], metrics: { 'loss/agent_0': 0.5 } })
    session.dispatch({ type: 'point', episodes: 200, returns: [2, 3, 4] })
    await until(() => expect(client.view.state).toEqual(session.state))
    expect(await firstValueFrom(client.state$)).toEqual(session.state)
    expect(await firstValueFrom(client.schema$)).toEqual(schema)
    await shown(2)
    expect(got.map(({ number, past }) => [number, past])).toEqual([
      [1, false],
      [2, false],
    ])
    const points = firstValueFrom(client.metrics$.pipe(take(3), toArray()))
    session.dispatch({ type: 'point', episodes: 300, returns: [3, 4, 5] })
    const [first, second, third] = await points
    expect(first).toEqual({
      episodes: 100,
      returns: { agent_0: 1, agent_1: 2, adversary_0: 3 },
      values: { 'loss/agent_0': 0.5 },
    })
    expect([second!.episodes, second!.values, third!.returns.agent_0]).toEqual([200, {}, 3])
  })

  it('tells a training that went back again from there', async () => {
    const { client, session } = await watched()
    const told: number[] = []
    client.metrics$.subscribe(({ episodes }) => void told.push(episodes))
    const point = (episodes: number) => session.dispatch({ type: 'point', episodes, returns: [0, 0, 0] })
    for (const episodes of [100, 200, 300]) point(episodes)
    session.dispatch({ type: 'rolledBack', episodes: 100, message: 'back' })
    for (const episodes of [200, 300]) point(episodes)
    await until(() => expect(told).toEqual([100, 200, 300, 200, 300]))
  })

  it('commands, and rejects with the sentence of a refusal', async () => {
    const { client, commands, session } = await watched()
    await client.command({ type: 'pause' })
    expect([commands, session.state.exhibition.paused]).toEqual([[{ type: 'pause' }], true])
    await expect(client.command({ type: 'speed', speed: 1000 })).rejects.toThrow(
      "command 'speed': speed must be in 0.125 ... 64, got 1000",
    )
    const viewer = open((await tinyServer()).server.url, { role: 'viewer' })
    await until(() => expect(viewer.view.link).toBe('open'))
    await expect(viewer.command({ type: 'pause' })).rejects.toThrow("for operators, this connection is a viewer's")
    viewer.close()
    await expect(viewer.command({ type: 'pause' })).rejects.toThrow('there is no connection')
  })

  it('looks into agents by index and id for as long as somebody listens, and says what cannot be', async () => {
    const inspect = (agent: number) => ({
      agent,
      observation: Float32Array.of(agent),
      action: new Float32Array(5),
      probabilities: new Float32Array(5),
      value: agent,
      rewardParts: {},
      sees: new Uint8Array(5),
    })
    const looked: (readonly number[])[] = []
    const look = async (agents: readonly number[]) => void looked.push(agents)
    const { client, shown } = await watched({ show: { inspect, look } })
    const values: (number | null)[] = []
    const one = client.inspect(0).subscribe(({ value }) => void values.push(value))
    const other = client.inspect('agent_1').subscribe(({ value }) => void values.push(value))
    await until(() => expect(looked).toEqual([[0, 1]]))
    await shown(1)
    await until(() => expect(values).toEqual([0, 1]))
    one.unsubscribe()
    await until(() => expect(looked.at(-1)).toEqual([1]))
    other.unsubscribe()
    await until(() => expect(looked.at(-1)).toEqual([]))
    const remark = firstValueFrom(client.remarks$)
    const many = Array.from({ length: 9 }, (_, agent) => client.inspect(agent).subscribe())
    expect(await remark).toMatch(/inspect/)
    for (const each of many) each.unsubscribe()
  })

  it('gives frames of the past', async () => {
    const { client, shown } = await watched()
    await shown(5)
    expect((await client.history(2, 4)).map(({ number, past }) => [number, past])).toEqual([
      [2, true],
      [3, true],
      [4, true],
    ])
    await expect(client.history(10, 20)).rejects.toThrow('frames 10 ... 20 are not kept, 1 ... 5 are')
  })

  it('asks for as many frames as it was told, also after a break', async () => {
    const { client, proxy, got, shown } = await watched({}, { rate: 60 })
    await shown(1)
    proxy.cut()
    await until(() => expect(client.view.link).toBe('lost'))
    proxy.flow()
    await until(() => expect(client.view.link).toBe('open'))
    await shown(2)
    expect(got).toHaveLength(3)
  })
})

describe('a connection that breaks', () => {
  it('is opened again without a gap: what was missed comes first, in its order, once', async () => {
    const { client, proxy, got, show, shown } = await watched()
    await shown(10)
    for (let round = 0; round < 3; round++) {
      proxy.cut()
      await until(() => expect(client.view.link).toBe('lost'))
      await show(40)
      proxy.flow()
      await until(() => expect(client.view.link).toBe('open'))
      await shown(5)
    }
    expect(got.map(({ number }) => number)).toEqual(Array.from({ length: 145 }, (_, i) => i + 1))
    expect(got.filter(({ past }) => past).length).toBeGreaterThan(100)
    expect(await firstValueFrom(client.state$)).toEqual(client.view.state)
  })

  it('is opened again where a server begins anew', async () => {
    const { client, server, proxy, got, shown } = await watched()
    await shown(3)
    await server.close('for now')
    await until(() => expect(client.view.farewell).toBe('for now'))
    const next = await tinyServer()
    proxy.target = next.server.listening
    await until(() => expect(client.view.link).toBe('open'))
    next.frames.next(circlingFrame(next.schema, 1))
    await until(() => expect(got.map(({ number }) => number)).toEqual([1, 2, 3, 1]))
  })
})

describe('what is wrong', () => {
  const failing = (client: Client) => firstValueFrom(client.state$)

  it('is said at once of what is no address', () => {
    expect(() => connect('marl')).toThrow(
      "connect: expected the address of a stream or of its page, like ws://127.0.0.1:8120/stream or http://127.0.0.1:8120/, got 'marl'",
    )
    expect(() => connect('ftp://lab.example/')).toThrow('expected the address of a stream')
  })

  it('is said of tokens, and no token is told', async () => {
    const { server } = await tinyServer({ tokens: { operator } })
    const stream = `${server.url.replace('http', 'ws')}stream`
    await expect(failing(open(server.url))).rejects.toThrow(
      `${stream} asks for a token: add ?token=<token> to the address`,
    )
    const wrong = 'another-operator-of-32-characters'
    const error = await failing(open(`${server.url}?token=${wrong}`)).catch(String)
    expect(error).toBe(`Error: ${stream} does not know this token`)
    expect((await failing(open(server.url, { token: operator }))).run.scenario).toBe('simple_tag')
  })

  it('is said of sessions', async () => {
    const { server, session } = await tinyServer()
    const { show } = tinyShow()
    server.add({ id: 'other', title: 'another', session, show })
    await expect(failing(open(server.url))).rejects.toThrow(
      'has several sessions: add ?session= with one of: tiny, other',
    )
    const late = open(server.url, { session: 'late' })
    await until(() => expect(late.view.problem).toMatch(/no session 'late' is there; there are: tiny, other$/))
    server.add({ id: 'late', title: 'a late one', session, show: tinyShow().show })
    await until(() => expect(late.view).toMatchObject({ link: 'open', problem: null }))
  })

  it('is said where nobody answers, and gone when somebody does', async () => {
    const proxy = await startReverseProxy({ prefix: '', strips: false, keepsHost: false })
    proxy.cut()
    const client = open(`ws://127.0.0.1:${proxy.port}/stream`)
    await until(() => expect(client.view.problem).toMatch(/^no answer from ws:.*: is the server running\?$/))
    const { server } = await tinyServer()
    proxy.target = server.listening
    proxy.flow()
    await until(() => expect(client.view).toMatchObject({ link: 'open', problem: null }))
  })

  it('is said of a server that speaks another version', async () => {
    const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    onTestFinished(() => sockets.close())
    sockets.on('connection', socket => socket.send(JSON.stringify({ type: 'welcome', protocol: 99 })))
    await once(sockets, 'listening')
    const { port } = sockets.address() as { port: number }
    await expect(failing(open(`ws://127.0.0.1:${port}/`))).rejects.toThrow('the server version 99')
  })
})

it('ends when it is closed', async () => {
  const { client } = await watched()
  const ends: string[] = []
  client.frames$.subscribe({ complete: () => void ends.push('frames') })
  client.state$.subscribe({ complete: () => void ends.push('state') })
  client.metrics$.subscribe({ complete: () => void ends.push('metrics') })
  client.close()
  expect(ends.sort()).toEqual(['frames', 'metrics', 'state'])
})
