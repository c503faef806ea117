// The whole path with a person's eyes: a training run in a process of its own, its page in a browser.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, it, onTestFinished } from 'vitest'
import { describeInChromium } from '../support/chromium.ts'
import { marlstrom, start, temporaryFolder, tiny } from '../support/command.ts'

const PATIENCE = { timeout: 30_000, interval: 50 }

describeInChromium('the page of a training run', browser => {
  it('shows agents that move, pauses the game and the training, and stays readable after the end', async () => {
    const out = join(temporaryFolder(), 'run')
    const running = start('train', 'simple_spread', ...tiny, '--out', out, '--watch')
    const url = (await running.sees(/live page: (http:\S+)/))[1]!
    const page = await browser().newPage()
    onTestFinished(() => page.close())
    await page.goto(url)

    const places = new Set<string>()
    await expect.poll(async () => places.add(await agentPlaces(page)).size, PATIENCE).toBeGreaterThan(5)
    const episodes = () => page.evaluate(trainedEpisodes)
    const before = await episodes()
    await expect.poll(episodes, PATIENCE).toBeGreaterThan(before)

    await page.getByRole('button', { name: 'Pause', exact: true }).click()
    await expect.poll(() => page.locator('body').getAttribute('data-paused'), PATIENCE).toBe('true')
    const paused = await episodes()
    await expect.poll(episodes, PATIENCE).toBeGreaterThan(paused)

    await page.getByRole('button', { name: 'Pause training' }).click()
    await expect.poll(() => page.locator('body').getAttribute('data-status'), PATIENCE).toBe('paused')
    const stands = new Set<number>()
    for (let i = 0; i < 20; i++) stands.add(await page.evaluate(trainedSteps))
    expect(stands.size).toBeLessThanOrEqual(2) // one last count may still be on its way

    running.process.kill('SIGINT')
    expect((await running.finished).code).toBe(0)
    await expect.poll(() => page.locator('#banner').textContent(), PATIENCE).toContain('The run has ended')
    expect(await page.locator('body').getAttribute('data-ended')).toBe('true')
    expect(await page.locator('#episodes').textContent()).toMatch(/\d of 60,000 episodes/)
  })

  it('leaves no trace in what is learnt', async () => {
    const folder = temporaryFolder()
    const args = (name: string) => [
      'train',
      'simple_spread',
      ...tiny,
      '--episodes',
      '1500',
      '--out',
      join(folder, name),
    ]
    const running = start(...args('watched'), '--watch')
    const page = await browser().newPage()
    onTestFinished(() => page.close())
    await page.goto((await running.sees(/live page: (http:\S+)/))[1]!)
    await page.getByRole('button', { name: 'Pause training' }).click()
    await expect.poll(() => page.locator('body').getAttribute('data-status'), PATIENCE).toBe('paused')
    await page.getByRole('button', { name: 'Resume training' }).click()
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
    frame: { row: Float32Array } | null
    state: { progress: { episodes: number; envSteps: number } } | null
  }
}

function agentPlaces(page: Page): Promise<string> {
  return page.evaluate(() => (globalThis as unknown as Window).marlstrom.frame?.row.slice(0, 6).join() ?? '')
}

function trainedEpisodes(): number {
  return (globalThis as unknown as Window).marlstrom.state?.progress.episodes ?? 0
}

function trainedSteps(): number {
  return (globalThis as unknown as Window).marlstrom.state?.progress.envSteps ?? 0
}
