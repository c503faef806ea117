// A scenario file being watched while it is edited: real saves, real threads, a real viewer, and the page in a browser.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { scenarioTemplate } from '../../src/authoring/template.ts'
import { TinyViewer } from '../stream/tiny-stream.ts'
import { describeInChromium } from '../support/chromium.ts'
import { marlstrom, start, temporaryFolder } from '../support/command.ts'

const good = scenarioTemplate('gather')
const three = good.replace('count(2,', 'count(3,')
const contacts = 'let contacts = 0\n'
const patience = { timeout: 60_000, interval: 50 }

/** A file that is being watched; `save` is what its author does. */
async function watch(text: string) {
  const file = join(temporaryFolder(), 'gather.ts')
  const save = (next: string) => writeFileSync(file, next)
  save(text)
  const running = start('watch', file, '--port', '0')
  let complaints = ''
  running.process.stderr!.on('data', data => {
    complaints += data
  })
  const url = (await running.sees(/live page: (http:\S+)/))[1]!
  return { file, save, running, url, complaints: () => complaints }
}

it('plays a file at once, and the next version as soon as it is saved, to the same viewers', async () => {
  const { save, running, url } = await watch(good)
  const viewer = await TinyViewer.connect(url)
  await vi.waitFor(() => expect(viewer.frames.length).toBeGreaterThan(2), patience)
  expect(viewer.state).toMatchObject({ status: 'playing', run: { scenario: 'gather', algorithm: 'scripted' } })
  expect(viewer.state!.roster).toHaveLength(2)
  viewer.ask({ type: 'speed', speed: 4 })
  // The thread of the game does what viewers ask, or says why not.
  viewer.ask({ type: 'take', agent: 0, id: 1 })
  viewer.ask({ type: 'drag', entity: 99, position: [0, 0], id: 2 })
  viewer.ask({ type: 'options', options: { maxCycles: 7 }, id: 3 })
  viewer.ask({ type: 'drag', entity: 1, position: [0.5, 0.5], id: 4 })
  const answers = () => viewer.messages.filter(({ type }) => type === 'done' || type === 'refused')
  await vi.waitFor(() => expect(answers()).toHaveLength(4), patience)
  expect(answers()[1]).toMatchObject({ type: 'refused', id: 2, message: expect.stringContaining('got 99') })
  expect(viewer.state!.exhibition).toMatchObject({ options: { maxCycles: 7 }, taken: { agent_0: expect.any(String) } })
  const welcomes = viewer.messages.filter(({ type }) => type === 'welcome').length

  save(three)
  await running.sees(/reloaded/)
  await vi.waitFor(() => expect(viewer.state!.roster).toHaveLength(3), patience)
  await vi.waitFor(() => expect(viewer.frames.at(-1)!.rewards).toHaveLength(3), patience)
  expect(viewer.messages.filter(({ type }) => type === 'welcome')).toHaveLength(welcomes + 1)
  expect(viewer.state!.exhibition.speed).toBe(4)

  viewer.ask({ type: 'pause' })
  running.process.kill('SIGINT')
  expect((await running.finished).code).toBe(0)
})

it('leaves the last good version running whatever is wrong with the next one, and says where', async () => {
  const { file, save, url, complaints } = await watch(three)
  const viewer = await TinyViewer.connect(url)
  const told = async (sentence: string) => {
    await vi.waitFor(() => expect(viewer.state?.message).toContain(sentence), patience)
    await vi.waitFor(() => expect(complaints()).toContain(sentence), patience)
    const shown = viewer.frames.length
    await vi.waitFor(() => expect(viewer.frames.length).toBeGreaterThan(shown + 2), patience)
    expect(viewer.frames.at(-1)!.rewards).toHaveLength(3)
  }
  save(good.replace(contacts, 'let contacts = = 0\n'))
  await told(`${file}:45:20: Unexpected "="`)
  save(good.replace(contacts, 'let contacts = (null as any).length\n'))
  await told(`${file}:45:34: Cannot read properties of null (reading 'length') (hook 'reward', agent_0, step 1)`)
  save(good.replace(contacts, 'let contacts = Number.NaN\n'))
  await told("hook 'reward', agent_0, step 1: the reward of agent_0 must be a finite number, got NaN")
  save(good.replace(contacts, 'let contacts = 0\n    while (agent.index === 1);\n'))
  await told("hook 'reward', agent_1, step 1, seed 1: hook 'reward' did not come back for 5 seconds")
  save(good)
  await vi.waitFor(() => expect(viewer.state!.message).toBeNull(), patience)
  await vi.waitFor(() => expect(viewer.frames.at(-1)!.rewards).toHaveLength(2), patience)
})

