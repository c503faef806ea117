// Trainings that are recorded: to the end when they are stopped, and without changing a bit.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { marlstrom, start, temporaryFolder, tiny } from '../support/command.ts'

describe('train --record', () => {
  it('keeps the exhibition without a page, to the end when it is stopped, and changes no bit of the training', async () => {
    const folder = temporaryFolder()
    const out = join(folder, 'run')
    const train = (out: string, ...more: string[]) =>
      start('train', 'simple_tag', '--episodes', '100000000', ...tiny, '--threads', '1', '--out', out, ...more)
    const running = train(out, '--record')
    const file = join(out, 'recordings', await appears(join(out, 'recordings')))
    await grows(file, 4000)
    await grows(join(out, 'metrics.jsonl'), 4000)
    running.process.kill('SIGTERM')
    expect((await running.finished).stdout).toContain(`recording: ${file}`)
    const { code, stdout } = await marlstrom('playback', file, '--verify', '--json')
    expect(code).toBe(0)
    const found = JSON.parse(stdout)
    expect(found).toMatchObject({ whole: true, unknown: 0, drawnOnly: 0, difference: null })
    expect(found.same).toBe(found.frames)

    const quiet = join(folder, 'quiet')
    const other = train(quiet)
    await grows(join(quiet, 'metrics.jsonl'), 4000)
    other.process.kill('SIGTERM')
    await other.finished
    // Stopped at different moments: the lines of both that come every ten episodes.
    const untimed = (line: string) =>
      JSON.stringify(JSON.parse(line), (key, value) => (key.startsWith('time/') ? 0 : value))
    const [one, two] = [out, quiet].map(run => {
      const lines = readFileSync(join(run, 'metrics.jsonl'), 'utf8').trim().split('\n')
      return lines.filter(line => JSON.parse(line).episodes % 10 === 0).map(untimed)
    })
    const lines = Math.min(one!.length, two!.length)
    expect(one!.slice(0, lines)).toEqual(two!.slice(0, lines))
    expect(lines).toBeGreaterThan(2)
  })
})

async function appears(folder: string): Promise<string> {
  while (!existsSync(folder) || readdirSync(folder).length === 0) await soon()
  return readdirSync(folder)[0]!
}

async function grows(file: string, bytes: number): Promise<void> {
  while (!existsSync(file) || statSync(file).size < bytes) await soon()
}

function soon(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 50))
}
