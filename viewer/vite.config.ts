// Builds the page into dist/viewer, ready to be served from any address, and beside it what `marlstrom export --format page` bundles with
// a game: assets/offline.js. Both share what is in neither alone.
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  build: {
    outDir: fileURLToPath(new URL('../dist/viewer', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // The page's own policy allows no data: addresses and no inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: ['index.html', 'offline.ts'].map(name => fileURLToPath(new URL(name, import.meta.url))),
      preserveEntrySignatures: 'exports-only',
      output: { entryFileNames: ({ name }) => (name === 'offline' ? 'assets/offline.js' : 'assets/[name]-[hash].js') },
    },
    // The notices of the packages that are bundled.
    license: { fileName: 'licenses.md' },
  },
})
