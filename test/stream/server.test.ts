import { request } from 'node:http'
import { createServer } from 'node:net'
import { firstValueFrom, Subject, throwError } from 'rxjs'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { ConfigError, FileError } from '../../src/errors.ts'
import type { SessionChange } from '../../src/experiment/session.ts'
import { circlingFrame, TinyViewer, tinyPage, tinySchema, tinyServer } from './tiny-stream.ts'

describe('a viewer', () => {
  it('is welcomed with the state, the schema and the newest frame', async () => {
    const { server, schema, session, frames } = await tinyServer()
    frames.next(circlingFrame(schema, 1))
    frames.next(circlingFrame(schema, 2))
    session.dispatch({ type: 'speed', speed: 4 })
    const viewer = await TinyViewer.connect(server.url)
    await vi.waitFor(() => expect(viewer.frames).toEqual([circlingFrame(schema, 2)]))
    expect(viewer.messages).toEqual([{ type: 'welcome', protocol: 1, state: session.state, schema }])
  })

  it('follows the session by patches', async () => {
    const { server, session } = await tinyServer()
    const viewer = await TinyViewer.connect(server.url)
    await vi.waitFor(() => expect(viewer.state).not.toBeNull())
    session.dispatch({ type: 'progress', progress: { ...session.state.progress, episodes: 1000, envSteps: 25_000 } })
    session.dispatch({ type: 'point', episodes: 1000, returns: [-3, -2, 1] })
    session.dispatch({ type: 'pauseTraining' })
    await vi.waitFor(() => expect(viewer.state?.status).toBe('paused'))
    expect(viewer.state).toEqual(session.state)
    expect(viewer.messages.map(message => message.type)).toEqual(['welcome', 'patches', 'patches', 'patches'])
  })

  it('gets every frame as it was, and so does the next viewer', async () => {
    const { server, schema, frames } = await tinyServer()
    const viewers = await Promise.all([TinyViewer.connect(server.url), TinyViewer.connect(server.url)])
    await vi.waitFor(() => expect(viewers.every(viewer => viewer.state)).toBe(true))
    const sent = Array.from({ length: 60 }, (_, n) => circlingFrame(schema, n))
    for (const frame of sent) frames.next(frame)
    for (const viewer of viewers) await vi.waitFor(() => expect(viewer.frames).toEqual(sent))
  })

  it('is welcomed late when the session begins late', async () => {
    const changes = new Subject<SessionChange>()
    const { server, session, frames, schema } = await tinyServer({ changes$: changes })
    const viewer = await TinyViewer.connect(server.url)
    frames.next(circlingFrame(schema, 1))
    changes.next({ state: session.state, patches: [] })
    await vi.waitFor(() => expect(viewer.frames).toEqual([circlingFrame(schema, 1)]))
    expect(viewer.state).toEqual(session.state)
  })

  it('is counted', async () => {
    const { server } = await tinyServer()
    const counts: number[] = []
    server.viewers$.subscribe(count => counts.push(count))
    const viewer = await TinyViewer.connect(server.url)
    await vi.waitFor(() => expect(counts).toEqual([0, 1]))
    viewer.socket.close()
    await vi.waitFor(() => expect(counts).toEqual([0, 1, 0]))
  })
})

