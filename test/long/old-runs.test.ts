// Runs that an earlier build trained are evaluated, trained on, forked, exported, crossplayed, verified and watched to the same bits.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { TinyViewer } from '../stream/tiny-stream.ts'
import { marlstrom, start, temporaryFolder } from '../support/command.ts'
import {
  type Command,
  crossplayed,
  fixtureOf,
  type Outcome,
  oldRuns,
  outcomeOf,
  pairing,
  unpackRun,
  verified,
} from '../support/old-runs.ts'

/** What build f7898f2 made of them; see the README beside it. */
const expected: {
  readonly runs: Readonly<Record<string, Outcome>>
  readonly crossplay: object[]
  readonly recording: object
} = JSON.parse(readFileSync(fixtureOf('expected.json'), 'utf8'))

/** Warnings may be said, and what an old setting is called now. */
const command: Command = async (...args) => {
  const { code, stdout, stderr } = await marlstrom(...args)
  if (code !== 0) throw new Error(`marlstrom ${args.join(' ')} ended with ${code}: ${stderr}`)
  return stdout
}

/** An unpacked copy of an old run, in a folder of its own. */
function copyOf(name: string, folder = temporaryFolder()): string {
  const copy = join(folder, name)
  unpackRun(fixtureOf(name), copy)
  return copy
}

describe('a run of build f7898f2', () => {
  it.each(Object.keys(oldRuns))('%s: evaluates, goes on, forks and is exported to the same bits', async name => {
    const folder = temporaryFolder()
    const outcome = await outcomeOf(name, command, copyOf(name, folder), join(folder, 'scratch'))
    expect(outcome).toEqual(expected.runs[name])
  })

  it('plays with and against another one', async () => {
    const folders = pairing.map(name => copyOf(name))
    expect(await crossplayed(command, folders)).toMatchObject(expected.crossplay)
  })

  it('is verified from its recording', async () => {
    expect(await verified(command, fixtureOf('recording.mcap'))).toMatchObject(expected.recording)
  })

  it.each([
    ['maddpg', { scenario: 'simple_tag', algorithm: 'maddpg' }],
    ['mixed', { scenario: 'simple_tag', algorithm: 'adversary: ddpg, agent: maddpg' }],
    ['recurrent', { scenario: 'simple_push', algorithm: 'maddpg' }],
    ['scenario-file', { scenario: 'interleaved', algorithm: 'maddpg' }],
  ])('%s: plays on the live page, with its past', async (name, run) => {
    const running = start('watch', copyOf(name), '--port', '0')
    const viewer = await TinyViewer.connect((await running.sees(/live page: (http:\S+)/))[1]!)
    await vi.waitFor(() => expect(viewer.frames.length).toBeGreaterThan(2), { timeout: 60_000, interval: 50 })
    expect(viewer.state).toMatchObject({ status: 'playing', message: null, run })
    expect(viewer.state!.curve.episodes).toEqual([4, 8, 12])
    running.process.kill('SIGINT')
    expect((await running.finished).code).toBe(0)
  })
})
