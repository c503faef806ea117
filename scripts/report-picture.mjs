// Makes docs/report.png: a report of some runs as a browser shows it. node scripts/report-picture.mjs runs/a runs/b ...
// Builds first: npm run build. Wants chromium, as the browser tests do.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'

const runs = process.argv.slice(2)
if (runs.length === 0) throw new Error('expected run folders, got none')
const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'marlstrom-picture-'))
const file = join(folder, 'report.html')
execFileSync(process.execPath, [join(root, 'dist/src/cli/main.js'), 'report', ...runs, '--out', file], {
  stdio: 'inherit',
})

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
const page = await browser.newPage({ colorScheme: 'light', viewport: { width: 1120, height: 1460 } })
await page.goto(pathToFileURL(file).href)
// In the middle of an episode there is more to see than at its begin.
for (const scrub of await page.locator('.scrub').all()) await scrub.fill('12')
await page.evaluate(() => scrollTo(0, 0))
await page.screenshot({ path: join(root, 'docs/report.png') })
await browser.close()
rmSync(folder, { recursive: true, force: true })
