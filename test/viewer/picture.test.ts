// What the world knows is seen: each thing that a frame can say changes the pixels of the picture.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { build, mergeConfig } from 'vite'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import type { FrameField, FrameSchema } from '../../src/envs/frame.ts'
import type { Inspection, Show } from '../../src/experiment/show.ts'
import config from '../../viewer/vite.config.ts'
import { circlingFrame, gridSchema, knowingSchema, tinySchema, tinyServer } from '../stream/tiny-stream.ts'
import { describeInChromium } from '../support/chromium.ts'

const PATIENCE = { timeout: 60_000, interval: 50 }

describeInChromium('the picture of a game', browser => {
  let folder: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'marlstrom-picture-'))
    await build(mergeConfig(config, { configFile: false, logLevel: 'error', build: { outDir: folder } }))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** The page, and a way to show it a row of which only some fields are told. */
  async function open(schema: FrameSchema, parts: Partial<Show> = {}) {
    const { server, frames } = await tinyServer({ page: folder, schema, show: parts })
    const page = await browser().newPage({ viewport: { width: 1280, height: 800 } })
    onTestFinished(() => page.close())
    const complaints: string[] = []
    page.on('pageerror', error => complaints.push(error.message))
    await page.goto(server.url)
    await expect.poll(() => page.locator('body').getAttribute('data-connected'), PATIENCE).toBe('true')
    const plain = circlingFrame(tinySchema(), 0)
    let step = 0
    const show = async (
      told: Partial<Record<FrameField['name'], readonly number[]>>,
      actions: readonly number[] = new Array<number>(
        schema.agents.length * schema.agents[0]!.actionSpace[0]!.size,
      ).fill(0),
    ) => {
      const row = new Float32Array(schema.size)
      for (const { name, offset, size } of schema.fields) {
        if (name === 'present') row.fill(1, offset, offset + size)
        if (name === 'goal') row.fill(-1, offset, offset + size)
        if (name === 'heading' || name === 'level') row.fill(Number.NaN, offset, offset + size)
        row.set(told[name] ?? [], offset)
      }
      const perAgent = new Float32Array(schema.agents.length)
      const numbers = { actions: Float32Array.from(actions), rewards: perAgent, returns: perAgent }
      frames.next({ ...plain, ...numbers, step: step++, restarted: step === 1, row })
      await expect.poll(() => page.locator('body').getAttribute('data-step'), PATIENCE).toBe(String(step - 1))
    }
    return { page, show, complaints }
  }

  it('changes with goals, headings, words and who is there', async () => {
    const { page, show, complaints } = await open(knowingSchema())
    const position = [-0.8, 0, 0, 0, 0.8, 0, 0, 0.8, -0.5, -0.8, 0.9, 0.3]
    const goal = [1, -1, 0]
    const heading = [1, Number.NaN, Number.NaN, -2]
    const utterance = [0, 1, 0, 0, 0, 0, 0, 0, 0, 0.2, 0, 0.8]
    const seen = new Set([await picture(page)])
    for (const told of [
      { position },
      { position, goal },
      { position, goal, heading },
      { position, goal, heading, utterance },
      { position, goal, heading, utterance, present: [1, 0] },
    ]) {
      await show(told)
      await expect.poll(async () => seen.has(await picture(page)), PATIENCE).toBe(false)
      await expect.poll(() => standsStill(page), PATIENCE).toBe(true)
      seen.add(await picture(page))
    }
    await show({ position, goal, heading, utterance, present: [1, 0] })
    expect(seen).toContain(await picture(page))
    expect(complaints).toEqual([])
  })

  it('is a grid of cells, with walls, goals, levels, marks, headings and words', async () => {
    const { page, show, complaints } = await open(gridSchema())
    const position = [-0.75, 0.5, 0.25, 0.5, 0.25, 0]
    const seen = new Set([await picture(page)])
    for (const told of [
      { position },
      { position, level: [2] },
      { position, level: [2, 3] },
      { position, level: [2, 3], heading: [Math.PI / 2] },
      { position, level: [2, 3], heading: [Math.PI / 2], marked: [0, 0, 1] },
    ]) {
      await show(told)
      await expect.poll(async () => seen.has(await picture(page)), PATIENCE).toBe(false)
      await expect.poll(() => standsStill(page), PATIENCE).toBe(true)
      seen.add(await picture(page))
    }
    await show({ position, level: [2, 3], heading: [Math.PI / 2], marked: [0, 0, 1] }, [0, 0, 1])
    await expect.poll(async () => seen.has(await picture(page)), PATIENCE).toBe(false)
    const at = (x: number, y: number) => colourAt(page, 1.1, x, y)
    // Row 1, column 1 is a wall; row 2, column 3 a goal; row 2, column 0 floor.
    const [wall, goal, floor] = [await at(-0.25, 0.1), await at(0.75, -0.5), await at(-0.75, -0.4)]
    expect(wall).toBe('163,172,189')
    expect(new Set([wall, goal, floor]).size).toBe(3)
    expect(await page.locator('#game-legend li').allTextContents()).toEqual([
      ...['0agent_0', '1 food', '1 box', 'goal', 'wall', '2level'],
    ])
    expect(complaints).toEqual([])
  })

  it('has the parts of an observation with a shape beside it, as pictures with their numbers', async () => {
    const inspect = (agent: number): Inspection => ({
      agent,
      observation: Float32Array.of(0, 0, 1, 0, 0, -2.5, 1, 3, 0.5, 0.25),
      action: Float32Array.of(0, 1, 0),
      probabilities: Float32Array.of(0.25, 0.5, 0.25),
      value: null,
      rewardParts: {},
      sees: new Uint8Array(3),
    })
    const { page, show, complaints } = await open(gridSchema(), { inspect })
    await show({ position: [0, 0] })
    await page.keyboard.press('j')
    // Frames that follow come with what was looked at.
    const looked = async () => {
      await show({ position: [0, 0] })
      return page.locator('#inspector').isVisible()
    }
    await expect.poll(looked, PATIENCE).toBe(true)
    const section = page.locator('#observation')
    expect(await section.locator('h4').allTextContents()).toEqual(['view \u00b7 2 \u00d7 2 \u00d7 2', 'self \u00b7 2'])
    expect(await section.locator('caption').allTextContents()).toEqual(['wall', 'food'])
    expect(await section.locator('table').nth(0).locator('tr').count()).toBe(2)
    expect(await section.locator('table').nth(1).locator('td').allTextContents()).toEqual([
      '0.00',
      '0.00',
      '\u22122.50',
      '3.00',
    ])
    expect(await section.locator('td').nth(6).getAttribute('title')).toBe('row 1, column 0: food \u22122.50')
    const shades = await section
      .locator('td')
      .evaluateAll(cells => cells.map(it => (it as unknown as Cell).style.getPropertyValue('--share')))
    expect(shades).toEqual(['0%', '33%', '0%', '33%', '0%', '0%', '83%', '100%'])
    expect(await section.locator('.row b').allTextContents()).toEqual(['0.50', '0.25'])
    expect(complaints).toEqual([])
  })

  it('shows walls, and what lies beyond the edge, where the world has them', async () => {
    const { arena: _, walls: __, ...bare } = knowingSchema()
    const shown = async (schema: FrameSchema) => {
      const { page, show } = await open(schema)
      await show({ position: [0, 0] })
      return (x: number, y: number) => colourAt(page, schema.extent, x, y)
    }
    const walled = await shown(knowingSchema())
    await expect.poll(() => walled(0.65, -0.75), PATIENCE).toBe('163,172,189')
    const [beyond, inside] = [await walled(-1.25, 0.1), await walled(-0.3, -0.3)]
    expect(new Set(['163,172,189', beyond, inside]).size).toBe(3)
    const unwalled = await shown(bare)
    await expect.poll(() => unwalled(0.65, -0.75), PATIENCE).toBe(inside)
    expect([await unwalled(-1.25, 0.1), await unwalled(-0.3, -0.3)]).toEqual([inside, inside])
  })
})

