// marlstrom report end to end: runs from disk to a page that opens from disk, in a browser.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeInChromium } from '../support/chromium.ts'
import { entry, marlstrom, temporaryFolder, tiny } from '../support/command.ts'
import { newestCheckpoint, rewriteCheckpoint } from '../support/rewrite-checkpoint.ts'

let home: string
/** Trained once: two algorithms, two seeds, and a game of two teams. */
const names = ['maddpg-1', 'maddpg-2', 'ddpg-1', 'ddpg-2', 'push']
const run = (name: string) => join(home, name)

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'marlstrom-report-'))
  for (const name of names) {
    const [algorithm, seed] = name === 'push' ? ['maddpg', '1'] : name.split('-')
    const scenario = name === 'push' ? 'simple_push' : 'simple_spread'
    const options = ['--algorithm', algorithm!, '--seed', seed!, '--threads', '1', '--out', run(name)]
    const args = ['train', scenario, '--episodes', '20', ...options, ...tiny, '--json']
    execFileSync(process.execPath, [entry, ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
  }
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

describe('marlstrom report', () => {
  it('writes a page and every plot as SVG and PNG, the same bytes each time', async () => {
    const folder = temporaryFolder()
    const spread = names.slice(0, 4).map(run)
    const write = (file: string) =>
      marlstrom('report', ...spread, '--episodes', '50', '--title', 'A & B', '--out', join(folder, file), '--json')
    const { code, stdout, stderr } = await write('deep/report.html')
    expect([code, stderr]).toEqual([0, ''])
    const said = JSON.parse(stdout)
    expect(said).toMatchObject({ event: 'report', leftOut: [], groups: [spread.slice(0, 2), spread.slice(2)] })
    const plots = readdirSync(join(folder, 'deep', 'report-plots'))
    expect(plots.filter(name => name.endsWith('.svg')).length).toBe(8)
    if (said.note === null) expect(plots.filter(name => name.endsWith('.png')).length).toBe(8)
    await write('again.html')
    const [first, second] = ['deep/report.html', 'again.html'].map(file => readFileSync(join(folder, file), 'utf8'))
    expect(first).toBe(second)
    expect(first).toContain('<h1>A &amp; B</h1>')
  })

  it('names what it leaves out, and goes on with the rest', async () => {
    const folder = temporaryFolder()
    const copy = (name: string, change: (path: string) => void) => {
      const path = join(folder, name)
      cpSync(run('maddpg-1'), path, { recursive: true })
      change(path)
      return path
    }
    const begun = copy('begun', path => rmSync(newestCheckpoint(path)))
    const torn = copy('torn', path =>
      writeFileSync(newestCheckpoint(path), readFileSync(newestCheckpoint(path)).subarray(0, 900)),
    )
    const damaged = copy('damaged', path => writeFileSync(join(path, 'metrics.jsonl'), '{"episodes":\n{}\n'))
    // A checkpoint of another version of the game: the number stands in its metadata.
    const old = copy('old', path => {
      rewriteCheckpoint(newestCheckpoint(path), ({ metadata }) => {
        expect(metadata.state).toContain('"scenarioVersion":1')
        metadata.state = metadata.state!.replace('"scenarioVersion":1', '"scenarioVersion":7')
      })
    })
    const again = copy('again', () => {})
    const absent = join(folder, 'absent')
    const paths = [run('maddpg-1'), begun, torn, damaged, old, again, absent]
    const out = join(folder, 'report.html')
    const { code, stdout } = await marlstrom('report', ...paths, '--episodes', '50', '--out', out, '--json')
    expect(code).toBe(0)
    const reasons = Object.fromEntries(
      JSON.parse(stdout).leftOut.map(({ run, reason }: { run: string; reason: string }) => [run, reason]),
    )
    expect(Object.keys(reasons).sort()).toEqual([begun, torn, damaged, old, again, absent].sort())
    expect(reasons[begun]).toMatch(/checkpoint/)
    expect(reasons[torn]).toMatch(/cut off/)
    expect(reasons[damaged]).toMatch(/line 1 is damaged/)
    expect(reasons[old]).toMatch(/trained in version 7 of simple_spread, this is version 1/)
    expect(reasons[again]).toMatch(/seed 1 is there already/)
    expect(reasons[absent]).toMatch(/no run folder/)
    const html = readFileSync(out, 'utf8')
    for (const path of [begun, torn, damaged, old, again, absent]) expect(html).toContain(path)
  })

  it('refuses with exit code 2 when nothing is left, and what cannot be', async () => {
    const folder = temporaryFolder()
    const out = join(folder, 'report.html')
    const nothing = await marlstrom('report', join(folder, 'absent'), '--out', out)
    expect([nothing.code, existsSync(out)]).toEqual([2, false])
    expect(nothing.stderr).toMatch(/none of 1 can be reported on/)
    expect((await marlstrom('report', run('push'), run('push'), '--out', out)).code).toBe(2)
    expect((await marlstrom('report', run('push'), '--episodes', '0', '--out', out)).code).toBe(2)
    mkdirSync(join(folder, 'taken.html'))
    const taken = await marlstrom('report', run('push'), '--out', join(folder, 'taken.html'))
    expect([taken.code, taken.stderr]).toEqual([2, expect.stringMatching(/is a folder; expected a file/)])
  })
})

describeInChromium('the page of a report', browser => {
  it('opens from disk, asks nobody for anything, and plays', async () => {
    const file = join(temporaryFolder(), 'report.html')
    expect((await marlstrom('report', ...names.map(run), '--episodes', '50', '--out', file)).code).toBe(0)
    const page = await browser().newPage({ colorScheme: 'dark', viewport: { width: 390, height: 800 } })
    const complaints: string[] = []
    const requests: string[] = []
    page.on('console', message => complaints.push(message.text()))
    page.on('pageerror', error => complaints.push(error.message))
    page.on('request', request => requests.push(request.url()))
    const address = pathToFileURL(file).href
    await page.goto(address)

    expect(await page.locator('table').count()).toBeGreaterThan(6)
    for (const rows of await page.locator('table').all())
      expect(await rows.locator('tbody tr').count()).toBeGreaterThan(0)
    expect(await page.locator('#task-simple_spread tbody').first().innerText()).toMatch(/ddpg\s+agent\s+2\s+−\d/)
    // Nothing but tables, each by itself, is wider than a phone.
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)

    const player = page.locator('[data-replay]').first()
    const shown = () => player.locator('canvas').screenshot()
    const begin = await shown()
    await player.locator('.speed').selectOption('4')
    await player.locator('.play').click()
    await player.locator('.play', { hasText: 'Pause' }).waitFor()
    // At the end of the episode it stops by itself.
    await player.locator('output', { hasText: 'step 25 / 25' }).waitFor({ timeout: 30_000 })
    await player.locator('.play', { hasText: 'Play' }).waitFor()
    expect((await shown()).equals(begin)).toBe(false)
    expect(await player.locator('.returns').innerText()).toMatch(/agent_0 -\d+\.\d/)
    await player.locator('.scrub').fill('0')
    await player.locator('output', { hasText: 'step 0 / 25' }).waitFor()
    expect((await shown()).equals(begin)).toBe(true)
    await player.locator('.episode').selectOption('1')
    expect((await shown()).equals(begin)).toBe(false)
    // Opaque and drawn in all players.
    expect(await page.locator('[data-replay] .play:disabled').count()).toBe(0)

    expect(complaints).toEqual([])
    expect(requests.filter(url => url !== address && !url.startsWith('data:'))).toEqual([])
    await page.close()
  })
})
