// What tells two games apart: as far as actors notice, and by their options.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createRunFolder } from '../../src/experiment/run-folder.ts'
import { games } from '../../src/run/find-game.ts'
import {
  differenceOf,
  type OpponentGame,
  optionDifference,
  readOpponent,
  trainedVersion,
} from '../../src/run/opponents.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { tinyRun } from '../support/tiny-config.ts'
import { createTinyGame } from '../support/tiny-game.ts'

const opponentGame = (change: Partial<OpponentGame> = {}): OpponentGame => ({
  definition: { id: 'tiny', version: 2 },
  config: { scenario: { id: 'tiny', rules: 'openai', maxCycles: 25 } },
  agents: createTinyGame().agents,
  ...change,
})

describe('two games', () => {
  it('are the same where actors notice nothing', () => {
    expect(differenceOf(opponentGame(), opponentGame())).toBeNull()
    expect(
      differenceOf(
        opponentGame({ config: { scenario: { id: 'tiny', rules: 'openai', maxCycles: 9 } } }),
        opponentGame(),
      ),
    ).toBeNull()
  })

  const [first, second] = createTinyGame().agents
  it.each<[Partial<OpponentGame>, string]>([
    [{ definition: { id: 'other', version: 2 } }, "expected scenario 'tiny', got 'other'"],
    [{ definition: { id: 'tiny', version: 1 } }, 'expected version 2, got 1'],
    [{ config: { scenario: { id: 'tiny' } } }, "expected scenario.rules 'openai', got none"],
    [{ agents: [first!] }, 'expected agents agent_0, agent_1, got agent_0'],
    [{ agents: [first!, { ...second!, team: 'prey' }] }, "expected team of agent_1 'agent', got 'prey'"],
    [
      { agents: [first!, { ...second!, observationParts: [{ name: 'all', size: 3 }] }] },
      'expected observation of agent_1 all 2, got all 3',
    ],
    [
      { agents: [{ ...first!, actionSpace: [] }, second!] },
      'expected actions of agent_0 [{"name":"move","kind":"choice","size":3,"soft":true}], got ',
    ],
  ])('differ: %#', (change, difference) => {
    expect(differenceOf(opponentGame(change), opponentGame())).toBe(difference)
  })

  it('differ by an option, defaults filled in', () => {
    const { options } = games.simple_tag!
    const of = (given: object) => ({ scenario: { id: 'simple_tag', ...given } })
    expect(optionDifference(options, of({}), of({ obstacles: 2 }))).toBeNull()
    expect(optionDifference(options, of({ obstacles: 3 }), of({}))).toBe('expected scenario.obstacles 2, got 3')
  })
})

describe('the checkpoint of an opponent', () => {
  it('says the version that it was trained in, and where nothing is said it is that of today', () => {
    const folder = createRunFolder(tempFolder(), {})
    folder.writeCheckpoint(1, { learners: {}, scenarioVersion: 3 })
    expect(trainedVersion(folder, { version: 5 })).toBe(3)
    folder.writeCheckpoint(2, { learners: {} })
    expect(trainedVersion(folder, { version: 5 })).toBe(5)
  })

  it('must be there, and be a checkpoint', async () => {
    const run = await tinyRun()
    const path = tempFolder()
    const folder = createRunFolder(path, run.config)
    const read = () => readOpponent(path, 'agent', run)
    await expect(read()).rejects.toThrow(/holds no checkpoint yet; train longer/)
    writeFileSync(join(path, 'checkpoints', '000000001.safetensors'), 'no')
    await expect(read()).rejects.toMatchObject({ name: 'FileError' })
    folder.writeCheckpoint(2, run.save())
    expect(Object.keys((await read()).saved.learners as object)).toEqual(['agent_0', 'agent_1', 'agent_2'])
  })
})
