// The house rules as a test: who may import whom, no cycles, short files, and AGENTS.md as a true map.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')

/** What there is to know about networks without knowing a backend. */
const networkContracts = ['matrix', 'network', 'curvature', 'recurrence', 'backend', 'softmax', 'saved-networks'].map(
  file => `nn/${file}`,
)

/** Rooms and the rooms they may import; `a/b` names one file or folder, `types:` stands for `import type` only. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  dictionary: ['dictionary'],
  envs: ['envs', 'dictionary'],
  scenarios: ['scenarios', 'envs/scenario', 'envs/entity', 'envs/markov-game', 'dictionary'],
  games: ['games', 'envs/game-definition', 'envs/option', 'envs/markov-game', 'types:envs', 'dictionary'],
  nn: ['nn', 'dictionary'],
  replay: ['replay', 'nn/matrix', 'dictionary'],
  agents: ['agents', ...networkContracts, 'dictionary'],
  rollout: ['rollout', 'dictionary'],
  learning: ['learning', 'agents', ...networkContracts, 'types:replay', 'rollout', 'dictionary'],
  'policy-gradient': ['policy-gradient', 'learning', 'agents', ...networkContracts, 'rollout', 'dictionary'],
  maddpg: ['maddpg', 'learning', 'agents', ...networkContracts, 'replay', 'dictionary'],
  algorithms: [
    'algorithms',
    'policy-gradient',
    'maddpg',
    'learning',
    'agents',
    ...networkContracts,
    'replay',
    'dictionary',
  ],
  engine: ['engine', 'types:envs', 'types:agents', 'types:learning', 'types:replay', 'dictionary'],
  wire: ['wire'],
  tensorboard: ['tensorboard', 'wire', 'dictionary'],
  experiment: [
    'experiment',
    'engine',
    'envs',
    'agents',
    'replay',
    'types:learning',
    'nn',
    'tensorboard',
    'statistics/estimate',
    'dictionary',
  ],
  exhibition: [
    'exhibition',
    'experiment/commands',
    'types:experiment',
    'engine',
    'envs',
    'agents',
    'types:learning',
    'dictionary',
  ],
  catalogue: [
    'catalogue',
    'experiment/trainer-mark',
    'experiment/atomic-file',
    'experiment/checkpoint',
    'experiment/done',
    'dictionary',
  ],
  stream: ['stream', 'experiment/commands', 'types:experiment', 'types:envs', 'dictionary'],
  authoring: ['authoring', 'envs', 'agents', 'experiment', 'exhibition', 'dictionary'],
  picture: ['picture', 'types:envs', 'dictionary'],
  foxglove: [
    'foxglove',
    'picture',
    'wire',
    'engine/frames',
    'stream/reading',
    'stream/read-request',
    'stream/viewer-connection',
    'types:stream',
    'types:experiment',
    'types:envs',
    'dictionary',
  ],
  viewer: [
    'viewer',
    'picture',
    'stream/protocol',
    'stream/binary',
    'stream/frame-codec',
    'stream/inspection-codec',
    'stream/read-message',
    'experiment/commands',
    'offline/local-connection',
    'types:stream',
    'types:experiment',
    'types:envs',
    'types:report',
  ],
  front: [
    'front',
    'scenarios',
    'games',
    'authoring',
    'envs',
    'agents',
    'engine',
    'experiment',
    'exhibition',
    'maddpg',
    'algorithms',
    'learning',
    'nn',
    'replay',
    'rollout',
    'stream',
    'foxglove',
    'dictionary',
  ],
  crossplay: ['crossplay', 'types:agents', 'types:envs', 'experiment/evaluate', 'statistics/estimate', 'dictionary'],
  offline: [
    'offline',
    'exhibition',
    'experiment/session',
    'types:experiment',
    'envs',
    'agents',
    'nn',
    'authoring/exported-game',
    'stream/protocol',
    'stream/frame-codec',
    'stream/history',
    'dictionary',
  ],
  export: [
    'export',
    'agents',
    'nn',
    'authoring/package-folder',
    'types:offline',
    'experiment/atomic-file',
    'experiment/safetensors',
    'wire',
    'dictionary',
  ],
  statistics: ['statistics', 'dictionary'],
  recording: [
    'recording',
    'types:envs',
    'types:experiment',
    'exhibition/pace',
    'stream/frame-codec',
    'foxglove/channels',
    'dictionary',
  ],
  render: ['render', 'picture', 'types:envs', 'dictionary'],
  report: ['report', 'statistics', 'picture', 'types:envs', 'dictionary'],
  sweep: ['sweep', 'statistics', 'dictionary'],
  reproduction: ['reproduction', 'types:front', 'dictionary'],
  cli: [
    'cli',
    'front',
    'reproduction',
    'crossplay',
    'catalogue',
    'engine/carry-out',
    'report',
    'statistics',
    'sweep',
    'picture',
    'statistics/estimate',
    'render',
    'recording',
    'types:agents',
    'types:envs',
    'types:experiment/show',
    'experiment/atomic-file',
    'experiment/disk-trouble',
    'experiment/done',
    'experiment/environment',
    'experiment/evaluate',
    'exhibition',
    'types:experiment/recovery',
    'experiment/presence',
    'experiment/trainer-mark',
    'export',
    'offline',
    'authoring',
    'stream/tokens',
    'types:stream/hosting',
    'bench',
    'dictionary',
  ],
  examples: ['front'],
}

/** The files of `src` that are no dictionary: they know what is below them by name. */
const front = [
  'acting-run.ts',
  'index.ts',
  'run.ts',
  'config.ts',
  'config-file.ts',
  'config-identity.ts',
  'config-layers.ts',
  'config-schema.ts',
  'describe-settings.ts',
  'team-settings.ts',
  'experience.ts',
  'learning-memory.ts',
  'plan.ts',
  'find-game.ts',
  'players.ts',
  'opponents.ts',
  'roster.ts',
  'player-file.ts',
  'policies.ts',
  'stages.ts',
  'standings.ts',
  'validate-player.ts',
  'written-policy.ts',
]

