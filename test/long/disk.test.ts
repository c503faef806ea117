// Disks that are full or may not be written: a clear error, the right exit code, and the last good state as it was.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openRunFolder } from '../../src/experiment/run-folder.ts'
import { marlstrom, start, temporaryFolder } from '../support/command.ts'
import { expectWhole } from '../support/killable.ts'

/** Ten agents make wide rows. */
const settings = [
  ...['--set', 'scenario.maxCycles=10', '--set', 'scenario.agents=10', '--set', 'learner.batch=16'],
  ...['--set', 'learner.updateAfter=200', '--set', 'network.hidden=[8,6]', '--set', 'run.checkpointEvery=50'],
  ...['--set', 'replay.capacity=6000'],
  ...['--threads', '1', '--set', 'run.tensorboard=false'],
]
const train = (out: string) => ['train', 'simple_spread', ...settings, '--episodes', '100000000', '--out', out]

const mayMount = canMount()

describe('a full disk', () => {
  it.skipIf(!mayMount)(
    'stops the run with exit code 1; with room again it goes on from its last checkpoint',
    async () => {
      const disk = mount('-t', 'tmpfs', '-o', 'size=24m', 'tmpfs')
      const out = join(disk, 'run')
      const { code, stderr } = await marlstrom(...train(out), '--json')
      expect(code).toBe(1)
      expect(stderr).toMatch(
        /^error: .*cannot be written: ENOSPC: .*; the run stands at its newest checkpoint, and when /,
      )
      expectWhole(out)
      const { bavail, bsize } = statfsSync(disk)
      const before = episodesIn(out)
      expect(before).toBeGreaterThan(0)

      // Not even room to begin: what is there stays.
      writeFileSync(join(disk, 'filler'), Buffer.alloc(bavail * bsize))
      const refused = await marlstrom('train', '--resume', out, '--json')
      expect(refused.code).toBeGreaterThan(0)
      expect(refused.stderr).toMatch(/^(note: .*\n)?error: .*cannot be written.*ENOSPC/)
      expectWhole(out)
      expect(episodesIn(out)).toBe(before)

      rmSync(join(disk, 'filler'))
      execFileSync('mount', ['-o', 'remount,size=200m', disk])
      const again = start('train', '--resume', out, '--json')
      await again.sees(/"event":"checkpoint"/)
      again.process.kill('SIGINT')
      expect((await again.finished).code).toBe(0)
      expectWhole(out)
      expect(episodesIn(out)).toBeGreaterThan(before)
    },
  )
})

describe('a folder that may not be written', () => {
  it.skipIf(!mayMount)('is refused to a training with exit code 2, and can be read', async () => {
    const base = temporaryFolder()
    const out = join(base, 'run')
    expect((await marlstrom(...train(out), '--episodes', '60')).code).toBe(0)
    const read = mount('--bind', base)
    execFileSync('mount', ['-o', 'remount,ro,bind', read])
    const resumed = await marlstrom('train', '--resume', join(read, 'run'), '--episodes', '100')
    expect(resumed.code).toBe(2)
    expect(resumed.stderr).toMatch(/^error: --resume: the run folder .* cannot be written \(EROFS/)
    const anew = await marlstrom(...train(join(read, 'new')))
    expect(anew.code).toBe(2)
    expect(anew.stderr).toMatch(/^error: --out: the run folder .* cannot be written \((EROFS|ENOENT)/)
    expect((await marlstrom('evaluate', join(read, 'run'), '--episodes', '50', '--json')).code).toBe(0)
    expectWhole(out)
  })
})

const episodesIn = (out: string) => openRunFolder(out).folder.checkpoints.at(-1)!

/** Mounts something on a new folder until the test has ended. */
function mount(...what: readonly string[]): string {
  const at = join(temporaryFolder(), 'mounted')
  mkdirSync(at)
  execFileSync('mount', [...what, at])
  onTestFinished(() => void execFileSync('umount', ['-l', at]))
  return at
}

function canMount(): boolean {
  const at = mkdtempSync(join(tmpdir(), 'marlstrom-mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', at], { stdio: 'ignore' })
    execFileSync('umount', [at])
    return true
  } catch {
    return false
  } finally {
    rmSync(at, { recursive: true, force: true })
  }
}
