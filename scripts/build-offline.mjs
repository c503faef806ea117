// Bundles the page that plays offline, without a scenario and without actors, into dist/offline/page.js; `marlstrom export --format page`
// adds those. Beside it the notices of the packages in it.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'dist/offline')

const entry = `
import { createOfflineShow } from './src/offline/offline-show.ts'
import { openOffline } from './viewer/offline.ts'

/** exports: those of the scenario's file; data: src/offline/page-data.ts; policies: users' own, by team. */
export const open = (exports, data, policies) => openOffline(data.title, createOfflineShow(exports, data, policies))
`

/** A page has one thread; nothing else of Node.js may be in it. */
const oneThread = {
  name: 'one-thread',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:worker_threads$/ }, ({ path }) => ({ path, namespace: 'no-threads' }))
    onLoad({ filter: /.*/, namespace: 'no-threads' }, () => ({ contents: 'export class Worker {}' }))
  },
}

const { metafile, outputFiles } = await build({
  stdin: { contents: entry, resolveDir: root, sourcefile: 'offline.js' },
  absWorkingDir: root,
  outfile: join(folder, 'page.js'),
  write: false,
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  metafile: true,
  logLevel: 'warning',
  // The style sheets are those of the page that vite built.
  loader: { '.css': 'empty' },
  plugins: [oneThread],
})

const packages = new Set(
  Object.keys(metafile.inputs).flatMap(input => /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []),
)
const notices = [...packages].sort().map(name => {
  const place = join(root, 'node_modules', name)
  const { version, license } = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8'))
  const file = readdirSync(place).find(entry => /^licen[cs]e/i.test(entry))
  if (file === undefined) throw new Error(`${name} has no notice to go with it`)
  return `${name} ${version} (${license})\n\n${readFileSync(join(place, file), 'utf8').trim()}\n`
})

if (!existsSync(folder)) mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, 'page.js'), outputFiles.find(({ path }) => path.endsWith('.js')).text)
// That of the elementary functions stands in the package's own license.
const own = readFileSync(join(root, 'LICENSE'), 'utf8')
writeFileSync(join(folder, 'notices.txt'), [...notices, `${own.slice(own.indexOf('src/elementary/'))}\n`].join('\n'))
