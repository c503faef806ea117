import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bundleFile } from '../../src/authoring/bundle.ts'
import { describeError, placeOfName } from '../../src/authoring/error-place.ts'
import { importBundle } from '../../src/authoring/load-scenario.ts'
import { scenarioTemplate } from '../../src/authoring/template.ts'
import { troubleOf } from '../../src/authoring/trouble.ts'
import { tempFolder } from '../support/temp-folder.ts'

const good = scenarioTemplate('gather')
const walls = 'state: { contacts: 0 },\n    walls: [1, 2],'

function fileOf(text: string): string {
  const file = join(tempFolder(), 'gather.ts')
  writeFileSync(file, text)
  return file
}

/** What is said of a file that cannot be played. */
async function saidOf(text: string): Promise<string> {
  const bundle = await bundleFile(fileOf(text))
  try {
    ;(await importBundle(bundle)).create({})
  } catch (error) {
    return describeError(error)
  }
  throw new Error('the file can be played')
}

describe('what is wrong with a file', () => {
  it.each([
    [
      'a misspelt hook',
      good.replace('  reward({', '  rewards({'),
      'rewards({',
      "unknown hook 'rewards'; did you mean 'reward'?",
    ],
    ['a misspelt hook that may be missing', good.replace('metrics:', 'metric:'), 'metric:', "did you mean 'metrics'?"],
    [
      'walls of the wrong type',
      good.replace('state: { contacts: 0 },', walls),
      'walls: [',
      'walls[0] must be { from: [x, y]',
    ],
    [
      'landmarks of the wrong name',
      good.replace('landmarks: many', 'landmark: many'),
      'landmark: many',
      "did you mean 'landmarks'?",
    ],
    [
      'an option that is a number',
      good.replace(/count\(2, .*\)/, '2'),
      'agents: 2',
      "option 'agents' must be made by count",
    ],
    ['an arena without an edge', good.replace('state:', 'arena: { half: 1 }, state:'), 'arena:', 'arena must be like'],
  ])('has its line in the file: %s', async (_, text, line, sentence) => {
    const { message, place, code } = troubleOf(await saidOf(text))
    expect(message).toContain(sentence)
    expect(place).toMatch(/^gather\.ts:\d+:\d+$/)
    expect(code!.lines[code!.line - code!.first]).toContain(line)
    expect(place).toContain(`:${code!.line}:`)
  })

  it('is shown with the lines around it, as far as there are any', () => {
    const file = fileOf('one\ntwo\nthree\nfour\nfive\nsix')
    expect(troubleOf(`${file}:1:3: wrong: so`)).toEqual({
      message: 'wrong: so',
      place: 'gather.ts:1:3',
      code: { first: 1, line: 1, lines: ['one', 'two', 'three'] },
    })
    expect(troubleOf(`${file}:6:1: wrong`).code).toEqual({ first: 4, line: 6, lines: ['four', 'five', 'six'] })
    expect(troubleOf(`${file}:7:1: wrong`).code).toBeNull()
    expect(troubleOf(`${file}.gone:6:1: wrong`).code).toBeNull()
    expect(troubleOf('a sentence')).toEqual({ message: 'a sentence', place: null, code: null })
  })

  it('is found by a name where it is written, not where it is spoken of', () => {
    const file = fileOf("// reward: what is paid\nconst x = other.reward(1)\nexport const a = { id: 'a', reward: 1 }")
    expect(placeOfName('reward', [file])).toBe(`${file}:3:29`)
    expect(placeOfName('penalty', [file])).toBeUndefined()
    expect(placeOfName('not a name', [file])).toBeUndefined()
  })
})
