// The pages of the site, in groups by who reads them: the one list that decides where a page of docs/ is found.
import { existsSync, readdirSync } from 'node:fs'
import { join, sep } from 'node:path'

/** By group, pages of docs/ without their ending, in the order in which they are read. A name without a file is passed over; a file without a name fails the build. */
export const docsByReader = {
  'For authors of games': [
    'authoring',
    'scenarios',
    'grids',
    'games',
    'games-in-turns',
    'game-contract',
    'particle-worlds',
    'from-pettingzoo',
  ],
  'For experimenters': [
    'which-algorithm',
    'algorithms',
    'configuration',
    'runs',
    'metrics',
    'evaluation',
    'teams',
    'sweeps',
    'reports',
    'reproduction',
    'results',
    'from-the-paper',
    'survey',
    'who-finds-the-optimum',
    'search/modern',
    'search/modern-ppo',
    'actors',
    'redis',
    'scale',
    'durability',
    'faults',
    'performance',
  ],
  'For viewers': ['watching', 'recordings'],
  'For programmers': [
    'api',
    'engine',
    'streaming',
    'protocol',
    'policies-of-your-own',
    'algorithms-of-your-own',
    'networks',
    'backends',
    'export',
  ],
}

/** Pages beside docs/, in the last group. */
export const otherPages = ['AGENTS.md', 'CONTRIBUTING.md', 'CHANGELOG.md']

/** Files whose text is a page: whole folders, beside all that pages link to. */
export const sourceFolders = ['examples', 'scenarios']

/**
 * The pages of the repository in a folder, relative to its root, each with its group.
 * @throws Error naming the pages of docs/ that are in no group
 */
export function pagesOf(root) {
  const there = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter(name =>
    name.endsWith('.md'),
  )
  const grouped = Object.entries(docsByReader).flatMap(([group, names]) => names.map(name => [`${name}.md`, group]))
  const known = new Set(grouped.map(([name]) => name))
  const lost = there.filter(name => !known.has(name.replaceAll(sep, '/')))
  if (lost.length > 0) throw new Error(`docs/${lost.join(', docs/')}: in no group of site/pages.mjs; add it to one`)
  const docs = grouped.filter(([name]) => existsSync(join(root, 'docs', name)))
  return [
    ...docs.map(([name, group]) => ({ file: `docs/${name}`, group })),
    ...otherPages.map(file => ({ file, group: 'For programmers' })),
  ]
}
