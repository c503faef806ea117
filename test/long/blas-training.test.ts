// Trainings by a native library through the command: what they say, who may go on with them, and that acting wants no library.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { describeWithBlas } from '../support/blas.ts'
import { entry } from '../support/command.ts'
import { tempFolder } from '../support/temp-folder.ts'

const settings = ['learner.updateAfter=200', 'learner.batch=200', 'learner.updateEvery=50', 'replay.capacity=2000']

function marlstrom(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [entry, ...args], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', ...env },
  })
  return { status, stdout, stderr }
}

function trainInto(out: string, threads: number, env: Readonly<Record<string, string>>) {
  const sets = [...settings, 'run.kernels=blas'].flatMap(setting => ['--set', setting])
  const args = ['train', 'simple_spread', '--episodes', '60', '--threads', String(threads), '--out', out, ...sets]
  return marlstrom(args, env)
}

function checkpointIn(out: string): Buffer {
  const folder = join(out, 'checkpoints')
  return readFileSync(join(folder, readdirSync(folder).filter(name => name.endsWith('.safetensors'))[0]!))
}

describeWithBlas('marlstrom train --set run.kernels=blas', blas => {
  const env: Record<string, string> = blas.name === 'OpenBLAS' ? { OPENBLAS_CORETYPE: 'Haswell' } : {}

  it('gives equal checkpoints on one thread and two, names its library, and never a file of it', () => {
    const folder = tempFolder()
    const [one, two] = [join(folder, 'one'), join(folder, 'two')]
    const said = trainInto(one, 1, env)
    expect([said.status, said.stderr]).toEqual([0, ''])
    expect(said.stdout).toContain(`learning multiplies by ${blas.name} ${blas.version}`)
    if (blas.name === 'OpenBLAS')
      expect(said.stdout).toContain('OPENBLAS_CORETYPE=Haswell in the environment chose its code')
    expect(trainInto(two, 2, env).status).toBe(0)
    expect(checkpointIn(one).equals(checkpointIn(two))).toBe(true)
    const { run } = JSON.parse(readFileSync(join(one, 'config.json'), 'utf8'))
    expect(run.blas).toMatch(new RegExp(`^${blas.name} ${blas.version} [^/\\\\]+$`))
  })

  it('is resumed with its own library alone, unless other bits are accepted; acting wants none', () => {
    const out = join(tempFolder(), 'run')
    expect(trainInto(out, 1, env).status).toBe(0)
    const resume = (...more: string[]) => marlstrom(['train', '--resume', out, '--episodes', '80', ...more])
    if (blas.name === 'OpenBLAS' && blas.core !== 'Haswell') {
      const refused = resume()
      expect(refused.status).toBe(2)
      expect(refused.stderr).toContain(
        `run.blas: expected OpenBLAS ${blas.version} Haswell, got ${blas.id}, whose bits are others`,
      )
    }
    const standard = ['--set', 'run.kernels=standard']
    const refused = resume(...standard)
    expect(refused.status).toBe(2)
    expect(refused.stderr).toMatch(/run\.kernels: cannot change when a run is resumed .* --accept-other-kernels/)
    const nowhere = { MARLSTROM_BLAS: join(out, 'libopenblas.so.0') }
    expect(marlstrom(['evaluate', out, '--episodes', '5'], nowhere).status).toBe(0)
    expect(resume('--accept-other-kernels', ...standard).status).toBe(0)
    expect(JSON.parse(readFileSync(join(out, 'config.json'), 'utf8')).run).toMatchObject({
      kernels: 'standard',
      blas: 'any',
    })
  })
})
