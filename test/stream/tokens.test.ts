// Roles by token, against a server that really listens, over HTTP and as a websocket.
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { ConfigError } from '../../src/errors.ts'
import { remarksOn } from '../../src/stream/tokens.ts'
import { freePort } from '../support/free-port.ts'
import { circlingFrame, http, TinyViewer, tinyServer, until } from './tiny-stream.ts'

const operator = '0123456789abcdef0123456789abcdef'
const viewer = 'fedcba9876543210fedcba9876543210'
const wrong = '0123456789abcdef0123456789abcdee'
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

describe('a server with tokens', () => {
  it.each([
    ['no token', {}, ''],
    ['a wrong one', bearer(wrong), ''],
    ['a shorter one', bearer(operator.slice(1)), ''],
    ['a longer one', bearer(`${operator}0`), ''],
    ['an empty one', { authorization: 'Bearer ' }, ''],
    ['another scheme', { authorization: `Basic ${operator}` }, ''],
    ['a wrong one in the address', {}, `?token=${wrong}`],
    ['a token as a cookie', { cookie: `marlstrom_8120=${operator}` }, ''],
    ['a right one and a wrong one', bearer(operator), `?token=${wrong}`],
    ['a wrong one and a right one', bearer(wrong), `?token=${operator}`],
    ['a strange cookie', { cookie: '=; marlstrom; ;;marlstrom_1=' }, ''],
  ])('turns away %s, whatever is asked', async (_name, headers: Record<string, string>, query) => {
    const { server } = await tinyServer({ tokens: { operator, viewer } })
    expect(server.guarded).toBe(true)
    for (const method of methods) {
      for (const path of ['/', '/sessions', '/recording', '/stream']) {
        const answer = await http(server.url, method, headers, `${path}${query}`)
        expect(answer.status).toBe(401)
        expect(answer.headers['set-cookie']).toBeUndefined()
        expect(answer.body).not.toContain(wrong)
      }
    }
    await expect(TinyViewer.connect(server.url, headers, { query })).rejects.toThrow('401')
  })

  it('knows who commands and who watches', async () => {
    const { server, commands, frames, schema } = await tinyServer({ tokens: { operator, viewer } })
    const one = await TinyViewer.connect(server.url, bearer(operator))
    const other = await TinyViewer.connect(server.url, {}, { query: `?token=${viewer}` })
    const modest = await TinyViewer.connect(server.url, bearer(operator), { query: '?role=viewer' })
    expect([one, other, modest].map(({ welcome }) => welcome.role)).toEqual(['operator', 'viewer', 'viewer'])
    for (const watching of [other, modest]) {
      watching.ask({ type: 'pause', id: 1 })
      await until(() => expect(watching.messages.at(-1)).toMatchObject({ type: 'refused', id: 1 }))
      expect(watching.messages.at(-1)).toMatchObject({ message: expect.stringContaining("'pause' is for operators") })
      watching.ask({ type: 'subscribe', rate: 60, id: 2 })
      await until(() => expect(watching.messages.at(-1)).toEqual({ type: 'done', id: 2 }))
    }
    expect(commands).toEqual([])
    one.ask({ type: 'pause', id: 1 })
    await until(() => expect(one.messages.at(-1)).toEqual({ type: 'done', id: 1 }))
    frames.next(circlingFrame(schema, 1))
    await until(() => expect(other.frames).toHaveLength(1))
  })

  it('takes the lesser of two tokens, and no cookie instead of a wrong one', async () => {
    const { server } = await tinyServer({ tokens: { operator, viewer } })
    const roleOf = async (headers: Record<string, string>, query = '') =>
      (await TinyViewer.connect(server.url, headers, { query })).welcome.role
    expect(await roleOf(bearer(operator), `?token=${viewer}`)).toBe('viewer')
    expect(await roleOf(bearer(viewer), `?token=${operator}`)).toBe('viewer')
    expect(await roleOf(bearer(operator), `?token=${operator}`)).toBe('operator')
    const [set] = (await http(server.url, 'GET', {}, `/?token=${operator}`)).headers['set-cookie'] as string[]
    const cookie = set!.split(';')[0]!
    expect(await roleOf({ cookie })).toBe('operator')
    expect(await roleOf({ cookie }, `?token=${viewer}`)).toBe('viewer')
    // As a proxy may have asked for a name and a password of its own.
    expect(await roleOf({ cookie, authorization: 'Basic bmFtZTpwYXNz' })).toBe('operator')
    for (const [headers, query] of [
      [{ cookie }, `?token=${wrong}`],
      [{ cookie, ...bearer(wrong) }, ''],
      [{ cookie, authorization: 'Bearer' }, ''],
      [{ cookie }, '?token='],
    ] as const) {
      await expect(roleOf(headers, query)).rejects.toThrow('401')
      expect((await http(server.url, 'GET', headers, `/${query}`)).status).toBe(401)
    }
  })

  it('lets nobody rise: a viewer who asks for more stays one', async () => {
    const { server } = await tinyServer({ tokens: { operator, viewer } })
    const it = await TinyViewer.connect(server.url, bearer(viewer), { query: '?role=operator' })
    expect(it.welcome.role).toBe('viewer')
  })

  it('gives a browser a cookie for a token, and takes the token out of the address', async () => {
    const { server } = await tinyServer({ tokens: { operator, viewer } })
    const answer = await http(server.url, 'GET', {}, `/?session=tiny&token=${viewer}&x=%2F%2Fevil`)
    expect(answer).toMatchObject({ status: 303, headers: { location: '/?session=tiny&x=%2F%2Fevil' } })
    const [cookie] = answer.headers['set-cookie'] as string[]
    expect(cookie).toMatch(/^marlstrom_\d+=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Strict$/)
    expect(cookie).not.toContain(viewer)
    const headers = { cookie: `theme=dark; ${cookie!.split(';')[0]}` }
    expect((await http(server.url, 'GET', headers)).status).toBe(200)
    expect((await TinyViewer.connect(server.url, headers)).welcome.role).toBe('viewer')
  })

  it('sends nobody elsewhere', async () => {
    const { server } = await tinyServer({ tokens: { operator } })
    for (const path of [
      `//evil.example/?token=${operator}`,
      `/%2f/evil.example?token=${operator}`,
      `/\\evil?token=${operator}`,
    ]) {
      const answer = await http(server.url, 'GET', {}, path)
      expect(answer).toMatchObject({ status: 404 })
      expect(answer.headers.location).toBeUndefined()
    }
  })

  it('keeps a cookie for as long as the token, over restarts', async () => {
    const port = await freePort()
    const first = await tinyServer({ tokens: { operator }, port })
    const [cookie] = (await http(first.server.url, 'GET', {}, `/?token=${operator}`)).headers['set-cookie'] as string[]
    const headers = { cookie: cookie!.split(';')[0]! }
    await first.server.close('over')
    const second = await tinyServer({ tokens: { operator }, port })
    expect((await http(second.server.url, 'GET', headers)).status).toBe(200)
    await second.server.close('over')
    const third = await tinyServer({ tokens: { operator: viewer }, port })
    expect((await http(third.server.url, 'GET', headers)).status).toBe(401)
  })
})

