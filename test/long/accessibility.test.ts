// What axe-core finds on every page, light and dark: nothing.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { createSession } from '../../src/experiment/session.ts'
import type { Inspection } from '../../src/experiment/show.ts'
import { taskKey } from '../../src/report/groups.ts'
import { createReport } from '../../src/report/report.ts'
import { baseline, measured } from '../report/measured.ts'
import { tinySchema, tinyShow, tinyState } from '../stream/tiny-stream.ts'
import { builtPage, circlingRun, openPage, PATIENCE, seesGame } from '../support/built-page.ts'
import { describeInChromium } from '../support/chromium.ts'
import { exportedPage } from '../support/exported-page.ts'
import { tempFolder } from '../support/temp-folder.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const schemes = ['light', 'dark'] as const

describeInChromium('axe-core finds nothing', browser => {
  const folder = builtPage()

  const inspect = (agent: number): Inspection => ({
    agent,
    observation: Float32Array.of(0.25, -1),
    action: Float32Array.of(0, 0, 1, 0, 0),
    probabilities: Float32Array.of(0.1, 0.1, 0.6, 0.1, 0.1),
    value: -12.5,
    rewardParts: { distance: -2 },
    sees: Uint8Array.of(1, 0, 1, 1, 0),
  })

  it.each(schemes)(
    'on the live page, whatever tab is open: %s',
    async colorScheme => {
      const { server, session } = await circlingRun(folder(), {
        show: {
          inspect,
          command({ type }, viewer) {
            if (type === 'take') session.dispatch({ type: 'exhibition', change: { taken: { agent_0: viewer } } })
          },
        },
      })
      const metrics = { 'criticLoss/agent_0': 0.5, 'criticLoss/agent_1': 0.25 }
      for (const episodes of [4000, 5000])
        session.dispatch({ type: 'point', episodes, returns: [-30, -29, 12], metrics })
      const optionsAllowed = [
        { name: 'obstacles', kind: 'count', description: 'how many', default: 2, min: 0 },
        { name: 'rules', kind: 'choice', description: 'whose', default: 'mpe2', choices: ['mpe2', 'openai'] },
        { name: 'ends', kind: 'flag', description: 'whether', default: false },
      ] as const
      const options = { obstacles: 2, rules: 'mpe2', ends: true }
      const choices = { agent: ['latest', 'scripted'], adversary: ['latest', 'random'] }
      const players = { agent: 'latest', adversary: 'latest' }
      session.dispatch({ type: 'exhibition', change: { optionsAllowed, options, choices, players } })
      const { page } = await openPage(browser(), server.url, { colorScheme, hasTouch: true })
      await seesGame(page)
      await expect.poll(() => page.locator('#metrics-legend li').count(), PATIENCE).toBe(2)
      expect(await violations(page)).toEqual([])
      await page.keyboard.press('j')
      await expect.poll(() => page.locator('#inspector').isVisible(), PATIENCE).toBe(true)
      await page.keyboard.press('t')
      await expect.poll(() => page.locator('#pad').isVisible(), PATIENCE).toBe(true)
      const code = { first: 1, line: 2, lines: ['one', 'two', 'three'] }
      session.dispatch({ type: 'trouble', trouble: { message: 'two is wrong', place: 'game.ts:2:1', code } })
      await expect.poll(() => page.locator('#trouble').isVisible(), PATIENCE).toBe(true)
      expect(await violations(page)).toEqual([])
      await page.getByRole('tab', { name: 'Control' }).click()
      for (const menu of ['#layers-menu', '#save-menu']) await page.locator(`${menu} summary`).click()
      expect(await violations(page)).toEqual([])
      await page.keyboard.press('?')
      expect(await violations(page)).toEqual([])
      await page.keyboard.press('Escape')
      session.dispatch({ type: 'stopped', message: 'A checkpoint was written.' })
      await page.getByRole('tab', { name: 'Run' }).click()
      await server.close('the run has ended')
      await expect.poll(() => page.locator('#banner').textContent(), PATIENCE).toContain('ended')
      expect(await violations(page)).toEqual([])
    },
    60_000,
  )

  it.each(schemes)(
    'in the list of sessions, and where a recording is played: %s',
    async colorScheme => {
      const { server, session } = await circlingRun(folder())
      const other = createSession(tinyState(tinySchema()))
      server.add({ id: 'other', title: 'other', session: other, show: tinyShow().show })
      other.dispatch({ type: 'failed', message: 'no room left' })
      const { page } = await openPage(browser(), server.url, { colorScheme })
      await expect.poll(() => page.locator('#sessions a').count(), PATIENCE).toBe(2)
      expect(await violations(page)).toEqual([])
      session.dispatch({ type: 'timeline', change: { kind: 'playback', first: 0, last: 500, position: 3 } })
      session.dispatch({ type: 'recording', recording: { file: 'a.mcap', bytes: 1200 } })
      await page.goto(`${server.url}?session=tiny`)
      await seesGame(page)
      expect(await violations(page)).toEqual([])
    },
    60_000,
  )

  it.each(schemes)(
    'on a page that plays offline: %s',
    async colorScheme => {
      const { file } = await exportedPage()
      const { page } = await openPage(browser(), pathToFileURL(file).href, { colorScheme })
      await seesGame(page)
      expect(await violations(page)).toEqual([])
    },
    60_000,
  )

  it.each(schemes)(
    'in a report: %s',
    async colorScheme => {
      const { outputFiles } = await build({
        entryPoints: [join(import.meta.dirname, '../../viewer/player.ts')],
        bundle: true,
        write: false,
        format: 'iife',
      })
      const runs = ['maddpg', 'ddpg'].flatMap(who => [1, 2].map(seed => measured({ who, seed })))
      const baselines = new Map(runs.map(run => [taskKey(run), new Map([['agent', baseline]])] as const))
      const evaluation = { mode: 'sample', seed: 0 } as const
      const player = outputFiles[0]!.text
      const file = join(tempFolder(), 'report.html')
      const leftOut = [{ path: 'runs/broken', reason: 'damaged' }]
      writeFileSync(file, createReport({ title: 'A report', runs, leftOut, baselines, evaluation, player }).html)
      const { page } = await openPage(browser(), pathToFileURL(file).href, { colorScheme })
      expect(await violations(page)).toEqual([])
    },
    60_000,
  )
})

/** Each rule that is broken, with the elements that break it. */
async function violations(page: Page): Promise<string[]> {
  // Colours that fade from one to the next are not judged on their way.
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.evaluate(axe)
  const { violations } = await page.evaluate(() => (globalThis as unknown as Window).axe.run())
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)
}

interface Window {
  axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
}
