import { createServer } from 'node:net'
import { firstValueFrom, Subject, throwError } from 'rxjs'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { FrameSchema } from '../../src/envs/frame.ts'
import { ConfigError } from '../../src/errors.ts'
import type { Inspection } from '../../src/experiment/show.ts'
import {
  circlingFrame,
  http,
  streamed,
  TinyViewer,
  tinySchema,
  tinyServer,
  tinyWelcome,
  until,
  withinOneSecond,
} from './tiny-stream.ts'

describe('a viewer', () => {
  it('is welcomed with the state, the schema, the newest frame and the recent past', async () => {
    const { server, schema, session, frames } = await tinyServer()
    for (const n of [1, 2, 3]) frames.next(circlingFrame(schema, n))
    session.dispatch({ type: 'speed', speed: 4 })
    const viewer = await TinyViewer.connect(server.url)
    await until(() => expect(viewer.past).toHaveLength(2))
    expect(viewer.frames).toEqual([streamed(circlingFrame(schema, 3), { key: true })])
    expect(viewer.past).toEqual([1, 2].map(n => streamed(circlingFrame(schema, n), { past: true })))
    expect(viewer.messages).toEqual([
      {
        ...tinyWelcome(schema, session.state),
        session: { id: 'tiny', title: 'a tiny run', began: expect.closeTo(Date.now(), -5) },
        sequence: 1,
        history: { first: 1, last: 3 },
      },
    ])
  })

  it('follows the session by patches, numbered', async () => {
    const { server, session } = await tinyServer()
    const viewer = await TinyViewer.connect(server.url)
    session.dispatch({ type: 'progress', progress: { ...session.state.progress, episodes: 1000, envSteps: 25_000 } })
    session.dispatch({ type: 'point', episodes: 1000, returns: [-3, -2, 1] })
    session.dispatch({ type: 'pauseTraining' })
    await until(() => expect(viewer.state?.status).toBe('paused'))
    expect(viewer.state).toEqual(session.state)
    const told = viewer.messages.map(it => ('sequence' in it ? [it.type, it.sequence] : it.type))
    expect(told).toEqual([
      ['welcome', 0],
      ['patches', 1],
      ['patches', 2],
      ['patches', 3],
    ])
  })

  it('asks for a new welcome', async () => {
    const { server, session, frames, schema } = await tinyServer()
    frames.next(circlingFrame(schema, 1))
    const viewer = await TinyViewer.connect(server.url)
    session.dispatch({ type: 'speed', speed: 4 })
    viewer.ask({ type: 'sync', id: 9 })
    await until(() => expect(viewer.messages.at(-1)).toEqual({ type: 'done', id: 9 }))
    expect(viewer.welcome).toMatchObject({ type: 'welcome', sequence: 1, state: session.state })
    expect(viewer.frames.map(({ number, key }) => [number, key])).toEqual([
      [1, true],
      [1, true],
    ])
  })

  it('gets each frame as it was, and so does the next viewer', async () => {
    const { server, schema, frames } = await tinyServer()
    const viewers = await Promise.all([TinyViewer.connect(server.url), TinyViewer.connect(server.url)])
    const sent = Array.from({ length: 8 }, (_, n) => streamed(circlingFrame(schema, n), { key: n === 0 }))
    for (const [n, frame] of sent.entries()) {
      frames.next(frame)
      for (const viewer of viewers) await until(() => expect(viewer.frames).toHaveLength(n + 1))
    }
    for (const viewer of viewers) expect(viewer.frames).toEqual(sent)
  })

  it('gets at most so many frames as it asks for, the newest, and what it missed of their flags', async () => {
    const { server, schema, frames } = await tinyServer()
    const [slow, quick] = [await TinyViewer.connect(server.url), await TinyViewer.connect(server.url)]
    slow.ask({ type: 'subscribe', rate: 1, id: 1 })
    quick.ask({ type: 'subscribe', rate: 60, id: 1 })
    for (const viewer of [slow, quick])
      await until(() => expect(viewer.messages.at(-1)).toMatchObject({ type: 'done' }))
    // Ten at once, and the next ten when the quick one has the last of them.
    for (let n = 1; n <= 60; n++) {
      frames.next({ ...circlingFrame(schema, n), placed: n === 34 })
      if (n % 10 === 0) await until(() => expect(quick.frames.at(-1)?.number).toBe(n))
    }
    for (const { frames } of [slow, quick]) {
      await until(() => expect(frames.at(-1)?.number).toBe(60))
      expect(frames.length).toBeLessThan(60)
      for (let i = 1; i < frames.length; i++) {
        const skipped = Array.from({ length: 60 }, (_, n) => n + 1).filter(
          n => n > frames[i - 1]!.number && n <= frames[i]!.number,
        )
        expect(frames[i]).toMatchObject({
          placed: skipped.includes(34),
          restarted: skipped.some(n => n % 25 === 0),
          key: false,
        })
      }
    }
    expect(slow.frames.length).toBeLessThan(quick.frames.length)
  })

  it('is welcomed late when the session begins late', async () => {
    const schema$ = new Subject<FrameSchema>()
    const { server, session, frames, schema } = await tinyServer({ show: { schema$ } })
    const viewer = await TinyViewer.connect(server.url, {}, { welcomed: false })
    viewer.ask({ type: 'pause', id: 1 })
    await until(() => expect(viewer.messages).toHaveLength(1))
    expect(viewer.messages[0]).toMatchObject({ type: 'refused', message: 'nothing is shown yet: wait for the welcome' })
    schema$.next(schema)
    frames.next(circlingFrame(schema, 1))
    await until(() => expect(viewer.frames.map(({ number }) => number)).toEqual([1]))
    expect(viewer.state).toEqual(session.state)
  })

  it('is counted, and the show hears when it is gone', async () => {
    const gone: string[] = []
    const { server } = await tinyServer({ show: { left: name => void gone.push(name) } })
    const counts: number[] = []
    server.viewers$.subscribe(count => counts.push(count))
    const viewer = await TinyViewer.connect(server.url)
    await until(() => expect(counts).toEqual([0, 1]))
    viewer.socket.close()
    await until(() => expect(counts).toEqual([0, 1, 0]))
    expect(gone).toEqual([viewer.welcome.viewer])
  })
})

