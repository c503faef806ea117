// A server behind a reverse proxy: the page, its stream and its token by the public address, whatever the proxy does to path and Host.
import { firstValueFrom } from 'rxjs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connect } from '../../src/client/node.ts'
import { ConfigError } from '../../src/errors.ts'
import { readPublicUrl, withoutPrefix } from '../../src/stream/public-address.ts'
import { createStreamServer } from '../../src/stream/server.ts'
import { builtPage, circlingRun, openPage, PATIENCE, seesGame } from '../support/built-page.ts'
import { describeInChromium } from '../support/chromium.ts'
import { startReverseProxy } from '../support/reverse-proxy.ts'
import { http, tinyPage, tinyServer } from './tiny-stream.ts'

const operator = 'an-operator-of-32-characters-0001'
const publicUrl = 'https://lab.example/marl'

describe('a public address', () => {
  it.each([
    ['https://lab.example/marl/', 'https://lab.example/marl/', 'lab.example', '/marl'],
    ['https://lab.example', 'https://lab.example/', 'lab.example', ''],
    ['http://lab.example:8080/a/b', 'http://lab.example:8080/a/b/', 'lab.example:8080', '/a/b'],
  ])('%s', (text, url, host, prefix) => {
    expect(readPublicUrl(text)).toMatchObject({ url, host, prefix })
  })

  it.each([
    ['lab.example/marl', /expected an address like https:\/\/lab\.example\/marl, got 'lab\.example\/marl'/],
    ['ftp://lab.example/', /expected an address like/],
    ['https://me:secret@lab.example/', /expected an address like/],
    ['https://lab.example/?x=1', /expected an address like/],
    ['https://lab.example/a%20b', /a path of letters/],
    ['https://lab.example/stream', /a path \/stream of its own/],
  ])('is not %s', (text, sentence) => {
    expect(() => readPublicUrl(text)).toThrow(ConfigError)
    expect(() => readPublicUrl(text)).toThrow(sentence)
  })

  it('is taken off a path that has it', () => {
    expect(['/marl/x', '/marl/', '/x', '/marlow/x', '/marl'].map(path => withoutPrefix(path, '/marl'))).toEqual([
      '/x',
      '/',
      '/x',
      '/marlow/x',
      null,
    ])
    expect(withoutPrefix('/x')).toBe('/x')
  })

  it('needs a token, unless it is one of this machine', async () => {
    const served = (url: string) => createStreamServer({ port: 0, page: tinyPage(), publicUrl: url })
    await expect(served(publicUrl)).rejects.toThrow(
      /public-url: https:\/\/lab\.example\/marl\/ is open to others: an operator's token is needed; set MARLSTROM_OPERATOR_TOKEN/,
    )
    const { url, listening, close } = await served('http://localhost:9000/marl')
    expect(url).toBe('http://localhost:9000/marl/')
    expect(listening).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
    await close('')
  })
})

