// A plugin of the page's build: the client of the stream becomes one file with all that it needs, client.js, and whoever imports it loads that.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Plugin } from 'vite'

/** `entry`: what makes the client. Its neighbours import it by this path, and the files of `assets/` find it a folder above. */
export function clientFile(entry: string): Plugin {
  const stand = 'marlstrom-client-file'
  return {
    name: 'client-file',
    enforce: 'pre',
    async resolveId(source, importer) {
      if (!source.endsWith('src/client/connect.ts') || importer === undefined) return null
      return { id: stand, external: true }
    },
    renderChunk(code, { fileName }) {
      const path = fileName.includes('/') ? '../client.js' : './client.js'
      return code.replace(new RegExp(`(["'\`])${stand}\\1`, 'g'), JSON.stringify(path))
    },
    async generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'client.js', source: await clientCode(entry) })
    },
    writeBundle({ dir }) {
      const notices = join(dir!, 'licenses.md')
      writeFileSync(notices, `${readFileSync(notices, 'utf8').trimEnd()}\n\n${noticeOfRxjs()}\n`)
    },
  }
}

async function clientCode(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    // rxjs without helpers for old browsers.
    conditions: ['es2015'],
    legalComments: 'none',
    write: false,
  })
  return outputFiles[0]!.text
}

/** Its text comes with rxjs itself, which is installed wherever this package is. */
function noticeOfRxjs(): string {
  const file = createRequire(import.meta.url).resolve('rxjs/package.json')
  const { name, version, license } = JSON.parse(readFileSync(file, 'utf8'))
  return `## ${name} - ${version} (${license})\n\nIts license stands in node_modules/${name}/LICENSE.txt.`
}
