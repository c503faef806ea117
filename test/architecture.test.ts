// The rules of the source as a test: who may import whom, no cycles, short files, and AGENTS.md as a true map.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { mayImport, mayUse } from './support/rooms.ts'

const root = resolve(import.meta.dirname, '..')

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
        if (target !== null || packagesOf(file).some(pattern => pattern.test(specifier))) return []
        return [`${file} uses ${specifier}`]
      }),
    )
    expect(wrong).toEqual([])
  })

  it('load TensorFlow.js only by a call, so that help texts and simd runs never wait for it', () => {
    const eager = files.filter(file =>
      importsOf(file).some(
        ({ specifier, typesOnly, byCall }) => specifier.startsWith('@tensorflow/') && !typesOnly && !byCall,
      ),
    )
    expect(eager).toEqual([])
  })

  it('print through print.ts alone, so that text of others is harmless in terminals', () => {
    const others = files.filter(
      file =>
        file.startsWith('src/cli/') &&
        file !== 'src/cli/terminal/print.ts' &&
        /\bconsole\.\w+\(/.test(readFileSync(join(root, file), 'utf8')),
    )
    expect(others).toEqual([])
  })

  it('compute with the same bits on every engine: by elementary.ts, but where nothing is stored', () => {
    const drawing = /^(viewer|examples|src\/(render|picture))\//
    // Where the engine's own `Math` is handed on.
    const replacing = ['src/elementary.ts', 'src/authoring/portable-code.ts']
    const exact =
      'abs|ceil|clz32|floor|fround|imul|max|min|round|sign|sqrt|trunc|E|LN2|LN10|LOG2E|LOG10E|PI|SQRT1_2|SQRT2'
    const inexact = new RegExp(`\\bMath\\b(?!\\.(${exact})\\b)| \\*\\*=? `)
    const wrong = files
      .filter(file => !drawing.test(file) && !replacing.includes(file))
      .flatMap(file => codeOf(file).flatMap((line, i) => (inexact.test(line) ? [`${file}:${i + 1}: ${line}`] : [])))
    expect(wrong).toEqual([])
  })

  it('have no import cycles, neither among files nor among rooms', () => {
    const targetsOf = (file: string) => importsOf(file).flatMap(({ target }) => (target === null ? [] : [target]))
    expect(findCycle(new Map(files.map(file => [file, targetsOf(file)])))).toEqual([])
    const rooms = new Map<string, string[]>()
    for (const file of files) {
      const others = targetsOf(file)
        .map(roomOf)
        .filter(room => room !== roomOf(file))
      rooms.set(roomOf(file), [...(rooms.get(roomOf(file)) ?? []), ...others])
    }
    expect(findCycle(rooms)).toEqual([])
  })
})

describe('the files', () => {
  it('stay under the cap of 350 lines', () => {
    const long = files.filter(file => readFileSync(join(root, file), 'utf8').split('\n').length > 351)
    expect(long).toEqual([])
  })

  it('have a median of at most 90 lines', () => {
    const lengths = files.map(file => readFileSync(join(root, file), 'utf8').split('\n').length - 1)
    expect(lengths.sort((a, b) => a - b)[lengths.length >> 1]).toBeLessThanOrEqual(90)
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
  /** Paths in backquotes, those in braces one by one. */
  const named = [
    ...map.matchAll(/`((?:src|scenarios|viewer|test|bench|scripts|docs|examples)(?:\/[^`\s<]*)?)`/g),
  ].flatMap(([, path]) => expanded(path!))

  it('names only what is there', () => {
    expect(named.filter(path => !existsSync(join(root, path)))).toEqual([])
  })

  it('names every folder of the source, the page, the benchmarks, the scripts and the documents by its path', () => {
    const known = new Set(named.map(path => path.replace(/\/$/, '')))
    const folders = ['src', 'viewer', 'bench', 'scripts', 'docs'].flatMap(foldersOf)
    expect(folders.filter(folder => !known.has(folder))).toEqual([])
  })

  it('is read in one go: at most 80 lines', () => {
    expect(map.trimEnd().split('\n').length).toBeLessThanOrEqual(80)
  })
})

/** The lines of a file without comments, texts and powers of two that are written out, which every engine gives exactly. */
function codeOf(file: string): string[] {
  const blank = (text: string) => text.replace(/[^\n]/g, ' ')
  return readFileSync(join(root, file), 'utf8')
    .replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$|'(?:[^'\\\n]|\\.)*'/gm, blank)
    .replace(/\b(2|1024) \*\* -?\d+/g, blank)
    .split('\n')
}

/** `a/{b,c}/` as `a/b/` and `a/c/`. */
function expanded(path: string): string[] {
  const [, before, list, after] = /^([^{]*)\{([^}]*)\}(.*)$/.exec(path) ?? []
  return list === undefined ? [path] : list.split(',').flatMap(each => expanded(`${before}${each}${after}`))
}

/** A folder and all folders below it; what other programs leave behind is none of them. */
function foldersOf(folder: string): string[] {
  const below = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  const names = below.filter(name => statSync(join(root, folder, name)).isDirectory() && !/(^|\/)[._]/.test(name))
  return [folder, ...names.map(name => join(folder, name))]
}

/** Source files below a folder, relative to the root; generated files and AssemblyScript kernels are no rooms. */
function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map(name => join(folder, name))
    .filter(name => /\.(ts|mjs)$/.test(name) && !/\.d\.ts$|\.generated\.ts$|nn\/simd\/kernels\//.test(name))
    .filter(name => statSync(join(root, name)).isFile())
}

interface Import {
  readonly specifier: string
  /** A file below the root, or null for a package. */
  readonly target: string | null
  readonly typesOnly: boolean
  /** `import('...')`: loaded when the call runs. */
  readonly byCall: boolean
}

/** What a file imports, by declarations and by calls. */
function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8').replace(/^\s*\/\*\*[\s\S]*?\*\/$|^\s*\/\/.*$/gm, '')
  const targetOf = (specifier: string) =>
    specifier.startsWith('.') ? relative(root, resolve(root, dirname(file), specifier)) : null
  const pattern = /^(?:import|export)\s+(type\s)?([^'"]*?from\s+)?['"]([^'"]+)['"]/gm
  const declared = [...text.matchAll(pattern)].map(([, type, names = '', specifier]) => {
    const inner = /\{([^}]*)\}/.exec(names)?.[1]
    const allTypes = inner?.split(',').every(name => name.trim() === '' || name.trim().startsWith('type ')) ?? false
    const typesOnly = type !== undefined || allTypes
    return { specifier: specifier!, target: targetOf(specifier!), typesOnly, byCall: false }
  })
  const called = [...text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)].map(([, specifier]) => {
    return { specifier: specifier!, target: targetOf(specifier!), typesOnly: false, byCall: true }
  })
  return [...declared, ...called]
}

/** The packages of a file's room, or of its room within a room. */
function packagesOf(file: string): readonly RegExp[] {
  return mayUse[file.split('/').slice(1, -1).join('/')] ?? mayUse[roomOf(file)] ?? []
}

function roomOf(file: string): string {
  const parts = file.split('/')
  if (parts[0] !== 'src') return parts[0]!
  if (parts.length > 2) return parts[1]!
  return parts[1] === 'index.ts' ? 'index' : 'dictionary'
}

function allowed(room: string, target: string, typesOnly: boolean): boolean {
  const place = target.replace(/^src\//, '').replace(/\.ts$/, '')
  if (roomOf(target) === room) return true
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
