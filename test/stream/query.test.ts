// The query of an address: what is not known is refused, so that a slip never gives more rights than were asked for.
import { describe, expect, it } from 'vitest'
import { http, TinyViewer, tinyServer } from './tiny-stream.ts'

const operator = '6b1f0a9c4de2783512f9c07ab48d3e65'
const viewer = 'c83e5a17f40bd29e6617a05bd9f3c248'
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

describe('the query of the stream', () => {
  it.each([
    ['?role=admin', "role must be viewer or operator, got 'admin'"],
    ['?role=veiwer', "role must be viewer or operator, got 'veiwer'"],
    ['?role=Viewer', "role must be viewer or operator, got 'Viewer'"],
    ['?role=', "role must be viewer or operator, got ''"],
    ['?role=viewer%20', "role must be viewer or operator, got 'viewer '"],
    ['?role=viewer&role=operator', 'role stands 2 times in the address; leave one'],
    ['?rol=viewer', "unknown query parameter 'rol'; did you mean 'role'?"],
    ['?Role=viewer', "unknown query parameter 'Role'; did you mean 'role'?"],
    ['?watch', "unknown query parameter 'watch'; known: session, role, after, began, token"],
    ['?after=x', "after must be the number of a frame, got 'x'"],
    ['?after=-1', "after must be the number of a frame, got '-1'"],
    ['?after=1e3', "after must be the number of a frame, got '1e3'"],
    ['?after=12345678901234567', "after must be the number of a frame, got '12345678901234567'"],
    ['?after=1&after=2', 'after stands 2 times'],
    ['?after=1&began=now', "began must be milliseconds since 1970, got 'now'"],
    ['?began=5', 'began belongs to after=, which is missing'],
    ['?session=tiny&session=other', 'session stands 2 times'],
    ['?token=a&token=b', 'token stands 2 times'],
    [`?${'x'.repeat(3000)}=1`, `unknown query parameter '${'x'.repeat(40)}...'`],
  ])('%s is refused', async (query, sentence) => {
    const { server } = await tinyServer()
    await expect(TinyViewer.connect(server.url, {}, { query })).rejects.toThrow('400')
    const answer = await http(
      server.url,
      'GET',
      { upgrade: 'websocket', connection: 'upgrade', 'sec-websocket-version': '13' },
      `/stream${query}`,
    )
    expect(answer).toMatchObject({ status: 400, body: expect.stringContaining(sentence) })
  })

  it('gives the role that was asked for, and never more than the token allows', async () => {
    const { server } = await tinyServer({ tokens: { operator, viewer } })
    const roleOf = async (token: string, query: string) =>
      (await TinyViewer.connect(server.url, bearer(token), { query })).welcome.role
    expect(await roleOf(operator, '?role=operator')).toBe('operator')
    expect(await roleOf(operator, '?role=viewer')).toBe('viewer')
    expect(await roleOf(viewer, '?role=operator')).toBe('viewer')
  })

  it('holds for other protocols on the same port', async () => {
    const { server } = await tinyServer({ subprotocols: { other() {} } })
    const headers = {
      upgrade: 'websocket',
      connection: 'upgrade',
      'sec-websocket-version': '13',
      'sec-websocket-protocol': 'other',
    }
    expect((await http(server.url, 'GET', headers, '/?role=veiwer')).status).toBe(400)
    expect((await http(server.url, 'GET', headers, '/?rol=viewer')).status).toBe(400)
  })
})

describe('the query of the page', () => {
  it.each(['/?role=veiwer', '/?session=a&session=b', '/sessions?token=a&token=b', '/recording?session=a&session=b'])(
    '%s is refused',
    async path => {
      const { server } = await tinyServer()
      expect((await http(server.url, 'GET', {}, path)).status).toBe(400)
    },
  )

  it('may have names of its own', async () => {
    const { server } = await tinyServer()
    for (const path of ['/?role=viewer', '/?embed', '/?v=3&v=4']) {
      expect((await http(server.url, 'GET', {}, path)).status).toBe(200)
    }
  })
})
