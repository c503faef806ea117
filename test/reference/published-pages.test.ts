// README and pages as they go into the package: what they link to is in it, or on the site where there is one, and nothing else is changed.
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join, normalize, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { withLinks } from '../../scripts/markdown-links.mjs'
import { packedFiles, publishedPages, publishPages, restorePages } from '../../scripts/published-pages.mjs'
import { tempFolder } from '../support/temp-folder.ts'

const root = resolve(import.meta.dirname, '../..')
const files = packedFiles(root)
/** Of pages that are left out, until there is a site. */
const leftOut = ['docs/results.md', 'docs/performance.md', 'docs/scale.md']

it('have no dead link: every one leads to a packed file and a heading in it', () => {
  const pages = publishedPages(root, files)
  expect([...pages.keys()]).toEqual(expect.arrayContaining(['README.md', 'docs/actors.md', 'docs/algorithms.md']))
  const dead = [...pages].flatMap(([page, text]) =>
    linksOf(text).flatMap(target => {
      const [path, anchor] = target.split('#') as [string, string?]
      const place = path === '' ? page : normalize(join(dirname(page), path))
      if (!files.includes(place)) return [`${page}: ${target}: not packed`]
      if (anchor === undefined || !place.endsWith('.md')) return []
      return anchorsOf(pages.get(place)!).has(anchor) ? [] : [`${page}: ${target}: no such heading`]
    }),
  )
  expect(dead).toEqual([])
  for (const page of leftOut) expect(files).not.toContain(page)
  expect(pages.get('README.md')).toContain('[teams, self-play and cross-play](docs/teams.md)')
  expect(pages.get('README.md')).toContain('speed (docs/performance.md)')
})

it('lead to the site where package.json says where it is', () => {
  const readme = publishedPages(root, files, 'https://marlstrom.example/').get('README.md')!
  expect(readme).toContain('](https://marlstrom.example/pages/results.html')
  expect(readme).toContain('](https://marlstrom.example/sources/examples-index.html)')
  expect(readme).toContain('](docs/teams.md)')
})

it('have only links that lead somewhere in the repository, too', () => {
  for (const file of ['README.md', 'CONTRIBUTING.md', 'AGENTS.md']) {
    for (const target of linksOf(readFileSync(join(root, file), 'utf8'))) {
      expect([file, target, existsSync(join(root, target.split('#')[0]!))]).toEqual([file, target, true])
    }
  }
})

it('are put back as they were written', () => {
  const copy = tempFolder()
  mkdirSync(join(copy, 'docs'))
  for (const file of ['package.json', 'README.md', 'LICENSE', 'docs/actors.md'])
    cpSync(join(root, file), join(copy, file))
  symlinkSync(join(root, 'examples'), join(copy, 'examples'))
  const written = readFileSync(join(copy, 'README.md'), 'utf8')
  publishPages(copy)
  expect(readFileSync(join(copy, 'README.md'), 'utf8')).not.toBe(written)
  // Twice, as after a packing that was broken off.
  publishPages(copy)
  expect(packedFiles(copy)).not.toContain('dist/written-pages/README.md')
  restorePages(copy)
  expect(readFileSync(join(copy, 'README.md'), 'utf8')).toBe(written)
  expect(existsSync(join(copy, 'dist/written-pages'))).toBe(false)
})

/** Relative ones. */
function linksOf(text: string): string[] {
  const targets: string[] = []
  withLinks(text, ({ target, whole }) => {
    targets.push(target)
    return whole
  })
  return [...targets, ...[...text.matchAll(/\]\((#[^)\s]+)\)/g)].map(([, target]) => target!)]
}

/** As GitHub and npm name them; of equal ones the first. */
function anchorsOf(page: string): Set<string> {
  const text = page.replace(/^```[\s\S]*?^```/gm, '')
  return new Set(
    [...text.matchAll(/^#{1,6} (.*)$/gm)].map(([, heading]) =>
      heading!
        .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .trim()
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, '')
        .replace(/\s/g, '-'),
    ),
  )
}