describe('inspections', () => {
  const inspection = (agent: number): Inspection => ({
    agent,
    observation: Float32Array.of(agent, 0.5),
    action: Float32Array.of(0, 1, 0, 0, 0),
    probabilities: Float32Array.of(0.1, 0.6, 0.1, 0.1, 0.1),
    value: -3.5,
    rewardParts: { collisions: -1 },
    sees: Uint8Array.of(0, 1, 1, 0, 0),
  })

  it('come with each frame to who asks, at once in a paused game, and are made once for all', async () => {
    const asked: number[] = []
    const inspect = (agent: number) => {
      asked.push(agent)
      return agent === 1 ? null : inspection(agent)
    }
    const { server, schema, frames } = await tinyServer({ show: { inspect } })
    frames.next(circlingFrame(schema, 1))
    const viewers = [await TinyViewer.connect(server.url), await TinyViewer.connect(server.url)]
    for (const viewer of viewers) {
      viewer.ask({ type: 'subscribe', inspect: [0, 1, 2, 99] })
      await until(() => expect(viewer.inspections).toHaveLength(2))
      expect(viewer.inspections).toEqual([0, 2].map(agent => ({ ...inspection(agent), number: 1 })))
    }
    expect(asked).toEqual([0, 1, 2])
    frames.next(circlingFrame(schema, 2))
    for (const viewer of viewers) await until(() => expect(viewer.inspections).toHaveLength(4))
    expect(asked).toEqual([0, 1, 2, 0, 1, 2])
    viewers[0]!.ask({ type: 'subscribe', inspect: [], id: 1 })
    await until(() => expect(viewers[0]!.messages.at(-1)).toMatchObject({ type: 'done' }))
    frames.next(circlingFrame(schema, 3))
    await until(() => expect(viewers[0]!.frames.at(-1)?.number).toBe(3))
    expect(viewers[0]!.inspections).toHaveLength(4)
  })

  it('that fail are told, and harm nobody else', async () => {
    const inspect = () => {
      throw new Error('the critic is gone')
    }
    const { server, schema, frames } = await tinyServer({ show: { inspect } })
    const viewer = await TinyViewer.connect(server.url)
    viewer.ask({ type: 'subscribe', inspect: [1], id: 1 })
    await until(() => expect(viewer.messages.at(-1)).toEqual({ type: 'done', id: 1 }))
    frames.next(circlingFrame(schema, 1))
    await until(() =>
      expect(viewer.messages.at(-1)).toEqual({
        type: 'refused',
        message: 'agent 1 cannot be inspected: the critic is gone',
      }),
    )
    expect(viewer.frames).toHaveLength(1)
  })
})

