// A little website of another origin than the server's, for pages of tests.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { onTestFinished } from 'vitest'

/** Serves `pages` by their path, `/x.html`, until the test ends; a function is asked each time. Gives the origin. */
export async function startSite(pages: Readonly<Record<string, string | (() => string)>>): Promise<string> {
  const server = createServer(({ url = '' }, response) => {
    const page = pages[url.split('?')[0]!]
    if (page === undefined) return void response.writeHead(url === '/favicon.ico' ? 204 : 404).end()
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    response.end(typeof page === 'string' ? page : page())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`
}
