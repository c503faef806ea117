// Trainings whose products a native library makes: the same for any number of threads, resumed to the bit, and kept to their library.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { chooseBlas } from '../../src/cli/options/settings.ts'
import { ConfigError } from '../../src/errors.ts'
import { readCheckpoint, writeCheckpoint } from '../../src/experiment/checkpoint.ts'
import { train } from '../../src/experiment/trainer.ts'
import { loadBlas } from '../../src/nn/simd/blas/load-blas.ts'
import type { Overrides } from '../../src/run/config/config.ts'
import { resolveConfig } from '../../src/run/config/config.ts'
import { noteOfKernels } from '../../src/run/kernels.ts'
import { createRun, type Run } from '../../src/run/run.ts'
import type { Saved } from '../../src/types.ts'
import { describeWithBlas } from '../support/blas.ts'
import { observed } from '../support/observed.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { ticks } from '../support/ticks.ts'
import { tinyConfig, tinyRollouts, tinyRun } from '../support/tiny-config.ts'

const ways: Readonly<Record<string, [Overrides, Overrides?]>> = {
  maddpg: [{}],
  'mad4pg with normalised layers': [{ learner: { algorithm: 'mad4pg' }, network: { layerNorm: true } }],
  'maddpg with a memory': [{ network: { memory: 5, memorySteps: 3 } }],
  reinforce: [{}, tinyRollouts],
}

describeWithBlas('a run with kernels blas', blas => {
  it.each(Object.entries(ways))(
    '%s: equal checkpoints of one and two threads, and of a resumed one',
    async (_, way) => {
      const [settings, base = tinyConfig] = way
      const create = (threads: number) =>
        tinyRun(
          { ...settings, network: { hidden: [65, 33], ...settings.network }, run: { kernels: 'blas', threads } },
          {
            ...base,
            ...(base === tinyConfig ? { learner: { ...base.learner, batch: 200, updateAfter: 200 } } : {}),
            run: { ...base.run, episodes: 1000, games: 20 },
          },
        )
      const [one, two, resumed] = [await create(1), await create(2), await create(2)]
      play(one, 30)
      play(two, 30)
      expect(bytesOf(two).equals(bytesOf(one))).toBe(true)
      resumed.restore(readCheckpoint(fileOf(one)))
      for (const run of [one, two, resumed]) play(run, 30)
      expect(one.rounds.finished).toBeGreaterThan(2)
      expect(bytesOf(two).equals(bytesOf(one))).toBe(true)
      expect(bytesOf(resumed).equals(bytesOf(one))).toBe(true)
    },
  )

  it('names its library, version and core in config and checkpoint, and never a file', async () => {
    const run = await tinyRun({ run: { kernels: 'blas' } })
    expect(run.config.run.blas).toBe(`${blas.name} ${blas.version} ${blas.core}`)
    expect((run.save() as Record<string, Saved>).kernels).toBe(`blas (${blas.id})`)
    expect(run.config.run.blas).not.toContain('/')
  })

  it('refuses what another library, or other kernels, have learnt, unless that is accepted', async () => {
    const kernels = { run: { kernels: 'blas' } }
    const run = await tinyRun(kernels)
    for (const before of ['blas (OpenBLAS 0.3.1 Zen)', 'standard']) {
      const saved = { ...(run.save() as Record<string, Saved>), kernels: before }
      expect(() => run.restore(saved)).toThrow(
        `run.kernels: the run was trained with '${before}' kernels and keeps them, got 'blas (${blas.id})'; --accept-other-kernels`,
      )
      const accepting = await tinyRun({ ...kernels, acceptOtherKernels: true } as Overrides)
      accepting.restore(saved)
    }
  })

  it('refuses another library than its config.json names before it has done anything', async () => {
    const refused = tinyRun({ run: { kernels: 'blas', blas: 'OpenBLAS 0.3.1 Zen' } })
    await expect(refused).rejects.toThrow(
      `run.blas: expected OpenBLAS 0.3.1 Zen, got ${blas.id}, whose bits are others`,
    )
  })

  it('acts by the bits of the standard kernels, and without a library', async () => {
    const standard = await tinyRun()
    vi.stubEnv('MARLSTROM_BLAS', '/nowhere.so')
    const acting = await createRun({ ...tinyConfig, run: { ...tinyConfig.run, kernels: 'blas' }, learns: false })
    vi.unstubAllEnvs()
    const [a, b] = [standard, acting].map(({ roster, vectorGame }) =>
      roster[0]!.actor.greedy(vectorGame.next.observations[0]!).data.slice(),
    )
    expect(b).toEqual(a)
    acting.dispose()
  })
})

describe('a library that is given', () => {
  it('is refused by name where it is none, and never taken from a file of settings', async () => {
    vi.stubEnv('MARLSTROM_BLAS', '/nowhere.so')
    const refused = tinyRun({ run: { kernels: 'blas' } })
    await expect(refused).rejects.toThrow(ConfigError)
    await expect(refused).rejects.toThrow(/^MARLSTROM_BLAS: cannot be used as a BLAS: \/nowhere\.so: |koffi/)
    vi.unstubAllEnvs()
  })

  it('is refused by the place where it was given', () => {
    vi.stubEnv('MARLSTROM_BLAS', '/elsewhere.so')
    vi.stubEnv('MARLSTROM_BLAS_BY', undefined)
    expect(() => loadBlas()).toThrow(/^MARLSTROM_BLAS: cannot be used as a BLAS: \/elsewhere\.so: |koffi/)
    expect(() => loadBlas('/given.so')).toThrow(/^loadBlas: cannot be used as a BLAS: \/given\.so: |koffi/)
    chooseBlas('/nowhere.so')
    expect(() => loadBlas()).toThrow(/^--blas: cannot be used as a BLAS: \/nowhere\.so: |koffi/)
    vi.unstubAllEnvs()
  })

  it('is spoken of when a long training begins without it', () => {
    vi.stubEnv('MARLSTROM_BLAS', 'libexample.so')
    const note = (run: NonNullable<Overrides['run']>) => noteOfKernels(resolveConfig({ ...tinyConfig, run }))
    expect(note({ episodes: 60_000 })).toMatch(
      /^libexample\.so is installed: with .*--set run\.kernels=blas learning takes/,
    )
    expect(note({ steps: 1_000_000, episodes: null })).not.toBeNull()
    for (const run of [
      { episodes: 10_000 },
      { episodes: 60_000, backend: 'tfjs' },
      { episodes: 60_000, kernels: 'relaxed' },
    ])
      expect(note(run)).toBeNull()
    vi.unstubAllEnvs()
  })
})

function play(run: Run, count: number): void {
  expect(observed(train(run, { clock$: ticks(count) })).errors).toEqual([])
}

function fileOf(run: Run): string {
  const file = join(tempFolder(), 'checkpoint')
  writeCheckpoint(file, run.save())
  return file
}

function bytesOf(run: Run): Buffer {
  return readFileSync(fileOf(run))
}
