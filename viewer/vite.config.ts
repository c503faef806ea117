// Builds the page into dist/viewer, ready to be served from any address; beside it client.js, the client of the stream in one file, which
// the page itself imports, stage.js, the element for other pages, and what `marlstrom export --format page` bundles with a game:
// assets/offline.js. All share what is in none alone.
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { clientFile } from './client-file.ts'

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url))

const places: Readonly<Record<string, string>> = {
  offline: 'assets/offline.js',
  stage: 'stage.js',
}

export default defineConfig({
  root: file('.'),
  base: './',
  plugins: [clientFile(file('../src/client/connect.ts'))],
  build: {
    outDir: file('../dist/viewer'),
    emptyOutDir: true,
    target: 'es2022',
    // The page's own policy allows no data: addresses and no inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: ['index.html', 'offline.ts', 'stage/stage.ts'].map(file),
      preserveEntrySignatures: 'exports-only',
      output: { entryFileNames: ({ name }) => places[name] ?? 'assets/[name]-[hash].js' },
    },
    // The notices of the packages that are bundled.
    license: { fileName: 'licenses.md' },
  },
})
