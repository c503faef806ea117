// Elementary functions: near the exact values, the bits of Node 20's own, and the same bits in another engine.
import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { build } from 'esbuild'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as elementary from '../src/elementary.ts'
import { portableMath } from '../src/elementary.ts'
import { describeInChromium } from './support/chromium.ts'
import { edges, sampleOf, visitAll } from './support/elementary-sample.mjs'
import { unitsOff } from './support/exact-elementary.ts'

type Functions = Readonly<Record<string, (...values: number[]) => number>>
const functions = portableMath as unknown as Functions

const between = (min: number, max: number) =>
  fc.double({ min, max, noNaN: true }).filter(x => x === 0 || Math.abs(x) > 2 ** -60)
const positive = (max: number) => between(2 ** -60, max)

/**
 * By function, the most units in the last place that it may be off the exact value, and for which arguments: about 1, and 2 where one
 * function is made of another.
 */
const domains: Readonly<Record<string, readonly [most: number, ...fc.Arbitrary<number>[]]>> = {
  exp: [1, between(-100, 100)],
  expm1: [1, between(-100, 100)],
  log: [1, positive(1e30)],
  log1p: [1, between(-0.9999, 1e10)],
  log2: [1, positive(1e30)],
  log10: [2, positive(1e30)],
  sin: [1, between(-1e12, 1e12)],
  cos: [1, between(-1e12, 1e12)],
  tan: [1, between(-1e12, 1e12)],
  asin: [1, between(-0.9999, 0.9999)],
  acos: [1, between(-0.9999, 0.9999)],
  atan: [1, between(-1e10, 1e10)],
  sinh: [2, between(-50, 50)],
  cosh: [2, between(-50, 50)],
  tanh: [2.5, between(-20, 20)],
  asinh: [2, between(-1e10, 1e10)],
  acosh: [2, between(1, 1e10)],
  atanh: [2, between(-0.9999, 0.9999)],
  cbrt: [1, positive(1e30)],
  pow: [1.2, positive(1e6), between(-5, 5)],
  atan2: [2, positive(1e6), between(-1e6, 1e6).filter(x => x !== 0)],
  hypot: [2, positive(1e6), between(-1e6, 1e6)],
}

describe('elementary functions', () => {
  it.each(Object.entries(domains))(
    '%s is within units in the last place of the exact value',
    (name, [most, ...domain]) => {
      fc.assert(
        fc.property(fc.tuple(...domain), values => {
          expect(unitsOff(name, values, functions[name]!(...values))).toBeLessThan(most)
        }),
        { numRuns: 100 },
      )
    },
  )

  it('have the bits of the Node that runs this, where its versions agree', () => {
    const major = Number(process.versions.node.split('.')[0])
    // What Node 23 changed; later versions may change more.
    const same = (name: string) => major <= 22 || (major <= 26 && name !== 'pow')
    const wrong: string[] = []
    const look = (name: string, values: readonly number[], y: number) => {
      const own = (Math as unknown as Functions)[name]!(...values)
      const isFar = ['sin', 'cos', 'tan'].includes(name) && Math.abs(values[0]!) > 800_000
      const close = isFar && Math.abs(own - y) <= 2 ** -51 * Math.abs(y)
      if (same(name) && !close && !Object.is(own, y)) wrong.push(`${name}(${values}): ${y}, ${own}`)
    }
    visitAll(functions, 2000, look)
    for (const x of edges) {
      for (const name of Object.keys(domains)) {
        for (const y of domains[name]!.length === 3 ? edges : [0]) look(name, [x, y], functions[name]!(x, y))
      }
    }
    expect(wrong).toEqual([])
  })

  it('give published values', () => {
    expect(elementary.exp(1)).toBe(Math.E)
    expect(elementary.sin(Math.PI)).toBe(1.2246467991473532e-16)
    // Ng, "Argument reduction for huge arguments", 1992.
    expect(elementary.sin(1e22)).toBe(-0.8522008497671888)
    for (const name of ['sin', 'cos', 'tan']) {
      for (const x of [1e22, 1e60]) expect(unitsOff(name, [x], functions[name]!(x))).toBeLessThan(1)
    }
    expect(elementary.log(10)).toBe(Math.LN10)
    expect(elementary.pow(2, 0.5)).toBe(Math.SQRT2)
    for (let k = -1074; k < 1024; k++)
      expect([elementary.pow(2, k), elementary.log2(elementary.pow(2, k))]).toEqual([2 ** k, k])
  })

  it('take the lengths of vectors of any size, as Math does', () => {
    fc.assert(
      fc.property(fc.array(fc.double(), { maxLength: 6 }), values => {
        expect(portableMath.hypot(...values)).toBe(Math.hypot(...values))
      }),
    )
  })
})

describeInChromium('elementary functions in Chromium', browser => {
  it('give the bits that they give here', async () => {
    const { outputFiles } = await build({
      stdin: {
        contents: `export { portableMath } from './src/elementary.ts'\nexport { sampleOf } from './test/support/elementary-sample.mjs'`,
        resolveDir: resolve(import.meta.dirname, '..'),
      },
      bundle: true,
      write: false,
      format: 'iife',
      globalName: 'built',
    })
    const page = await browser().newPage()
    await page.goto('about:blank')
    const bytes = await page.evaluate(`${outputFiles[0]!.text}; [...built.sampleOf(built.portableMath, 60)]`)
    await page.close()
    const hash = (values: Uint8Array) => createHash('sha256').update(values).digest('hex')
    expect(hash(Uint8Array.from(bytes as number[]))).toBe(hash(sampleOf(functions, 60)))
  })
})
