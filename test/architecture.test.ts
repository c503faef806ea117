// The house rules as a test: who may import whom, no cycles, short files, and AGENTS.md as a true map.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')

/** Rooms and the rooms they may import; `a/b` names one file or folder, `types:` stands for `import type` only. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  dictionary: ['dictionary'],
  envs: ['envs', 'dictionary'],
  scenarios: ['scenarios', 'envs/scenario', 'envs/entity', 'envs/markov-game', 'dictionary'],
  nn: ['nn', 'dictionary'],
  replay: ['replay', 'nn/matrix', 'dictionary'],
  agents: ['agents', 'nn/matrix', 'nn/network', 'nn/backend', 'nn/saved-networks', 'dictionary'],
  maddpg: ['maddpg', 'agents', 'nn/matrix', 'nn/network', 'nn/backend', 'nn/saved-networks', 'replay', 'dictionary'],
  engine: ['engine', 'types:envs', 'types:agents', 'types:replay', 'dictionary'],
  experiment: ['experiment', 'engine', 'envs', 'agents', 'replay', 'maddpg', 'nn', 'dictionary'],
  stream: ['stream', 'types:experiment', 'types:envs', 'dictionary'],
  viewer: ['viewer', 'stream/protocol', 'stream/frame-codec', 'types:stream', 'types:experiment', 'types:envs'],
  front: [
    'front',
    'scenarios',
    'envs',
    'agents',
    'engine',
    'experiment',
    'maddpg',
    'nn',
    'replay',
    'stream',
    'dictionary',
  ],
  cli: ['cli', 'front', 'bench', 'dictionary'],
  examples: ['front'],
}

/** Packages and Node modules that a room may import; rooms that are not named may import none. */
const mayUse: Readonly<Record<string, readonly RegExp[]>> = {
  dictionary: [/^pure-rand/],
  engine: [/^rxjs$/],
  experiment: [/^rxjs$/, /^immer$/, /^node:(fs|path)$/],
  stream: [/^rxjs$/, /^ws$/, /^node:(http|fs|path|stream|net|crypto)$/],
  viewer: [/^immer$/, /^uplot/, /^vite$/, /^node:(path|url)$/],
  front: [/^zod$/],
  cli: [/^rxjs$/, /^commander$/, /^picocolors$/, /^cli-progress$/, /^cli-table3$/, /^node:/],
  nn: [/^node:worker_threads$/],
  examples: [/^rxjs$/, /^marlstrom$/, /^node:/],
}

const files = ['src', 'scenarios', 'viewer', 'examples'].flatMap(sources)

describe('the rooms', () => {
  it('import only from the rooms below them', () => {
    const wrong = files.flatMap(file =>
      importsOf(file).flatMap(({ target, typesOnly }) => {
        const room = roomOf(file)
        if (target === null || allowed(room, target, typesOnly)) return []
        return [`${file} imports ${target}`]
      }),
    )
    expect(wrong).toEqual([])
  })

  it('use only their own packages', () => {
    const wrong = files.flatMap(file =>
      importsOf(file).flatMap(({ specifier, target }) => {
        if (target !== null || (mayUse[roomOf(file)] ?? []).some(pattern => pattern.test(specifier))) return []
        return [`${file} uses ${specifier}`]
      }),
    )
    expect(wrong).toEqual([])
  })

  it('have no import cycles', () => {
    const graph = new Map(
      files.map(file => [file, importsOf(file).flatMap(({ target }) => (target === null ? [] : [target]))]),
    )
    expect(findCycle(graph)).toEqual([])
  })
})

describe('the files', () => {
  it('stay under the cap of 350 lines', () => {
    const long = files.filter(file => readFileSync(join(root, file), 'utf8').split('\n').length > 351)
    expect(long).toEqual([])
  })

  it('have names that say what is inside', () => {
    const empty = /(^|\/)(utils?|common|helpers?|core|lib|misc|manager)(\/|\.|$)/
    expect([...files, ...sources('test')].filter(file => empty.test(file))).toEqual([])
  })

  it('begin with a sentence that says what they are', () => {
    const silent = files.filter(file => !/^(#!.*\n)?\/\/ \S/.test(readFileSync(join(root, file), 'utf8')))
    expect(silent).toEqual([])
  })
})

describe('AGENTS.md', () => {
  const map = readFileSync(join(root, 'AGENTS.md'), 'utf8')

  it('names every folder and every source file', () => {
    const missing = files
      .filter(file => file.startsWith('src/') || file.startsWith('viewer/'))
      .flatMap(file => [dirname(file), file.slice(file.lastIndexOf('/') + 1)])
      .filter(name => !map.includes(name))
    expect([...new Set(missing)]).toEqual([])
  })

  it('names no file that is gone', () => {
    const named = [...map.matchAll(/`([\w./-]+\.(?:ts|mjs))`/g)].map(match => match[1]!)
    const known = [...files, ...sources('test'), ...sources('bench'), ...sources('scripts')]
    expect(named.filter(name => !known.some(file => file.endsWith(name)))).toEqual([])
  })

  it('stays under 120 lines', () => {
    expect(map.split('\n').length).toBeLessThanOrEqual(120)
  })
})

/** Source files below a folder, relative to the root; generated files and AssemblyScript kernels are no rooms. */
function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map(name => join(folder, name))
    .filter(name => /\.(ts|mjs)$/.test(name) && !/\.d\.ts$|\.generated\.ts$|nn\/simd\/kernels\//.test(name))
    .filter(name => statSync(join(root, name)).isFile())
}

/** What a file imports: a target below the root, or null for a package. */
function importsOf(file: string): { specifier: string; target: string | null; typesOnly: boolean }[] {
  const text = readFileSync(join(root, file), 'utf8').replace(/^\s*\/\/.*$/gm, '')
  const pattern = /^(?:import|export)\s+(type\s)?([^'"]*?from\s+)?['"]([^'"]+)['"]/gm
  return [...text.matchAll(pattern)].map(([, type, names = '', specifier]) => {
    const target = specifier!.startsWith('.') ? relative(root, resolve(root, dirname(file), specifier!)) : null
    const inner = /\{([^}]*)\}/.exec(names)?.[1]
    const allTypes = inner?.split(',').every(name => name.trim() === '' || name.trim().startsWith('type ')) ?? false
    return { specifier: specifier!, target, typesOnly: type !== undefined || allTypes }
  })
}

function roomOf(file: string): string {
  const parts = file.split('/')
  if (parts[0] !== 'src') return parts[0]!
  if (parts.length > 2) return parts[1]!
  return ['index.ts', 'run.ts', 'config.ts'].includes(parts[1]!) ? 'front' : 'dictionary'
}

function allowed(room: string, target: string, typesOnly: boolean): boolean {
  const place = target.replace(/^src\//, '').replace(/\.ts$/, '')
  return (mayImport[room] ?? []).some(rule => {
    const name = rule.replace('types:', '')
    if (rule.startsWith('types:') && !typesOnly) return false
    return roomOf(target) === name || place === name
  })
}

/** The files of a cycle, or none. */
function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>()
  const path: string[] = []
  const visit = (file: string): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return []
    path.push(file)
    for (const next of graph.get(file) ?? []) {
      const cycle = visit(next)
      if (cycle.length > 0) return cycle
    }
    path.pop()
    done.add(file)
    return []
  }
  for (const file of graph.keys()) {
    const cycle = visit(file)
    if (cycle.length > 0) return cycle
  }
  return []
}
