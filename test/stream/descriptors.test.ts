// What the system allows: read from it, and compared with what is open.
import { spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { devNull } from 'node:os'
import { resolve } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createDescriptors } from '../../src/stream/descriptors.ts'
import { tinyPage } from './tiny-stream.ts'

const built = (file: string) => JSON.stringify(resolve(import.meta.dirname, '../../dist/src/stream', file))

it.skipIf(process.platform === 'win32')('is what ulimit says', () => {
  const program = `
    import { createDescriptors } from ${built('descriptors.js')}
    console.log(createDescriptors().limit)`
  for (const limit of [100, 333]) expect(printed(limit, program)).toBe(`${limit}\n`)
})

it.skipIf(process.platform === 'win32')('that leaves no room for viewers is said before the port is taken', () => {
  const program = `
    import { openSync } from 'node:fs'
    import { createStreamServer } from ${built('server.js')}
    while (openSync('/dev/null') < 400 - 96 - 5);
    const page = ${JSON.stringify(tinyPage())}
    await createStreamServer({ port: 0, page }).catch(({ name, message }) => console.log(name, message))`
  expect(printed(400, program)).toBe(
    'ConfigError watch: this process may have 400 files and connections open, which leaves no room for viewers; raise the limit, ' +
      'for example with: ulimit -n 1024\n',
  )
})

/** What a program says that may have so many files open. */
function printed(limit: number, program: string): string {
  const command = ['-c', `ulimit -n ${limit}; exec "$@"`, 'sh', process.execPath, '--input-type=module', '-e', program]
  return spawnSync('sh', command, { timeout: 120_000 }).stdout.toString()
}

it.each([
  ['of 96', 100, (newest: number) => newest + 96 + 20],
  ['of half a small limit', 0, (newest: number) => 2 * (newest + 20)],
])('leaves a reserve %s to the run', (_name, least, limitOf) => {
  const handles: number[] = []
  onTestFinished(() => {
    for (const handle of handles) closeSync(handle)
  })
  const openUpTo = (handle: number) => {
    do handles.push(openSync(devNull, 'r'))
    while (handles.at(-1)! < handle)
  }
  openUpTo(least)
  const newest = handles.at(-1)!
  const descriptors = createDescriptors(limitOf(newest))
  const before = descriptors.room()
  expect(before).toBeLessThan(20)
  expect(descriptors.isRoom()).toBe(true)
  openUpTo(newest + 10)
  expect(descriptors.room()).toBeLessThan(before)
  openUpTo(newest + 19)
  expect(descriptors.isRoom()).toBe(false)
  closeSync(handles.pop()!)
  expect(descriptors.isRoom()).toBe(true)
})

it('is endless where the system says nothing', () => {
  expect(createDescriptors(Number.POSITIVE_INFINITY)).toMatchObject({ limit: Number.POSITIVE_INFINITY })
  expect(createDescriptors(Number.POSITIVE_INFINITY).isRoom()).toBe(true)
})
