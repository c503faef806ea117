// Actors as an array of jobs on a Slurm cluster of one node: the bits of a run that is played at home, and nothing left in the queue.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { marlstrom, temporaryFolder } from '../support/command.ts'
import { describeWith } from '../support/programs.ts'
import { startRedis } from '../support/redis.ts'
import { slurmCommands, startSlurm } from '../support/slurm.ts'

const settings = [
  ...['simple_spread', '--algorithm', 'ppo', '--actors', '4', '--games', '8', '--episodes', '400', '--threads', '1'],
  ...['--set', 'network.hidden=[8,8]', '--set', 'learner.rolloutSteps=25', '--json'],
]

function lastCheckpoint(out: string): string {
  const folder = join(out, 'checkpoints')
  const file = readdirSync(folder)
    .filter(name => name.endsWith('.safetensors'))
    .sort()
    .at(-1)!
  return createHash('sha256')
    .update(readFileSync(join(folder, file)))
    .digest('hex')
}

describeWith(
  [...slurmCommands, 'scancel', 'redis-server'],
  'slurm-wlm redis-server',
  'actors of a training on a Slurm cluster',
  () => {
    it('give the bits of those at home, and leave the queue with the training', async () => {
      const folder = temporaryFolder()
      const [home, away] = [join(folder, 'home'), join(folder, 'away')]
      const alone = await marlstrom('train', ...settings, '--out', home)
      expect([alone.code, alone.stderr]).toEqual([0, ''])
      const slurm = await startSlurm()
      const redis = await startRedis('--requirepass', 'a secret')
      const address = redis.url.replace('//', '//:a%20secret@')
      const where = ['--redis', address, '--launcher', 'slurm', '--processes', '2', '--sbatch=--comment=test']
      const { code, stderr } = await marlstrom('train', ...settings, ...where, '--out', away)
      expect([code, stderr]).toEqual([0, ''])
      expect(lastCheckpoint(away)).toBe(lastCheckpoint(home))
      const names = readFileSync(join(away, 'actors', '0-0.log'), 'utf8')
      expect(names).toContain('slurm-0 plays simple_spread')
      // The password stands in no file.
      for (const file of readdirSync(join(away, 'actors')))
        expect(readFileSync(join(away, 'actors', file), 'utf8')).not.toContain('secret')
      await expect.poll(() => slurm.run('squeue', '--noheader').trim()).toBe('')
    })
  },
  process.getuid?.() === 0 ? undefined : 'its servers must be started by root',
)
