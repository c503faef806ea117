// The built page over HTTP. Read once into memory: a request can name no path outside, and a rebuild of the page cannot hurt a
// run that is being watched.
import { readdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { FileError } from '../errors.ts'
import { localHosts } from './admission.ts'

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

/** Every file under `folder` by its address, `/assets/x.js`. Dotfiles and links are left out. Throws a FileError when the page is not built. */
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

/** Answers one HTTP request that has been admitted. */
export function servePage(files: PageFiles, request: IncomingMessage, response: ServerResponse): void {
  const file = files.get(address(request.url ?? '/'))
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    refuse(response, 405, 'only GET and HEAD are answered here')
  } else if (!file) {
    refuse(response, 404, 'no such page')
  } else {
    response.writeHead(200, {
      'content-type': file.type,
      'content-length': file.body.byteLength,
      'cache-control': 'no-cache',
    })
    response.end(request.method === 'HEAD' ? undefined : file.body)
  }
}

/** A short answer in plain text. */
export function refuse(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
  response.end(`${sentence}\n`)
}

/** The page may load from this server only, talk to this server only, and be framed by nobody. */
export function securityHeaders(port: number): Readonly<Record<string, string>> {
  // Some browsers do not count a websocket as 'self'.
  const streams = localHosts(port).map(host => `ws://${host}`)
  return {
    'content-security-policy': [
      "default-src 'self'",
      `connect-src 'self' ${streams.join(' ')}`,
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  }
}

function address(url: string): string {
  const path = url.split(/[?#]/, 1)[0]!
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
