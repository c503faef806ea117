import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { marlstrom, start, temporaryFolder, tiny } from '../../support/command.ts'

describe('marlstrom watch', () => {
  it('serves a scenario played by its scripted controller until Ctrl-C', async () => {
    const running = start('watch', 'simple_spread')
    const url = (await running.sees(/live page: (http:\S+)/))[1]!
    expect(await (await fetch(url)).text()).toContain('<canvas')
    const { welcome, frames } = await look(url, 3)
    expect(welcome).toMatchObject({
      state: { status: 'playing', run: { scenario: 'simple_spread', algorithm: 'scripted' } },
    })
    expect(frames).toBe(3)
    running.process.kill('SIGINT')
    expect((await running.finished).code).toBe(0)
  })

  it('serves a trained run', async () => {
    const out = join(temporaryFolder(), 'run')
    await marlstrom('train', 'simple_spread', ...tiny, '--episodes', '12', '--out', out)
    const running = start('watch', out)
    const url = (await running.sees(/live page: (http:\S+)/))[1]!
    expect((await look(url, 2)).welcome).toMatchObject({ state: { run: { algorithm: 'maddpg', folder: out } } })
  })

  it.each(['watch', 'train'])('%s refuses a port that is taken', async command => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise(ready => server.once('listening', ready))
    const { port } = server.address() as { port: number }
    const out = join(temporaryFolder(), 'run')
    const args = command === 'watch' ? ['--port', `${port}`] : ['--watch', `${port}`, '--out', out]
    const { code, stderr } = await marlstrom(command, 'simple_spread', ...args)
    server.close()
    expect(stderr).toContain(`${port}`)
    expect(code).toBe(2)
    // What was refused leaves nothing behind.
    expect(existsSync(out)).toBe(false)
  })
})

/** What a viewer is sent: the welcome, and a number of frames. */
async function look(url: string, wanted: number): Promise<{ welcome: unknown; frames: number }> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}stream`, { origin: url.replace(/\/$/, '') })
  return new Promise((done, failed) => {
    let welcome: unknown
    let frames = 0
    socket.on('error', failed)
    socket.on('message', (data, binary) => {
      if (binary) frames++
      else welcome ??= JSON.parse(String(data))
      if (welcome !== undefined && frames === wanted) {
        socket.close()
        done({ welcome, frames })
      }
    })
  })
}
