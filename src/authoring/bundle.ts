// A user's file and what it imports as one piece of JavaScript, made by esbuild: from TypeScript anywhere on disk, without a build.
import { createHash } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { basename, dirname, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { BuildFailure, OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from 'esbuild'
import { ConfigError, FileError } from '../errors.ts'
import { compiledFile } from '../installation/package-folder.ts'
import { portableCode } from './portable-code.ts'

export interface Bundle {
  /** The file that was asked for, absolute. */
  readonly file: string
  /**
   * An ES module; imports the running package by its place, so it works wherever it lies, and has the package's elementary functions as
   * its `Math`.
   */
  readonly code: string
  /** What a run keeps: the same with `marlstrom` imported by name, and with `Math` and `**` as they were written. */
  readonly kept: string
  /** Of the code alone; the same wherever marlstrom is installed. */
  readonly hash: string
  /** All files that went into it, absolute: what to watch. */
  readonly inputs: readonly string[]
  /** Files that places in it are told of: of a kept bundle those that it was made from, wherever they are now. */
  readonly sources: readonly string[]
}

/** The source does not compile. `file` ends in line and column. */
export class SourceError extends FileError {
  constructor(
    place: string,
    message: string,
    /** The files to watch until it does. */
    readonly inputs: readonly string[],
  ) {
    super(place, message)
  }
}

/** Whether a text given for a scenario is a path: ids have neither slashes nor endings. */
export function isScenarioPath(text: string): boolean {
  return /[\\/]/.test(text) || /\.[cm]?[jt]s$/.test(text)
}

/** Whether a text given for a player is a file with code: the folders of runs have no such endings. */
export function isCodeFile(text: string): boolean {
  return /\.[cm]?[jt]s$/.test(text)
}

/**
 * Bundles a file. `setting`: what it was given for, `scenario`, `team.adversary`.
 * @throws ConfigError when there is no such file, SourceError with file, line and column when it does not compile.
 */
export async function bundleFile(path: string, setting = 'scenario'): Promise<Bundle> {
  const file = resolve(path)
  if (!existsSync(file) || !statSync(file).isFile()) {
    const command = setting === 'scenario' ? 'marlstrom new' : 'marlstrom new --algorithm'
    throw new ConfigError(setting, `there is no file ${file}; \`${command}\` writes one to begin with`)
  }
  const { build } = await import('esbuild')
  const folder = dirname(file)
  try {
    const { outputFiles, metafile } = await build({
      entryPoints: [file],
      absWorkingDir: folder,
      outfile: resolve(folder, `${basename(file)}.mjs`),
      write: false,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      sourcemap: 'external',
      metafile: true,
      logLevel: 'silent',
      plugins: [installedPackages],
    })
    const text = (ending: string) => outputFiles.find(({ path }) => path.endsWith(ending))!.text
    const code = text('.mjs')
    const kept = code.replaceAll(JSON.stringify(packageUrl()), '"marlstrom"')
    const map = inlineMap(text('.mjs.map'), folder)
    return {
      file,
      code: await portableCode(code + map),
      kept: kept + map,
      hash: hashOf(kept),
      inputs: Object.keys(metafile.inputs).map(input => resolve(folder, input)),
      sources: sourcesOf(text('.mjs.map'), folder),
    }
  } catch (error) {
    throw sourceError(file, folder, error)
  }
}

/** The files that places in a bundle are told of. */
function sourcesOf(map: string, folder: string): string[] {
  const { sources } = JSON.parse(map) as { readonly sources: readonly string[] }
  return sources.map(source => fileURLToPath(sourceUrl(source, folder)))
}

/** The hash of kept code; its source map, which names places on this machine, is left out. */
export function hashOf(kept: string): string {
  return createHash('sha256')
    .update(kept.replace(/^\/\/# sourceMappingURL=.*\n?/m, ''))
    .digest('hex')
    .slice(0, 16)
}

/** Packages stay outside and are imported from where they lie; `marlstrom` is the one that is running. */
const installedPackages: Plugin = {
  name: 'installed-packages',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, args => resolvePackage(build, args))
  },
}

async function resolvePackage(build: PluginBuild, args: OnResolveArgs): Promise<OnResolveResult | undefined> {
  const { path, kind, resolveDir, importer, pluginData } = args
  if (kind === 'entry-point' || pluginData === installedPackages || resolve(path) === path) return undefined
  if (path === 'marlstrom') return { path: packageUrl(), external: true }
  if (isBuiltin(path)) return { path, external: true }
  const found = await build.resolve(path, { kind, resolveDir, importer, pluginData: installedPackages })
  if (found.errors.length > 0) return { errors: found.errors }
  // What a tsconfig's paths lead to is the author's own source.
  if (!/[\\/]node_modules[\\/]/.test(found.path)) return { path: found.path }
  return { path: pathToFileURL(found.path).href, external: true }
}

function packageUrl(): string {
  return pathToFileURL(compiledFile('index.js')).href
}

/** The source map as a comment, its files named in full: the bundle runs elsewhere than it was made. */
function inlineMap(text: string, folder: string): string {
  const map = JSON.parse(text) as { sources: string[] }
  const json = JSON.stringify({ ...map, sources: map.sources.map(source => sourceUrl(source, folder)) })
  return `//# sourceMappingURL=data:application/json;base64,${Buffer.from(json).toString('base64')}\n`
}

/** Bundles that are bundled again have sources by URL already. */
function sourceUrl(source: string, folder: string): string {
  return source.includes('file:/')
    ? source.replace(/^.*?file:\/+/, 'file:///')
    : pathToFileURL(resolve(folder, source)).href
}

function sourceError(file: string, folder: string, error: unknown): Error {
  const first = (error as Partial<BuildFailure>).errors?.[0]
  if (first === undefined) return error as Error
  const { location, text } = first
  if (location === null) return new SourceError(file, text, [file])
  const source = resolve(folder, location.file)
  const line = location.lineText.trim()
  const remedy = text.startsWith('Could not resolve') ? '; correct the name, or install it beside the file' : ''
  const sentence = `${text}${line === '' ? '' : `, in \`${line}\``}${remedy}`
  return new SourceError(`${source}:${location.line}:${location.column + 1}`, sentence, [...new Set([file, source])])
}