describe('the past', () => {
  it('is sent when asked for, as far as it is kept', async () => {
    const { server, schema, frames } = await tinyServer()
    const viewer = await TinyViewer.connect(server.url)
    for (let n = 100; n < 3100; n++) frames.next(circlingFrame(schema, n))
    viewer.ask({ type: 'history', from: 0, to: 2500, id: 4 })
    await until(() => expect(viewer.messages.at(-1)).toEqual({ type: 'done', id: 4 }))
    expect(viewer.past.map(({ number }) => number)).toEqual(Array.from({ length: 2401 }, (_, i) => 100 + i))
    expect(viewer.past[7]).toEqual(streamed(circlingFrame(schema, 107), { past: true }))
    viewer.ask({ type: 'history', from: 0, to: 99, id: 5 })
    await until(() => expect(viewer.messages.at(-1)).toMatchObject({ type: 'refused', id: 5 }))
    expect(viewer.messages.at(-1)).toMatchObject({
      message: "command 'history': frames 0 ... 99 are not kept, 100 ... 3099 are",
    })
  })

  it('that was missed comes by itself to who comes back', async () => {
    const { server, schema, frames } = await tinyServer()
    for (let n = 0; n < 2000; n++) frames.next(circlingFrame(schema, n))
    const { began } = (await TinyViewer.connect(server.url)).welcome.session
    const back = await TinyViewer.connect(server.url, {}, { query: `?after=900&began=${began}` })
    expect(back.welcome.resumed).toBe(true)
    await until(() => expect(back.past.at(-1)?.number).toBe(1998))
    expect(back.past.map(({ number }) => number)).toEqual(Array.from({ length: 1098 }, (_, i) => 901 + i))
    expect(back.frames.map(({ number }) => number)).toEqual([1999])
    for (const query of [`?after=900&began=${began - 1}`, '?after=5000']) {
      const stranger = await TinyViewer.connect(server.url, {}, { query })
      expect(stranger.welcome.resumed).toBe(false)
    }
  })
})

