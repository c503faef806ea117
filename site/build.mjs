// `npm run docs`: the static site in dist-docs/, of all pages, the reference and games to play. It works in any folder of any static host.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deadLinks } from './links.mjs'
import { docsByReader, pagesOf, sourceFolders } from './pages.mjs'
import { stagePages } from './staging.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Builds the site into a folder, which is emptied before. @throws Error naming what is wrong, dead links among it */
export async function buildSite(out) {
  const { version, homepage } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  installTools()
  const { playablePages } = await import('./play.mjs')
  const { writeSite } = await import('./reference.mjs')
  const stage = mkdtempSync(join(tmpdir(), 'marlstrom-site-'))
  try {
    const read = file => readFileSync(join(root, file), 'utf8')
    const games = await playablePages(join(stage, 'play'), read('docs/scenarios.md'))
    const home = { file: 'README.md', text: read('README.md'), isHome: true }
    const documents = stagePages(root, stage, [home, ...pagesOf(root), ...games], sourceFolders)
    rmSync(out, { recursive: true, force: true })
    await writeSite({
      root,
      stage,
      out,
      home: join(stage, 'README.md'),
      documents: documents.map(file => join(stage, file)),
      groups: [...Object.keys(docsByReader), 'Scenarios to play', 'Reference', 'Sources'],
      title: `marlstrom ${version}`,
      links: homepage === undefined ? {} : { Home: homepage },
    })
    cpSync(join(stage, 'play'), join(out, 'play'), { recursive: true })
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
  const dead = deadLinks(out)
  if (dead.length > 0) throw new Error(`${dead.length} dead links:\n${dead.join('\n')}`)
}

/** TypeDoc reads sources with another TypeScript than the project is checked with, so both lie in a package of their own, in the versions of its lock. */
function installTools() {
  const wanted = JSON.parse(readFileSync(join(import.meta.dirname, 'package.json'), 'utf8')).devDependencies
  const isThere = Object.entries(wanted).every(([name, version]) => {
    const file = join(import.meta.dirname, 'node_modules', name, 'package.json')
    return existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).version === version
  })
  if (!isThere) {
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: import.meta.dirname,
      stdio: 'inherit',
    })
  }
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const out = resolve(process.argv[2] ?? join(root, 'dist-docs'))
  const began = performance.now()
  await buildSite(out)
  console.log(`${out}: built in ${Math.round((performance.now() - began) / 1000)} s`)
}
