// Makes docs/page.png: the exported page of a run as a browser shows it, without a network. node scripts/export-picture.mjs runs/<run>
// Builds first: npm run build. Wants chromium, as the browser tests do.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'

const [run] = process.argv.slice(2)
if (run === undefined) throw new Error('expected a run folder, got none')
const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'marlstrom-picture-'))
execFileSync(
  process.execPath,
  [join(root, 'dist/src/cli/main.js'), 'export', run, '--format', 'page', '--out', folder],
  {
    stdio: 'inherit',
  },
)

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
const context = await browser.newContext({ offline: true, viewport: { width: 1200, height: 760 } })
const page = await context.newPage()
await page.goto(pathToFileURL(join(folder, readdirSync(folder)[0])).href)
await page.locator('body[data-step="12"]').waitFor()
await page.keyboard.press('Space')
await page.locator('#agent-choice').selectOption({ index: 1 }, { force: true })
await page.getByRole('tab', { name: 'Agent' }).click()
await page.waitForTimeout(500)
await page.screenshot({ path: join(root, 'docs/page.png') })
await browser.close()
rmSync(folder, { recursive: true, force: true })
