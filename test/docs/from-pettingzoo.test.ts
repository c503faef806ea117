// The environment of docs/from-pettingzoo.md in Python: PettingZoo takes it for one of its own, and it plays as its port does.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { blocksOf, toldBy } from '../support/pages.ts'
import { describeWith } from '../support/programs.ts'
import { tempFolder } from '../support/temp-folder.ts'

const page = 'from-pettingzoo.md'
const needs = 'import pettingzoo, gymnasium, numpy'
const asked = process.env.PETTINGZOO_PYTHON
const python = [asked ?? 'python3', join(import.meta.dirname, '../../coverage/python/bin/python3')].find(
  it => spawnSync(it, ['-c', needs]).status === 0,
)
const hindrance =
  python === undefined && asked === undefined
    ? `no python3 with ${needs.slice(7)}; install them with: pip install pettingzoo`
    : undefined

describeWith(
  [],
  '',
  `the environment of docs/${page} in Python`,
  () => {
    it('is one of PettingZoo, and plays as its port', () => {
      const folder = tempFolder()
      for (const { file, text } of blocksOf(page, 'python')) writeFileSync(join(folder, file!), text)
      const run = (...args: readonly string[]) => {
        const { status, stdout, stderr } = spawnSync(python!, args, { cwd: folder, encoding: 'utf8' })
        expect([status, stderr]).toEqual([0, ''])
        return stdout
      }
      const tests = 'from ring import Ring; from pettingzoo.test import parallel_api_test, parallel_seed_test'
      run('-W', 'ignore', '-c', `${tests}; parallel_api_test(Ring(), num_cycles=200); parallel_seed_test(Ring)`)
      const port = blocksOf(page, 'ts').find(({ file }) => file === 'play.ts')!
      const lines = (text: string) =>
        text
          .trim()
          .split('\n')
          .map(line => JSON.parse(line) as unknown)
      expect(lines(run('play.py'))).toEqual(lines(toldBy(port.text).join('\n')))
    })
  },
  hindrance,
)
