// The stream server under pressure: thousands of hostile connections, comings and goings, and clients that never finish a sentence.
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { firstValueFrom } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { assail, clientFrame, hostileBytes, rawViewer } from '../stream/hostile.ts'
import { circlingFrame, http, TinyViewer, tinyServer, until } from '../stream/tiny-stream.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** What is in use when everything that can go has gone. */
async function inUse(): Promise<number> {
  await pause(100)
  collect()
  collect()
  const { heapUsed, arrayBuffers, external } = process.memoryUsage()
  return (heapUsed + arrayBuffers + external) / 1e6
}

describe('the stream server', () => {
  it('stands 20,000 hostile connections', async () => {
    const { server, frames, schema, commands } = await tinyServer()
    const witness = await TinyViewer.connect(server.url)
    for (let batch = 0; batch < 1250; batch++) {
      await Promise.all(fc.sample(hostileBytes, { numRuns: 16, seed: batch }).map(bytes => assail(server.url, bytes)))
      frames.next(circlingFrame(schema, batch))
    }
    await until(() => expect(witness.frames.at(-1)?.number).toBe(1249))
    witness.ask({ type: 'resume', id: 1 })
    await until(() => expect(witness.messages.at(-1)).toEqual({ type: 'done', id: 1 }))
    expect(new Set(commands.map(({ type }) => type))).toEqual(new Set(['pause', 'resume']))
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(await firstValueFrom(server.viewers$)).toBe(1)
  })

  it('keeps nothing of 10,000 viewers that came and went', async () => {
    const gone: string[] = []
    const { server, frames, schema } = await tinyServer({ show: { left: name => void gone.push(name) } })
    let n = 0
    const comeAndGo = async (times: number) => {
      for (let i = 0; i < times; i += 50) {
        const sockets = await Promise.all(Array.from({ length: 50 }, () => rawViewer(server.url)))
        frames.next(circlingFrame(schema, ++n))
        await Promise.all(
          sockets.map(
            (socket, i) =>
              new Promise(resolve => {
                socket.resume().once('close', resolve)
                socket.write(clientFrame(1, Buffer.from(`{"type":"subscribe","rate":${1 + (i % 60)},"inspect":[0]}`)))
                // In good order, by ending, and without a word.
                if (i % 3 === 0) socket.write(clientFrame(8, Buffer.from([3, 232])))
                else if (i % 3 === 1) socket.end()
                else socket.destroy()
              }),
          ),
        )
      }
      await until(async () => expect(await firstValueFrom(server.viewers$)).toBe(0))
    }
    await comeAndGo(2000)
    const before = { memory: await inUse(), listeners: listeners() }
    await comeAndGo(8000)
    expect(gone).toHaveLength(10_000)
    expect(listeners()).toEqual(before.listeners)
    await until(async () => expect((await inUse()) - before.memory).toBeLessThan(4))
  })

  it('closes connections that never finish what they ask, and answers others meanwhile', async () => {
    const { server } = await tinyServer()
    const { port, hostname } = new URL(server.url)
    const slow = Array.from({ length: 300 }, (_, i) => {
      const socket = connect(Number(port), hostname)
      socket.on('error', () => {})
      // Some say nothing at all, some a letter a second.
      if (i % 2 === 0) return socket
      socket.write('GET / HTTP/1.1\r\nHost: ')
      const drip = setInterval(() => socket.write('x'), 1000)
      socket.once('close', () => clearInterval(drip))
      return socket
    })
    const closed = Promise.all(slow.map(socket => new Promise(resolve => socket.resume().once('close', resolve))))
    for (let second = 0; second < 5; second++) {
      expect((await http(server.url, 'GET')).status).toBe(200)
      await pause(1000)
    }
    await closed
    expect((await http(server.url, 'GET')).status).toBe(200)
  })
})

function listeners(): Record<string, number> {
  return Object.fromEntries(process.eventNames().map(name => [String(name), process.listenerCount(name)]))
}
