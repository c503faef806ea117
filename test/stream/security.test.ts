// Who is kept out, and what a server gives away: each against a server that really listens.
import { once } from 'node:events'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { firstValueFrom } from 'rxjs'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { FileError } from '../../src/errors.ts'
import { assail, clientFrame, hostileBytes, rawViewer } from './hostile.ts'
import { circlingFrame, http, TinyViewer, tinyPage, tinyServer, until, withinOneSecond } from './tiny-stream.ts'

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
    await until(() => expect(viewer.state).not.toBeNull())
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
    '/%252e%252e/outside.txt',
    '/%2e%2e%2f%2e%2e%2foutside.txt',
    '/....//outside.txt',
    '/assets/../../outside.txt',
    '/link.txt',
    '/linked/outside.txt',
    '/index.html/',
    '/%00',
    '/index.html%00.js',
    '/%',
    '/__proto__',
    '/missing.js',
  ])('is all that is served: not %s', async path => {
    const page = tinyPage({ 'index.html': 'tiny', '.secret': 'secret' })
    const outside = tinyPage({ 'outside.txt': 'secret' })
    symlinkSync(join(outside, 'outside.txt'), join(page, 'link.txt'))
    symlinkSync(outside, join(page, 'linked'))
    const { server } = await tinyServer({ page })
    expect((await http(server.url, 'GET', {}, path)).status).toBe(404)
  })

  it('may be framed by others only where it is made for that', async () => {
    const { server } = await tinyServer()
    const { headers } = await http(server.url, 'GET')
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(headers['x-frame-options']).toBe('DENY')
    const embedded = (await http(server.url, 'GET', {}, '/?embed')).headers
    expect(embedded['content-security-policy']).toContain('frame-ancestors *')
    expect(embedded['x-frame-options']).toBeUndefined()
    expect((await http(server.url, 'GET', {}, '/sessions?embed')).headers['x-frame-options']).toBe('DENY')
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

describe('a hostile viewer', () => {
  it('changes nothing for the others, whatever bytes it sends', async () => {
    const { server, frames, schema, commands } = await tinyServer()
    const witness = await TinyViewer.connect(server.url)
    let n = 0
    await fc.assert(
      fc.asyncProperty(hostileBytes, async bytes => {
        await assail(server.url, bytes)
        frames.next(circlingFrame(schema, ++n))
      }),
      // Whatever else chance brings: one that is understood.
      { numRuns: 300, examples: [[clientFrame(1, Buffer.from('{"type":"pause"}'))]] },
    )
    await until(() => expect(witness.frames.at(-1)?.number).toBe(n))
    witness.ask({ type: 'resume', id: 1 })
    await until(() => expect(witness.messages.at(-1)).toEqual({ type: 'done', id: 1 }))
    expect(new Set(commands.map(({ type }) => type))).toEqual(new Set(['pause', 'resume']))
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    await until(async () => expect(await firstValueFrom(server.viewers$)).toBe(1))
  })

  it('that floods with pings is shown out', async () => {
    const { server } = await tinyServer()
    const socket = await rawViewer(server.url)
    const gone = new Promise(resolve => socket.resume().once('close', resolve))
    withinOneSecond()
    for (let i = 0; i < 200; i++) socket.write(clientFrame(9, new Uint8Array(100)))
    await gone
    await until(async () => expect(await firstValueFrom(server.viewers$)).toBe(0))
  })

  it('that never answers is let go, and so is one that vanished without a word', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const { server } = await tinyServer()
    const silent = await rawViewer(server.url)
    const gone = new Promise(resolve => silent.once('close', resolve))
    silent.resume()
    const lively = await TinyViewer.connect(server.url, {}, { welcomed: false })
    // What the server is asked after a ping is answered after the pong was heard.
    const answered = async (id: number) => {
      lively.ask({ type: 'sync', id })
      while (!lively.messages.some(message => message.type === 'done' && message.id === id))
        await once(lively.socket, 'message')
    }
    for (let seconds = 0; seconds <= 34; seconds += 2) {
      vi.advanceTimersByTime(2000)
      await answered(2 * seconds)
      await answered(2 * seconds + 1)
    }
    await gone
    expect(lively.socket.readyState).toBe(WebSocket.OPEN)
    expect(await firstValueFrom(server.viewers$)).toBe(1)
  })
})
