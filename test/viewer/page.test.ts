import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { interval } from 'rxjs'
import { build, mergeConfig } from 'vite'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import config from '../../viewer/vite.config.ts'
import { circlingFrame, tinyServer } from '../stream/tiny-stream.ts'
import { describeInChromium } from '../support/chromium.ts'

const PATIENCE = { timeout: 20_000, interval: 50 }

describeInChromium('the page in a browser', browser => {
  let folder: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'marlstrom-viewer-'))
    await build(mergeConfig(config, { configFile: false, logLevel: 'error', build: { outDir: folder } }))
  }, 60_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** A run that is watched: a server, a little game behind it that heeds the pause, and the page. */
  async function watch() {
    const run = await tinyServer({ page: folder })
    const { session, frames, schema } = run
    let n = 0
    const game = interval(40).subscribe(() => {
      if (!session.state.exhibition.paused) frames.next(circlingFrame(schema, n++))
    })
    onTestFinished(() => game.unsubscribe())
    const page = await browser().newPage({ viewport: { width: 1280, height: 800 } })
    onTestFinished(() => page.close())
    const complaints: string[] = []
    page.on('pageerror', error => complaints.push(error.message))
    page.on('console', message => message.type() === 'error' && complaints.push(message.text()))
    await page.goto(run.server.url)
    await expect.poll(() => shown(page, 'step'), PATIENCE).not.toBeNull()
    return { ...run, page, complaints }
  }

  it('shows a game that moves', async () => {
    const { page, schema, complaints } = await watch()
    expect(await shown(page, 'connected')).toBe('true')
    expect(await shown(page, 'status')).toBe('training')
    const pictures = new Set<string>()
    await expect.poll(async () => pictures.add(await picture(page)).size, PATIENCE).toBeGreaterThan(5)
    await expect.poll(() => shown(page, 'episode'), PATIENCE).not.toBe('0')
    expect(await page.locator('#cast li').allTextContents()).toEqual([
      ...schema.entities.filter(entity => entity.agent !== null).map(entity => `${entity.agent}${entity.id}`),
      '1 solid landmark',
      '1 landmark',
    ])
    expect(await page.locator('#game-note').textContent()).toContain('It is not a training episode')
    expect(complaints).toEqual([])
  }, 60_000)

  it('sends what the buttons and the keys say', async () => {
    const { page, commands, complaints } = await watch()
    await page.getByRole('button', { name: 'Pause', exact: true }).click()
    await expect.poll(() => commands, PATIENCE).toEqual([{ type: 'pause' }])
    await expect.poll(() => shown(page, 'paused'), PATIENCE).toBe('true')
    await expect.poll(() => standsStill(page), PATIENCE).toBe(true)
    await page.getByRole('button', { name: 'Step' }).click()
    await page.keyboard.press('.')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Space')
    await expect
      .poll(() => commands.slice(1).map(({ type }) => type), PATIENCE)
      .toEqual(['step', 'step', 'step', 'resume'])
    await page.getByLabel('Speed').press('ArrowRight')
    await expect.poll(() => commands.at(-1), PATIENCE).toEqual({ type: 'speed', speed: 2 })
    await page.getByRole('button', { name: 'Pause training' }).click()
    await expect.poll(() => shown(page, 'status'), PATIENCE).toBe('paused')
    await page.getByRole('button', { name: 'Resume training' }).click()
    await expect.poll(() => shown(page, 'status'), PATIENCE).toBe('training')
    expect(complaints).toEqual([])
  }, 60_000)

  it('follows the progress of the training', async () => {
    const { page, session, complaints } = await watch()
    const progress = { ...session.state.progress, episodes: 5000, envSteps: 125_000, updates: 1000, secondsLeft: 100 }
    session.dispatch({ type: 'progress', progress })
    session.dispatch({ type: 'point', episodes: 4000, returns: [-30, -30, 12] })
    session.dispatch({ type: 'point', episodes: 5000, returns: [-28.5, -28.5, 14] })
    await expect.poll(() => page.locator('#episodes').textContent(), PATIENCE).toBe('5,000 of 25,000 episodes')
    expect(await page.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('5000')
    expect(await page.locator('#env-steps').textContent()).toBe('125,000')
    expect(await page.locator('#left').textContent()).toBe('2 min left')
    expect(await page.locator('#returns-legend li').allTextContents()).toEqual([
      'agent_0, agent_1 (equal)\u221228.50',
      'adversary_014.00',
    ])
    expect(complaints).toEqual([])
  }, 60_000)

  it('stays readable when the run has ended', async () => {
    const { page, server, session, complaints } = await watch()
    session.dispatch({ type: 'point', episodes: 25_000, returns: [-28, -28, -28] })
    session.dispatch({ type: 'ended', message: 'All 25,000 episodes are done.' })
    await server.close('all 25,000 episodes are done.')
    const banner = page.locator('#banner')
    await expect.poll(() => banner.textContent(), PATIENCE).toBe('The run has ended: all 25,000 episodes are done.')
    expect(await shown(page, 'ended')).toBe('true')
    expect(await shown(page, 'connected')).toBe('false')
    expect(await shown(page, 'status')).toBe('ended')
    for (const control of await page.locator('button, input').all()) expect(await control.isEnabled()).toBe(false)
    await expect.poll(() => colours(page), PATIENCE).toBeGreaterThan(10)
    expect(await page.locator('#returns-legend').textContent()).toContain('all 3 agents share one line')
    expect(complaints).toEqual([])
  }, 60_000)

  it('says that the connection is lost, comes back, and goes on from the snapshot', async () => {
    const { page, session } = await watch()
    await page.keyboard.press('Space')
    await expect.poll(() => shown(page, 'paused'), PATIENCE).toBe('true')
    const told: string[] = []
    await page.exposeFunction('tell', (text: string) => told.push(text))
    await page.evaluate(followBanner)
    // More keys than any person presses: the server hangs up without a goodbye.
    await page.evaluate(pressStepOften)
    await expect.poll(() => told, PATIENCE).toContain('The connection is lost. Trying to come back \u2026')
    session.dispatch({ type: 'progress', progress: { ...session.state.progress, episodes: 7000 } })
    await expect.poll(() => shown(page, 'connected'), PATIENCE).toBe('true')
    await expect.poll(() => page.locator('#episodes').textContent(), PATIENCE).toBe('7,000 of 25,000 episodes')
    await expect.poll(() => page.locator('#banner').isVisible(), PATIENCE).toBe(false)
    await page.keyboard.press('Space')
    await expect.poll(() => shown(page, 'paused'), PATIENCE).toBe('false')
  }, 60_000)

  it('shows the frame and the state to whoever looks, and lets nobody change them', async () => {
    const { page, session } = await watch()
    const seen = await page.evaluate(look)
    expect(seen.state).toEqual(session.state)
    expect(seen.rewards).toBe(3)
    expect(seen.frozen).toBe(true)
  }, 60_000)
})