it('goes back to the version before when one fails after it was shown', async () => {
  const { file, save, url, running } = await watch(three)
  const viewer = await TinyViewer.connect(url)
  await vi.waitFor(() => expect(viewer.state?.roster).toHaveLength(3), patience)
  // The unseen trial asks for at most 120 rewards.
  const late = "calls++\n    if (calls > 150) throw new Error('too late')\n    "
  save(good.replace(contacts, late + contacts).replace('const colors', 'let calls = 0\nconst colors'))
  await running.sees(/reloaded/)
  await running.sees(/the version before plays on/)
  await vi.waitFor(() => expect(viewer.state!.roster).toHaveLength(3), patience)
  await vi.waitFor(() => expect(viewer.state!.message).toContain(`${file}:46:28: too late`), patience)
  await vi.waitFor(() => expect(viewer.frames.at(-1)!.rewards).toHaveLength(3), patience)
})

it('waits with an empty page for a first version that can be played', async () => {
  const { file, save, url } = await watch(good.replace(contacts, 'let contacts = = 0\n'))
  const viewer = await TinyViewer.connect(url)
  await vi.waitFor(() => expect(viewer.state?.message).toContain(`${file}:45:20: `), patience)
  save(good)
  await vi.waitFor(() => expect(viewer.state).toMatchObject({ message: null, run: { scenario: 'gather' } }), patience)
  await vi.waitFor(() => expect(viewer.frames.length).toBeGreaterThan(2), patience)
})

it.each([
  [['watch', 'nowhere/gather.ts'], 'there is no file'],
  [['watch', 'foraging', '--set', 'scenario.agents=0'], 'scenario.agents: expected a whole number from 1 to 10, got 0'],
])('%j is wrong usage', async (args, sentence) => {
  const { code, stderr } = await marlstrom(...args)
  expect(stderr).toContain(sentence)
  expect(code).toBe(2)
})

describeInChromium('the page of a file that is being edited', browser => {
  it('shows the new version, and what is wrong with a bad one, without being reloaded', async () => {
    const { save, url } = await watch(good)
    const page = await browser().newPage()
    onTestFinished(() => page.close())
    const complaints: string[] = []
    page.on('pageerror', error => complaints.push(error.message))
    let loads = 0
    page.on('load', () => loads++)
    await page.goto(url)
    const legend = () => page.locator('#game-legend li').allTextContents()
    await expect.poll(legend, patience).toEqual(['0agent_0', '1agent_1', '2 landmarks'])
    save(three)
    await expect.poll(legend, patience).toEqual(['0agent_0', '1agent_1', '2agent_2', '3 landmarks'])
    save(good.replace(contacts, 'let contacts = = 0\n'))
    const trouble = page.locator('#trouble')
    await expect.poll(() => trouble.textContent(), patience).toContain('Unexpected "="')
    expect(await page.locator('#trouble-place').textContent()).toBe('gather.ts:45:20')
    expect(await page.locator('#trouble mark').textContent()).toContain('let contacts = = 0')
    for (const tab of ['Agent', 'Control']) {
      await page.getByRole('tab', { name: tab }).click()
      expect(await trouble.isVisible()).toBe(true)
    }
    save(good.replace('state: { contacts: 0 },', 'state: { contacts: 0 },\n    walls: [1, 2],'))
    await expect.poll(() => trouble.textContent(), patience).toContain('walls[0] must be')
    expect(await page.locator('#trouble mark').textContent()).toContain('walls: [1, 2]')
    save(good.replace('  reward({', '  rewards({'))
    await expect.poll(() => trouble.textContent(), patience).toContain("did you mean 'reward'?")
    save(good)
    await expect.poll(legend, patience).toEqual(['0agent_0', '1agent_1', '2 landmarks'])
    await expect.poll(() => trouble.isVisible(), patience).toBe(false)
    expect(loads).toBe(1)
    expect(complaints).toEqual([])
  })
})
