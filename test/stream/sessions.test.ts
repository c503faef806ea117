// Several sessions on one server: listed, told apart by name, added and taken away while it runs; and what is recorded of them.
import { appendFileSync, readdirSync, readlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createSession } from '../../src/experiment/session.ts'
import {
  circlingFrame,
  http,
  TinyViewer,
  tinyPage,
  tinySchema,
  tinyServer,
  tinyShow,
  tinyState,
  until,
} from './tiny-stream.ts'

const schema = tinySchema(2, 1)

/** A server with the session `tiny` and another one, `other.run-2`. */
async function two() {
  const tiny = await tinyServer()
  const session = createSession(tinyState(schema))
  const { show, frames } = tinyShow(schema)
  tiny.server.add({ id: 'other.run-2', title: '<b>other</b>', session, show })
  return { ...tiny, other: { session, frames } }
}

describe('several sessions', () => {
  it('are listed', async () => {
    const { server, other } = await two()
    const progress = { ...other.session.state.progress, episodes: 700 }
    other.session.dispatch({ type: 'progress', progress })
    other.session.dispatch({ type: 'point', episodes: 700, returns: [-12.5, 8] })
    await TinyViewer.connect(server.url, {}, { query: '?session=other.run-2' })
    const { status, headers, body } = await http(server.url, 'GET', {}, '/sessions')
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('application/json')
    expect(JSON.parse(body)).toMatchObject([
      { id: 'tiny', title: 'a tiny run', episodes: 0, viewers: 0, seed: 1, folder: null, returns: null },
      {
        id: 'other.run-2',
        title: '<b>other</b>',
        scenario: 'simple_tag',
        status: 'training',
        kind: 'live',
        episodes: 700,
        viewers: 1,
        returns: { agent: -12.5, adversary: 8 },
      },
    ])
  })

  it('are watched by name, each its own frames and state', async () => {
    const { server, session, frames, other } = await two()
    await expect(TinyViewer.connect(server.url)).rejects.toThrow('404')
    await expect(TinyViewer.connect(server.url, {}, { query: '?session=constructor' })).rejects.toThrow('404')
    const one = await TinyViewer.connect(server.url, {}, { query: '?session=tiny' })
    const two_ = await TinyViewer.connect(server.url, {}, { query: '?session=other.run-2' })
    frames.next(circlingFrame(tinySchema(), 5))
    other.frames.next(circlingFrame(schema, 9))
    session.dispatch({ type: 'remark', message: 'only here' })
    await until(() => expect(one.state?.message).toBe('only here'))
    await until(() => expect([one, two_].map(({ frames }) => frames.map(({ number }) => number))).toEqual([[5], [9]]))
    expect(two_.state?.message).toBeNull()
    expect([one, two_].map(({ welcome }) => welcome.session.id)).toEqual(['tiny', 'other.run-2'])
  })

  it('end one by one', async () => {
    const { server } = await two()
    const one = await TinyViewer.connect(server.url, {}, { query: '?session=tiny' })
    const stays = await TinyViewer.connect(server.url, {}, { query: '?session=other.run-2' })
    await server.remove('tiny', 'this run is done')
    expect(await one.closed).toBe(1000)
    expect(one.messages.at(-1)).toEqual({ type: 'bye', message: 'this run is done' })
    stays.ask({ type: 'sync', id: 1 })
    await until(() => expect(stays.messages.at(-1)).toEqual({ type: 'done', id: 1 }))
    // The only one that is left needs no name.
    expect((await TinyViewer.connect(server.url)).welcome.session.id).toBe('other.run-2')
    await server.remove('tiny', 'again')
  })

  it('have names that can stand in an address, each its own', async () => {
    const { server, session } = await two()
    const { show } = tinyShow()
    for (const id of ['', 'a/b', 'a b', '<b>', 'ä']) {
      expect(() => server.add({ id, title: '', session, show })).toThrow(
        "must have letters, digits, '.', '-' and '_' only",
      )
    }
    expect(() => server.add({ id: 'tiny', title: '', session, show })).toThrow("session 'tiny' is there already")
  })
})

describe('a recording in progress', () => {
  it('can be taken home as far as it is written', async () => {
    const { server, session } = await tinyServer()
    expect((await http(server.url, 'GET', {}, '/recording')).status).toBe(404)
    const file = join(tinyPage(), 'a "name".mcap')
    writeFileSync(file, 'x'.repeat(200_000))
    session.dispatch({ type: 'recording', recording: { file, bytes: 200_000 } })
    for (const path of ['/recording', '/recording?session=tiny']) {
      const answer = await http(server.url, 'GET', {}, path)
      expect(answer).toMatchObject({ status: 200, headers: { 'content-length': '200000' } })
      expect(answer.headers['content-disposition']).toBe('attachment; filename="a__name_.mcap"')
      expect(answer.body).toHaveLength(200_000)
    }
    appendFileSync(file, 'y')
    expect(await http(server.url, 'HEAD', {}, '/recording')).toMatchObject({
      status: 200,
      headers: { 'content-length': '200001' },
      body: '',
    })
    expect((await http(server.url, 'GET', {}, '/recording?session=../tiny')).status).toBe(404)
  })

  it.runIf(process.platform === 'linux')(
    'is sent so many times at once, and closed where nobody takes it to its end',
    async () => {
      const { server, session } = await tinyServer()
      const file = join(tinyPage(), 'long.mcap')
      writeFileSync(file, '')
      truncateSync(file, 100e6)
      session.dispatch({ type: 'recording', recording: { file, bytes: 100e6 } })
      const { port, hostname, host } = new URL(server.url)
      const answers = await Promise.all(
        Array.from({ length: 20 }, async () => {
          const socket = connect(Number(port), hostname)
          onTestFinished(() => void socket.destroy())
          socket.write(`GET /recording HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
          const head = await new Promise<Buffer>(heard => socket.once('data', heard))
          socket.pause()
          return { socket, status: head.toString('latin1').slice(9, 12) }
        }),
      )
      expect(answers.map(({ status }) => status).sort()).toEqual([...Array(16).fill('200'), ...Array(4).fill('503')])
      expect(openTimes(file)).toBe(16)
      for (const { socket } of answers) socket.destroy()
      await until(() => expect(openTimes(file)).toBe(0))
      expect((await http(server.url, 'HEAD', {}, '/recording')).status).toBe(200)
    },
  )
})

/** How often this process has a file open. */
function openTimes(file: string): number {
  return readdirSync('/proc/self/fd').filter(handle => {
    try {
      return readlinkSync(`/proc/self/fd/${handle}`) === file
    } catch {
      // It was closed meanwhile.
      return false
    }
  }).length
}
