// Programs that tests drive: missing, such tests are skipped by name; where CI is set they fail.
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { beforeAll, describe } from 'vitest'

/** A `describe` whose tests need some commands of a Debian package; `hindrance`: why they cannot be run at all here. */
export function describeWith(
  commands: readonly string[],
  debian: string,
  name: string,
  tests: () => void,
  hindrance?: string,
): void {
  const missing = commands.filter(command => !isInstalled(command))
  const reason = hindrance ?? `no ${missing.join(', ')}; install with: apt-get install ${debian}`
  const skipped = hindrance !== undefined || (missing.length > 0 && !process.env.CI)
  if (skipped) console.warn(`skipped: ${name} (${reason})`)
  describe.skipIf(skipped)(name, () => {
    beforeAll(() => {
      if (missing.length > 0) throw new Error(reason)
    })
    tests()
  })
}

function isInstalled(command: string): boolean {
  const places = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return places.some(place => existsSync(join(place, command)))
}
