// The page as a browser loads it: built once for a file of tests, and opened beside a little game that goes round in circles.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { interval } from 'rxjs'
import { build, mergeConfig } from 'vite'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import config from '../../viewer/vite.config.ts'
import { circlingFrame, type TinyServerOptions, tinyServer } from '../stream/tiny-stream.ts'

export const PATIENCE = { timeout: 60_000, interval: 50 }

/** The folder of the page, built before the tests. */
export function builtPage(): () => string {
  let folder = ''
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'marlstrom-viewer-'))
    await build(mergeConfig(config, { configFile: false, logLevel: 'error', build: { outDir: folder } }))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return () => folder
}

/** A server and a little game behind it that heeds the pause. */
export async function circlingRun(folder: string, options: TinyServerOptions = {}) {
  const run = await tinyServer({ page: folder, ...options })
  let n = 0
  const game = interval(40).subscribe(() => {
    if (!run.session.state.exhibition.paused) run.frames.next(circlingFrame(run.schema, n++))
  })
  onTestFinished(() => game.unsubscribe())
  return run
}

/** A page of its own, closed after the test; what it complains of is kept. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', error => complaints.push(error.message))
  page.on('console', message => message.type() === 'error' && complaints.push(message.text()))
  await page.goto(url)
  return { page, complaints }
}

/** Waits until the page has shown a frame. */
export async function seesGame(page: Page): Promise<void> {
  await expect.poll(() => page.locator('body').getAttribute('data-step'), PATIENCE).not.toBeNull()
}
