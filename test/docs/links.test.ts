// Links of docs and README lead somewhere: to files that are there, and headings that are in them.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const pages = ['README.md', 'CONTRIBUTING.md', 'AGENTS.md', ...within('docs')]

it.each(pages)('those of %s', page => {
  const text = withoutCode(readFileSync(join(root, page), 'utf8'))
  const targets = [...text.matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)#?([^)\s]*)\)/g)]
  const broken = targets.filter(([, file, anchor]) => {
    const path = file === '' ? join(root, page) : join(root, dirname(page), file!)
    if (!existsSync(path)) return true
    return anchor !== '' && !slugsOf(path).has(anchor!)
  })
  expect(broken.map(([link]) => link)).toEqual([])
})

/** The pages of a folder and of those in it. */
function within(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.md'))
    .map(name => `${folder}/${name}`)
}

function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, '')
}

/** Of headings, as GitHub makes them; the second of a name ends in -1. */
function slugsOf(path: string): ReadonlySet<string> {
  const slugs = new Set<string>()
  for (const [, heading] of withoutCode(readFileSync(path, 'utf8')).matchAll(/^#+ (.*)$/gm)) {
    const text = heading!.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
    const slug = text.replace(/[^\p{L}\p{N}_\- ]/gu, '').replaceAll(' ', '-')
    let unique = slug
    for (let n = 1; slugs.has(unique); n++) unique = `${slug}-${n}`
    slugs.add(unique)
  }
  return slugs
}
