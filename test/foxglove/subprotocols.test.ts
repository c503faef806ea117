import { describe, expect, it, vi } from 'vitest'
import { foxgloveSubprotocols } from '../../src/foxglove/subprotocols.ts'
import { circlingFrame, tinySchema, tinyServer } from '../stream/tiny-stream.ts'
import { readScene } from './read-scene.ts'
import { StrictClient } from './strict-client.ts'

const soon = { timeout: 60_000, interval: 5 }
const token = 'operator-0123456789-0123456789-abcd'
const viewerToken = 'viewer-0123456789-0123456789-abcdef'

function foxgloveServer(options: Parameters<typeof tinyServer>[0] = {}) {
  return tinyServer({ subprotocols: foxgloveSubprotocols(), ...options })
}

describe('the Foxglove protocol on the stream server', () => {
  it.each(['foxglove.sdk.v1', 'foxglove.websocket.v1'])('speaks %s: channels, scenes and figures', async protocol => {
    const { server, schema, frames } = await foxgloveServer()
    const client = await StrictClient.connect(server.url, [protocol])
    expect(client.socket.protocol).toBe(protocol)
    await vi.waitFor(() => expect(client.channels.size).toBe(7), soon)
    expect(client.said('serverInfo')[0]).toMatchObject({
      name: 'marlstrom: a tiny run',
      capabilities: ['time', 'parameters', 'parametersSubscribe'],
    })
    client.subscribe('/scene', '/arena', '/rewards', '/training')
    await vi.waitFor(() => expect(client.newest('/training')).toMatchObject({ status: 'training' }), soon)
    expect(client.messages).toHaveLength(1)
    const frame = circlingFrame(schema, 7)
    frames.next(frame)
    await vi.waitFor(() => expect(client.of('/rewards')).toHaveLength(1), soon)
    const at = BigInt(frame.at) * 1_000_000n
    expect(client.times).toEqual([at])
    expect(client.messages.slice(1).map(({ topic, nanoseconds }) => [topic, nanoseconds])).toEqual([
      ['/arena', at],
      ['/scene', at],
      ['/rewards', at],
    ])
    const rewards = Object.fromEntries(schema.agents.map(({ id }, i) => [id, frame.rewards[i]]))
    expect(client.newest('/rewards')).toEqual(rewards)
    const { deletions, entities } = readScene(client.of('/scene')[0]!.payload)
    expect(deletions.map(({ type }) => type)).toEqual(['ALL'])
    expect(entities.map(({ id }) => id)).toEqual(schema.entities.map(({ id }) => id))
    // What was drawn is replaced by name from then on, and the arena is not drawn again.
    frames.next(circlingFrame(schema, 8))
    await vi.waitFor(() => expect(client.of('/scene')).toHaveLength(2), soon)
    expect(readScene(client.of('/scene')[1]!.payload).deletions).toEqual([])
    expect(client.of('/arena')).toHaveLength(1)
  })

  it('shows the present to whoever subscribes while the game is paused, and nothing after they unsubscribe', async () => {
    const { server, schema, frames } = await foxgloveServer()
    const first = await StrictClient.connect(server.url)
    await vi.waitFor(() => expect(first.channels.size).toBe(7), soon)
    first.subscribe('/episode')
    frames.next(circlingFrame(schema, 7))
    await vi.waitFor(() => expect(first.of('/episode')).toHaveLength(1), soon)
    const second = await StrictClient.connect(server.url)
    await vi.waitFor(() => expect(second.channels.size).toBe(7), soon)
    second.subscribe('/episode', '/returns')
    await vi.waitFor(() => expect(second.newest('/returns')).toBeDefined(), soon)
    expect(second.newest('/episode')).toEqual({ episode: 0, step: 7, frame: 7 })
    second.say({ op: 'unsubscribe', subscriptionIds: [10] })
    second.say({ op: 'getParameters', parameterNames: ['paused'], id: 'then' })
    await vi.waitFor(() => expect(second.said('parameterValues')).toHaveLength(1), soon)
    frames.next(circlingFrame(schema, 8))
    await vi.waitFor(() => expect(second.of('/returns')).toHaveLength(2), soon)
    expect(second.of('/episode')).toHaveLength(1)
  })

  it('advertises other channels when the game is another', async () => {
    const { server, schemas, frames } = await foxgloveServer()
    const client = await StrictClient.connect(server.url)
    await vi.waitFor(() => expect(client.channels.size).toBe(7), soon)
    const before = [...client.channels.values()].find(({ topic }) => topic === '/rewards')!
    const larger = tinySchema(5, 1)
    schemas.next(larger)
    await vi.waitFor(() => expect(client.said('unadvertise')).toHaveLength(1), soon)
    await vi.waitFor(() => expect(client.channels.size).toBe(7), soon)
    const after = [...client.channels.values()].find(({ topic }) => topic === '/rewards')!
    expect(after.id).not.toBe(before.id)
    expect(Object.keys(JSON.parse(after.schema).properties)).toEqual(larger.agents.map(({ id }) => id))
    client.subscribe('/scene')
    frames.next(circlingFrame(larger, 3))
    await vi.waitFor(() => expect(client.of('/scene')).toHaveLength(1), soon)
    expect(readScene(client.of('/scene')[0]!.payload).entities).toHaveLength(6)
  })

  it('lets operators set parameters, tells whoever wants to hear, and refuses viewers', async () => {
    const { server, session, commands } = await foxgloveServer({ tokens: { operator: token, viewer: viewerToken } })
    const connect = (token: string) => StrictClient.connect(server.url, undefined, { authorization: `Bearer ${token}` })
    const [operator, viewer] = [await connect(token), await connect(viewerToken)]
    viewer.say({ op: 'subscribeParameterUpdates', parameterNames: ['speed', 'paused'] })
    await vi.waitFor(() => expect(viewer.said('parameterValues')).toHaveLength(1), soon)
    operator.say({
      op: 'setParameters',
      id: 'mine',
      parameters: [
        { name: 'speed', value: 4, type: 'float64' },
        { name: 'paused', value: true },
        { name: 'speed', value: 1e9 },
        { name: 'sped', value: 1 },
        { name: 'training.paused', value: true },
        { name: 'seed', value: 12 },
      ],
    })
    await vi.waitFor(() => expect(operator.said('parameterValues')).toHaveLength(1), soon)
    expect(commands).toEqual([
      { type: 'speed', speed: 4 },
      { type: 'pause' },
      { type: 'pauseTraining' },
      { type: 'reset', seed: 12 },
    ])
    expect(operator.said('status').map(({ level, message }) => [level, message])).toEqual([
      [2, expect.stringContaining('speed must be in 0.125 ... 64')],
      [2, expect.stringMatching(/'sped'.*speed/)],
    ])
    expect(operator.said('parameterValues')[0]).toMatchObject({ id: 'mine' })
    const heard = () => viewer.said('parameterValues').flatMap(({ parameters }) => parameters)
    await vi.waitFor(
      () =>
        expect(heard()).toEqual([
          { name: 'paused', value: false },
          { name: 'speed', value: 1, type: 'float64' },
          { name: 'speed', value: 4, type: 'float64' },
          { name: 'paused', value: true },
        ]),
      soon,
    )
    viewer.say({ op: 'setParameters', parameters: [{ name: 'paused', value: false }] })
    await vi.waitFor(() => expect(viewer.said('status')[0]!.message).toContain('only operators'), soon)
    expect(session.state.exhibition.paused).toBe(true)
    await expect(StrictClient.connect(server.url, ['foxglove.sdk.v1'])).rejects.toThrow('401')
  })

  it('sets parameters one after the other, so many at a time, with room for others in between', async () => {
    const { server, commands } = await foxgloveServer()
    const client = await StrictClient.connect(server.url)
    const seeds = (count: number) => Array.from({ length: count }, (_, value) => ({ name: 'seed', value }))
    client.say({ op: 'setParameters', parameters: seeds(1000) })
    await vi.waitFor(() => expect(client.said('status')).toHaveLength(1), soon)
    expect(client.said('status')[0]!.message).toBe(
      'setParameters: the number of parameters must be in 0 ... 100, got 1000',
    )
    expect(commands).toEqual([])
    let turns = 0
    let done = false
    const turn = () => {
      turns++
      if (!done) setImmediate(turn)
    }
    client.say({ op: 'setParameters', id: 'all', parameters: seeds(100) })
    await vi.waitFor(() => expect(commands.length).toBeGreaterThan(0), { ...soon, interval: 1 })
    turn()
    await vi.waitFor(() => expect(client.said('parameterValues')).toHaveLength(1), soon)
    done = true
    expect(commands).toHaveLength(100)
    expect(turns).toBeGreaterThan(10)
    // More than wait for their turn at a time are refused.
    for (let i = 0; i < 60; i++) client.say({ op: 'setParameters', parameters: seeds(100) })
    await vi.waitFor(() => expect(client.said('status').length).toBeGreaterThan(1), soon)
    expect(client.said('status').at(-1)!.message).toContain('8 messages wait for their turn already')
  })

  it('answers what it does not understand, and goes on', async () => {
    const { server } = await foxgloveServer()
    const client = await StrictClient.connect(server.url)
    await vi.waitFor(() => expect(client.channels.size).toBe(7), soon)
    const wrong: (string | Uint8Array)[] = [
      'no JSON',
      '[]',
      '{}',
      '{"op":"constructor"}',
      '{"op":"advertise","channels":[]}',
      '{"op":"subscribe","subscriptions":[{"id":1,"channelId":99}]}',
      '{"op":"subscribe","subscriptions":[{"id":-1,"channelId":1}]}',
      '{"op":"subscribe","subscriptions":{"length":2}}',
      '{"op":"setParameters","parameters":[{"name":"__proto__","value":1}]}',
      new Uint8Array([1, 0, 0, 0, 0]),
    ]
    for (const message of wrong) client.socket.send(message)
    await vi.waitFor(() => expect(client.said('status')).toHaveLength(wrong.length), soon)
    expect(client.said('status').every(({ level }) => level === 2)).toBe(true)
    expect(client.socket.readyState).toBe(client.socket.OPEN)
  })

  it('spares a slow client frames, and shows it the newest when it reads again', async () => {
    const { server, schema, frames } = await foxgloveServer({ schema: tinySchema(600, 0) })
    const [slow, quick] = [await StrictClient.connect(server.url), await StrictClient.connect(server.url)]
    for (const client of [slow, quick]) {
      await vi.waitFor(() => expect(client.channels.size).toBe(7), soon)
      client.subscribe('/scene', '/episode')
    }
    slow.socket.pause()
    const last = 40
    for (let n = 1; n <= last; n++) {
      frames.next(circlingFrame(schema, n))
      // Every frame goes out: the pace of thirty a second is waited for.
      await vi.waitFor(() => expect(quick.of('/episode')).toHaveLength(n), soon)
    }
    slow.socket.resume()
    await vi.waitFor(() => expect(slow.newest('/episode')).toMatchObject({ frame: last }), soon)
    expect(slow.of('/episode').length).toBeLessThan(last)
  })

  it('ends with the session', async () => {
    const { server } = await foxgloveServer()
    const client = await StrictClient.connect(server.url)
    await server.close('the run has ended')
    expect(await client.closed).toEqual({ code: 1001, reason: 'the run has ended' })
  })
})
