// Every link of a built site followed: files, anchors, pictures, scripts and frames within it. Relative ones alone are allowed, so that it works in any folder.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'

/** What is wrong, one line each: `page: link: why`. */
export function deadLinks(site) {
  const pages = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter(
    name => name.endsWith('.html') && !/^play\//.test(name),
  )
  const anchors = new Map(pages.map(page => [page, anchorsOf(readFileSync(join(site, page), 'utf8'))]))
  return pages.flatMap(page => {
    const text = readFileSync(join(site, page), 'utf8')
    const links = [...text.matchAll(/\s(?:href|src)="([^"]*)"/g)].map(([, link]) => link.replaceAll('&amp;', '&'))
    return [...new Set(links)].flatMap(link => {
      const why = fault(site, page, link, anchors)
      return why === null ? [] : [`${page}: ${link}: ${why}`]
    })
  })
}

function fault(site, page, link, anchors) {
  if (/^(https?|mailto|data):/.test(link)) return null
  if (/^[a-z]+:|^\//.test(link)) return 'no relative link'
  const [path, anchor] = link.split('#')
  const target = path === '' ? page : normalize(join(dirname(page), decodeURIComponent(path)))
  if (target.startsWith('..')) return 'leaves the site'
  if (!existsSync(join(site, target)) || !statSync(join(site, target)).isFile()) return 'no such file'
  if (anchor === undefined || anchor === '' || !target.endsWith('.html')) return null
  return anchors.get(relative('.', target))?.has(decodeURIComponent(anchor)) ? null : 'no such anchor'
}

function anchorsOf(text) {
  return new Set([...text.matchAll(/\s(?:id|name)="([^"]*)"/g)].map(([, id]) => id))
}
