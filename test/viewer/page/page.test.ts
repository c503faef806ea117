import type { Page } from 'playwright-core'
import { expect, it, onTestFinished } from 'vitest'
import type { Command } from '../../../src/experiment/commands.ts'
import type { Inspection } from '../../../src/experiment/show.ts'
import {
  circlingFrame,
  type TinyServerOptions,
  tinySchema,
  tinyServer,
  tinyShow,
  withinOneSecond,
} from '../../stream/tiny-stream.ts'
import { builtPage, circlingRun, PATIENCE } from '../../support/built-page.ts'
import { describeInChromium } from '../../support/chromium.ts'

describeInChromium('the page in a browser', browser => {
  const folder = builtPage()

  /** A run that is watched: a server, a little game behind it that heeds the pause, and the page. */
  async function watch(options: TinyServerOptions = {}, hash = '') {
    const run = await circlingRun(folder(), options)
    const page = await browser().newPage({ viewport: { width: 1280, height: 800 } })
    onTestFinished(() => page.close())
    const complaints: string[] = []
    page.on('pageerror', error => complaints.push(error.message))
    page.on('console', message => message.type() === 'error' && complaints.push(message.text()))
    // The numbers of the frames that were sent to it: a slow page asks for fewer.
    const came = new Set<number>()
    page.on('websocket', socket =>
      socket.on('framereceived', ({ payload }) => {
        if (typeof payload !== 'string') came.add(payload.readDoubleLE(8))
      }),
    )
    await page.goto(`${run.server.url}${hash}`)
    await expect.poll(() => shown(page, 'step'), PATIENCE).not.toBeNull()
    return { ...run, page, complaints, came }
  }

  it('only watches where its address says so, also by way of the list of sessions', async () => {
    const { server, session, schema } = await tinyServer({ page: folder() })
    server.add({ id: 'second', title: 'another run', session, show: tinyShow(schema).show })
    const page = await browser().newPage()
    onTestFinished(() => page.close())
    await page.goto(`${server.url}?role=viewer`)
    await page.getByText('another run').click()
    await expect.poll(() => page.locator('#role').textContent(), PATIENCE).toBe('viewer')
    expect(new URL(page.url()).searchParams.get('role')).toBe('viewer')
    await page.goto(`${server.url}?session=second`)
    await expect.poll(() => shown(page, 'connected'), PATIENCE).toBe('true')
    expect(await page.locator('#role').isVisible()).toBe(false)
  })

  it('shows a game that moves and a training that goes on, to whoever looks', async () => {
    const { page, schema, session, complaints } = await watch()
    expect(await shown(page, 'connected')).toBe('true')
    expect(await shown(page, 'status')).toBe('training')
    const pictures = new Set<string>()
    await expect.poll(async () => pictures.add(await picture(page)).size, PATIENCE).toBeGreaterThan(5)
    expect(await page.locator('#game-legend li').allTextContents()).toEqual([
      ...schema.entities.filter(entity => entity.agent !== null).map(entity => `${entity.agent}${entity.id}`),
      '1 solid landmark',
      '1 landmark',
    ])
    expect(await page.locator('#game-note').textContent()).toContain('It is not a training episode')

    const progress = { ...session.state.progress, episodes: 5000, envSteps: 125_000, updates: 1000, secondsLeft: 100 }
    session.dispatch({ type: 'progress', progress })
    const metrics = { 'criticLoss/agent_0': 0.5, 'criticLoss/agent_1': 0.25 }
    session.dispatch({ type: 'point', episodes: 4000, returns: [-30, -30, 12], metrics })
    session.dispatch({ type: 'point', episodes: 5000, returns: [-28.5, -28.5, 14], metrics })
    session.dispatch({
      type: 'evaluation',
      evaluation: { episodes: 5000, mode: 'greedy', returns: { agent_0: -27, agent_1: -27, adversary_0: 15 } },
    })
    await expect.poll(() => page.locator('#episodes').textContent(), PATIENCE).toBe('5,000 of 25,000 episodes')
    expect(await page.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('5000')
    expect(await page.locator('#env-steps').textContent()).toBe('125,000')
    expect(await page.locator('#left').textContent()).toBe('2 min left')
    // Each comes in a patch of its own, and the page shows one after the other.
    await expect
      .poll(() => page.locator('#returns-legend li').allTextContents(), PATIENCE)
      .toEqual(['agent_0, agent_1 (equal)\u221228.50', 'adversary_014.00'])
    await expect.poll(() => page.locator('#evaluated').isVisible(), PATIENCE).toBe(true)
    expect(await page.locator('#metrics-choice option').allTextContents()).toEqual(['critic loss'])
    expect(await page.locator('#metrics-legend li').allTextContents()).toEqual(['agent_00.50', 'agent_10.25'])

    const seen = await page.evaluate(look)
    expect(seen.state).toEqual(session.state)
    expect(seen.rewards).toBe(3)
    expect(seen.frozen).toBe(true)
    expect(complaints).toEqual([])
  })

  it('sends what the buttons, the keys and the forms say', async () => {
    const { page, commands, session, complaints } = await watch()
    const last = () => commands.at(-1)
    await page.getByRole('button', { name: 'Pause', exact: true }).click()
    await expect.poll(() => commands, PATIENCE).toEqual([{ type: 'pause' }])
    await expect.poll(() => shown(page, 'paused'), PATIENCE).toBe('true')
    await expect.poll(() => standsStill(page), PATIENCE).toBe(true)
    await page.getByRole('button', { name: 'Step', exact: true }).click()
    await page.keyboard.press('.')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Space')
    await expect
      .poll(() => commands.slice(1).map(({ type }) => type), PATIENCE)
      .toEqual(['step', 'step', 'step', 'resume'])
    await page.getByLabel('Speed').press('ArrowRight')
    await expect.poll(last, PATIENCE).toEqual({ type: 'speed', speed: 2 })
    await page.getByRole('button', { name: 'Pause training' }).click()
    await expect.poll(() => shown(page, 'status'), PATIENCE).toBe('paused')
    await page.getByRole('button', { name: 'Resume training' }).click()
    await expect.poll(() => shown(page, 'status'), PATIENCE).toBe('training')

    const optionsAllowed = [{ name: 'obstacles', kind: 'count', description: 'how many', default: 2, min: 0 }] as const
    const choices = { agent: ['latest', 'scripted'], adversary: ['latest', 'random'] }
    const players = { agent: 'latest', adversary: 'latest' }
    session.dispatch({
      type: 'exhibition',
      change: { optionsAllowed, options: { obstacles: 2 }, choices, players, taken: { agent_0: 'viewer-1' } },
    })
    await page.getByRole('tab', { name: 'Control' }).click()
    await page.getByLabel('Seed').fill('7')
    await page.getByRole('button', { name: 'Reset' }).click()
    await expect.poll(last, PATIENCE).toEqual({ type: 'reset', seed: 7 })
    await page.getByLabel('adversary', { exact: true }).selectOption('random')
    await expect.poll(last, PATIENCE).toEqual({ type: 'play', team: 'adversary', who: 'random' })
    await page.getByLabel('obstacles').fill('4')
    await page.getByRole('button', { name: 'Play with these' }).click()
    await expect.poll(last, PATIENCE).toEqual({ type: 'options', options: { obstacles: 4 } })
    await page.getByLabel('x', { exact: true }).fill('0.5')
    await page.getByRole('button', { name: 'Put', exact: true }).click()
    await expect.poll(last, PATIENCE).toEqual({ type: 'drag', entity: 0, position: [0.5, 0] })
    expect(complaints).toEqual([])
  })

  it('looks into the past while the game goes on, and plays it over and over', async () => {
    const { page, complaints, came } = await watch({}, '#view=follow,0,0,2&agent=agent_1')
    await expect.poll(() => page.evaluate(now).then(({ newest }) => newest), PATIENCE).toBeGreaterThan(60)
    await page.keyboard.press(',')
    const { shown: stands } = await page.evaluate(now)
    const live = page.getByRole('button', { name: 'Live' })
    await expect.poll(() => live.getAttribute('aria-pressed'), PATIENCE).toBe('false')
    await expect.poll(() => page.evaluate(now).then(({ newest }) => newest), PATIENCE).toBeGreaterThan(stands + 10)
    expect(await page.evaluate(now)).toMatchObject({ shown: stands, live: false })
    await expect.poll(() => standsStill(page), PATIENCE).toBe(true)
    await expect.poll(() => page.url(), PATIENCE).toContain(`at=${stands}`)
    expect(page.url()).toContain('view=follow')

    // A busy server leaves frames out: the first that came of the episode.
    const episode = Math.floor(stands / 25)
    const first = () => Math.min(...[...came].filter(number => number >= 25 * episode))
    const shown = () => page.evaluate(now).then(({ shown }) => shown)
    if (stands > first()) {
      await page.keyboard.press('Home')
      await expect.poll(async () => (await shown()) === first(), PATIENCE).toBe(true)
    }
    const begin = await shown()
    await page.keyboard.press('b')
    await page.keyboard.press('.')
    await expect.poll(shown, PATIENCE).toBeGreaterThan(begin)
    await page.keyboard.press('p')
    await expect.poll(shown, PATIENCE).toBe(begin)
    await page.keyboard.press('l')
    const numbers: number[] = []
    await expect
      .poll(async () => {
        numbers.push((await page.evaluate(now)).shown)
        return numbers.some((number, i) => i > 0 && number < numbers[i - 1]!)
      }, PATIENCE)
      .toBe(true)
    expect(Math.floor(Math.min(...numbers) / 25)).toBe(Math.floor(Math.max(...numbers) / 25))
    await live.click()
    await expect.poll(() => page.evaluate(now), PATIENCE).toMatchObject({ live: true })

    // A second viewer comes late, and is shown the moment that the link names.
    const other = await browser().newPage()
    onTestFinished(() => other.close())
    await other.goto(page.url().replace(/#.*/, `#at=${stands}`))
    await expect.poll(() => other.evaluate(now), PATIENCE).toMatchObject({ shown: stands, live: false })
    expect(complaints).toEqual([])
  })

  it('shows what an agent sees, wants and expects, whatever things are called', async () => {
    const evil = '<img src=x onerror="document.title=1">'
    const plain = tinySchema()
    const agents = plain.agents.map((agent, i) =>
      i === 1 ? { ...agent, observationParts: [{ name: evil, size: 2 }] } : agent,
    )
    const entities = plain.entities.map(entity => (entity.id === 'agent_1' ? { ...entity, id: evil } : entity))
    const inspect = (agent: number): Inspection => ({
      agent,
      observation: Float32Array.of(0.25, -1),
      action: Float32Array.of(0, 0, 1, 0, 0),
      probabilities: Float32Array.of(0.1, 0.1, 0.6, 0.1, 0.1),
      value: -12.5,
      rewardParts: { [evil]: -2 },
      sees: Uint8Array.of(1, 0, 1, 1, 0),
    })
    const { page, complaints } = await watch({ schema: { ...plain, entities, agents }, show: { inspect } })
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await expect.poll(() => page.locator('#inspector').isVisible(), PATIENCE).toBe(true)
    // First it shows the other agent, whose turn was before.
    await expect.poll(() => page.locator('#observation').textContent(), PATIENCE).toContain(`${evil} \u00b7 2`)
    expect(await page.locator('#observation b').allTextContents()).toEqual(['0.25', '\u22121.00'])
    expect(await page.locator('#action .chosen b').textContent()).toBe('60 %')
    expect(await page.locator('#parts').textContent()).toContain(evil)
    expect(await page.locator('#value').textContent()).toBe('\u221212.50')
    expect(await page.locator('#game-legend').textContent()).toContain(evil)
    expect(await page.locator('main img').count()).toBe(0)
    await page.keyboard.press('Escape')
    await expect.poll(() => page.locator('#inspector').isVisible(), PATIENCE).toBe(false)
    expect(complaints).toEqual([])
  })

  it('shows what an agent may not do, and sends nothing of it', async () => {
    let mask = Uint8Array.of(1, 0, 1, 1, 1)
    const inspect = (agent: number): Inspection => ({
      agent,
      observation: Float32Array.of(0, 0),
      action: Float32Array.of(1, 0, 0, 0, 0),
      probabilities: Float32Array.of(0.4, 0, 0.2, 0.2, 0.2),
      mask,
      value: null,
      rewardParts: {},
      sees: new Uint8Array(5),
    })
    const asked: Command[] = []
    const { page, session, complaints } = await watch({
      show: {
        inspect,
        command(command, viewer) {
          asked.push(command)
          if (command.type === 'take') session.dispatch({ type: 'exhibition', change: { taken: { agent_0: viewer } } })
        },
      },
    })
    const moves = () => asked.flatMap(command => (command.type === 'act' ? [command.move] : []))
    await page.keyboard.press('j')
    const rows = page.locator('#action .row')
    await expect.poll(() => rows.count(), PATIENCE).toBe(5)
    // Soft moves count as the original worlds do: the second goes right.
    expect(await page.locator('#action .row.forbidden').allTextContents()).toEqual(['\u2192not allowed now'])
    expect(await rows.first().textContent()).toBe('stay40 %')
    await page.keyboard.press('t')
    await expect.poll(() => page.locator('#take').textContent(), PATIENCE).toBe('Let go')
    await page.keyboard.down('ArrowRight')
    await expect.poll(() => page.locator('body').textContent(), PATIENCE).toContain('\u2192: not allowed now')
    await page.keyboard.down('ArrowUp')
    await expect.poll(() => moves().at(-1), PATIENCE).toEqual([0, 1])
    expect(moves().some(([right]) => right !== 0)).toBe(false)
    // It is held still when it may go right again.
    mask = new Uint8Array(5).fill(1)
    await expect.poll(() => moves().at(-1), PATIENCE).toEqual([1, 1])
    expect(await page.locator('#action .row.forbidden').count()).toBe(0)
    expect(complaints).toEqual([])
  })

  it('stays readable when the run has ended, and its past can be played', async () => {
    const { page, server, session, frames, schema, complaints } = await watch()
    session.dispatch({ type: 'point', episodes: 25_000, returns: [-28, -28, -28] })
    session.dispatch({ type: 'ended', message: 'All 25,000 episodes are done.' })
    const newest = () => page.evaluate(now).then(({ newest }) => newest)
    await expect.poll(newest, PATIENCE).toBeGreaterThan(10)
    session.dispatch({ type: 'pause' })
    for (const number of [10_000, 10_001]) {
      frames.next(circlingFrame(schema, number))
      await expect.poll(newest, PATIENCE).toBe(number)
    }
    await server.close('all 25,000 episodes are done.')
    const banner = page.locator('#banner')
    await expect.poll(() => banner.textContent(), PATIENCE).toBe('The run has ended: all 25,000 episodes are done.')
    expect(await shown(page, 'ended')).toBe('true')
    expect(await shown(page, 'connected')).toBe('false')
    expect(await shown(page, 'status')).toBe('ended')
    for (const control of await page.locator('#panel-control :is(button, input, select)').all()) {
      expect(await control.isEnabled()).toBe(false)
    }
    await expect.poll(() => colours(page), PATIENCE).toBeGreaterThan(10)
    expect(await page.locator('#returns-legend').textContent()).toContain('all 3 agents share one line')
    await page.keyboard.press(',')
    await expect.poll(() => page.evaluate(now), PATIENCE).toMatchObject({ shown: 10_000, newest: 10_001, live: false })
    // It asks now and then whether the server is there again.
    expect(complaints.filter(complaint => !complaint.includes('ERR_CONNECTION_REFUSED'))).toEqual([])
  })

  it('says that the connection is lost, comes back, and goes on from the snapshot', async () => {
    const { page, session } = await watch()
    await page.keyboard.press('Space')
    await expect.poll(() => shown(page, 'paused'), PATIENCE).toBe('true')
    const told: string[] = []
    await page.exposeFunction('tell', (text: string) => told.push(text))
    await page.evaluate(followBanner)
    // More keys than any person presses: the server hangs up without a goodbye.
    withinOneSecond()
    await page.evaluate(pressStepOften)
    await expect.poll(() => told, PATIENCE).toContain('The connection is lost. Trying to come back \u2026')
    session.dispatch({ type: 'progress', progress: { ...session.state.progress, episodes: 7000 } })
    await expect.poll(() => shown(page, 'connected'), PATIENCE).toBe('true')
    await expect.poll(() => page.locator('#episodes').textContent(), PATIENCE).toBe('7,000 of 25,000 episodes')
    await expect.poll(() => page.locator('#banner').isVisible(), PATIENCE).toBe(false)
    await page.keyboard.press('Space')
    await expect.poll(() => shown(page, 'paused'), PATIENCE).toBe('false')
  })
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
  marlstrom: { state: unknown; shown: number; live: boolean; frame: { number: number; rewards: Float32Array } }
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

/** Where in time the page is. */
function now() {
  const { shown, live, frame } = (globalThis as unknown as Window).marlstrom
  return { shown, live, newest: frame.number }
}
