// The script of a page that plays offline: the prepared page, the scenario's file and the run's data as one piece, made by esbuild.
import { existsSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BuildFailure, Plugin } from 'esbuild'
import { bundleFile } from '../authoring/bundle.ts'
import { ConfigError, FileError } from '../errors.ts'
import { compiledFile, packageFolder } from '../installation/package-folder.ts'
import type { PageData } from '../offline/page-data.ts'

/** Where the game comes from: the file of a user's scenario, or the id of one that ships. */
export type GameSource = { readonly file: string } | { readonly id: string }

/** Files of policies that users wrote, by the team that they play. */
export type PolicyFiles = ReadonlyMap<string, string>

/**
 * @throws ConfigError where the scenario needs what no page has, naming it; FileError where the package is not built or the file does
 * not compile.
 */
export async function pageScript(
  source: GameSource,
  data: PageData,
  policies: PolicyFiles = new Map(),
): Promise<string> {
  const page = join(packageFolder(), 'dist', 'offline', 'page.js')
  if (!existsSync(page)) throw new FileError(page, 'the page is not built; build it with: npm run build')
  const { build } = await import('esbuild')
  /** By name, who imports it. */
  const missing = new Map<string, string[]>()
  try {
    const { outputFiles } = await build({
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
      logLevel: 'silent',
      plugins: [
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
    return text
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
  const open = `import { open } from ${from(page)}\n${imports.join('')}`
  const players = [...policies.keys()].map((team, i) => `[${from(team)}, policy${i}]`)
  const start = (exports: string) =>
    `open(${exports}, JSON.parse(${text}), Object.fromEntries([${players.join(', ')}]))\n`
  if ('file' in source) return `${open}import * as scenario from ${from(resolve(source.file))}\n${start('scenario')}`
  const shipped = compiledFile(join('..', 'scenarios', `${source.id}.js`))
  if (existsSync(shipped)) return `${open}import * as scenario from ${from(shipped)}\n${start('scenario')}`
  const games = compiledFile(join('games', 'index.js'))
  return `${open}import { otherGames } from ${from(games)}\n${start(`{ default: otherGames[${from(source.id)}] }`)}`
}

/** A run's copy of a scenario imports `marlstrom` by name and packages by their place; whatever is not used stays outside. */
function ownPackage(): Plugin {
  const dist = distFolder()
  const pure = (path: string) => ({
    path,
    sideEffects: !path.startsWith(dist) || path.includes(`${sep}offline${sep}page.js`),
  })
  return {
    name: 'own-package',
    setup(build) {
      build.onResolve({ filter: /^marlstrom$/ }, () => pure(compiledFile('index.js')))
      build.onResolve({ filter: /^file:/ }, ({ path }) => pure(fileURLToPath(path)))
      build.onResolve({ filter: /^\.\.?\// }, async ({ path, importer, resolveDir }) =>
        importer.startsWith(dist) ? pure(join(resolveDir, path)) : undefined,
      )
    },
  }
}

/** Files of authors as they run in Node.js, with the same `Math`. */
function ofAuthors(files: readonly string[]): Plugin {
  const own = new Set(files.map(file => resolve(file)))
  return {
    name: 'of-authors',
    setup(build) {
      build.onLoad({ filter: /\.[cm]?[jt]s$/ }, async ({ path }) => {
        if (!own.has(path)) return undefined
        return { contents: (await bundleFile(path)).code, loader: 'js', resolveDir: dirname(path) }
      })
    },
  }
}

/** What only Node.js has: an error where it is used, nothing where it is not. */
function noNode(missing: Map<string, string[]>): Plugin {
  return {
    name: 'no-node',
    setup(build) {
      build.onResolve({ filter: /.*/ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
        if (pluginData === missing || kind === 'entry-point' || path.startsWith('.') || path.startsWith('/'))
          return undefined
        const found = isBuiltin(path)
          ? null
          : await build.resolve(path, { importer, resolveDir, kind, pluginData: missing })
        if (found !== null && found.errors.length === 0) return { path: found.path }
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
