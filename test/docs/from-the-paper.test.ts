// docs/from-the-paper.md as a test: every file that it names is there and has what is said to be in it, every algorithm has its line.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { algorithms } from '../../src/algorithms/index.ts'
import { blocksOf, pageText } from '../support/pages.ts'

const root = join(import.meta.dirname, '../..')
const text = pageText('from-the-paper.md')
const source = (path: string) => readFileSync(join(root, path), 'utf8')
const rows = text
  .split('\n')
  .filter(line => /^\| (?!---|line of|in the paper|algorithm )/.test(line))
  .map(line => line.split(' | '))

/** Every "`a`, `b` in `src/file.ts`" of the page. */
const places = [...text.matchAll(/((?:`\w+`(?:, )?)+) in `(src\/[\w/-]+\.ts)`/g)].flatMap(([, names, path]) =>
  [...names!.matchAll(/`(\w+)`/g)].map(([, name]) => [name!, path!] as const),
)

describe('docs/from-the-paper.md', () => {
  it.each(places)('%s is in %s', (name, path) => {
    // Something that is made or told there, not a word of its comments.
    const made = new RegExp(`(?:function\\*? |const |#|^ +(?:readonly )?)${name}(?: = |: |[(<{]| \\{)`, 'm')
    expect(source(path)).toMatch(made)
  })

  it('says of each line where it is', () => {
    expect(rows.length).toBeGreaterThan(40)
    expect(rows.filter(row => !/` in `src\//.test(row.join()))).toEqual([])
  })

  it('names files that are there', () => {
    const paths = [...text.matchAll(/`((?:src|test)\/[\w/.-]+)`/g)].map(match => match[1]!)
    expect(paths.filter(path => !existsSync(join(root, path)))).toEqual([])
  })

  it('has a line of every algorithm', () => {
    const named = rows.map(([first]) => /^\| `(\w+)`$/.exec(first!)?.[1]).filter(name => name !== undefined)
    expect(['maddpg', ...named].sort()).toEqual(Object.keys(algorithms).sort())
  })

  it('shows the update as it stands', () => {
    const [shown] = blocksOf('from-the-paper.md', 'ts')
    expect(source('src/maddpg/maddpg.ts')).toContain(shown!.text)
  })
})