describe('a wider address', () => {
  it('is refused without an operator token, before anything listens', async () => {
    for (const tokens of [{}, { viewer }]) {
      await expect(tinyServer({ host: '0.0.0.0', tokens })).rejects.toThrow(ConfigError)
      await expect(tinyServer({ host: '0.0.0.0', tokens })).rejects.toThrow('MARLSTROM_OPERATOR_TOKEN')
    }
  })

  it.each(['short', 'a'.repeat(40), `${operator} x`, '0123456789abcdef0123456789abcde'])(
    'needs a token worth the name: %j',
    async token => {
      await expect(tinyServer({ host: '0.0.0.0', tokens: { operator: token } })).rejects.toThrow(
        /^tokens: the operator's token must have 32 to 512 letters/,
      )
      await expect(tinyServer({ tokens: { operator: token } })).rejects.not.toThrow(token)
    },
  )

  it('needs two tokens for two roles', async () => {
    await expect(tinyServer({ tokens: { operator, viewer: operator } })).rejects.toThrow('different tokens')
  })

  it('is reached by any address of this machine, and by no foreign name', async () => {
    const { server } = await tinyServer({ host: '0.0.0.0', tokens: { operator } })
    const port = new URL(server.url).port
    const at = `http://127.0.0.1:${port}/`
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `192.168.1.7:${port}`, `[::1]:${port}`]) {
      expect((await http(at, 'GET', { host, ...bearer(operator) })).status).toBe(200)
    }
    for (const host of [`evil.example:${port}`, `127.0.0.1.evil.example:${port}`, '127.0.0.1', `1.2.3:${port}`]) {
      expect((await http(at, 'GET', { host, ...bearer(operator) })).status).toBe(403)
    }
    const socket = new WebSocket(`ws://127.0.0.1:${port}/stream`, {
      headers: { ...bearer(operator), origin: `http://evil.example:${port}` },
    })
    const error = await new Promise<Error>(resolve => socket.once('error', resolve))
    expect(error.message).toContain('403')
  })
})

describe('a token that is long enough', () => {
  it.each([
    'passwordpasswordpasswordpassword1',
    '12345678901234567890123456789012',
    'abcdefghijklmnopqrstuvwxyzabcdef',
    'aaaaaaaaaaaaaaaaaaaaaaaaabcdefgh',
    'aAbBcCdDaAbBcCdDaAbBcCdDaAbBcCdD',
    operator,
    viewer,
  ])('and follows a pattern is remarked on, and not told: %s', token => {
    for (const role of ['operator', 'viewer'] as const) {
      const [remark, ...more] = remarksOn({ [role]: token })
      expect(remark).toBe(
        `the ${role}'s token follows a pattern and can be guessed; use what 'openssl rand -hex 32' prints`,
      )
      expect(more).toEqual([])
    }
  })

  it.each(['hex', 'base64url'] as const)('and drawn at random in %s is not', encoding => {
    for (let i = 0; i < 1000; i++) {
      const drawn = createHash('sha256').update(`${encoding} ${i}`).digest().subarray(0, 24)
      expect(remarksOn({ operator: drawn.toString(encoding).slice(0, 32) })).toEqual([])
    }
  })
})
