// examples/viewer.py, the viewer in another language, against a server that really listens.
import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { interval } from 'rxjs'
import { expect, it, onTestFinished } from 'vitest'
import { circlingFrame, tinyServer } from '../stream/tiny-stream.ts'

const program = join(import.meta.dirname, '../../examples/viewer.py')
const python = ['python3', '/usr/bin/python3'].find(it => spawnSync(it, ['-c', 'import websockets']).status === 0)
const skipped = python === undefined && !process.env.CI
if (skipped) console.warn('skipped: viewer.py (no python3 with websockets; install it with: pip install websockets)')

it.skipIf(skipped)('viewer.py draws what a server shows, and knows a goodbye', async () => {
  const { server, schema, frames } = await tinyServer({ tokens: { operator: 'an-operator-of-32-characters-0001' } })
  let n = 0
  const game = interval(20).subscribe(() => frames.next(circlingFrame(schema, ++n)))
  onTestFinished(() => game.unsubscribe())
  const address = `${server.url.replace('http', 'ws')}stream?token=an-operator-of-32-characters-0001`
  const text = await run([address, '3'])
  expect(text).toMatch(/^simple_tag, training: 3 agents\n/)
  expect(
    text.match(/episode \d+ step \d+: agent_0 -?\d+\.\d\d {2}agent_1 -?\d+\.\d\d {2}adversary_0 -?\d+\.\d\d\n/g),
  ).toHaveLength(3)
  expect([...text.matchAll(/[AB.]/g)].length).toBeGreaterThan(12)
  const endless = run([address], () => void server.close('the training has finished'))
  expect(await endless).toMatch(/the training has finished\n$/)
})

/** What the program prints until its end; `drawn` is called when it has begun to draw. */
function run(given: readonly string[], drawn = () => {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const ended = (error: Error | null, stdout: string) => (error ? reject(error) : resolve(stdout))
    const child = execFile(python!, [program, ...given], { timeout: 120_000 }, ended)
    child.stdout!.on('data', text => String(text).includes('episode') && drawn())
    onTestFinished(() => void child.kill())
  })
}