function shown(page: Page, name: string): Promise<string | null> {
  return page.locator('body').getAttribute(`data-${name}`)
}

function picture(page: Page): Promise<string> {
  return page.locator('#stage').evaluate(canvas => (canvas as unknown as Canvas).toDataURL())
}

async function standsStill(page: Page): Promise<boolean> {
  const pictures = new Set<string>()
  for (let i = 0; i < 5; i++) pictures.add(await picture(page))
  return pictures.size === 1
}

/** How many different colours the canvas shows. */
function colours(page: Page): Promise<number> {
  return page.locator('#stage').evaluate(element => {
    const canvas = element as unknown as Canvas
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    return new Set(new Uint32Array(data.buffer)).size
  })
}

// What follows runs in the page. The tests are compiled without the browser's types.

interface Canvas {
  readonly width: number
  readonly height: number
  toDataURL(): string
  getContext(kind: '2d'): { getImageData(...box: number[]): { data: Uint8ClampedArray } }
}

interface Window {
  tell(text: string): void
  document: { getElementById(id: string): { textContent: string }; dispatchEvent(event: unknown): void }
  MutationObserver: new (changed: () => void) => { observe(node: unknown, what: object): void }
  KeyboardEvent: new (type: string, init: object) => unknown
  marlstrom: { state: unknown; frame: { rewards: Float32Array } }
}

function followBanner(): void {
  const window = globalThis as unknown as Window
  const banner = window.document.getElementById('banner')
  new window.MutationObserver(() => window.tell(banner.textContent)).observe(banner, { childList: true, subtree: true })
}

function pressStepOften(): void {
  const window = globalThis as unknown as Window
  const body = (window.document as unknown as { body: { dispatchEvent(event: unknown): void } }).body
  for (let i = 0; i < 200; i++) body.dispatchEvent(new window.KeyboardEvent('keydown', { key: '.', bubbles: true }))
}

function look() {
  const { marlstrom } = globalThis as unknown as Window
  return { state: marlstrom.state, rewards: marlstrom.frame.rewards.length, frozen: Object.isFrozen(marlstrom) }
}
