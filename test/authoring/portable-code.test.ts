// Authors' files have the package's elementary functions as their Math and their `**`, wherever they run.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { bundleFile } from '../../src/authoring/bundle.ts'
import { exp, hypot, log, pow, sin, tanh } from '../../src/elementary.ts'
import { pageScript } from '../../src/export/page-bundle.ts'
import type { PageData } from '../../src/offline/page-data.ts'
import { tempFolder } from '../support/temp-folder.ts'

const source = `
const { tanh } = Math
let power: number = 0.3
power **= 2.2
export const values = (x: number) => [Math.sin(x), x ** 3.7, power, tanh(x), Math['exp'](x), [x].map(Math.log)[0]]
export const lengths = [Math.hypot(), Math.hypot(3), Math.hypot(3, 4), Math.hypot(1, 2, 3)]
export const kept = [Math.abs(-2), Math.max(1, 2), Math.PI, Math.sqrt(2), 2 ** 10]
export const shadowed = ((Math: { sin(x: number): number }) => Math.sin(1))({ sin: x => x })
`

it('whatever the engine has', async () => {
  const folder = tempFolder()
  const file = join(folder, 'written.ts')
  writeFileSync(file, source)
  const { code, kept } = await bundleFile(file)
  expect(kept).toContain('Math.sin(x), x ** 3.7')
  const original = { ...Object.getOwnPropertyDescriptors(Math) }
  onTestFinished(() => void Object.defineProperties(Math, original))
  for (const name of ['sin', 'pow', 'tanh', 'exp', 'log', 'hypot'] as const) {
    Object.defineProperty(Math, name, { ...original[name], value: () => Number.NaN })
  }
  const built = join(folder, 'built.mjs')
  writeFileSync(built, code)
  const found = await import(pathToFileURL(built).href)
  expect(found.values(0.7)).toEqual([sin(0.7), pow(0.7, 3.7), pow(0.3, 2.2), tanh(0.7), exp(0.7), log(0.7)])
  expect(found.lengths).toEqual([0, 3, hypot(3, 4), 3.741657386773941])
  expect(found.kept).toEqual([2, 2, Math.PI, Math.SQRT2, 1024])
  expect(found.shadowed).toBe(1)
})

it('leaves a file alone that uses neither', async () => {
  const file = join(tempFolder(), 'plain.ts')
  writeFileSync(file, '// Math is not used.\nexport const double = (x: number) => 2 * x\n')
  const { code, kept } = await bundleFile(file)
  expect(code).toBe(kept)
})

it('on pages that play offline', async () => {
  const file = join(tempFolder(), 'scenario.mjs')
  writeFileSync(
    file,
    "import { defineScenario } from 'marlstrom'\nexport default defineScenario({ id: 'x', reward: () => Math.sin(0.12345) + 0.54321 ** 0.3 })\n",
  )
  const { script } = await pageScript({ file }, { title: 'a game', options: {} } as unknown as PageData)
  expect(script).toMatch(/\.12345\)/)
  expect(script).not.toMatch(/Math\.sin\(\.12345\)|\.54321\*\*/)
})
