// The site as a visitor has it: built, put into a folder of a plain server, every page opened in a browser, searched, and a game in it played.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { deadLinks } from '../../site/links.mjs'
import { describeInChromium } from '../support/chromium.ts'

const PATIENCE = { timeout: 60_000, interval: 50 }
const site = mkdtempSync(join(tmpdir(), 'marlstrom-site-'))
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
}

// As `npm run docs` does it; the package is built already.
beforeAll(() => void execFileSync(process.execPath, [join(import.meta.dirname, '../../site/build.mjs'), site]))
afterAll(() => rmSync(site, { recursive: true, force: true }))

it('notices dead links, files and anchors', () => {
  expect(deadLinks(site)).toEqual([])
  const page = join(site, 'pages/teams.html')
  const text = readFileSync(page, 'utf8')
  onTestFinished(() => writeFileSync(page, text))
  writeFileSync(
    page,
    `${text}<a href="nowhere.html"></a><a href="runs.html#nothing"></a><a href="/pages/runs.html"></a>`,
  )
  expect(deadLinks(site)).toEqual([
    'pages/teams.html: nowhere.html: no such file',
    'pages/teams.html: runs.html#nothing: no such anchor',
    'pages/teams.html: /pages/runs.html: no relative link',
  ])
})

describeInChromium('the site', browser => {
  it('opens in any folder of a server, page by page, without a complaint', async () => {
    const { page, complaints, address } = await visitor(browser())
    const names = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.html'))
    expect(names.length).toBeGreaterThan(350)
    for (const name of names) {
      await page.goto(address + name)
      if (complaints.length > 0) expect([name, complaints]).toEqual([name, []])
    }
  })

  it('has a page for everything: guides by reader, the reference by groups, games', async () => {
    const { page, complaints, address } = await visitor(browser())
    await page.goto(`${address}index.html`)
    const groups = page.locator('.tsd-navigation .tsd-accordion-summary')
    await expect
      .poll(() => groups.allTextContents(), PATIENCE)
      .toEqual(
        expect.arrayContaining([
          'For authors of games',
          'For experimenters',
          'For viewers',
          'For programmers',
          'Scenarios to play',
          'Reference',
        ]),
      )
    await page.goto(`${address}functions/marlstrom.createRun.html`)
    await expect.poll(() => page.locator('h1').textContent(), PATIENCE).toBe('Function createRun')
    expect(complaints).toEqual([])
  })

  it('finds createRun, and what pages say, on a server and as files', async () => {
    for (const where of ['server', 'files']) {
      const { page, complaints, address } = await visitor(browser())
      await page.goto(where === 'server' ? `${address}pages/teams.html` : pathToFileURL(join(site, 'index.html')).href)
      expect(await found(page, 'createRun')).toMatch(/functions\/marlstrom\.createRun\.html$/)
      expect(await found(page, 'exploitability')).toMatch(/\.html/)
      // Chromium loads no icons of other files, and says so; a script of the page puts them in instead.
      const isOfIcons = (complaint: string) =>
        where === 'files' && /^Unsafe attempt to load URL \S+icons\.svg#/.test(complaint)
      expect(complaints.filter(complaint => !isOfIcons(complaint))).toEqual([])
      expect(
        await page.locator('#tsd-search-trigger svg').evaluate(icon => icon.getBoundingClientRect().width),
      ).toBeGreaterThan(0)
    }
  })

  it('is light or dark as the visitor has it', async () => {
    const shades = []
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page, address } = await visitor(browser(), colorScheme)
      await page.goto(`${address}index.html`)
      const color = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
      shades.push(color.match(/\d+/g)!.map(Number))
    }
    expect(Math.min(...shades[0]!)).toBeGreaterThan(200)
    expect(Math.max(...shades[1]!)).toBeLessThan(80)
  })

  it.each(['simple_push', 'simple_spread'])('plays %s in its page', async id => {
    const { page, complaints, address } = await visitor(browser())
    await page.goto(`${address}scenarios/${id}.html`)
    const game = page.frameLocator('iframe.game')
    const step = () => game.locator('body').getAttribute('data-step')
    await expect.poll(step, PATIENCE).not.toBeNull()
    const first = await step()
    await expect.poll(step, PATIENCE).not.toBe(first)
    await game.getByRole('tab', { name: 'Control' }).click()
    expect(await game.getByRole('button', { name: 'Reset' }).isVisible()).toBe(true)
    expect(complaints).toEqual([])
  })
})

/** A page of a browser, and the site in a folder of a server that knows nothing but files. */
async function visitor(browser: Browser, colorScheme: 'light' | 'dark' = 'light') {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url!, 'http://site').pathname).replace(/^\/some\/folder\//, '')
    const file = join(site, path)
    if (!existsSync(file) || !statSync(file).isFile()) return response.writeHead(404).end()
    return response.writeHead(200, { 'content-type': types[extname(file)] ?? 'text/plain' }).end(readFileSync(file))
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => void server.close())
  const context = await browser.newContext({ colorScheme, viewport: { width: 1280, height: 900 } })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', error => complaints.push(error.message))
  page.on('console', message => message.type() === 'error' && complaints.push(message.text()))
  page.on('response', response => response.status() >= 400 && complaints.push(`${response.status()} ${response.url()}`))
  const { port } = server.address() as AddressInfo
  return { page, complaints, address: `http://127.0.0.1:${port}/some/folder/` }
}

/** Where the first result of a search leads. */
async function found(page: Page, words: string): Promise<string> {
  await page.locator('#tsd-search-trigger').click()
  await page.locator('#tsd-search-input').fill(words)
  const first = page.locator('#tsd-search-results a').first()
  await expect.poll(() => first.getAttribute('href').catch(() => null), PATIENCE).not.toBeNull()
  const link = await first.evaluate(each => (each as unknown as { readonly href: string }).href)
  await page.keyboard.press('Escape')
  return link
}