describe('a command', () => {
  it('changes the session, and every viewer hears of it', async () => {
    const { server, session, commands } = await tinyServer()
    const [one, other] = [await TinyViewer.connect(server.url), await TinyViewer.connect(server.url)]
    one.ask({ type: 'pause' })
    one.ask({ type: 'speed', speed: 0.25, id: 1 })
    one.ask({ type: 'step', id: 2 })
    await until(() => expect(one.messages.at(-1)).toEqual({ type: 'done', id: 2 }))
    expect(commands).toEqual([{ type: 'pause' }, { type: 'speed', speed: 0.25 }, { type: 'step' }])
    await until(() => expect(other.state?.exhibition).toMatchObject({ paused: true, speed: 0.25 }))
    expect(other.state).toEqual(session.state)
    expect(other.messages.filter(({ type }) => type === 'done')).toEqual([])
  })

  it.each(['{"type":"speed","speed":100,"id":3}', '{"type":"explode","id":3}'])(
    'that is not understood is refused: %s',
    async text => {
      const { server, commands } = await tinyServer()
      const viewer = await TinyViewer.connect(server.url)
      viewer.socket.send(text)
      await until(() => expect(viewer.messages.at(-1)).toMatchObject({ type: 'refused', id: 3 }))
      expect(commands).toEqual([])
      expect(viewer.socket.readyState).toBe(WebSocket.OPEN)
    },
  )

  it('in binary is refused', async () => {
    const { server, commands } = await tinyServer()
    const viewer = await TinyViewer.connect(server.url)
    viewer.socket.send(Buffer.from('{"type":"pause"}'))
    await until(() => expect(viewer.messages.at(-1)).toMatchObject({ message: expect.stringContaining('binary') }))
    expect(commands).toEqual([])
  })

  it.each([
    [
      'at once',
      () => {
        throw new Error('the trainer is busy')
      },
    ],
    ['later', () => Promise.reject(new Error('the trainer is busy'))],
  ])('that cannot be carried out is refused, and the server stays: %s', async (_when, command) => {
    const { server } = await tinyServer({ show: { command } })
    const viewer = await TinyViewer.connect(server.url)
    viewer.ask({ type: 'pause', id: 1 })
    await until(() =>
      expect(viewer.messages.at(-1)).toEqual({ type: 'refused', id: 1, message: 'the trainer is busy' }),
    )
  })

  it('comes with the name of its viewer', async () => {
    const names: string[] = []
    const { server } = await tinyServer({ show: { command: (_command, viewer) => void names.push(viewer) } })
    const viewers = [await TinyViewer.connect(server.url), await TinyViewer.connect(server.url)]
    for (const viewer of viewers) {
      viewer.ask({ type: 'take', agent: 0, id: 1 })
      await until(() => expect(viewer.messages.at(-1)).toMatchObject({ type: 'done' }))
    }
    expect(names).toEqual(viewers.map(({ welcome }) => welcome.viewer))
    expect(new Set(names).size).toBe(2)
  })

  it('too often closes the connection', async () => {
    const { server } = await tinyServer()
    const viewer = await TinyViewer.connect(server.url)
    withinOneSecond()
    for (let i = 0; i < 200; i++) viewer.ask({ type: 'step' })
    expect(await viewer.closed).toBe(1008)
  })

  it('of more than 64 kB closes the connection', async () => {
    const { server, commands } = await tinyServer()
    const viewer = await TinyViewer.connect(server.url)
    viewer.socket.send(`{"type":"pause","pad":"${'x'.repeat(70_000)}"}`)
    expect(await viewer.closed).toBe(1009)
    expect(commands).toEqual([])
  })
})

describe('a slow viewer', () => {
  it('is spared frames and patches instead of heaping them up, and gets the newest of all when it has caught up', async () => {
    const schema = tinySchema(3, 20_000) // 160 kB a frame: fills the kernel's buffers soon
    const { server, frames, session } = await tinyServer({ schema })
    const [slow, quick] = [await TinyViewer.connect(server.url), await TinyViewer.connect(server.url)]
    for (const viewer of [slow, quick]) viewer.ask({ type: 'subscribe', rate: 60 })
    slow.socket.pause()
    const sent = 100
    for (let n = 1; n <= sent; n++) {
      frames.next(circlingFrame(schema, n))
      session.dispatch({ type: 'point', episodes: n, returns: [n, n, n] })
      await until(() => expect(quick.frames.at(-1)?.number).toBe(n))
    }
    const last = circlingFrame(schema, sent)
    expect(slow.frames).toEqual([])
    slow.socket.resume()
    await until(() => expect(slow.frames.at(-1)).toEqual(streamed(last, { key: true, restarted: true })))
    expect(slow.frames.length).toBeLessThan(quick.frames.length)
    expect(slow.state).toEqual(session.state)
    expect(slow.messages.filter(({ type }) => type === 'welcome')).toHaveLength(2)
    expect(quick.messages.filter(({ type }) => type === 'welcome')).toHaveLength(1)
  })
})

