// The examples of docs/streaming.md and of the client, as they stand, against servers that really listen: in Node.js and on pages of other origins.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type TinyServerOptions, tinyPage, tinyServer, until } from '../stream/tiny-stream.ts'
import { builtPage, circlingRun, openPage, PATIENCE } from '../support/built-page.ts'
import { describeInChromium } from '../support/chromium.ts'
import { examplesFolder } from '../support/example.ts'
import { startSite } from '../support/site.ts'

const root = join(import.meta.dirname, '../..')
const guide = readFileSync(join(root, 'docs/streaming.md'), 'utf8')
const blocks = (kind: string) =>
  [...guide.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].filter(([, name]) => name === kind).map(([, , body]) => body!)

/** An example for the server that is there. */
function at(server: { readonly url: string }, text: string): string {
  expect(text).toContain('127.0.0.1:8120')
  return text.replaceAll('127.0.0.1:8120', new URL(server.url).host)
}

/** Runs a program within the package until it has printed all of `patterns`, or ends. */
async function expectOutput(program: string, patterns: readonly RegExp[]): Promise<void> {
  let said = ''
  const child = execFile(process.execPath, ['--input-type=module', '-e', program], { cwd: root })
  onTestFinished(() => void child.kill())
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', text => void (said += text))
  await until(() => {
    for (const pattern of patterns) expect(said).toMatch(pattern)
  })
}

describe('in Node.js', () => {
  const [watching, commanding] = blocks('js')

  it('the first example prints figures and frames', async () => {
    const { server, session } = await circlingRun(tinyPage())
    session.dispatch({ type: 'point', episodes: 100, returns: [1, 2, 3] })
    await expectOutput(at(server, watching!), [
      /100 \{ agent_0: 1, agent_1: 2, adversary_0: 3 \}/,
      /episode \d+ step \d+: -?[\d.]+,-?[\d.]+,-?[\d.]+/,
    ])
  })

  it('the second one commands, is refused, and looks into an agent', async () => {
    const inspect = (agent: number) => ({
      agent,
      observation: new Float32Array(2),
      action: new Float32Array(5),
      probabilities: new Float32Array(5),
      value: -3,
      rewardParts: {},
      sees: new Uint8Array(5),
    })
    const { server, commands } = await circlingRun(tinyPage(), { show: { inspect } })
    await expectOutput(at(server, commanding!), [
      /command 'speed': speed must be in 0\.125 \.\.\. 64, got 1000/,
      /agent_0 sees 2 numbers and expects -3\n/,
    ])
    expect(commands).toEqual([
      { type: 'reset', seed: 7 },
      { type: 'speed', speed: 4 },
    ])
  })

  it('returns.ts prints the returns of a training until it ends', async () => {
    const { server, session } = await tinyServer()
    session.dispatch({ type: 'point', episodes: 100, returns: [1, 2, 3] })
    const print = vi.spyOn(console, 'log').mockImplementation(() => {})
    const { argv } = process
    onTestFinished(() => {
      process.argv = argv
      vi.restoreAllMocks()
    })
    process.argv = ['node', 'returns.ts', server.url]
    await import(join(examplesFolder, 'returns.ts'))
    const lines = () => print.mock.calls.map(([line]) => line)
    await until(() => expect(lines()).toEqual(['episode 100: agent_0 1.00, agent_1 2.00, adversary_0 3.00']))
    session.dispatch({ type: 'point', episodes: 200, returns: [2, 3, 4] })
    session.dispatch({ type: 'ended', message: 'All 200 episodes are done.' })
    await until(() => expect(lines().at(-1)).toBe('All 200 episodes are done.'))
    expect(lines()[1]).toBe('episode 200: agent_0 2.00, agent_1 3.00, adversary_0 4.00')
  })
})

