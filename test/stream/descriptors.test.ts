// What the system allows: read from it, and compared with what is open.
import { spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { devNull } from 'node:os'
import { resolve } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createDescriptors } from '../../src/stream/descriptors.ts'

const module = resolve(import.meta.dirname, '../../dist/src/stream/descriptors.js')

it.skipIf(process.platform === 'win32')('is what ulimit says', () => {
  const program = `import { createDescriptors } from ${JSON.stringify(module)}; console.log(createDescriptors().limit)`
  for (const limit of [100, 333]) {
    const command = `ulimit -n ${limit}; exec "$@"`
    const arguments_ = ['-c', command, 'sh', process.execPath, '--input-type=module', '-e', program]
    expect(spawnSync('sh', arguments_).stdout.toString()).toBe(`${limit}\n`)
  }
})

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
