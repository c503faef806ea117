// Event files as TensorBoard reads them: growing, resumed, torn.
import { appendFileSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { beginEventFile } from '../../src/tensorboard/event-file.ts'
import { eventFilesIn, readEvents, scalarsIn } from '../support/read-events.ts'
import { tempFolder } from '../support/temp-folder.ts'

const scalar = (value: number, tag = 'episode/return/agent_0') => ({ tag, value, description: `what ${tag} is` })

describe('an event file', () => {
  it('begins with its version; each number is there at once, described where its tag is new', () => {
    const folder = tempFolder()
    const times = [1_700_000_000.25, 1_700_000_000.5, 1_700_000_001, 1_700_000_002]
    const file = beginEventFile(folder, 0, () => times.shift()!)
    expect(eventFilesIn(folder)).toEqual(['events.out.tfevents.1700000000.marlstrom'])
    expect(readEvents(file.path)).toEqual([{ wall_time: 1_700_000_000.5, step: 0, file_version: 'brain.Event:2' }])
    file.append(2500, [scalar(-1.5), scalar(7, 'progress/updates')])
    expect(readEvents(file.path)).toHaveLength(2)
    file.append(5_000_000_000, [scalar(-0.25)])
    expect(readEvents(file.path).slice(1)).toEqual([
      {
        wall_time: 1_700_000_001,
        step: 2500,
        summary: {
          value: [
            { tag: 'episode/return/agent_0', simple_value: -1.5, metadata: metadataOf('episode/return/agent_0') },
            { tag: 'progress/updates', simple_value: 7, metadata: metadataOf('progress/updates') },
          ],
        },
      },
      {
        wall_time: 1_700_000_002,
        step: 5_000_000_000,
        summary: { value: [{ tag: 'episode/return/agent_0', simple_value: -0.25 }] },
      },
    ])
  })

  it('of a run that is resumed is a new one; what lies beyond is cut off and purged by readers that know it', () => {
    const folder = tempFolder()
    const first = beginEventFile(folder, 0, () => 1_700_000_000)
    for (const step of [100, 200, 300]) first.append(step, [scalar(step)])
    const before = readFileSync(first.path)
    const second = beginEventFile(folder, 250, () => 1_600_000_000)
    // Later by name although the clock went back.
    expect(eventFilesIn(folder)).toEqual([
      'events.out.tfevents.1700000000.marlstrom',
      'events.out.tfevents.1700000001.marlstrom',
    ])
    expect(readEvents(first.path).map(({ step }) => step)).toEqual([0, 100, 200])
    expect(before.subarray(0, statSync(first.path).size)).toEqual(readFileSync(first.path))
    expect(readEvents(second.path)).toMatchObject([
      { file_version: 'brain.Event:2' },
      { step: 251, session_log: { status: 'START' } },
    ])
    second.append(300, [scalar(-300)])
    expect(scalarsIn(folder).get('episode/return/agent_0')).toEqual([
      [100, 100],
      [200, 200],
      [300, -300],
    ])
    // Back once more, before what the second one began with.
    beginEventFile(folder, 150, () => 1_800_000_000).append(200, [scalar(-200)])
    expect(readEvents(second.path)).toMatchObject([{ file_version: 'brain.Event:2' }])
    expect(scalarsIn(folder).get('episode/return/agent_0')).toEqual([
      [100, 100],
      [200, -200],
    ])
  })

  it('that a crash tore is read up to there, and mended when the run goes on', () => {
    const folder = tempFolder()
    const first = beginEventFile(folder, 0, () => 1_700_000_000)
    first.append(100, [scalar(1)])
    const whole = statSync(first.path).size
    first.append(200, [scalar(2)])
    truncateSync(first.path, statSync(first.path).size - 5)
    expect(readEvents(first.path).map(({ step }) => step)).toEqual([0, 100])
    beginEventFile(folder, 200)
    expect(statSync(first.path).size).toBe(whole)
  })

  it('leaves whole files of the steps before as they are', () => {
    const folder = tempFolder()
    const first = beginEventFile(folder, 0)
    first.append(100, [scalar(1)])
    const before = readFileSync(first.path)
    appendFileSync(join(folder, 'metrics.jsonl'), '{}\n')
    beginEventFile(folder, 100)
    expect(readFileSync(first.path)).toEqual(before)
    expect(readFileSync(join(folder, 'metrics.jsonl'), 'utf8')).toBe('{}\n')
  })
})

function metadataOf(tag: string) {
  return {
    plugin_data: { plugin_name: 'scalars' },
    summary_description: `what ${tag} is`,
    data_class: 'DATA_CLASS_SCALAR',
  }
}