describeInChromium('on pages of another origin', browser => {
  const page = builtPage()
  const [plain, element] = blocks('html')

  /** A page of another website that the server allows, or not; `write` makes it of the server's address. */
  async function visit(
    write: (server: { readonly url: string }) => string,
    { allowed = true, search = '', options = {} }: Visit = {},
  ) {
    let written = ''
    const origin = await startSite({ '/page.html': () => written })
    const run = await circlingRun(page(), { ...options, ...(allowed && { origins: [origin] }) })
    written = write(run.server)
    const opened = await openPage(browser(), `${origin}/page.html${search.replace('<server>', run.server.url)}`)
    return { ...run, ...opened, origin }
  }

  it('the client in one file is small', () => {
    expect(gzipSync(readFileSync(join(page(), 'client.js'))).length).toBeLessThan(30_000)
  })

  it('canvas.html draws the game with fewer than sixty lines', async () => {
    const text = readFileSync(join(examplesFolder, 'canvas.html'), 'utf8')
    expect(text.split('\n').length).toBeLessThan(60)
    const { page: opened, complaints } = await visit(() => text, { search: '?server=<server>' })
    await expect.poll(() => opened.locator('p').textContent(), PATIENCE).toMatch(/^episode \d+, step \d+, returns -/)
    await expect.poll(() => colours(opened), PATIENCE).toBeGreaterThan(3)
    expect(complaints).toEqual([])
  })

  it('canvas.html comes by a token too', async () => {
    const viewer = 'a-viewer-of-more-than-32-characters-1'
    const { page: opened } = await visit(() => readFileSync(join(examplesFolder, 'canvas.html'), 'utf8'), {
      search: `?server=<server>?token=${viewer}`,
      options: { tokens: { viewer } },
    })
    await expect.poll(() => opened.locator('p').textContent(), PATIENCE).toMatch(/^episode/)
  })

  it('the first example tells where the game is', async () => {
    const { page: opened, complaints } = await visit(server => at(server, plain!))
    await expect.poll(() => opened.locator('output').textContent(), PATIENCE).toMatch(/^episode \d+, step \d+$/)
    expect(complaints).toEqual([])
  })

  it('is turned away where the server does not allow it', async () => {
    const { page: opened, complaints } = await visit(server => at(server, plain!), { allowed: false })
    await expect.poll(() => complaints.join(), PATIENCE).toContain('blocked by CORS policy')
    expect(await opened.locator('output').textContent()).toBe('')
  })

  it('the element draws the game as its attributes say, and says what is wrong', async () => {
    const { page: opened, server, complaints } = await visit(server => at(server, element!))
    const stage = opened.locator('marlstrom-stage')
    await expect.poll(() => pixels(opened), PATIENCE).toMatchObject({ ground: '16,20,29', wide: 400 })
    await expect.poll(async () => (await pixels(opened)).colours, PATIENCE).toBeGreaterThan(10)
    await expect.poll(() => stage.locator('p').isHidden(), PATIENCE).toBe(true)
    await stage.evaluate(it => it.setAttribute('theme', 'light'))
    await expect.poll(() => pixels(opened), PATIENCE).toMatchObject({ ground: '251,252,254' })
    // It watches, though everybody may command here.
    const role = () => stage.evaluate(it => (it as unknown as { client: { view: { role: string } } }).client.view.role)
    expect(await role()).toBe('viewer')
    await stage.evaluate(it => it.setAttribute('agent', 'agent_1'))
    await stage.evaluate(it => it.setAttribute('view', 'follow'))
    await stage.evaluate(it => it.setAttribute('session', 'other'))
    await expect.poll(() => stage.locator('p').textContent(), PATIENCE).toMatch(/no session 'other' is there/)
    await stage.evaluate(it => it.setAttribute('session', 'tiny'))
    await expect.poll(() => stage.locator('p').isHidden(), PATIENCE).toBe(true)
    await server.close('the training has finished')
    await expect.poll(() => stage.locator('p').textContent(), PATIENCE).toBe('the training has finished')
    await stage.evaluate(it => it.removeAttribute('src'))
    await expect.poll(() => stage.locator('p').textContent(), PATIENCE).toMatch(/The attribute src is missing/)
    await stage.evaluate(it => it.setAttribute('src', 'ftp://x/'))
    await expect.poll(() => stage.locator('p').textContent(), PATIENCE).toMatch(/expected the address of a stream/)
    await stage.evaluate(it => it.remove())
    expect(complaints.filter(text => !/404|ERR_CONNECTION_REFUSED/.test(text))).toEqual([])
  })
})

interface Visit {
  readonly allowed?: boolean
  readonly search?: string
  readonly options?: TinyServerOptions
}

/** How many different colours a page's canvas shows. */
async function colours(page: Page): Promise<number> {
  return page.locator('canvas').evaluate(element => {
    const canvas = element as unknown as Canvas
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    return new Set(new Uint32Array(data.buffer)).size
  })
}

/** Of the element: its colours, that of its corner, and its width. */
function pixels(page: Page) {
  return page.locator('marlstrom-stage canvas').evaluate(element => {
    const canvas = element as unknown as Canvas
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    const corner = 4 * (3 * canvas.width + 3)
    return {
      wide: canvas.width,
      ground: data.slice(corner, corner + 3).join(),
      colours: new Set(new Uint32Array(data.buffer)).size,
    }
  })
}

interface Canvas {
  readonly width: number
  readonly height: number
  getContext(kind: '2d'): { getImageData(...box: number[]): { data: Uint8ClampedArray } }
}
