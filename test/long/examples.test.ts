// The examples that train.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { expectExample } from '../support/example.ts'
import { describeWith } from '../support/programs.ts'
import { tempFolder } from '../support/temp-folder.ts'

it.each([
  ['train.ts', /^trained in 245 update rounds$/],
  ['curriculum.ts', /^episode 8000: stage 2, return \d+\.\d$/],
  ['metric.ts', /^speed:( \d\.\d\d){5}$/],
  ['stop.ts', /^done: true, -5\.\d ± \d\.\d after 304 episodes$/],
])('%s runs as it stands', expectExample)

const python = [
  process.env.WANDB_PYTHON ?? 'python3',
  join(import.meta.dirname, '../../coverage/python/bin/python3'),
].find(it => spawnSync(it, ['-c', 'import wandb']).status === 0)
const hindrance = python === undefined && !process.env.WANDB_PYTHON ? 'no python3 with wandb' : undefined

describeWith(
  [],
  '',
  'Weights and Biases without its network',
  () => {
    it('gets every line of wandb.ts', async () => {
      const folder = tempFolder()
      for (const [name, value] of Object.entries({ MODE: 'offline', DIR: folder, SILENT: 'true', PYTHON: python! })) {
        vi.stubEnv(`WANDB_${name}`, value)
      }
      await expectExample('wandb.ts', /^300 episodes, told to Weights and Biases$/)
      const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name =>
        /offline-run.*\.wandb$/.test(name),
      )
      expect(files).toHaveLength(1)
      const bytes = readFileSync(join(folder, files[0]!), 'latin1')
      for (const key of ['return/agent_0', 'criticLoss/agent_0', 'marlstrom']) expect(bytes).toContain(key)
      expect(bytes.split('return/agent_0').length - 1).toBeGreaterThanOrEqual(3)
    })
  },
  hindrance,
)
