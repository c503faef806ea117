// In a terminal the page outlives the training, until Ctrl-C; elsewhere, and with --exit, the end of the training is the end.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { TinyViewer, until } from '../stream/tiny-stream.ts'
import { describeInChromium } from '../support/chromium.ts'
import { marlstrom, temporaryFolder, tiny } from '../support/command.ts'
import { hasTerminals, startInTerminal } from '../support/terminal.ts'

const train = (out: string, ...more: string[]) => [
  ...['train', 'simple_spread', ...tiny, '--episodes', '20', '--watch', '0', '--out', out],
  ...more,
]
const playsOn = /Trained; the agents play on\. live page: (http:\S+) +\(Ctrl-C ends\)/

describeInChromium('the page of a run that was trained in a terminal', browser => {
  it.skipIf(!hasTerminals)('stays until Ctrl-C, says so, and leaves the run to others', async () => {
    const out = join(temporaryFolder(), 'run')
    const terminal = startInTerminal(...train(out))
    const url = (await terminal.sees(playsOn))[1]!
    expect(existsSync(join(out, 'trainer.pid'))).toBe(false)

    const page = await browser().newPage()
    onTestFinished(() => page.close())
    await page.goto(url)
    await expect
      .poll(() => page.locator('#message').textContent(), { timeout: 30_000 })
      .toBe('All 20 episodes are done: trained; the agents play on.')
    const viewer = await TinyViewer.connect(url)
    await until(() => expect(viewer.frames.length).toBeGreaterThan(3))

    const resumed = await marlstrom('train', '--resume', out, '--episodes', '25')
    expect([resumed.code, resumed.stderr]).toEqual([0, ''])
    const seen = viewer.frames.length
    await until(() => expect(viewer.frames.length).toBeGreaterThan(seen + 3))

    terminal.type('\x03')
    expect((await terminal.finished).code).toBe(0)
    expect(viewer.messages.at(-1)).toEqual({ type: 'bye', message: 'the training has finished' })
  })
})

describe('a training with a page', () => {
  it.skipIf(!hasTerminals).each([['--exit'], ['--json']])('ends by itself in a terminal with %s', async option => {
    const { code, shown } = await startInTerminal(...train(join(temporaryFolder(), 'run'), option)).finished
    expect(code).toBe(0)
    expect(shown).not.toMatch(playsOn)
  })

  it.skipIf(!hasTerminals)('ends by itself in a terminal when it is stopped', async () => {
    const terminal = startInTerminal(...train(join(temporaryFolder(), 'run'), '--episodes', '1000000'))
    await terminal.sees(/live page: /)
    terminal.type('\x03')
    const { code, shown } = await terminal.finished
    expect(code).toBe(0)
    expect(shown).toContain('Stopped.')
    expect(shown).not.toMatch(playsOn)
  })

  it('ends by itself where there is no terminal', async () => {
    const { code, stdout } = await marlstrom(...train(join(temporaryFolder(), 'run')))
    expect(code).toBe(0)
    expect(stdout).toContain('Trained. 20 episodes')
    expect(stdout).not.toMatch(playsOn)
  })
})
