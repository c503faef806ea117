// What goes into the package is made small: declarations that no public one needs are removed, comments of those that no entry gives away,
// and of compiled files comments, indentation and the names of what stays within a file: the next build brings all of it back. Until it is packed,
// README and pages lose links to what is left out.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transformSync } from 'esbuild'
import { publicNames } from './public-names.mjs'
import { publishPages } from './published-pages.mjs'

const dist = fileURLToPath(new URL('../dist/', import.meta.url))
const { exports } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const entries = Object.values(exports).flatMap(({ types }) => (types === undefined ? [] : [resolve(dist, '..', types)]))

/** Declarations that those of the entries import, one by way of another. */
const needed = new Set()
const follow = file => {
  if (needed.has(file) || !existsSync(file)) return
  needed.add(file)
  for (const [, from, called] of readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'|import\('(\.[^']+)'\)/g)) {
    follow(resolve(dirname(file), from ?? called).replace(/\.[tj]s$/, '.d.ts'))
  }
}
entries.forEach(follow)

/** Those that declare what the entries give away: their comments are what editors show. */
const shown = new Set([...entries, ...entries.flatMap(publicNames).map(({ file }) => file)])

/** Names that count: `bench update-parts` tells functions by them, and exported JavaScript is made of the texts of functions. */
const named = /^src\/(elementary|export|nn\/simd)\b/

// In Node.js too the client is the one file that pages load, rxjs included; beside it only what gives it a websocket.
const client = join(dist, 'src/client')
for (const name of readdirSync(client)) {
  if (name.endsWith('.js') && name !== 'node.js') rmSync(join(client, name))
}
const entry = join(client, 'node.js')
writeFileSync(entry, readFileSync(entry, 'utf8').replaceAll("'./connect.js'", "'../../viewer/client.js'"))

for (const folder of ['src', 'scenarios', 'bench']) {
  for (const name of readdirSync(join(dist, folder), { recursive: true, encoding: 'utf8' })) {
    const file = join(dist, folder, name)
    if (name.endsWith('.d.ts')) {
      if (needed.has(file)) writeFileSync(file, slimTypes(readFileSync(file, 'utf8'), shown.has(file)))
      else rmSync(file)
    }
    if (!name.endsWith('.js')) continue
    const code = readFileSync(file, 'utf8')
    const shebang = /^#!.*\n/.exec(code)?.[0] ?? ''
    const slim = transformSync(code.slice(shebang.length), {
      format: 'esm',
      target: 'es2022',
      legalComments: 'none',
      minifyWhitespace: true,
      minifySyntax: true,
      lineLimit: 300,
      minifyIdentifiers: !named.test(join(folder, name)),
    }).code
    writeFileSync(file, shebang + slim)
  }
}

publishPages()

/** `isShown`: comments stay, and one space a level; else nothing that a compiler does without. */
function slimTypes(text, isShown) {
  if (isShown) return text.replace(/^(?: {4})+/gm, indent => ' '.repeat(indent.length / 4))
  return text.replace(/^\s*(\/\*\*[\s\S]*?\*\/|\/\/.*)\n/gm, '').replace(/^ +/gm, '')
}
