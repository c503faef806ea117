// Who is kept out, and what a server gives away: each against a server that really listens.
import { describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { FileError } from '../../src/errors.ts'
import { http, TinyViewer, tinyPage, tinyServer } from './tiny-stream.ts'

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
