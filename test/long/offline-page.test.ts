// The page that plays offline, in a browser without a network: the same numbers as in Node.js, and everything that a hand can do.
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'
import { expect, it, onTestFinished } from 'vitest'
import type { Frame } from '../../src/envs/frame.ts'
import { episodeFrames } from '../../src/exhibition/episodes.ts'
import { trainedPolicies } from '../../src/index.ts'
import { createRandom } from '../../src/random.ts'
import { describeInChromium } from '../support/chromium.ts'
import { exportedPage } from '../support/exported-page.ts'

const PATIENCE = { timeout: 60_000, interval: 20 }
const seed = 5

describeInChromium('a page that plays offline', browser => {
  it('plays as Node.js does, greedy and sampled, and can be controlled by whoever opens it', async () => {
    const { run, file } = await exportedPage()
    expect(readFileSync(file, 'utf8')).toContain("default-src 'none'")
    const context = await browser().newContext({ offline: true, acceptDownloads: true })
    onTestFinished(() => context.close())
    const page = await context.newPage()
    const [complaints, requests]: [string[], string[]] = [[], []]
    page.on('pageerror', error => complaints.push(error.message))
    page.on('console', message => message.type() === 'error' && complaints.push(message.text()))
    page.on('request', request => requests.push(request.url()))
    await page.goto(pathToFileURL(file).href)
    await expect.poll(() => shown(page, 'connected'), PATIENCE).toBe('true')
    await page.keyboard.press('Space')
    await expect.poll(() => shown(page, 'paused'), PATIENCE).toBe('true')
    await page.getByRole('tab', { name: 'Control' }).click()

    for (const explore of [false, true]) {
      for (const team of ['adversary', 'agent']) {
        await page.getByLabel(team, { exact: true }).selectOption(`trained, ${explore ? 'sampling' : 'greedy'}`)
      }
      const game = run.createGame()
      const next = episodeFrames(
        game,
        trainedPolicies(run, `exhibition/${seed}`, [game]),
        createRandom(seed, 'exhibition'),
        explore,
      )
      await page.getByLabel('Seed').fill(String(seed))
      await page.getByRole('button', { name: 'Reset' }).click()
      await expect.poll(() => page.locator('#seed-now').textContent(), PATIENCE).toBe(String(seed))
      for (let step = 0; step <= 8; step++) {
        if (step > 0) await page.getByRole('button', { name: 'Step', exact: true }).click()
        await expect.poll(async () => (await frameOf(page)).step, PATIENCE).toBe(step)
        expect(await frameOf(page)).toEqual(numbersOf(next()))
      }
    }

    // Another number of steps is no matter to the actors; another number of agents is.
    await page.getByLabel('adversaries').fill('4')
    await page.getByRole('button', { name: 'Play with these' }).click()
    await expect.poll(() => page.locator('#banner').textContent(), PATIENCE).toMatch(/adversary/)

    // A hand on the first agent: to the right, and it goes there whatever its actor wants.
    await page.getByRole('tab', { name: 'Agent' }).click()
    await page.locator('#agent-choice').selectOption({ label: 'adversary_0' })
    await page.getByRole('button', { name: 'Take over' }).click()
    await page.locator('#stage').focus()
    await page.keyboard.down('ArrowRight')
    const before = (await frameOf(page)).row[0]!
    await page.keyboard.press('Space')
    await expect.poll(async () => (await frameOf(page)).row[0]! - before, PATIENCE).toBeGreaterThan(0.5)
    await page.keyboard.up('ArrowRight')
    await page.keyboard.press('Escape')

    // What is seen is kept.
    await page.locator('#save-menu summary').click()
    expect(await saved(page, 'Picture (PNG)')).toMatchObject({ ending: 'png', begins: '\x89PNG' })
    expect(await saved(page, 'GIF')).toMatchObject({ ending: 'gif', begins: 'GIF8' })
    expect(await saved(page, 'Film (WebM)')).toMatchObject({ ending: 'webm', begins: '\x1aE\xdf\xa3' })

    expect(complaints).toEqual([])
    // The page itself, and what it makes for itself.
    expect(requests.filter(url => !/^(file|data|blob):/.test(url))).toEqual([])
  })
})

function shown(page: Page, name: string): Promise<string | null> {
  return page.locator('body').getAttribute(`data-${name}`)
}

interface Numbers {
  readonly step: number
  readonly row: number[]
  readonly rewards: number[]
  readonly returns: number[]
  readonly actions: number[]
}

/** The newest frame of the page. */
function frameOf(page: Page): Promise<Numbers> {
  return page.evaluate(() => {
    const { frame } = (globalThis as unknown as { readonly marlstrom: { readonly frame: Frame } }).marlstrom
    const { step, row, rewards, returns, actions } = frame
    return { step, row: [...row], rewards: [...rewards], returns: [...returns], actions: [...actions] }
  })
}

function numbersOf({ step, row, rewards, returns, actions }: Frame): Numbers {
  return { step, row: [...row], rewards: [...rewards], returns: [...returns], actions: [...actions] }
}

/** What is downloaded when a capture of this kind begins, and ends a while later if it has a length. */
async function saved(page: Page, kind: string) {
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: kind }).click()
  if (!kind.includes('PNG')) {
    const stop = page.getByRole('button', { name: /^Stop/ })
    await expect.poll(() => stop.textContent().catch(() => ''), PATIENCE).toMatch(/[1-9]\d* s/)
    await stop.click()
  }
  const file = await (await download).path()
  const name = (await download).suggestedFilename()
  expect(name).toMatch(/^simple_tag-episode-\d+-step-\d+\.\w+$/)
  return { ending: name.split('.').at(-1), begins: readFileSync(file).subarray(0, 4).toString('latin1') }
}
