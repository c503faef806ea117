// The page at every width, under fingers, and with more agents than can be named.
import { expect, it, onTestFinished } from 'vitest'
import { createSession } from '../../src/experiment/session.ts'
import { tinySchema, tinyShow, tinyState } from '../stream/tiny-stream.ts'
import { builtPage, circlingRun, openPage, PATIENCE, seesGame } from '../support/built-page.ts'
import { describeInChromium } from '../support/chromium.ts'

const widths = [320, 360, 390, 480, 600, 768, 900, 1024, 1280, 1440, 1920, 2560]

describeInChromium('the page', browser => {
  const folder = builtPage()

  it('cuts nothing off at any width, whatever tab is open', async () => {
    const { server, session } = await circlingRun(folder())
    const optionsAllowed = [
      { name: 'aRatherLongNameOfAnOption', kind: 'count', description: 'how many', default: 2, min: 0 },
      { name: 'rules', kind: 'choice', description: 'whose', default: 'mpe2', choices: ['mpe2', 'openai'] },
    ] as const
    const choices = { agent: ['latest', 'random', 'noop', 'scripted'] }
    const options = { aRatherLongNameOfAnOption: 2, rules: 'mpe2' }
    session.dispatch({
      type: 'exhibition',
      change: { optionsAllowed, options, choices, players: { agent: 'scripted' } },
    })
    const metrics = { 'criticLoss/agent_0': 0.5, 'criticLoss/agent_1': 0.25 }
    for (const episodes of [4000, 5000]) session.dispatch({ type: 'point', episodes, returns: [-30, -29, 12], metrics })
    const { page } = await openPage(browser(), server.url)
    await seesGame(page)
    const found: string[] = []
    for (const width of widths) {
      await page.setViewportSize({ width, height: 800 })
      for (const tab of ['Run', 'Agent', 'Control']) {
        await page.getByRole('tab', { name: tab }).click()
        found.push(...(await page.evaluate(cutOff)).map(what => `${width} ${tab}: ${what}`))
      }
    }
    expect(found).toEqual([])
  })

  it('cuts nothing off in a list of sessions, which tells those of one scenario apart', async () => {
    const { server } = await circlingRun(folder())
    for (const [i, value] of [-12.5, -40].entries()) {
      const plain = tinyState(tinySchema())
      const folder = `runs/a-rather-long-folder-of-experiments/simple_tag-maddpg-s${i}`
      const session = createSession({ ...plain, run: { ...plain.run, seed: i, folder } })
      session.dispatch({ type: 'point', episodes: 700, returns: [value, value, 8] })
      server.add({ id: `run-${i}`, title: 'simple_tag', session, show: tinyShow().show })
    }
    const { page } = await openPage(browser(), server.url)
    await expect.poll(() => page.locator('#sessions a').count(), PATIENCE).toBe(3)
    const facts = await page.locator('#sessions a').allTextContents()
    expect(facts[1]).toMatch(/simple_tag-maddpg-s0 .*seed 0 .*return agent \u221212\.50, adversary 8\.00/)
    expect(facts[2]).toMatch(/simple_tag-maddpg-s1 .*seed 1 .*return agent \u221240\.00, adversary 8\.00/)
    for (const width of widths) {
      await page.setViewportSize({ width, height: 800 })
      expect(await page.evaluate(cutOff)).toEqual([])
    }
  })

  it('is steered by a finger on the pad, and says nothing over the picture', async () => {
    const asked: unknown[] = []
    const { server, session } = await circlingRun(folder(), {
      show: {
        command(command, viewer) {
          asked.push(command)
          if (command.type === 'take') session.dispatch({ type: 'exhibition', change: { taken: { agent_0: viewer } } })
          if (command.type === 'release') session.dispatch({ type: 'exhibition', change: { taken: {} } })
        },
      },
    })
    const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }
    const { page, complaints } = await openPage(browser(), server.url, phone)
    await seesGame(page)
    expect(await page.locator('#pad').isVisible()).toBe(false)
    await page.getByRole('tab', { name: 'Agent' }).tap()
    await page.locator('#agent-choice').selectOption({ label: 'agent_0' })
    await page.getByRole('button', { name: 'Take over' }).tap()
    await expect.poll(() => page.locator('#pad').isVisible(), PATIENCE).toBe(true)
    await expect.poll(() => page.locator('#banner').isVisible(), PATIENCE).toBe(true)
    expect(await page.evaluate(covered)).toEqual([])

    await page.locator('#pad-cross').scrollIntoViewIfNeeded()
    const box = (await page.locator('#pad-cross').boundingBox())!
    const fingers = await page.context().newCDPSession(page)
    onTestFinished(() => fingers.detach().catch(() => {}))
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', right = 0, up = 0) =>
      fingers.send('Input.dispatchTouchEvent', {
        type,
        touchPoints:
          type === 'touchEnd'
            ? []
            : [{ x: box.x + ((1 + right) * box.width) / 2, y: box.y + ((1 - up) * box.height) / 2 }],
      })
    await touch('touchStart', 0.7, 0)
    await expect.poll(() => asked.at(-1), PATIENCE).toMatchObject({ type: 'act', agent: 0, move: [1, 0] })
    await touch('touchMove', 0.5, 0.5)
    await expect.poll(() => asked.at(-1), PATIENCE).toMatchObject({ type: 'act', agent: 0, move: [1, 1] })
    await touch('touchEnd')
    await expect.poll(() => asked.at(-1), PATIENCE).toMatchObject({ type: 'act', agent: 0, move: [0, 0] })
    await page.locator('#pad-release').click()
    await expect.poll(() => page.locator('#pad').isVisible(), PATIENCE).toBe(false)
    expect(asked.at(-1)).toEqual({ type: 'release', agent: 0 })
    expect(complaints).toEqual([])
  })

  it('names teams in place of 200 agents, in every panel', async () => {
    const schema = tinySchema(200)
    const { server, session } = await circlingRun(folder(), { schema })
    const returns = (from: number) => schema.agents.map((_, i) => (i < 150 ? from : from - i))
    const metrics = Object.fromEntries(schema.agents.map(({ id }, i) => [`criticLoss/${id}`, i]))
    for (const episodes of [100, 200]) {
      session.dispatch({ type: 'point', episodes, returns: returns(-episodes / 100), metrics })
    }
    const { page, complaints } = await openPage(browser(), server.url)
    await seesGame(page)
    await expect.poll(() => page.locator('#returns-legend li').count(), PATIENCE).toBeGreaterThan(0)
    await expect.poll(() => page.locator('#metrics-legend li').count(), PATIENCE).toBeGreaterThan(0)
    for (const legend of ['#returns-legend', '#metrics-legend', '#rewards-legend']) {
      const lines = await page.locator(`${legend} li`).allTextContents()
      expect(lines).toHaveLength(2)
      expect(lines[0]).toContain('agent: mean of 199')
      expect(lines[1]).toContain('adversary: mean of 1')
    }
    expect(await page.locator('#panel-training').textContent()).not.toContain('agent_1')
    expect(complaints).toEqual([])
  })

  it('zooms a chart, smooths it, and hides a line of it', async () => {
    const { server, session } = await circlingRun(folder())
    for (let i = 1; i <= 40; i++) {
      session.dispatch({ type: 'point', episodes: 100 * i, returns: [i % 2 ? 10 : 20, i % 2 ? 10 : 20, -5] })
    }
    const { page, complaints } = await openPage(browser(), server.url)
    await seesGame(page)
    const line = page.locator('#returns-legend li').first()
    await expect.poll(() => line.textContent(), PATIENCE).toBe('agent_0, agent_1 (equal)20.00')
    await page.getByLabel('Smoothing of the chart Training return').selectOption('strong')
    await expect.poll(() => line.textContent(), PATIENCE).toMatch(/\(equal\)15\./)
    await line.getByRole('button').click()
    expect(await line.getByRole('button').getAttribute('aria-pressed')).toBe('false')
    await page.getByRole('button', { name: 'logarithmic axis for the chart Training return' }).click()
    const whole = page.getByRole('button', { name: 'show all of the chart Training return' })
    expect(await whole.isVisible()).toBe(false)
    const box = (await page.locator('#returns .u-over').boundingBox())!
    await page.mouse.move(box.x + 0.3 * box.width, box.y + 20)
    await page.mouse.down()
    await page.mouse.move(box.x + 0.6 * box.width, box.y + 24, { steps: 4 })
    await page.mouse.up()
    await expect.poll(() => whole.isVisible(), PATIENCE).toBe(true)
    session.dispatch({ type: 'point', episodes: 4100, returns: [10, 10, -5] })
    expect(await whole.isVisible()).toBe(true)
    await page.locator('#returns .u-over').dblclick()
    await expect.poll(() => whole.isVisible(), PATIENCE).toBe(false)
    expect(complaints).toEqual([])
  })
})