// What follows runs in the page. The tests are compiled without the browser's types.

interface Cell {
  readonly style: { getPropertyValue(name: string): string }
}

interface Canvas {
  readonly width: number
  readonly height: number
  toDataURL(): string
  getContext(kind: '2d'): { getImageData(...box: number[]): { data: Uint8ClampedArray } }
}

function picture(page: Page): Promise<string> {
  return page.locator('#stage').evaluate(canvas => (canvas as unknown as Canvas).toDataURL())
}

async function standsStill(page: Page): Promise<boolean> {
  const pictures = new Set<string>()
  for (let i = 0; i < 5; i++) pictures.add(await picture(page))
  return pictures.size === 1
}

/** Red, green and blue of the pixel at a place of the world. */
function colourAt(page: Page, extent: number, x: number, y: number): Promise<string> {
  return page.locator('#stage').evaluate(
    (element, [extent, x, y]) => {
      const canvas = element as unknown as Canvas
      const scale = Math.min(canvas.width, canvas.height) / (2 * extent!)
      const at = [canvas.width / 2 + x! * scale, canvas.height / 2 - y! * scale]
      const { data } = canvas.getContext('2d').getImageData(at[0]!, at[1]!, 1, 1)
      return data.subarray(0, 3).join()
    },
    [extent, x, y],
  )
}
