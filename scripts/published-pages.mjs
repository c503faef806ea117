// README and pages as they go into the package: without links to what is left out of it. They are put back when it is packed:
// node scripts/published-pages.mjs restore
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, normalize, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { addressOf } from '../site/addresses.mjs'
import { withLinks } from './markdown-links.mjs'

const ownRoot = fileURLToPath(new URL('..', import.meta.url))
/** Where the pages as they were written lie meanwhile; never packed. */
const kept = 'dist/written-pages'

/** What `npm pack` would take, by path from the root. */
export function packedFiles(root = ownRoot) {
  const command = ['pack', '--dry-run', '--json', '--ignore-scripts']
  const [{ files }] = [
    JSON.parse(execFileSync('npm', command, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] })),
  ].flat()
  return files.map(({ path }) => path)
}

/**
 * The text of every packed page, by its path. `homepage`: the address of the site, to which links go whose pages are left out; absent: they are words that
 * name the page.
 */
export function publishedPages(root, files, homepage) {
  const packed = new Set(files)
  const isPacked = place => packed.has(place) || files.some(file => file.startsWith(`${place}/`))
  const pages = files.filter(file => file.endsWith('.md') && !file.startsWith('dist/'))
  return new Map(
    pages.map(page => {
      const text = withLinks(readFileSync(join(root, page), 'utf8'), ({ kind, text: words, target, whole }) => {
        const [path, anchor = ''] = target.split(/(?=#)/)
        const place = normalize(join(dirname(page), path)).replace(/\/$/, '')
        if (isPacked(place)) return whole
        if (kind === 'img') return ''
        if (kind === 'picture') return `*${words}* (${place})`
        if (homepage !== undefined && isOnSite(root, place)) {
          const folder = statSync(join(root, place)).isDirectory() ? `${place}/index.md` : place
          return `[${words}](${homepage.replace(/\/$/, '')}/${addressOf(folder)}.html${anchor})`
        }
        return words.includes(basename(place)) ? words : `${words} (${place})`
      })
      return [page, text]
    }),
  )
}

/** Pages and sources have pages of their own there. */
function isOnSite(root, place) {
  return /\.(md|ts|py|mjs)$/.test(place) || statSync(join(root, place)).isDirectory()
}

/** Writes the pages as they are published over those that were written, which are kept; the schema without spaces. */
export function publishPages(root = ownRoot) {
  restorePages(root)
  const { homepage } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const files = packedFiles(root)
  const data = files.filter(file => /^docs\/.*\.json$/.test(file))
  const compact = data.map(file => [file, JSON.stringify(JSON.parse(readFileSync(join(root, file), 'utf8')))])
  for (const [page, text] of [...publishedPages(root, files, homepage), ...compact]) {
    mkdirSync(dirname(join(root, kept, page)), { recursive: true })
    cpSync(join(root, page), join(root, kept, page))
    writeFileSync(join(root, page), text)
  }
}

/** Puts the pages back as they were written. */
export function restorePages(root = ownRoot) {
  const from = join(root, kept)
  if (!existsSync(from)) return
  for (const name of readdirSync(from, { recursive: true, encoding: 'utf8' })) {
    if (statSync(join(from, name)).isFile()) cpSync(join(from, name), join(root, name))
  }
  rmSync(from, { recursive: true, force: true })
}

if (resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url) && process.argv[2] === 'restore') restorePages()
