// The browser for tests of the page: Debian's chromium. Missing, such tests are skipped by name; where CI is set they fail.
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe } from 'vitest'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A `describe` whose tests get a running browser. */
export function describeInChromium(name: string, tests: (browser: () => Browser) => void): void {
  const executablePath = PLACES.find(place => existsSync(place))
  const reason = `no chromium at ${PLACES.join(', ')}; install it with: apt-get install chromium`
  const skipped = executablePath === undefined && !process.env.CI
  if (skipped) console.warn(`skipped: ${name} (${reason})`)
  describe.skipIf(skipped)(name, () => {
    let browser: Browser | undefined
    beforeAll(async () => {
      if (executablePath === undefined) never(reason)
      browser = await chromium.launch({ executablePath, args: QUIET })
    }, 60_000)
    afterAll(() => browser?.close())
    tests(() => browser ?? never('the browser did not start'))
  })
}

function never(reason: string): never {
  throw new Error(reason)
}