describe('a command', () => {
  it('changes the session, and every viewer hears of it', async () => {
    const { server, session, commands } = await tinyServer()
    const [one, other] = [await TinyViewer.connect(server.url), await TinyViewer.connect(server.url)]
    await vi.waitFor(() => expect(one.state && other.state).not.toBeNull())
    one.ask({ type: 'pause' })
    one.ask({ type: 'speed', speed: 0.25 })
    one.ask({ type: 'step' })
    await vi.waitFor(() => expect(commands).toHaveLength(3))
    expect(commands).toEqual([{ type: 'pause' }, { type: 'speed', speed: 0.25 }, { type: 'step' }])
    await vi.waitFor(() => expect(other.state?.exhibition).toMatchObject({ paused: true, speed: 0.25 }))
    expect(other.state).toEqual(session.state)
  })

  it.each(['{"type":"speed","speed":100}', '{"type":"explode"}', 'pause'])(
    'that is not understood is refused: %s',
    async text => {
      const { server, commands } = await tinyServer()
      const viewer = await TinyViewer.connect(server.url)
      viewer.socket.send(text)
      await vi.waitFor(() => expect(viewer.messages.map(message => message.type)).toContain('refused'))
      expect(commands).toEqual([])
      expect(viewer.socket.readyState).toBe(WebSocket.OPEN)
    },
  )

  it('in binary is refused', async () => {
    const { server, commands } = await tinyServer()
    const viewer = await TinyViewer.connect(server.url)
    viewer.socket.send(Buffer.from('{"type":"pause"}'))
    await vi.waitFor(() => expect(viewer.messages.at(-1)).toMatchObject({ message: expect.stringContaining('binary') }))
    expect(commands).toEqual([])
  })

  it('that cannot be carried out is refused, and the server stays', async () => {
    const onCommand = () => {
      throw new Error('the trainer is busy')
    }
    const { server } = await tinyServer({ onCommand })
    const viewer = await TinyViewer.connect(server.url)
    viewer.ask({ type: 'pause' })
    await vi.waitFor(() => expect(viewer.messages.at(-1)).toEqual({ type: 'refused', message: 'the trainer is busy' }))
  })

  it('too often closes the connection', async () => {
    const { server } = await tinyServer()
    const viewer = await TinyViewer.connect(server.url)
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
  it('is spared frames instead of heaping them up, and gets the newest when it has caught up', async () => {
    const schema = tinySchema(3, 5000) // 40 kB a frame: fills the kernel's buffers soon
    const { server, frames } = await tinyServer({ schema })
    const [slow, quick] = [await TinyViewer.connect(server.url), await TinyViewer.connect(server.url)]
    await vi.waitFor(() => expect(slow.state && quick.state).not.toBeNull())
    slow.socket.pause()
    const sent = 600
    for (let n = 1; n <= sent; n++) {
      frames.next(circlingFrame(schema, n))
      if (n % 5 === 0) await new Promise(resolve => setImmediate(resolve))
    }
    const last = circlingFrame(schema, sent)
    await vi.waitFor(() => expect(quick.frames.at(-1)).toEqual(last), 10_000)
    expect(slow.frames).toEqual([])
    slow.socket.resume()
    await vi.waitFor(() => expect(slow.frames.at(-1)).toEqual(last), 10_000)
    expect(slow.frames.length).toBeLessThan(sent)
    expect(slow.messages).toHaveLength(1)
  })
})

describe('who is let in', () => {
  const port = (url: string) => new URL(url).port

  it.each([
    ['a foreign Origin', () => ({ origin: 'https://example.org' })],
    ['another port of this machine as Origin', () => ({ origin: 'http://127.0.0.1:1' })],
    ['Origin null', () => ({ origin: 'null' })],
    ['a foreign Host', (url: string) => ({ host: `example.org:${port(url)}` })],
    ['Host without the port', () => ({ host: 'localhost' })],
  ])('not %s', async (_name, headersFor) => {
    const { server } = await tinyServer()
    const headers: Record<string, string> = headersFor(server.url)
    await expect(TinyViewer.connect(server.url, headers)).rejects.toThrow('403')
    for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS']) {
      expect((await http(server.url, method, headers)).status).toBe(403)
    }
  })

  it('the page of this server, by number and by name', async () => {
    const { server } = await tinyServer()
    const origin = `http://localhost:${port(server.url)}`
    const viewer = await TinyViewer.connect(server.url, { origin, host: `LOCALHOST:${port(server.url)}` })
    await vi.waitFor(() => expect(viewer.state).not.toBeNull())
  })

  it('no websocket elsewhere than at the stream', async () => {
    const { server } = await tinyServer()
    const socket = new WebSocket(server.url.replace('http', 'ws'))
    const error = await new Promise<Error>(resolve => socket.once('error', resolve))
    expect(error.message).toContain('404')
  })
})

describe('the page', () => {
  it('comes with headers that keep it by itself', async () => {
    const page = tinyPage({ 'index.html': '<!doctype html>tiny', 'main.js': 'let x' })
    const { server } = await tinyServer({ page })
    const index = await http(server.url, 'GET')
    expect(index).toMatchObject({ status: 200, body: '<!doctype html>tiny' })
    expect(index.headers['content-security-policy']).toContain("default-src 'self'")
    expect(index.headers['x-content-type-options']).toBe('nosniff')
    expect(index.headers['content-type']).toBe('text/html; charset=utf-8')
    const script = await http(server.url, 'GET', {}, '/main.js?v=1')
    expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8')
    expect(await http(server.url, 'HEAD')).toMatchObject({ status: 200, body: '' })
  })

  it.each([
    '/.secret',
    '/../outside.txt',
    '/%2e%2e/outside.txt',
    '/..%2foutside.txt',
    '/..\\outside.txt',
    '//etc/passwd',
    '/%00',
    '/%',
    '/__proto__',
    '/missing.js',
  ])('is all that is served: not %s', async path => {
    const page = tinyPage({ 'index.html': 'tiny', '.secret': 'secret' })
    const { server } = await tinyServer({ page })
    expect((await http(server.url, 'GET', {}, path)).status).toBe(404)
  })

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('cannot be asked to %s', async method => {
    const { server } = await tinyServer()
    const answer = await http(server.url, method)
    expect(answer.status).toBe(405)
    expect(answer.headers.allow).toBe('GET, HEAD')
  })

  it('that is not built names the remedy', async () => {
    for (const page of ['/no/such/folder', tinyPage({ 'main.js': '' })]) {
      await expect(tinyServer({ page })).rejects.toThrow(FileError)
      await expect(tinyServer({ page })).rejects.toThrow('npm run build')
    }
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
    const [one, other] = [await tinyServer({ port: undefined }), await tinyServer({ port: undefined })]
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
    await vi.waitFor(() => expect(viewer.state).not.toBeNull())
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
    await server.close('over')
    await expect(http(server.url, 'GET')).rejects.toThrow('ECONNREFUSED')
  }, 20_000) // a websocket left to itself waits 30 s

  it('comes when a stream fails, with its sentence', async () => {
    const frames$ = new Subject<never>()
    const { server } = await tinyServer({ frames$ })
    const viewer = await TinyViewer.connect(server.url)
    await vi.waitFor(() => expect(viewer.state).not.toBeNull())
    frames$.error(new Error('the actor has gone'))
    await viewer.closed
    expect(viewer.messages.at(-1)).toEqual({ type: 'bye', message: 'the live view stopped: the actor has gone' })
  })

  it('comes at once when a stream has failed before', async () => {
    const { server } = await tinyServer({ frames$: throwError(() => new Error('no game')) })
    await server.close('')
    await expect(http(server.url, 'GET')).rejects.toThrow('ECONNREFUSED')
    expect(await firstValueFrom(server.viewers$, { defaultValue: 'completed' })).toBe('completed')
  })
})

/** One HTTP request, with headers that `fetch` would not let us forge. */
function http(url: string, method: string, headers: Readonly<Record<string, string>> = {}, path = '/') {
  const { hostname, port } = new URL(url)
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
    const asked = request({ hostname, port, method, path, headers, agent: false }, async response => {
      let body = ''
      for await (const chunk of response.setEncoding('utf8')) body += chunk
      resolve({ status: response.statusCode!, headers: response.headers, body })
    })
    asked.once('error', reject).end()
  })
}
