// The whole path with a person's eyes: a training run in a process of its own, its page in a browser.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, it, onTestFinished } from 'vitest'
import { brakedScenario } from '../support/brake.ts'
import { describeInChromium } from '../support/chromium.ts'
import { marlstrom, start, temporaryFolder, tiny } from '../support/command.ts'
import { freePort } from '../support/free-port.ts'

const PATIENCE = { timeout: 60_000, interval: 50 }

describeInChromium('the page of a training run', browser => {
  async function open(url: string): Promise<Page> {
    const page = await browser().newPage()
    onTestFinished(() => page.close())
    await page.goto(url)
    return page
  }

  it('shows agents that move, looks back, controls one, shows a second viewer the same, and stays readable', async () => {
    const out = join(temporaryFolder(), 'run')
    const endless = ['--episodes', '100000000']
    const running = start('train', 'simple_spread', ...tiny, ...endless, '--out', out, '--watch')
    const page = await open((await running.sees(/live page: (http:\S+)/))[1]!)

    const places = new Set<string>()
    await expect.poll(async () => places.add(await agentPlaces(page)).size, PATIENCE).toBeGreaterThan(5)
    const episodes = () => page.evaluate(trainedEpisodes)
    const before = await episodes()
    await expect.poll(episodes, PATIENCE).toBeGreaterThan(before)

    // Back into the past, while the game goes on.
    await page.keyboard.press(',')
    const { shown } = await page.evaluate(time)
    await expect.poll(() => page.evaluate(time).then(({ newest }) => newest), PATIENCE).toBeGreaterThan(shown + 3)
    expect(await page.evaluate(time)).toMatchObject({ shown, live: false })
    await page.keyboard.press('0')

    // An agent obeys the keys.
    await page.keyboard.press('j')
    await expect.poll(() => page.locator('#observation').textContent(), PATIENCE).toContain('velocity')
    await page.keyboard.press('t')
    await expect.poll(() => page.evaluate(taken), PATIENCE).toEqual(['agent_0'])
    for (const [key, way] of [
      ['d', 1],
      ['ArrowLeft', -1],
    ] as const) {
      await page.keyboard.down(key)
      await expect.poll(async () => way * (await page.evaluate(speedToTheRight)), PATIENCE).toBeGreaterThan(0.6)
      await page.keyboard.up(key)
    }
    await page.keyboard.press('Escape')
    await expect.poll(() => page.evaluate(taken), PATIENCE).toEqual([])

    // Who comes later sees the same.
    await page.getByRole('button', { name: 'Pause', exact: true }).click()
    await expect.poll(() => page.locator('body').getAttribute('data-paused'), PATIENCE).toBe('true')
    const paused = await episodes()
    await expect.poll(episodes, PATIENCE).toBeGreaterThan(paused)
    const other = await open(page.url().replace(/#.*/, ''))
    const standsAlike = async () => {
      const [one, two] = [await agentPlaces(page), await agentPlaces(other)]
      return one !== '' && one === two
    }
    await expect.poll(standsAlike, PATIENCE).toBe(true)
    const stood = await agentPlaces(other)
    await other.keyboard.press('.')
    const steppedAlike = async () => {
      const [one, two] = [await agentPlaces(page), await agentPlaces(other)]
      return one !== stood && one === two
    }
    await expect.poll(steppedAlike, PATIENCE).toBe(true)

    await page.getByRole('tab', { name: 'Run' }).click()
    await page.getByRole('button', { name: 'Pause training' }).click()
    await expect.poll(() => page.locator('body').getAttribute('data-status'), PATIENCE).toBe('paused')
    const stands = new Set<number>()
    for (let i = 0; i < 20; i++) stands.add(await page.evaluate(trainedSteps))
    expect(stands.size).toBeLessThanOrEqual(2) // one last count may still be on its way

    running.process.kill('SIGINT')
    expect((await running.finished).code).toBe(0)
    await expect.poll(() => page.locator('#banner').textContent(), PATIENCE).toContain('The run has ended')
    expect(await page.locator('body').getAttribute('data-ended')).toBe('true')
    expect(await page.locator('#episodes').textContent()).toMatch(/\d of 100M episodes/)
  })

  it.each([
    ['has died', 'SIGKILL', 'The connection is lost'],
    ['was ended in good order', 'SIGINT', 'The run has ended: watching was ended'],
  ] as const)('comes back when the server %s and is there again', async (_, signal, banner) => {
    const port = String(await freePort())
    const first = start('watch', 'simple_spread', '--port', port)
    const url = (await first.sees(/live page: (http:\S+)/))[1]!
    const page = await open(url)
    await expect.poll(() => agentPlaces(page), PATIENCE).not.toBe('')
    first.process.kill(signal)
    await first.finished
    await expect.poll(() => page.locator('#banner').textContent(), PATIENCE).toContain(banner)
    const last = await agentPlaces(page)
    start('watch', 'simple_spread', '--port', port)
    await expect.poll(() => page.locator('body').getAttribute('data-connected'), PATIENCE).toBe('true')
    await expect.poll(() => agentPlaces(page), PATIENCE).not.toBe(last)
    // Frames may come before the page has heard whose they are.
    await expect.poll(() => page.locator('#banner').isVisible(), PATIENCE).toBe(false)
    await expect.poll(() => page.locator('body').getAttribute('data-ended'), PATIENCE).toBe('false')
  })

  it('leaves no trace in what is learnt', async () => {
    const folder = temporaryFolder()
    const scenario = brakedScenario()
    scenario.hold()
    const args = (name: string) => ['train', scenario.file, ...tiny, '--episodes', '1500', '--out', join(folder, name)]
    const running = start(...args('watched'), '--watch')
    const page = await open((await running.sees(/live page: (http:\S+)/))[1]!)
    await page.getByRole('button', { name: 'Pause training' }).click()
    await expect.poll(() => page.locator('body').getAttribute('data-status'), PATIENCE).toBe('paused')
    await page.getByRole('button', { name: 'Resume training' }).click()
    scenario.release()
    await running.finished
    await marlstrom(...args('alone'))
    expect(metrics(join(folder, 'watched'))).toEqual(metrics(join(folder, 'alone')))
  })
})

function metrics(folder: string): string[] {
  return readFileSync(join(folder, 'metrics.jsonl'), 'utf8')
    .replace(/,"time\/[^,}]*/g, '')
    .split('\n')
}

interface Window {
  marlstrom: {
    frame: { number: number; row: Float32Array } | null
    shown: number
    live: boolean
    state: { progress: { episodes: number; envSteps: number }; exhibition: { taken: Record<string, string> } } | null
  }
}

function agentPlaces(page: Page): Promise<string> {
  return page.evaluate(() => (globalThis as unknown as Window).marlstrom?.frame?.row.slice(0, 6).join() ?? '')
}

/** World units per second, of the first agent: three agents and three landmarks have places before it. */
function speedToTheRight(): number {
  return (globalThis as unknown as Window).marlstrom.frame!.row[12]!
}

function taken(): string[] {
  return Object.keys((globalThis as unknown as Window).marlstrom.state?.exhibition.taken ?? {})
}

function time() {
  const { shown, live, frame } = (globalThis as unknown as Window).marlstrom
  return { shown, live, newest: frame!.number }
}

function trainedEpisodes(): number {
  return (globalThis as unknown as Window).marlstrom.state?.progress.episodes ?? 0
}

function trainedSteps(): number {
  return (globalThis as unknown as Window).marlstrom.state?.progress.envSteps ?? 0
}
