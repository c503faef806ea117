// A run that can be killed and goes on: what its folder must hold however it ended, compared with one that nobody killed.
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { lastValueFrom } from 'rxjs'
import { expect } from 'vitest'
import { record } from '../../src/experiment/record.ts'
import { createRunFolder, openRunFolder, type RunFolder } from '../../src/experiment/run-folder.ts'
import { countersOf, train } from '../../src/experiment/trainer.ts'
import { lockTrainer } from '../../src/experiment/trainer-lock.ts'
import type { Overrides } from '../../src/run/config/config.ts'
import { createRun, type Run } from '../../src/run/run.ts'

/** Eight agents make wide rows, so that segments fill quickly and the ring wraps. */
export const killable = (episodes: number): Overrides => ({
  scenario: { id: 'simple_spread', maxCycles: 10, agents: 8 },
  learner: { batch: 16, updateEvery: 100, updateAfter: 200 },
  network: { hidden: [8, 6] },
  replay: { capacity: 6000 },
  run: { seed: 7, episodes, threads: 1, logEvery: 25, checkpointEvery: 50 },
})

/** Trains the folder's run from its newest checkpoint, or from the beginning, to its end. */
export async function trainOn(path: string, config: Overrides): Promise<void> {
  const lock = lockTrainer(path, { option: '--resume' })
  const folder = existsSync(join(path, 'config.json'))
    ? openRunFolder(path, lock).folder
    : createRunFolder(path, config, lock)
  const run = await createRun(config, folder)
  if (folder.hasCheckpoint) run.restore(folder.readCheckpoint())
  folder.cutMetrics(countersOf(run).episodes)
  await trainInto(run, folder)
  lock.release()
  run.dispose()
}

export async function trainInto(run: Run, folder: RunFolder): Promise<void> {
  await lastValueFrom(train(run).pipe(record(run, folder)), { defaultValue: null })
}

/** The same in a process of its own; `started` resolves when it begins to train. */
export function trainApart(
  path: string,
  config: Overrides,
  { node = [], env = {} }: { node?: readonly string[]; env?: Readonly<Record<string, string>> } = {},
): { process: ChildProcess; started: Promise<unknown>; ended: Promise<{ code: number | null; stderr: string }> } {
  const child = spawn(process.execPath, [...node, program, path, JSON.stringify(config)], {
    env: { ...process.env, ...env },
  })
  const ended = endOf(child)
  return {
    process: child,
    started: Promise.race([new Promise(heard => child.stdout.once('data', heard)), ended]),
    ended,
  }
}

const program = resolve(import.meta.dirname, 'trainer-process.mjs')

function endOf(child: ChildProcess): Promise<{ code: number | null; stderr: string }> {
  let stderr = ''
  child.stderr!.on('data', data => {
    stderr += data
  })
  return new Promise(done => child.on('close', code => done({ code, stderr })))
}

/** Several runs, one after the other in one new process. */
export function trainAllApart(
  runs: readonly { readonly path: string; readonly config: Overrides }[],
): Promise<{ code: number | null; stderr: string }> {
  const given = runs.flatMap(({ path, config }) => [path, JSON.stringify(config)])
  const child = spawn(process.execPath, [program, ...given], { stdio: ['ignore', 'ignore', 'pipe'] })
  return endOf(child)
}

/** Every checkpoint that is there is whole, and every line but a torn last one can be read. */
export function expectWhole(path: string): void {
  if (!existsSync(join(path, 'config.json'))) return
  const { folder } = openRunFolder(path)
  for (const episodes of folder.checkpoints) expect(folder.damageOf(episodes)).toBeNull()
  if (!existsSync(join(path, 'metrics.jsonl'))) return
  const lines = readFileSync(join(path, 'metrics.jsonl'), 'utf8').split('\n').slice(0, -1)
  for (const line of lines) expect(JSON.parse(line).episodes).toBeGreaterThan(0)
}

/** What a finished run comes to: its newest checkpoint and its metrics without times. */
export function outcomeOf(path: string): { checkpoint: string; metrics: string[] } {
  const { folder } = openRunFolder(path)
  const name = `${String(folder.checkpoints.at(-1)).padStart(9, '0')}.safetensors`
  const lines = readFileSync(join(path, 'metrics.jsonl'), 'utf8').trim().split('\n')
  return {
    checkpoint: createHash('sha256')
      .update(readFileSync(join(path, 'checkpoints', name)))
      .digest('hex'),
    metrics: lines.map(line => line.replace(/,"time\/[^,}]*/g, '')),
  }
}
