// The script of a page that plays offline: the live page, the show, the scenario's file and the run's data as one piece, made by esbuild.
import { existsSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BuildFailure, Plugin } from 'esbuild'
import { bundleFile } from '../authoring/bundle.ts'
import { ConfigError, FileError } from '../errors.ts'
import { compiledFile, packageFolder } from '../installation/package-folder.ts'
import type { PageData } from '../offline/page-data.ts'
import { pageNotices } from './page-notices.ts'

/** Where the game comes from: the file of a user's scenario, or the id of one that ships. */
export type GameSource = { readonly file: string } | { readonly id: string }

/** Files of policies that users wrote, by the team that they play. */
export type PolicyFiles = ReadonlyMap<string, string>

/**
 * `notices`: those of the packages in the script.
 * @throws ConfigError where the scenario needs what no page has, naming it; FileError where the package is not built or the file does
 * not compile.
 */
export async function pageScript(
  source: GameSource,
  data: PageData,
  policies: PolicyFiles = new Map(),
): Promise<{ readonly script: string; readonly notices: string }> {
  const page = join(distFolder(), 'viewer', 'assets', 'offline.js')
  if (!existsSync(page)) throw new FileError(page, 'the page is not built; build it with: npm run build')
  const { build } = await import('esbuild')
  /** By name, who imports it. */
  const missing = new Map<string, string[]>()
  try {
    const { outputFiles, metafile } = await build({
      absWorkingDir: packageFolder(),
      stdin: {
        contents: entry(page, source, data, policies),
        resolveDir: dirname(page),
        sourcefile: 'page-with-game.js',
      },
      write: false,
      bundle: true,
      minify: true,
      format: 'iife',
      platform: 'browser',
      target: 'es2022',
      metafile: true,
      logLevel: 'silent',
      plugins: [
        oneThread,
        ownPackage(),
        ofAuthors('file' in source ? [source.file, ...policies.values()] : [...policies.values()]),
        noNode(missing),
      ],
    })
    const { text } = outputFiles[0]!
    for (const [path, importers] of missing) {
      if (!text.includes(marker(path))) continue
      // What the package itself imports is left out with whatever is not used.
      const own = importers.find(importer => !importer.startsWith(distFolder())) ?? importers[0]!
      throw new ConfigError('--format', `${basename(own)} uses '${path}', which no page in a browser has`)
    }
    const inputs = Object.entries(Object.values(metafile.outputs)[0]!.inputs)
    const used = inputs.flatMap(([path, { bytesInOutput }]) =>
      bytesInOutput > 0 ? resolve(packageFolder(), path) : [],
    )
    return { script: text, notices: pageNotices(used) }
  } catch (error) {
    const first = (error as Partial<BuildFailure>).errors?.[0]
    if (first === undefined) throw error
    const { location, text } = first
    throw new FileError(location === null ? 'export' : `${location.file}:${location.line}`, text)
  }
}

function entry(page: string, source: GameSource, data: PageData, policies: PolicyFiles): string {
  const from = (path: string) => JSON.stringify(path)
  // Data, so that no browser reads it as anything else: a string is read faster than a literal, too.
  const text = JSON.stringify(JSON.stringify(data))
  const imports = [...policies.values()].map((file, i) => `import policy${i} from ${from(resolve(file))}\n`)
  const players = [...policies.keys()].map((team, i) => `[${from(team)}, policy${i}]`)
  const start = (game: string, exports: string) => `import { openOffline } from ${from(page)}
import { createOfflineShow } from ${from(compiledFile(join('offline', 'offline-show.js')))}
${imports.join('')}import ${game}
const data = JSON.parse(${text})
openOffline(data.title, createOfflineShow(${exports}, data, Object.fromEntries([${players.join(', ')}])))
`
  if ('file' in source) return start(`* as scenario from ${from(resolve(source.file))}`, 'scenario')
  const shipped = compiledFile(join('..', 'scenarios', `${source.id}.js`))
  if (existsSync(shipped)) return start(`* as scenario from ${from(shipped)}`, 'scenario')
  const games = compiledFile(join('games', 'index.js'))
  return start(`{ otherGames } from ${from(games)}`, `{ default: otherGames[${from(source.id)}] }`)
}

/** Networks of a page have one thread. */
const oneThread: Plugin = {
  name: 'one-thread',
  setup(build) {
    const networks = compiledFile(join('nn', 'simd'))
    build.onResolve({ filter: /^node:worker_threads$/ }, ({ path, importer }) =>
      dirname(importer) === networks ? { path, namespace: 'no-threads', sideEffects: false } : undefined,
    )
    build.onLoad({ filter: /.*/, namespace: 'no-threads' }, () => ({ contents: 'export class Worker {}' }))
  },
}

/** A run's copy of a scenario imports `marlstrom` by name and packages by their place; whatever is not used stays outside. */
function ownPackage(): Plugin {
  const dist = distFolder()
  const pure = (path: string) => ({ path, sideEffects: !path.startsWith(dist) })
  return {
    name: 'own-package',
    setup(build) {
      build.onResolve({ filter: /^marlstrom$/ }, () => pure(compiledFile('index.js')))
      build.onResolve({ filter: /^file:/ }, ({ path }) => pure(fileURLToPath(path)))
    },
  }
}

/** Files of authors as they run in Node.js, with the same `Math`. */
function ofAuthors(files: readonly string[]): Plugin {
  // A filter that matches nothing else: whatever it matches waits for this thread.
  const own = files.map(file => resolve(file).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  return {
    name: 'of-authors',
    setup(build) {
      if (own.length === 0) return
      build.onLoad({ filter: new RegExp(`^(${own.join('|')})$`) }, async ({ path }) => {
        return { contents: (await bundleFile(path)).code, loader: 'js', resolveDir: dirname(path) }
      })
    },
  }
}

/** Packages that the parts of marlstrom which run in pages import; those of its other parts are for Node.js. */
const ofPages = /^(immer|pure-rand|rxjs)(\/|$)/

/** What only Node.js has: an error where it is used, nothing where it is not. */
function noNode(missing: Map<string, string[]>): Plugin {
  return {
    name: 'no-node',
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
        if (pluginData === missing || kind === 'entry-point') return undefined
        const isLeftOut = isBuiltin(path) || (importer.startsWith(distFolder()) && !ofPages.test(path))
        const found = isLeftOut ? null : await build.resolve(path, { importer, resolveDir, kind, pluginData: missing })
        if (found?.errors.length === 0) return { path: found.path, sideEffects: found.sideEffects }
        missing.set(path, [...(missing.get(path) ?? []), importer])
        return { path, namespace: 'not-in-pages', sideEffects: false }
      })
      build.onLoad({ filter: /.*/, namespace: 'not-in-pages' }, ({ path }) => ({
        contents: `module.exports = ${JSON.stringify(marker(path))}`,
        loader: 'js',
      }))
    },
  }
}

function distFolder(): string {
  return join(packageFolder(), 'dist') + sep
}

function marker(path: string): string {
  return `${path} is not there in a page`
}
