// The built page over HTTP. Read once into memory: a request can name no path outside, and a rebuild of the page cannot hurt a
// run that is being watched.
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { FileError } from '../errors.ts'

export type PageFiles = ReadonlyMap<string, { readonly type: string; readonly body: Buffer }>

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
}

/** Every file under `folder` by its address, `/assets/x.js`. Dotfiles and links are left out. @throws FileError when the page is not built. */
export function readPage(folder: string): PageFiles {
  const files = new Map<string, { type: string; body: Buffer }>()
  const walk = (path: string, address: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue
      const inside = join(path, entry.name)
      if (entry.isDirectory()) walk(inside, `${address}${entry.name}/`)
      else if (entry.isFile()) {
        const type = TYPES[extname(entry.name).toLowerCase()] ?? 'application/octet-stream'
        files.set(`${address}${entry.name}`, { type, body: readFileSync(inside) })
      }
    }
  }
  try {
    walk(folder, '/')
  } catch (error) {
    throw new FileError(folder, `the page cannot be read (${(error as Error).message}); build it with: npm run build`)
  }
  const index = files.get('/index.html')
  if (!index)
    throw new FileError(folder, 'the page is not built: expected index.html here; build it with: npm run build')
  return files.set('/', index)
}