/** Packages and Node modules that a room may import; rooms that are not named may import none. */
const mayUse: Readonly<Record<string, readonly RegExp[]>> = {
  dictionary: [/^pure-rand/, /^zod$/],
  engine: [/^rxjs$/],
  exhibition: [/^rxjs$/],
  experiment: [/^rxjs$/, /^immer$/, /^node:(fs|path|os|crypto|child_process)$/],
  tensorboard: [/^node:(fs|path)$/],
  catalogue: [/^hyparquet-writer$/, /^node:(fs|path)$/],
  export: [/^esbuild$/, /^node:(fs|path|crypto|module|url)$/],
  picture: [/^@resvg\/resvg-js$/],
  recording: [/^rxjs$/, /^@mcap\/core$/, /^@foxglove\/(crc|wasm-zstd)$/, /^node:(fs|fs\/promises|path)$/],
  render: [/^gifenc$/, /^node:module$/],
  report: [/^node:crypto$/],
  foxglove: [/^rxjs$/, /^ws$/],
  stream: [/^rxjs$/, /^ws$/, /^node:(http|fs|path|stream|net|crypto|os|zlib)$/],
  sweep: [/^zod$/, /^node:fs$/],
  authoring: [/^esbuild$/, /^rxjs$/, /^node:(fs|path|url|os|module|crypto|worker_threads)$/],
  viewer: [/^immer$/, /^gifenc$/, /^uplot/, /^vite$/, /^node:(path|url)$/],
  front: [/^zod$/, /^yaml$/, /^@humanwhocodes\/momoa$/, /^node:(os|path|fs|crypto|url)$/],
  cli: [/^rxjs$/, /^commander$/, /^picocolors$/, /^cli-progress$/, /^cli-table3$/, /^bullmq$/, /^ioredis$/, /^node:/],
  'nn/simd': [/^node:worker_threads$/],
  'nn/tfjs': [/^@tensorflow\//],
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
        file !== 'src/cli/print.ts' &&
        /\bconsole\.\w+\(/.test(readFileSync(join(root, file), 'utf8')),
    )
    expect(others).toEqual([])
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
    const missing = [...files, ...declarations('src'), ...declarations('viewer')]
      .filter(file => file.startsWith('src/') || file.startsWith('viewer/'))
      .flatMap(file => [dirname(file), file.slice(file.lastIndexOf('/') + 1)])
      .filter(name => !map.includes(name))
    expect([...new Set(missing)]).toEqual([])
  })

  it('names no file that is gone', () => {
    const named = [...map.matchAll(/`([\w./-]+\.(?:ts|mjs))`/g)].map(match => match[1]!)
    const underSource = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    const known = [...files, ...underSource, ...sources('test'), ...sources('bench'), ...sources('scripts')]
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

/** Types of packages that have none. */
function declarations(folder: string): string[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  return names.filter(name => name.endsWith('.d.ts')).map(name => join(folder, name))
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
  const text = readFileSync(join(root, file), 'utf8').replace(/^\s*\/\/.*$/gm, '')
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
  return front.includes(parts[1]!) ? 'front' : 'dictionary'
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
