// docs/survey.md as a test: every system is in it, and ids, settings, pages, files and numbers that it names are there.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { algorithms, shortNames } from '../../src/algorithms/index.ts'
import { parseSetting } from '../../src/run/config/config.ts'
import { optionAt } from '../../src/run/config/describe-settings.ts'
import { refuseIllegal } from '../../src/settings/option.ts'

const root = join(import.meta.dirname, '../..')
const text = readFileSync(join(root, 'docs/survey.md'), 'utf8')
const rows = text
  .split('\n')
  .filter(line => /^\| (?!system|---)/.test(line))
  .map(line => line.split('|').slice(1, -1))
  .map(cells => cells.map(cell => cell.trim()))

const systems = [
  ...['REINFORCE', 'actor-critic', 'off-policy policy gradient', 'A3C', 'A2C', 'DPG', 'DDPG', 'D4PG', 'MADDPG', 'TRPO'],
  ...['PPO', 'PPG', 'ACER', 'ACKTR', 'SAC', 'TD3', 'SVPG', 'IMPALA'],
]

describe('the survey', () => {
  it.each(systems)('has %s once', system => {
    expect(rows.filter(([name]) => name!.startsWith(`${system} (`))).toHaveLength(1)
  })

  it('names every algorithm', () => {
    const here = rows.map(([, here]) => here!).join()
    expect(Object.keys(algorithms).filter(id => !here.includes(`\`${id}\``))).toEqual([])
  })

  it.each(rows.map(row => [row[0]!, row] as const))('is true of %s', (_, row) => {
    expect(row).toHaveLength(7)
    const [, here, together, , page, checks, number] = row as [string, string, string, string, string, string, string]
    const named = codeIn(here)
    if (here.startsWith('**open**')) expect([page, checks, number].join('')).toBe('')
    else expect(algorithms).toHaveProperty(named[0]!)
    for (const name of [...named, ...codeIn(together)].filter(name => !/[.=]/.test(name))) {
      expect({ ...algorithms, ...shortNames }).toHaveProperty(name)
    }
    for (const setting of named.filter(name => name.startsWith('learner.'))) {
      const [[name, value]] = Object.entries(parseSetting(setting).learner!) as [[string, unknown]]
      const option = optionAt(`learner.${name}`, [algorithms[named[0]!]!])
      expect(option, setting).toBeDefined()
      refuseIllegal(option!, value, setting)
    }
    for (const [target, anchor] of linksIn(page)) expect(sectionOf(target, anchor)).not.toBe('')
    for (const path of codeIn(checks).filter(name => name.startsWith('test/'))) {
      expect(existsSync(join(root, path)), path).toBe(true)
    }
    if (number === '' || number === 'not measured yet') return
    const [[target, anchor]] = linksIn(number) as [[string, string]]
    expect(sectionOf(target, anchor)).toContain(/\*\*(.*?)\*\*/.exec(number)![1])
  })

  it('points to files that exist', () => {
    const paths = codeIn(text).filter(name => name.startsWith('test/'))
    expect(paths.filter(path => !existsSync(join(root, path)))).toEqual([])
  })
})

function codeIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code!)
}

/** File and anchor of each. */
function linksIn(cell: string): [string, string][] {
  return [...cell.matchAll(/\]\(([\w-]+\.md)#?([\w-]*)\)/g)].map(([, file, anchor]) => [file!, anchor!])
}

/** From a heading to the next one; without an anchor all of the file. @throws Error where there is no such heading */
function sectionOf(file: string, anchor: string): string {
  const all = readFileSync(join(root, 'docs', file), 'utf8')
  if (anchor === '') return all
  const parts = all.split(/^#+ /m).slice(1)
  const found = parts.find(part => slugOf(part.slice(0, part.indexOf('\n'))) === anchor)
  if (found === undefined) throw new Error(`docs/${file}: no heading for #${anchor}`)
  return found
}

/** As GitHub makes them. */
function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-')
}