describe('a server behind a proxy', () => {
  const serve = () => tinyServer({ tokens: { operator }, publicUrl })
  const bearer = { authorization: `Bearer ${operator}` }

  it('answers to the public Host and to its own, with the prefix and without', async () => {
    const { server } = await serve()
    expect(server.url).toBe('https://lab.example/marl/')
    const statusOf = async (host: string | null, path: string, headers = {}) => {
      const more = { ...bearer, ...headers, ...(host !== null && { host }) }
      return (await http(server.listening, 'GET', more, path)).status
    }
    for (const host of ['lab.example', 'lab.example:443', 'LAB.example', null]) {
      for (const path of ['/', '/marl/', '/sessions', '/marl/sessions']) expect(await statusOf(host, path)).toBe(200)
    }
    expect(await statusOf('lab.example:80', '/')).toBe(403)
    expect(await statusOf('evil.example', '/marl/')).toBe(403)
    expect(await statusOf(null, '/marl/', { origin: 'https://lab.example' })).toBe(200)
    expect(await statusOf('lab.example', '/marl/', { origin: 'https://lab.example' })).toBe(200)
    // Who listens on the way could make such a page.
    expect(await statusOf('lab.example', '/marl/', { origin: 'http://lab.example' })).toBe(403)
    expect(await statusOf('lab.example', '/marl/', { origin: 'https://evil.example' })).toBe(403)
  })

  it.each([
    { strips: true, keepsHost: false },
    { strips: true, keepsHost: true },
    { strips: false, keepsHost: false },
    { strips: false, keepsHost: true },
  ])('streams to programs: %j', async how => {
    const proxy = await startReverseProxy({ prefix: '/marl', ...how })
    const url = `http://localhost:${proxy.port}/marl`
    const { server, session } = await tinyServer({ tokens: { operator }, publicUrl: url })
    proxy.target = server.listening
    const client = connect(url, { token: operator })
    onTestFinished(() => client.close())
    expect(await firstValueFrom(client.state$)).toEqual(session.state)
  })

  it('leads to the page below the prefix, and keeps its cookie there', async () => {
    const { server } = await serve()
    const headers = { host: 'lab.example' }
    const bare = await http(server.listening, 'GET', headers, '/marl?session=tiny')
    expect(bare).toMatchObject({ status: 303, headers: { location: '/marl/?session=tiny' } })
    for (const path of ['/marl/', '/']) {
      const answer = await http(server.listening, 'GET', headers, `${path}?token=${operator}`)
      expect(answer).toMatchObject({ status: 303, headers: { location: '/marl/' } })
      const [cookie] = answer.headers['set-cookie'] as string[]
      expect(cookie).toMatch(/^marlstrom_\d+=[0-9a-f]{64}; Path=\/marl\/; HttpOnly; SameSite=Strict; Secure$/)
    }
    const page = await http(server.listening, 'GET', { ...bearer, host: '127.0.0.1:1' }, '/marl/')
    expect(page.status).toBe(403)
    const policy = (await http(server.listening, 'GET', bearer, '/')).headers['content-security-policy']
    expect(policy).toContain('wss://lab.example')
  })
})

describeInChromium('the page behind a proxy', browser => {
  const page = builtPage()

  it.each([
    { strips: true, keepsHost: false },
    { strips: false, keepsHost: true },
  ])('is brought by its token, moves, commands and comes back: %j', async how => {
    const proxy = await startReverseProxy({ prefix: '/marl', ...how })
    const url = `http://localhost:${proxy.port}/marl`
    const { server, commands } = await circlingRun(page(), { tokens: { operator }, publicUrl: url })
    proxy.target = server.listening
    const { page: opened, complaints } = await openPage(browser(), `${server.url}?token=${operator}`)
    expect(opened.url()).toBe(`${url}/`)
    await seesGame(opened)
    await opened.getByRole('button', { name: 'Pause', exact: true }).click()
    await expect.poll(() => commands, PATIENCE).toEqual([{ type: 'pause' }])
    expect(complaints).toEqual([])
    const isConnected = () => opened.locator('body').getAttribute('data-connected')
    proxy.cut()
    await expect.poll(isConnected, PATIENCE).toBe('false')
    proxy.flow()
    await expect.poll(isConnected, PATIENCE).toBe('true')
  })
})

it('lets pages of origins that may connect load its files, and no others', async () => {
  const { server } = await tinyServer({ origins: ['https://viewer.example'] })
  const headersFor = async (origin: string) => (await http(server.url, 'GET', { origin }, '/')).headers
  expect(await headersFor('https://viewer.example')).toMatchObject({
    'access-control-allow-origin': 'https://viewer.example',
    vary: 'origin',
  })
  expect((await headersFor('https://evil.example'))['access-control-allow-origin']).toBeUndefined()
  expect((await headersFor(server.url.slice(0, -1)))['access-control-allow-origin']).toBeUndefined()
})
