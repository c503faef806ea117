import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { pageScript } from '../../src/export/page-bundle.ts'
import { pageDocument } from '../../src/export/page-document.ts'
import type { PageData } from '../../src/offline/page-data.ts'
import { tempFolder } from '../support/temp-folder.ts'

const data = { title: 'a game', options: {} } as unknown as PageData

it('leaves out what only Node.js has, and refuses by name the scenario that uses it', async () => {
  const file = join(tempFolder(), 'scenario.mjs')
  const scenario = (before: string, inside: string) =>
    `import { defineScenario, distance } from 'marlstrom'\n${before}\nexport default defineScenario({ id: 'x', reward: () => ${inside} })\n`
  writeFileSync(file, scenario('', 'distance'))
  const { script } = await pageScript({ file }, data)
  expect(script.includes('is not there in a page')).toBe(false)
  writeFileSync(file, scenario("import { readFileSync } from 'node:fs'", 'readFileSync'))
  await expect(pageScript({ file }, data)).rejects.toThrow(
    "scenario.mjs uses 'node:fs', which no page in a browser has",
  )
})

it('is the same script wherever the files lie, with the notices of all packages in it', async () => {
  const exported = () => {
    const folder = tempFolder()
    const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
    mkdirSync(join(folder, 'node_modules/reward-of-others'), { recursive: true })
    write('node_modules/reward-of-others/package.json', '{"name":"reward-of-others","version":"1.2.3","license":"ISC"}')
    write('node_modules/reward-of-others/index.js', 'module.exports = () => 0.12321')
    write('node_modules/reward-of-others/LICENSE.txt', 'Copyright of others')
    write(
      'a (copy) + $1.ts',
      "import { defineScenario } from 'marlstrom'\nimport reward from 'reward-of-others'\nexport default defineScenario({ id: 'x', reward: (): number => reward() + Math.sin(0.12345) })\n",
    )
    return pageScript({ file: join(folder, 'a (copy) + $1.ts') }, data)
  }
  const { script, notices } = await exported()
  expect(await exported()).toEqual({ script, notices })
  expect(script).toContain('.12321')
  expect(script).not.toMatch(/Math\.sin\(\.12345\)|node_modules|\/dist\//)
  expect(notices).toContain('## reward-of-others - 1.2.3 (ISC)\n\nCopyright of others\n')
  const names = [...notices.matchAll(/^## (\S+) - [\d.]+ \((?:MIT|Apache-2\.0|0BSD|ISC)\)\n\n./gm)].map(
    ([, name]) => name,
  )
  expect(names.sort()).toEqual(['gifenc', 'immer', 'pure-rand', 'reward-of-others', 'rxjs', 'tslib', 'uplot'])
  expect(notices).toMatch(/adapted from fdlibm[\s\S]*Sun Microsystems/)
})

it('admits its own script and style by their hashes and nothing else, whatever stands in them', () => {
  const page = pageDocument({
    title: '<b> & co',
    html: '<html><head><meta charset="utf-8" /><title>x</title><link rel="stylesheet" href="./a.css"><script type="module" src="./a.js"></script></head><body><img src="./favicon.svg" /></body></html>',
    styles: 'a{}</style>',
    icon: '<svg/>',
    script: 'x("</script><script>")',
    notices: 'MIT --> text',
  })
  expect(page.match(/<script/g)).toHaveLength(2)
  expect(page).toContain('x("<\\/script><script>")')
  expect(page).toMatch(/default-src 'none'; script-src 'sha256-[^']+' 'wasm-unsafe-eval'; style-src 'sha256-[^']+'/)
  expect(page).toContain('<title>&lt;b&gt; &amp; co</title>')
  expect(page).not.toMatch(/(?:src|href)="(?!data:)/)
  expect(page).not.toContain('MIT -->')
})
