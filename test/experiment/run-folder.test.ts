// The run folder: readable at any moment, whatever happened to the process that wrote it.
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ConfigError, FileError } from '../../src/errors.ts'
import { createRunFolder, openRunFolder, runFolderName } from '../../src/experiment/run-folder.ts'
import { lockTrainer } from '../../src/experiment/trainer-lock.ts'
import { tempFolder } from '../support/temp-folder.ts'

const newFolder = () => {
  const path = join(tempFolder(), 'runs', 'a')
  return { path, folder: createRunFolder(path, { run: { seed: 3 } }) }
}
const metricsIn = (path: string) => readFileSync(join(path, 'metrics.jsonl'), 'utf8')

describe('a run folder', () => {
  it('begins with its config and an empty folder of checkpoints', () => {
    const { path, folder } = newFolder()
    expect(folder.path).toBe(path)
    expect(JSON.parse(readFileSync(join(path, 'config.json'), 'utf8'))).toEqual({ run: { seed: 3 } })
    expect(readdirSync(join(path, 'checkpoints'))).toEqual([])
  })

  it('opened again has its config', () => {
    const { path } = newFolder()
    expect(openRunFolder(path).config).toEqual({ run: { seed: 3 } })
    const { folder } = openRunFolder(path)
    folder.writeConfig({ run: { seed: 3, episodes: 9 } })
    expect(openRunFolder(path).config).toEqual({ run: { seed: 3, episodes: 9 } })
  })

  it('appends metrics line by line, each readable at once', () => {
    const { path, folder } = newFolder()
    folder.appendMetrics({ episodes: 100, 'return/agent_0': -1.5 })
    expect(metricsIn(path)).toBe('{"episodes":100,"return/agent_0":-1.5}\n')
    folder.appendMetrics({ episodes: 200 })
    expect(metricsIn(path)).toBe('{"episodes":100,"return/agent_0":-1.5}\n{"episodes":200}\n')
  })

  it('keeps the newest checkpoint, and says its file and size', () => {
    const { path, folder } = newFolder()
    folder.writeCheckpoint(90, { at: 90 })
    const { file, bytes } = folder.writeCheckpoint(1000, { at: 1000, data: new Float32Array(100) })
    expect(readdirSync(join(path, 'checkpoints'))).toEqual(['000001000.safetensors'])
    expect(file).toBe(join(path, 'checkpoints', '000001000.safetensors'))
    expect(bytes).toBe(readFileSync(file).length)
    expect(folder.readCheckpoint()).toEqual({ at: 1000, data: new Float32Array(100) })
  })

  it('reads the newest of several checkpoints, in part if so wanted', () => {
    const { path, folder } = newFolder()
    folder.writeCheckpoint(20, { at: 20, data: Float32Array.of(1) })
    const old = readFileSync(join(path, 'checkpoints', '000000020.safetensors'))
    folder.writeCheckpoint(100, { at: 100, data: Float32Array.of(2) })
    // As after a crash between writing the newer and removing the older one.
    writeFileSync(join(path, 'checkpoints', '000000020.safetensors'), old)
    expect(folder.readCheckpoint()).toMatchObject({ at: 100 })
    expect(folder.readCheckpoint(() => false)).toEqual({ at: 100, data: null })
  })

  it('writes the checkpoint of the same episode anew', () => {
    const { folder } = newFolder()
    folder.writeCheckpoint(20, { at: 1 })
    folder.writeCheckpoint(20, { at: 2 })
    expect(folder.readCheckpoint()).toEqual({ at: 2 })
  })

  it('keeps a rollback point while checkpoints come and go', () => {
    const { path, folder } = newFolder()
    expect(folder.hasRollbackPoint).toBe(false)
    expect(() => folder.readRollbackPoint()).toThrow(FileError)
    folder.writeCheckpoint(20, { at: 20 }, { isRollbackPoint: true })
    folder.writeCheckpoint(20, { at: 21 })
    folder.writeCheckpoint(33, { at: 33 })
    expect(folder.readRollbackPoint()).toEqual({ at: 20 })
    expect(openRunFolder(path).folder.hasRollbackPoint).toBe(true)
    expect(readdirSync(path).sort()).toEqual(['checkpoints', 'config.json', 'rollback.safetensors'])
    folder.writeCheckpoint(20, { at: 20, back: true }, { isRollbackPoint: true })
    folder.cutCheckpoints(20)
    expect(readdirSync(join(path, 'checkpoints'))).toEqual(['000000020.safetensors'])
    expect(folder.readCheckpoint()).toEqual({ at: 20, back: true })
    expect(folder.readRollbackPoint()).toEqual({ at: 20, back: true })
  })

  it('without a checkpoint says so', () => {
    const { folder } = newFolder()
    expect(() => folder.readCheckpoint()).toThrow(FileError)
    expect(() => folder.readCheckpoint()).toThrow('holds no checkpoint yet')
  })

  it('with a damaged checkpoint says which file', () => {
    const { path, folder } = newFolder()
    const { file } = folder.writeCheckpoint(20, { at: 1 })
    writeFileSync(file, readFileSync(file).subarray(0, 30))
    expect(() => openRunFolder(path).folder.readCheckpoint()).toThrow(file)
  })

  it('is swept of what a crash left half written when it is opened to train on', () => {
    const { path, folder } = newFolder()
    folder.writeCheckpoint(20, { at: 20 })
    writeFileSync(join(path, 'checkpoints', '000000030.safetensors.partial'), 'half')
    writeFileSync(join(path, 'config.json.partial'), '{"run"')
    // Whoever only reads may meet files that a trainer is writing just now.
    expect(openRunFolder(path).folder.readCheckpoint()).toEqual({ at: 20 })
    expect(readdirSync(path)).toContain('config.json.partial')
    const lock = lockTrainer(path, { option: '--resume' })
    expect(openRunFolder(path, lock).folder.readCheckpoint()).toEqual({ at: 20 })
    lock.release()
    expect(readdirSync(path).sort()).toEqual(['checkpoints', 'config.json'])
    expect(readdirSync(join(path, 'checkpoints'))).toEqual(['000000020.safetensors'])
  })

  it('drops the metrics beyond an episode and a line that a crash tore', () => {
    const { path, folder } = newFolder()
    for (const episodes of [100, 200, 300]) folder.appendMetrics({ episodes })
    appendFileSync(join(path, 'metrics.jsonl'), '{"episodes":15')
    folder.cutMetrics(200)
    expect(metricsIn(path)).toBe('{"episodes":100}\n{"episodes":200}\n')
    folder.appendMetrics({ episodes: 300 })
    expect(metricsIn(path)).toBe('{"episodes":100}\n{"episodes":200}\n{"episodes":300}\n')
    folder.cutMetrics(0)
    expect(metricsIn(path)).toBe('')
  })

  it('goes on counting seconds where the run is resumed', () => {
    const { path, folder } = newFolder()
    folder.appendMetrics({ episodes: 100, 'time/seconds': 1.5 })
    folder.appendMetrics({ episodes: 200, 'time/seconds': 3 })
    const { folder: resumed } = openRunFolder(path)
    resumed.cutMetrics(100)
    expect(resumed.appendMetrics({ episodes: 200, 'time/seconds': 0.25 })).toEqual({
      episodes: 200,
      'time/seconds': 1.75,
    })
    expect(metricsIn(path)).toBe('{"episodes":100,"time/seconds":1.5}\n{"episodes":200,"time/seconds":1.75}\n')
  })

  it('without metrics has none to drop', () => {
    const { path, folder } = newFolder()
    folder.cutMetrics(10)
    expect(readdirSync(path).sort()).toEqual(['checkpoints', 'config.json'])
  })

  it.each(['agent', '..', 'a/b', '.hidden'])('keeps a team of an earlier run inside, as a run folder: %s', team => {
    const { path, folder } = newFolder()
    expect(folder.opponentFolder(team)).toBeUndefined()
    folder.keepOpponent(team, { learner: {} }, { learners: { agent_0: Float32Array.of(1, 2) } })
    const kept = folder.opponentFolder(team)!
    expect(dirname(kept)).toBe(join(path, 'opponents'))
    const opened = openRunFolder(kept)
    expect(opened.config).toEqual({ learner: {} })
    expect(opened.folder.readCheckpoint()).toEqual({ learners: { agent_0: Float32Array.of(1, 2) } })
  })

  it('that holds a run already is refused to a new one', () => {
    const { path } = newFolder()
    expect(() => createRunFolder(path, {})).toThrow(ConfigError)
    expect(() => createRunFolder(path, {})).toThrow(`go on with --resume ${path}`)
    expect(openRunFolder(path).config).toEqual({ run: { seed: 3 } })
  })

  it('that cannot be written is a ConfigError with a remedy', () => {
    const base = tempFolder()
    writeFileSync(join(base, 'file'), '')
    const attempt = () => createRunFolder(join(base, 'file', 'run'), {})
    expect(attempt).toThrow(ConfigError)
    expect(attempt).toThrow(/cannot be written \(.*\); choose another with --out/)
  })

  it('that is none is refused', () => {
    const folder = tempFolder()
    expect(() => openRunFolder(folder)).toThrow(ConfigError)
    expect(() => openRunFolder(folder)).toThrow('expected a config.json in it')
    writeFileSync(join(folder, 'config.json'), '{"run":')
    expect(() => openRunFolder(folder)).toThrow(FileError)
  })

  it('is named after scenario, algorithm, seed and time', () => {
    const name = runFolderName('simple_spread', 'maddpg', 7, new Date('2026-08-01T12:34:56.789Z'))
    expect(name).toBe(join('runs', 'simple_spread-maddpg-s7-20260801-123456'))
  })
})
