// What is said of the public names: each has a sentence, each call that is not plain an example, and every example runs and prints what it says.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { format } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { groupsOf, publicNames } from '../../scripts/public-names.mjs'
import { examples, named, parametersOf } from '../support/public-examples.ts'

const root = resolve(import.meta.dirname, '../..')
const folder = join(root, `coverage/reference-${process.pid}`)

describe('every public name', () => {
  it('has a sentence', () => {
    const silent = named.filter(({ comment }) => !/^[^@]*\w{2,}/.test(comment ?? ''))
    expect(silent.map(({ path, file }) => `${path} (${file})`)).toEqual([])
  })

  it('stands in a group of src/index.ts, by the way of the data', () => {
    const entry = join(root, 'src/index.ts')
    const groups = groupsOf(entry)
    expect(groups.length).toBeGreaterThan(8)
    expect(new Set(groups).size).toBe(groups.length)
    const outside = publicNames(entry).filter(({ group }) => group === null)
    expect(outside.map(({ path }) => path)).toEqual([])
  })

  it('has an example where a call is not plain: three parameters or more, or a definition', () => {
    const wanting = named.filter(
      name => !name.path.includes('.') && (parametersOf(name) >= 3 || /^define[A-Z]/.test(name.name)) && !isShown(name),
    )
    expect(wanting.map(({ path, file }) => `${path} (${file})`)).toEqual([])
  })
})

describe('the examples', () => {
  beforeAll(() => mkdirSync(folder, { recursive: true }))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it.each(examples)('of $name', async ({ name, code }) => {
    const file = join(folder, `${name}.ts`)
    writeFileSync(file, code.replace("mkdtempSync('run-')", `mkdtempSync(${JSON.stringify(join(folder, 'run-'))})`))
    const print = vi.spyOn(console, 'log').mockImplementation(() => {})
    try {
      await import(file)
      const printed = print.mock.calls.map(args => format(...args))
      const expected = [...code.matchAll(/^console\.log\(.*\) \/\/ (.*)$/gm)].map(([, text]) => text!)
      expect(expected).not.toEqual([])
      // `...` stands for what changes.
      for (const [i, text] of expected.entries()) {
        expect(printed[i]!.slice(0, text.replace(/\.\.\.$/, '').length)).toBe(text.replace(/\.\.\.$/, ''))
        if (!text.endsWith('...')) expect(printed[i]).toBe(text)
      }
      expect(printed.length).toBe(expected.length)
    } finally {
      vi.restoreAllMocks()
    }
  })
})

/** By an example, a call in its text, or a page or another name that shows one. */
function isShown({ name, comment }: { readonly name: string; readonly comment: string | null }): boolean {
  const call = new RegExp(`\\b${name}\\(`)
  const said = comment ?? ''
  if (call.test(said)) return true
  const page = /@see ((?:docs|examples)\/\S+)/.exec(said)?.[1]
  if (page !== undefined) return call.test(readFileSync(join(root, page), 'utf8'))
  const other = /@see \{@link (\w+)\}/.exec(said)?.[1]
  return examples.some(example => example.name === other && call.test(example.code))
}