// What follows runs in the page. The tests are compiled without the browser's types.

interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}
interface Element {
  readonly id: string
  readonly className: string
  readonly textContent: string
  readonly scrollWidth: number
  readonly clientWidth: number
  readonly tagName: string
  readonly parentElement: Element | null
  getBoundingClientRect(): Box & { readonly width: number; readonly height: number }
  checkVisibility(): boolean
  closest(selector: string): Element | null
}
interface Window {
  readonly innerWidth: number
  readonly document: {
    readonly documentElement: Element
    querySelectorAll(selector: string): Iterable<Element>
    querySelector(selector: string): Element
  }
  getComputedStyle(element: Element): { readonly overflowX: string }
}

/** Controls that reach beyond the window or beyond what clips them, that lie on others, or whose words do not fit. */
function cutOff(): string[] {
  const window = globalThis as unknown as Window
  const { document } = window
  const found: string[] = []
  const root = document.documentElement
  if (root.scrollWidth > window.innerWidth) found.push(`the page scrolls sideways: ${root.scrollWidth}`)
  const controls = [...document.querySelectorAll('button, select, input, summary, a, h1, h2, .pill, legend')].filter(
    each =>
      each.checkVisibility() && each.closest('.unseen, dialog') === null && each.getBoundingClientRect().width > 0,
  )
  const name = (element: Element) =>
    `${element.tagName.toLowerCase()}#${element.id || element.textContent.trim().slice(0, 30)}`
  for (const control of controls) {
    const box = control.getBoundingClientRect()
    if (box.left < -0.5 || box.right > window.innerWidth + 0.5) found.push(`${name(control)} is beyond the window`)
    for (let around = control.parentElement; around !== null; around = around.parentElement) {
      if (window.getComputedStyle(around).overflowX === 'visible') continue
      const clip = around.getBoundingClientRect()
      if (box.left < clip.left - 0.5 || box.right > clip.right + 0.5) found.push(`${name(control)} is clipped`)
    }
    if (/^(BUTTON|H1|H2|A)$/.test(control.tagName) && control.scrollWidth > control.clientWidth + 1) {
      found.push(`the words of ${name(control)} do not fit`)
    }
  }
  const over = [...controls.filter(each => each.closest('.stage') !== null), ...document.querySelectorAll('.hud')]
  over.forEach((one, i) => {
    for (const other of over.slice(i + 1)) {
      const [a, b] = [one.getBoundingClientRect(), other.getBoundingClientRect()]
      const apart = a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 1 || b.bottom <= a.top + 1
      if (!apart) found.push(`${name(one)} lies on ${name(other)}`)
    }
  })
  return found
}

/** What lies in the picture of those that should not. */
function covered(): string[] {
  const { document } = globalThis as unknown as Window
  const stage = document.querySelector('#stage').getBoundingClientRect()
  return ['#banner', '#pad', '#game-note'].filter(selector => {
    const box = document.querySelector(selector).getBoundingClientRect()
    return box.width > 0 && box.top < stage.bottom - 1 && box.bottom > stage.top + 1
  })
}