describe('the port', () => {
  it('that is taken is named with the remedy', async () => {
    const { server } = await tinyServer()
    const taken = Number(new URL(server.url).port)
    await expect(tinyServer({ port: taken })).rejects.toThrow(ConfigError)
    await expect(tinyServer({ port: taken })).rejects.toThrow(`port ${taken} is taken by another program; name another`)
  })

  it.each([-1, 70_000, 1.5, Number.NaN])('must be one: %s', async port => {
    await expect(tinyServer({ port })).rejects.toThrow(ConfigError)
  })

  it('left out is the first free one', async () => {
    // At an address of this process alone: nobody else takes or frees a port meanwhile.
    const host = `127.1.${(process.pid >> 8) % 256}.${process.pid % 256}`
    const [one, other] = [await tinyServer({ host, port: undefined }), await tinyServer({ host, port: undefined })]
    const [first, second] = [one, other].map(({ server }) => Number(new URL(server.url).port))
    expect(first).toBeGreaterThanOrEqual(8120)
    expect(second).toBeGreaterThan(first!)
  })

  it('is open to this machine only', async () => {
    const { server } = await tinyServer()
    const url = server.url.replace('127.0.0.1', '127.0.0.2')
    await expect(http(url, 'GET')).rejects.toThrow('ECONNREFUSED')
  })
})

describe('the end', () => {
  it('says goodbye, closes in good order and frees the port', async () => {
    const { server, frames } = await tinyServer()
    const viewer = await TinyViewer.connect(server.url)
    await server.close('25,000 episodes are done.')
    expect(await viewer.closed).toBe(1000)
    expect(viewer.messages.at(-1)).toEqual({ type: 'bye', message: '25,000 episodes are done.' })
    expect(frames.observed).toBe(false)
    const port = Number(new URL(server.url).port)
    const next = createServer()
    onTestFinished(() => void next.close())
    await new Promise<void>((resolve, reject) => next.once('error', reject).listen(port, '127.0.0.1', resolve))
  })

  it('says only the first goodbye', async () => {
    const { server } = await tinyServer()
    const viewer = await TinyViewer.connect(server.url)
    await Promise.all([server.close('one'), server.close('two')])
    await viewer.closed
    expect(viewer.messages.filter(message => message.type === 'bye')).toEqual([{ type: 'bye', message: 'one' }])
  })

  it('does not wait for a viewer that no longer reads', async () => {
    const { server } = await tinyServer()
    const viewer = await TinyViewer.connect(server.url)
    viewer.socket.pause()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const closed = server.close('over')
    // A websocket left to itself waits for 30 s.
    await vi.advanceTimersByTimeAsync(20_000)
    await closed
    await expect(http(server.url, 'GET')).rejects.toThrow('ECONNREFUSED')
  })

  it('comes to the viewers of a session when one of its streams fails, with its sentence', async () => {
    const { server, frames } = await tinyServer()
    const viewer = await TinyViewer.connect(server.url)
    frames.error(new Error('the actor has gone'))
    await viewer.closed
    expect(viewer.messages.at(-1)).toEqual({ type: 'bye', message: 'the live view stopped: the actor has gone' })
    await expect(TinyViewer.connect(server.url)).rejects.toThrow('404')
  })

  it('comes at once when a stream has failed before', async () => {
    const { server } = await tinyServer({ show: { moments$: throwError(() => new Error('no game')) } })
    await server.close('')
    await expect(http(server.url, 'GET')).rejects.toThrow('ECONNREFUSED')
    expect(await firstValueFrom(server.viewers$, { defaultValue: 'completed' })).toBe('completed')
  })
})
