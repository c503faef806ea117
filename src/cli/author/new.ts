// marlstrom new: writes a scenario, a grid game or an algorithm that works as it stands, and its test, into the user's own project.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Command } from 'commander'
import pc from 'picocolors'
import { algorithmTemplate, algorithmTestTemplate } from '../../authoring/algorithm-template.ts'
import { gridTemplate } from '../../authoring/grid-template.ts'
import { scenarioTemplate, testTemplate } from '../../authoring/template.ts'
import { ConfigError } from '../../errors.ts'
import { refuseTakenId } from '../../run/player-file.ts'
import { algorithms, games } from '../../run/run.ts'
import { marlstromCommand, shellQuoted } from '../../text/shell-quoted.ts'
import { print } from '../terminal/print.ts'

interface NewOptions {
  readonly folder: string
  readonly algorithm?: boolean
  readonly grid?: boolean
}

/** What is written, and what can be done with it. */
interface Written {
  readonly code: string
  readonly test: string
  /** What each command is for, and the command, of the file. */
  commands(path: string): readonly (readonly [string, string])[]
}

export function addNewCommand(program: Command): void {
  program
    .command('new')
    .argument('<id>', 'its name: small letters, digits and _')
    .option('--algorithm', 'write an algorithm instead of a scenario')
    .option('--grid', 'write a grid game instead of a particle scenario')
    .option('--folder <folder>', 'where to write it', '.')
    .action(newCommand)
}

function newCommand(id: string, { folder, algorithm = false, grid = false }: NewOptions): void {
  if (algorithm && grid) throw new ConfigError('new', '--algorithm and --grid: an algorithm or a game, one at a time')
  demandId(id, algorithm)
  const { code, test, commands } = algorithm ? newAlgorithm(id) : newGame(id, grid)
  const file = join(folder, `${id}.ts`)
  const testFile = join(folder, `${id}.test.mjs`)
  for (const path of [file, testFile]) {
    if (existsSync(path)) throw new ConfigError('new', `${path} is there already and stays as it is; choose another id`)
  }
  try {
    mkdirSync(folder, { recursive: true })
    // 'wx' refuses a file that came into being just now.
    writeFileSync(file, code, { flag: 'wx' })
    writeFileSync(testFile, test, { flag: 'wx' })
  } catch (error) {
    throw new ConfigError('new', `${file} cannot be written (${(error as Error).message}); choose another --folder`)
  }
  const shown = relative('', file)
  const path = shown.includes('/') || shown.includes('\\') ? shown : `./${shown}`
  const lines = commands(path).map(([what, command]) => `${what.padEnd(12)} ${command}`)
  print(`${pc.green('wrote')} ${file}
${pc.green('wrote')} ${testFile}

${lines.join('\n')}
Test it      node --test ${shellQuoted(relative('', testFile))}      (needs marlstrom in node_modules)`)
}

function newGame(id: string, grid: boolean): Written {
  return {
    code: grid ? gridTemplate(id) : scenarioTemplate(id),
    test: testTemplate(id),
    commands: path => [
      ['Play it', `${marlstromCommand('watch', path)}      (goes on while you edit: save, and look)`],
      ['Check it', marlstromCommand('check', path)],
      ['Train it', marlstromCommand('train', path, '--episodes', '5000', '--watch')],
    ],
  }
}

function newAlgorithm(id: string): Written {
  return {
    code: algorithmTemplate(id),
    test: algorithmTestTemplate(id),
    commands: path => [
      ['Train by it', marlstromCommand('train', 'simple_spread', '--algorithm', path, '--episodes', '5000', '--watch')],
      ['List it', `${marlstromCommand('list', path)}      (its settings)`],
    ],
  }
}

/** The id becomes the name of a file and of a variable. */
function demandId(id: string, algorithm: boolean): void {
  if (!/^[a-z][a-z0-9_]*$/.test(id)) {
    const near = id
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '_')
      .replace(/^[^a-z]+|_+$/g, '')
    const remedy = near === '' ? 'like my_scenario' : `like ${near}`
    throw new ConfigError(
      'new',
      `an id must be small letters, digits and _, beginning with a letter, ${remedy}; got '${id}'`,
    )
  }
  if (reserved.has(id)) throw new ConfigError('new', `'${id}' is a word of JavaScript; choose another id`)
  if (Object.hasOwn(games, id) || (algorithm && Object.hasOwn(algorithms, id)))
    throw new ConfigError('new', `'${id}' ships with marlstrom; choose another id`)
  if (algorithm) refuseTakenId(id, 'new')
}

// As a variable's name these do not compile; the last ones are names that the file itself imports or declares.
const reserved = new Set(
  (
    'abstract await break case catch class const continue debugger default delete do else enum export extends false finally for ' +
    'function if implements import in instanceof interface let new null package private protected public return static super ' +
    'switch this throw true try typeof var void while with yield arguments eval ' +
    'colors count defineGrid directions distance many real stepTowards touching undefined'
  ).split(' '),
)
