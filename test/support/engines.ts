// Node.js of other versions, as npm's package `node` brings them: the folder that .ci/run fills, or $MARLSTROM_ENGINES.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe } from 'vitest'

const folder = process.env.MARLSTROM_ENGINES ?? resolve(import.meta.dirname, '../../coverage/engines')
const majors = [20, 22, 24, 26]
const programs = majors.map(major => join(folder, `node_modules/node${major}/bin/node`))

/** A `describe` that is skipped by name where a version is missing; where CI is set it fails instead. */
export function describeOnEngines(name: string, tests: (programs: readonly string[]) => void): void {
  const missing = majors.filter((_, i) => !existsSync(programs[i]!))
  const packages = missing.map(major => `node${major}@npm:node@${major}`).join(' ')
  const skipped = missing.length > 0 && !process.env.CI
  if (skipped) console.warn(`skipped: ${name} (no Node ${missing.join(', ')}; npm i --prefix ${folder} ${packages})`)
  describe.skipIf(skipped)(name, () => tests(programs))
}

/** What a program prints. @throws where it ends with an error. */
export async function outputOf(program: string, args: readonly string[], cwd: string): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { cwd, maxBuffer: 2 ** 26 })
  return stdout
}

/** Results of tasks in their order, never more than two at once. */
export async function twoAtOnce<T>(tasks: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = []
  let next = 0
  const work = async () => {
    while (next < tasks.length) {
      const task = next++
      results[task] = await tasks[task]!()
    }
  }
  await Promise.all([work(), work()])
  return results
}
