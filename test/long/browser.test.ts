// --open: the page is opened by the system's own program, here one that writes down what it was told.
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { until } from '../stream/tiny-stream.ts'
import { type Running, start, temporaryFolder, tiny } from '../support/command.ts'

const opener = process.platform === 'darwin' ? 'open' : 'xdg-open'

/** Starts a command where the system's opener is `program`, a shell script; null: where there is none. */
function startWith(program: string | null, ...args: readonly string[]): Running {
  const folder = temporaryFolder()
  if (program !== null) {
    writeFileSync(join(folder, opener), `#!/bin/sh\n${program}\n`)
    chmodSync(join(folder, opener), 0o755)
  }
  vi.stubEnv('PATH', program === null ? folder : `${folder}${delimiter}${process.env.PATH}`)
  const running = start(...args)
  vi.unstubAllEnvs()
  return running
}

describe.skipIf(process.platform === 'win32')('--open', () => {
  it.each([
    ['watch', ['watch', 'simple_spread', '--port', '0']],
    ['train, which serves the page then', ['train', 'simple_spread', ...tiny, '--out', '<out>']],
  ])('of %s opens the page', async (_, args) => {
    const folder = temporaryFolder()
    const told = join(folder, 'told')
    const given = args.map(word => (word === '<out>' ? join(folder, 'run') : word))
    const running = startWith(`printf %s "$*" > '${told}.part' && mv '${told}.part' '${told}'`, ...given, '--open')
    const [, url] = await running.sees(/live page: (http:\S+)/)
    await until(() => expect(existsSync(told)).toBe(true))
    expect(readFileSync(told, 'utf8')).toBe(url)
    running.process.kill('SIGINT')
    const { code, stderr } = await running.finished
    expect([code, stderr]).toEqual([0, ''])
  })

  it.each([
    ['is not there', null, /no browser could be opened \(.*ENOENT/],
    ['fails', 'exit 3', /no browser could be opened \(.*exit code 3/],
  ])('goes on with a remark where the program %s', async (_, program, remark) => {
    const running = startWith(program, 'watch', 'simple_spread', '--port', '0', '--open')
    let complaint = ''
    running.process.stderr!.on('data', data => {
      complaint += data
    })
    const [, url] = await running.sees(/live page: (http:\S+)/)
    await until(() => expect(complaint).toMatch(remark))
    expect(complaint).toContain(`open ${url} yourself`)
    expect((await fetch(url!)).status).toBe(200)
    running.process.kill('SIGINT')
    expect((await running.finished).code).toBe(0)
  })
})
