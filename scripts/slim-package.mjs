// What goes into the package is made small: declarations that no public one needs are removed, comments of those that no entry gives away,
// and of compiled files comments, indentation and the names of what stays within a file: the next build brings all of it back. README and pages lose
// links to what is left out, until the package is packed.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transformSync } from 'esbuild'
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

/** Those whose names the entries give away: their comments are what editors show. */
const shown = new Set(entries)
for (const file of entries) {
  for (const [, from] of readFileSync(file, 'utf8').matchAll(/export [^;]*? from '(\.[^']+)'/g)) {
    shown.add(resolve(dirname(file), from).replace(/\.[tj]s$/, '.d.ts'))
  }
}

/** Names that count: `bench update-parts` tells functions by them, and exported JavaScript is made of the texts of functions. */
const named = /^src\/(elementary|export|nn\/simd)\b/

for (const folder of ['src', 'scenarios', 'bench']) {
  for (const name of readdirSync(join(dist, folder), { recursive: true, encoding: 'utf8' })) {
    const file = join(dist, folder, name)
    if (name.endsWith('.d.ts') && !needed.has(file)) rmSync(file)
    else if (name.endsWith('.d.ts') && !shown.has(file)) {
      writeFileSync(file, readFileSync(file, 'utf8').replace(/^\s*(\/\*\*[\s\S]*?\*\/|\/\/.*)\n/gm, ''))
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
      minifyIdentifiers: !named.test(join(folder, name)),
      lineLimit: 120,
    }).code
    writeFileSync(file, shebang + slim)
  }
}

publishPages()
