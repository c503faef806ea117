// What a folder holds of a wanted run: told from its config, its checkpoint and its trainer, and refused by name where it is another.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { trainerFile } from '../../src/experiment/trainer-mark.ts'
import { createRunFolder, createTrainingReturns, type Overrides, type RunFolder } from '../../src/index.ts'
import { keptRun, wantedRun } from '../../src/starting/kept-run.ts'
import type { Saved } from '../../src/types.ts'
import { tempFolder } from '../support/temp-folder.ts'

const settings: Overrides = { scenario: { id: 'simple' }, run: { seed: 4, episodes: 100, threads: 1 } }
/** No process has this id. */
const nobody = '2147483646'

const wanted = (out: string, more: Overrides = {}) =>
  wantedRun(out, 'simple-s4', { ...settings, ...more, run: { ...settings.run, ...more.run } })

/** A run folder as training would have left it after some episodes, each with return -3. */
async function trained(
  episodes: number | null,
  config: (complete: object) => object = complete => complete,
): Promise<{ out: string; folder: RunFolder }> {
  const out = tempFolder()
  const run = await wanted(out)
  const folder = createRunFolder(run.folder, config(run.config))
  const returns = createTrainingReturns(1)
  for (let i = 0; i < (episodes ?? 0); i++) {
    returns.add({ number: i + 1, game: 0, length: 25, returns: new Float64Array([-3]) })
  }
  if (episodes !== null) folder.writeCheckpoint(episodes, { tracker: { finished: episodes }, returns: returns.save() })
  return { out, folder }
}

describe('a run folder', () => {
  it('is absent', async () => {
    expect(await keptRun(await wanted(tempFolder()))).toEqual({ state: 'absent' })
  })

  it('is unfinished, or finished with its training returns', async () => {
    const half = await trained(60)
    expect(await keptRun(await wanted(half.out))).toEqual({ state: 'unfinished', episodes: 60 })
    const whole = await trained(100)
    expect(await keptRun(await wanted(whole.out))).toEqual({
      state: 'finished',
      episodes: 100,
      returns: { agent_0: -3 },
    })
  })

  it('is unfinished while it has yet to learn from its last episode', async () => {
    const { out, folder } = await trained(100)
    const saved = folder.readCheckpoint() as Record<string, Saved>
    folder.writeCheckpoint(100, { ...saved, rounds: { pending: 1, lesson: 0 } })
    expect(await keptRun(await wanted(out))).toEqual({ state: 'unfinished', episodes: 100 })
    folder.writeCheckpoint(100, { ...saved, rounds: { pending: 0, lesson: 0 } })
    expect(await keptRun(await wanted(out))).toMatchObject({ state: 'finished' })
  })

  it('goes on where more episodes are wanted than it was begun with', async () => {
    const { out } = await trained(100)
    expect(await keptRun(await wanted(out, { run: { episodes: 150 } }))).toEqual({ state: 'unfinished', episodes: 100 })
  })

  it('is the same run with other threads and intervals, and with a config of before some settings were there', async () => {
    const { out } = await trained(100, complete => {
      const { algorithm, team, learner, ...rest } = complete as Record<string, Record<string, unknown>>
      const { estimator, subPolicies, ...known } = learner!
      return { ...rest, learner: known, run: { ...rest.run, threads: 7, checkpointEvery: 3 } }
    })
    expect((await keptRun(await wanted(out))).state).toBe('finished')
  })

  it('of other settings is refused by name', async () => {
    const { out } = await trained(100)
    await expect(keptRun(await wanted(out, { learner: { gamma: 0.9 } }))).rejects.toThrow(
      /simple-s4 holds a run with learner.gamma 0.95, expected 0.9; choose another folder/,
    )
    await expect(keptRun(await wanted(out, { team: { agent: 'ddpg' } }))).rejects.toThrow(
      /holds a run with team.agent left alone, expected "ddpg"/,
    )
    await expect(keptRun(await wanted(out, { run: { seed: 5 } }))).rejects.toThrow(/run.seed 4, expected 5/)
  })

  it('that has gone further is refused', async () => {
    const { out } = await trained(100)
    await expect(keptRun(await wanted(out, { run: { episodes: 40 } }))).rejects.toThrow(
      /a run of 100 episodes, expected 40; ask for --episodes 100/,
    )
  })

  it('of another version of the scenario is refused', async () => {
    const { out, folder } = await trained(100)
    const returns = createTrainingReturns(1)
    folder.writeCheckpoint(101, { tracker: { finished: 101 }, returns: returns.save(), scenarioVersion: 99 })
    await expect(keptRun(await wanted(out))).rejects.toThrow(/was trained in version 99 of simple, expected \d+/)
  })

  it('in which a process trains is left alone', async () => {
    const { out, folder } = await trained(60)
    writeFileSync(join(folder.path, trainerFile), String(process.ppid))
    await expect(keptRun(await wanted(out))).rejects.toThrow(`is being trained by process ${process.ppid}`)
    writeFileSync(join(folder.path, trainerFile), nobody)
    expect(await keptRun(await wanted(out))).toEqual({ state: 'unfinished', episodes: 60 })
  })

  it('without a checkpoint may be begun anew only by who began it', async () => {
    const { out, folder } = await trained(null)
    await expect(keptRun(await wanted(out))).rejects.toThrow(/without a checkpoint, begun elsewhere/)
    writeFileSync(join(folder.path, trainerFile), nobody)
    expect(await keptRun(await wanted(out))).toEqual({ state: 'begun' })
  })

  it('with a damaged checkpoint is reported', async () => {
    const { out, folder } = await trained(60)
    const file = join(folder.path, 'checkpoints', '000000060.safetensors')
    writeFileSync(file, readFileSync(file).subarray(0, 40))
    await expect(keptRun(await wanted(out))).rejects.toThrow(/000000060.safetensors/)
  })
})

describe('a wanted run', () => {
  it('has settings that exist', async () => {
    await expect(wanted('out', { scenario: { id: 'simpel' } })).rejects.toThrow(/did you mean 'simple'/)
    await expect(wanted('out', { team: { foes: 'ddpg' } })).rejects.toThrow(/unknown team 'foes'/)
    await expect(wanted('out', { learner: { gama: 1 } })).rejects.toThrow(/learner.gama/)
  })
})
