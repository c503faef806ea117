// Which checkpoints a run folder keeps, which is read, and what is said where one is damaged.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FileError } from '../../src/errors.ts'
import { type CheckpointFiles, createCheckpointFiles } from '../../src/experiment/checkpoint-files.ts'
import { createRunFolder } from '../../src/experiment/run-folder.ts'
import type { Saved } from '../../src/types.ts'
import { tempFolder } from '../support/temp-folder.ts'

function newFiles(): { path: string; files: CheckpointFiles } {
  const path = join(tempFolder(), 'run')
  createRunFolder(path, {})
  return { path, files: createCheckpointFiles(path) }
}

/** Rows of two mebibytes each, of a buffer of nine; two make a segment. */
const columns = 512 * 1024
function saved(end: number): { replay: { rows: Saved } } {
  const first = Math.max(0, end - 9)
  const pieces = Array.from({ length: end - first }, (_, i) => new Float32Array(columns).fill(first + i))
  return { replay: { rows: { first, end, columns, capacity: 9, pieces } } }
}

const flip = (file: string, from: number) => {
  const bytes = readFileSync(file)
  bytes[bytes.length - from]! ^= 1
  writeFileSync(file, bytes)
}

describe('the checkpoints of a run', () => {
  it('are the newest, as many as are wanted, with the segments that they name', () => {
    const { path, files } = newFiles()
    for (const end of [3, 6, 9, 12, 15]) files.writeCheckpoint(end * 10, saved(end), { keep: 2 })
    expect(files.checkpoints).toEqual([120, 150])
    // Rows 3 to 14, from 2 on.
    expect(readdirSync(join(path, 'replay')).map(name => Number.parseInt(name, 10))).toEqual([2, 4, 6, 8, 10, 12])
    for (const one of files.checkpoints) expect(files.damageOf(one)).toBeNull()
    files.writeCheckpoint(160, saved(15), { keep: 5 })
    expect(files.checkpoints).toEqual([120, 150, 160])
    files.writeCheckpoint(170, saved(15))
    expect(files.checkpoints).toEqual([170])
    expect(readdirSync(join(path, 'replay')).map(name => Number.parseInt(name, 10))).toEqual([6, 8, 10, 12])
  })

  it('go back before a step: all that is later gets another name', () => {
    const { path, files } = newFiles()
    const at = (envSteps: number) => ({ envSteps, weights: Float32Array.of(envSteps) })
    files.writeCheckpoint(10, at(100), { keep: 9, isRollbackPoint: true })
    for (const episodes of [20, 30, 40]) files.writeCheckpoint(episodes, at(episodes * 10), { keep: 9 })
    files.keepBest(15, -3, () => at(150))
    expect(() => files.setAsideAfter(99)).toThrow(
      'holds no checkpoint up to environment step 99; there is 100, 200, 300, 400',
    )
    expect(files.checkpoints).toEqual([10, 20, 30, 40])
    const names = ['000000030.safetensors.later', '000000040.safetensors.later']
    expect(files.setAsideAfter(299)).toEqual(names.map(name => join(path, 'checkpoints', name)))
    expect(files.checkpoints).toEqual([10, 20])
    expect(files.hasRollbackPoint).toBe(true)
    expect(files.readCheckpoint()).toEqual(at(200))
    expect(files.setAsideAfter(200)).toEqual([])
    files.keepBest(25, -2, () => at(250))
    expect(files.setAsideAfter(200)).toEqual([join(path, 'best.safetensors.later')])
    expect(files.hasBest).toBe(false)
    for (const name of names) expect(existsSync(join(path, 'checkpoints', name))).toBe(true)
    files.writeCheckpoint(30, at(300), { keep: 9, isRollbackPoint: true })
    flip(join(path, 'checkpoints', '000000030.safetensors'), 1)
    expect(files.setAsideAfter(250).map(file => file.slice(path.length + 1))).toEqual([
      'checkpoints/000000030.safetensors.later',
      'rollback.safetensors.later',
    ])
  })

  it('keep what a rollback point needs, whatever comes after it', () => {
    const { path, files } = newFiles()
    files.writeCheckpoint(10, saved(6), { isRollbackPoint: true })
    for (const end of [9, 12, 15]) files.writeCheckpoint(end * 10, saved(end))
    expect(readdirSync(join(path, 'replay')).map(name => Number.parseInt(name, 10))).toEqual([0, 2, 4, 6, 8, 10, 12])
    const { rows } = (files.readRollbackPoint() as unknown as { replay: { rows: { pieces: Iterable<Float32Array> } } })
      .replay
    expect([...rows.pieces].flatMap(piece => [piece[0], piece.at(-1)])).toEqual([0, 1, 2, 3, 4, 5])
    // The run goes on from there.
    files.cutCheckpoints(10)
    expect(files.checkpoints).toEqual([])
    files.writeCheckpoint(20, saved(7))
    expect(files.damageOf(20)).toBeNull()
  })

  it('written for a full buffer name what is there: only the rest is written', () => {
    const { files } = newFiles()
    const first = files.writeCheckpoint(10, saved(8))
    const second = files.writeCheckpoint(20, saved(9))
    expect(first.bytes).toBeLessThan(10_000)
    expect(second.bytes).toBeLessThan(4 * columns + 10_000)
  })

  it('are read by their episodes, the newest by default, and in part without a look at the buffer', () => {
    const { path, files } = newFiles()
    for (const at of [10, 20]) files.writeCheckpoint(at, { at, ...saved(5) }, { keep: 2 })
    expect(files.readCheckpoint(() => false)).toMatchObject({ at: 20 })
    expect(files.readCheckpoint(() => false, 10)).toMatchObject({ at: 10 })
    expect(() => files.readCheckpoint(undefined, 30)).toThrow(
      /checkpoints: holds no checkpoint of episode 30; there is 10, 20/,
    )
    expect(() => files.readCheckpoint(undefined, 'best')).toThrow('train with --set run.keepBest=true')
    for (const name of readdirSync(join(path, 'replay'))) writeFileSync(join(path, 'replay', name), '')
    expect(files.readCheckpoint(() => false)).toMatchObject({ at: 20, replay: { rows: null } })
  })

  it('that are damaged are told from whole ones, with the file and what to do', () => {
    const { path, files } = newFiles()
    const older = files.writeCheckpoint(10, { at: Float32Array.of(1) }, { keep: 3 })
    const newer = files.writeCheckpoint(20, { at: Float32Array.of(2), ...saved(5) }, { keep: 3 })
    flip(newer.file, 3)
    expect(files.damageOf(10)).toBeNull()
    expect(files.damageOf(20)).toBeInstanceOf(FileError)
    expect(() => files.readCheckpoint()).toThrow(
      new RegExp(`^${newer.file}: damaged: .*; --checkpoint 10 is the one before$`),
    )
    expect(files.setAside(20)).toBe(`${newer.file}.damaged`)
    expect(files.checkpoints).toEqual([10])
    flip(older.file, 2)
    expect(() => files.readCheckpoint()).toThrow(/damaged: .*; there is no checkpoint before it$/)
    files.writeCheckpoint(30, saved(5), { keep: 3 })
    const segment = join(path, 'replay', readdirSync(join(path, 'replay'))[1]!)
    flip(segment, 1000)
    expect(files.damageOf(30)!.message).toContain(`${segment}: damaged`)
  })

  it('keep the best actors beside them', () => {
    const { path, files } = newFiles()
    const keep = (episodes: number, value: number) => files.keepBest(episodes, value, () => ({ actors: episodes }))
    const best = () => files.readCheckpoint(undefined, 'best')
    keep(10, -5)
    keep(20, -7)
    expect(best()).toEqual({ actors: 10, best: { by: 'return', episodes: 10, value: -5 } })
    createCheckpointFiles(path).keepBest(30, -5, () => ({ actors: 30 }))
    keep(40, -4)
    expect(best()).toEqual({ actors: 40, best: { by: 'return', episodes: 40, value: -4 } })
    flip(join(path, 'best.safetensors'), 1)
    keep(50, -100)
    expect(best()).toMatchObject({ actors: 50 })
    expect(statSync(join(path, 'best.safetensors')).size).toBeLessThan(2000)
    expect(existsSync(join(path, 'replay'))).toBe(false)
  })
})
