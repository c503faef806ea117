// Games that are not what a game must be: `check` and every command that plays them refuse them alike, in the same words.
import { expect, it } from 'vitest'
import { bundleFile } from '../../src/authoring/bundle.ts'
import { importBundle } from '../../src/authoring/load-scenario.ts'
import { checkGame, describeProblem } from '../../src/envs/check-game.ts'
import type { GameDefinition } from '../../src/envs/game-definition.ts'
import { createVectorGame } from '../../src/envs/vector-game.ts'
import { createRandom } from '../../src/random.ts'
import { findGame } from '../../src/run/find-game.ts'
import { writeGame } from '../support/game-files.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** What a training says: of the game as it is made, or of its first steps. */
async function playing(file: string): Promise<string> {
  try {
    const { definition } = await findGame(file)
    play(definition)
  } catch (error) {
    return (error as Error).message
  }
  return 'nothing is wrong'
}

function play(definition: GameDefinition): void {
  const random = (game: number) => createRandom(1, 'game', game)
  const vector = createVectorGame({ create: () => definition.create(), games: 2, random, measure: true })
  for (let n = 0; n < 12; n++) {
    for (const { data, columns } of vector.next.actions) for (let i = 0; i < data.length; i += columns) data[i] = 1
    vector.advance()
  }
}

const broken: readonly (readonly [string, string])[] = [
  ["agents[0].id = '__proto__'", "must not be '__proto__', a name that every JavaScript object has"],
  ["agents[1].id = 'constructor'", "must not be 'constructor', a name that every JavaScript object has"],
  ["agents[1].id = 'toString'", "must not be 'toString'"],
  ["agents[1].team = '__proto__'", "agents[1].team must not be '__proto__'"],
  ["agents[1].id = 'one'", "two agents are named 'one'"],
  ["agents[1].id = ''", 'agents[1].id must be a name like \'agent_0\', got ""'],
  ['agents[1].id = 7', "agents[1].id must be a name like 'agent_0', got 7"],
  ['delete agents[0].team', 'agents[0].team must be a name'],
  ['agents.length = 0', 'there must be at least one agent, got none'],
  ['agents[0] = null', 'agents[0] must be an object'],
  ['agents[0].observationSize = NaN', 'observationSize of one must be a whole number of at least 1, got NaN'],
  ['agents[0].observationSize = 0', 'observationSize of one must be a whole number of at least 1, got 0'],
  ['agents[0].observationSize = 3', "the observation's parts of one have 2 numbers, the observation 3"],
  ['delete agents[0].observationParts', 'observationParts of one must be a list'],
  [
    'agents[0].observationParts[0].shape = [3, 1]',
    "shape [3,1] of part 'told' of one has 3 numbers, the part has 2; their product must be its size",
  ],
  ['agents[0].observationParts[0].shape = [0.5, 4]', "shape of part 'told' of one must be whole numbers of at least 1"],
  ['agents[0].observationParts[0].shape = []', "shape of part 'told' of one must be whole numbers of at least 1"],
  [
    "Object.assign(agents[0].observationParts[0], { shape: [1, 2], channels: ['x'] })",
    "channels of part 'told' of one must be 2 names, one for each along the last side of its shape",
  ],
  ["agents[0].observationParts[0].channels = ['x', 'y']", "channels of part 'told' of one want a shape too"],
  ['agents[0].actionSpace = []', 'actionSpace of one must have a part'],
  ['agents[0].actionSpace[0].size = 0', "size of part 'say' must be a whole number of at least 1, got 0"],
  ["agents[0].actionSpace[0].kind = 'dial'", "part 'say' must be of kind 'choice' or 'box', got \"dial\""],
  ["agents[0].actionSpace[0].name = '__proto__'", "must not be '__proto__'"],
  [
    "agents[0].actionSpace[0] = { name: 'force', kind: 'box', size: 1, low: -1, high: Infinity }",
    "part 'force' is a box from -1 to Infinity; bounds must be finite",
  ],
  ['game.rewards = new Float64Array(1)', 'rewards must have a number for each of 2 agents, got 1 numbers'],
  ['game.present = undefined', 'present must have a number for each of 2 agents'],
  ['game.terminated = new Uint8Array(3)', 'terminated must have a number for each of 2 agents, got 3 numbers'],
  ['delete game.save', 'save must be a function, it is missing'],
  ['game.script = 7', 'script must be a function or absent, got 7'],
  ['game.handles.drag = 7', 'handles.drag must be a function or absent, got 7'],
  ['game.frames.schema.size = 0', 'frames.schema.size must be a whole number of at least 1, got 0'],
  [
    'game.frames.schema.fields[0].size = 5',
    'frames.schema.fields must each be { name, offset, size } within 4 numbers',
  ],
  ['game.frames.schema.entities[0].agent = 2', 'frames.schema.entities must each be'],
  ["Object.defineProperty(game, 'truncated', { value: 1 })", 'truncated must be true or false, got 1'],
  ['return null', 'create must return a game, got null'],
  ['return Promise.resolve(game)', 'create cannot be async'],
  ['game.reset = async () => {}', 'a method of a game cannot be async'],
  ['game.step = async () => {}', 'a method of a game cannot be async'],
  [
    'const { step } = game; game.step = (a, r) => { step(a, r); game.rewards[1] = NaN }',
    'the reward of two must be a finite number',
  ],
  ['game.observe = (agent, row) => row.fill(1 / 0)', "part 'told' must be finite, got Infinity"],
  ['game.measure = () => ({ told: NaN })', "figure 'told' must be a finite number, got NaN"],
  [
    'const { step } = game; game.step = (a, r) => { step(a, r); game.terminated[1] = 2 }',
    'terminated of two must be 1 or 0, got 2',
  ],
  [
    'const { step } = game; game.step = (a, r) => { step(a, r); game.present[0] = 3 }',
    'present of one must be 1 or 0, got 3',
  ],
  [
    'const { step } = game; game.step = (a, r) => { step(a, r); if (truncated) game.terminated[1] = 1 }',
    'terminated and truncated at once',
  ],
  [
    'const { reset } = game; game.reset = r => { reset(r); game.terminated.fill(1) }',
    'the episode is over before its first step',
  ],
  ["game.absences = 'yes'", 'absences must be true, false or absent, got "yes"'],
  ['game.actionMask = 7', 'actionMask must be a function or absent, got 7'],
  ["agents[1].isMasked = 'no'", 'isMasked of two must be true, false or absent, got "no"'],
  ["game.stateParts = [{ name: 'told', size: 2 }]", 'state must write what `stateParts` name, it is missing'],
  ['game.state = row => row.fill(0)', 'stateParts must say which numbers `state` writes'],
  [
    "game.stateParts = [{ name: 'told' }]; game.state = row => row.fill(0)",
    'stateParts of the game must each be { name, size }, got {"name":"told"}',
  ],
  ['game.stateParts = []; game.state = row => row.fill(0)', 'stateParts must have a number at least, got none'],
  ['agents[0].observationParts[0].shape = [2, 2]', "shape [2,2] of part 'told' of one has 4 numbers, the part has 2"],
  ['agents[0].observationParts[0].shape = [2]', "shape of part 'told' of one must be whole numbers of at least 1 like"],
  [
    'agents[1].observationParts[0].piece = 3',
    "piece of part 'told' of two must be a number of numbers, at least 2, that divides its size, 2, got 3",
  ],
  [
    'game.actionMask = (agent, row) => row.fill(0)',
    "actionMask of one forbids all 2 alternatives of 'say': at least one must stay allowed",
  ],
  [
    'game.actionMask = (agent, row) => { row[1] = 5 }',
    "actionMask of one must be of ones and zeros, got 5 in part 'say'",
  ],
  [
    stepped('game.present[0] = steps === 2 ? 0 : 1'),
    'one waits: it is not present, and has not terminated; a game whose agents wait, come late or return must declare absences',
  ],
  [
    `${begun('game.terminated.fill(0)')}; ${stepped('game.terminated[1] = steps === 2 ? 1 : 0', 'other')}`,
    'two returns after it had terminated; a game whose agents wait, come late or return must declare absences',
  ],
  [begun('game.present[0] = 0'), 'one is not there when an episode begins'],
  [
    `game.absences = true; ${begun('game.present[0] = 0')}; ${stepped('game.rewards[0] = 1', 'other')}`,
    'one got a reward of 1 while no life of it was under way, so that it counts at no step of its own',
  ],
  [
    `game.absences = true; ${stepped('game.terminated[0] = 1; game.rewards[0] = 1')}; ${begun('game.terminated[0] = 0', 'other')}`,
    'one got a reward of 1 while no life of it was under way',
  ],
  [
    `game.absences = true; ${begun('game.present.fill(0)')}`,
    'nobody is there when the episode begins, nor after its first step',
  ],
]

/** After a step, or a reset, something is done. */
function stepped(what: string, name = 'was'): string {
  return `const ${name} = game.step; game.step = (a, r) => { ${name}(a, r); ${what} }`
}
function begun(what: string, name = 'was'): string {
  return `const ${name} = game.reset; game.reset = r => { ${name}(r); ${what} }`
}

it.each(broken)('%s', async (change, sentence) => {
  const file = writeGame(tempFolder(), 'told', change)
  const { problems } = checkGame(await importBundle(await bundleFile(file)))
  const message = problems.map(problem => problem.message).find(told => told.includes(sentence))
  expect([message, problems.map(describeProblem)]).toEqual([expect.any(String), expect.any(Array)])
  expect(await playing(file)).toContain(message!)
  // A game that is no scenario is spoken of in its own words.
  for (const problem of problems) expect(describeProblem(problem)).not.toMatch(/hook|scenario|world|see\./)
})

/** What only shows when a game is asked twice, or restored, or played by its own script. */
const told = "game.stateParts = [{ name: 'told', size: 2 }]"
const found: readonly (readonly [string, string, string])[] = [
  [
    'let asked = 0; game.actionMask = (agent, row) => { row[asked++ % 2] = 0 }',
    "method 'actionMask', one, step 0",
    'asked twice it gives another mask',
  ],
  [
    `let hidden = 0; game.actionMask = (agent, row) => { row[hidden] = 0 }; ${begun('hidden = r.integer(2)')}`,
    "method 'actionMask', one, step",
    'a game restored from what was saved gives another mask; it must follow from what `save` returns alone',
  ],
  [
    'game.actionMask = (agent, row) => { told[agent] = 0 }',
    "method 'actionMask', one, step",
    'it changes what `save` returns; it must only look',
  ],
  [
    'game.actionMask = (agent, row) => { row[told[agent]] = 0 }',
    "method 'script', one, step",
    "of 'say', which the mask forbids",
  ],
  [
    "game.stateParts = [{ name: 'told', size: 3 }]; game.state = row => row.set(told)",
    "method 'state', step 0",
    "part 'told' must be finite, got NaN",
  ],
  [
    `${told}; game.state = row => row.fill(1 / 0)`,
    "method 'state', step 0",
    "part 'told' must be finite, got Infinity",
  ],
  [
    `let asked = 0; ${told}; game.state = row => row.fill(asked++)`,
    "method 'state', step 0",
    'asked twice it gives another state',
  ],
  [
    `let hidden = 0; ${told}; game.state = row => row.fill(hidden); ${begun('hidden = r.uniform()')}`,
    "method 'state', step 0",
    'a game restored from what was saved gives another state',
  ],
  [
    `${told}; game.state = row => { row.set(told); told[1] = 1 - told[1] }`,
    "method 'state', step 0",
    'it changes what `save` returns; it must only look',
  ],
  [
    `game.absences = true; ${stepped('game.present[0] = 0')}; ${begun('game.present[0] = 1', 'other')}; ` +
      'game.observe = (agent, row) => row.fill(game.present[agent] === 1 ? 1 : NaN)',
    "method 'observe', one, step 5",
    "part 'told' must be finite, got NaN; look for a division by zero or a number never set (it waits while the episode is cut)",
  ],
]

it.each(found)('%s: found by the check', async (change, place, sentence) => {
  const file = writeGame(tempFolder(), 'told', change)
  const { problems } = checkGame(await importBundle(await bundleFile(file)))
  const lines = problems.map(describeProblem)
  expect(lines.find(line => line.includes(sentence)) ?? lines).toContain(place)
})

it('games whose agents are others each time', async () => {
  const file = writeGame(tempFolder(), 'told', "agents[1].id = 'two_' + (globalThis.made = (globalThis.made ?? 0) + 1)")
  const { problems } = checkGame(await importBundle(await bundleFile(file)))
  const sentence = 'every game with the same options must have the same agents'
  expect(problems[0]!.message).toContain(sentence)
  expect(await playing(file)).toContain(sentence)
})

it.each<[string, string, string]>([
  ['an id that leaves the folder of runs', "id: 'told'", "id: '../told'"],
  ['an option that is the id of the scenario', 'maxCycles: count(5', 'id: count(5'],
  ['an option that every object has', 'maxCycles: count(5', 'constructor: count(5'],
  ['an option that is none', "options: { maxCycles: count(5, { min: 1 }, 'steps') }", 'options: { maxCycles: 5 }'],
])('a definition with %s is not loaded at all', async (_, written, instead) => {
  const { readFileSync, writeFileSync } = await import('node:fs')
  const file = writeGame(tempFolder(), 'told')
  writeFileSync(file, readFileSync(file, 'utf8').replace(written, instead))
  const loaded = await importBundle(await bundleFile(file)).catch((error: Error) => error.message)
  expect(loaded).toMatch(
    /told\.mjs(?::\d+:\d+)?: (a game: id must be a word|told: (an option must have another name|option 'maxCycles' must be made by))/,
  )
  expect(await playing(file)).toBe(loaded)
})

it('nothing is wrong with the game that those are made from', async () => {
  const file = writeGame(tempFolder(), 'told')
  expect(checkGame(await importBundle(await bundleFile(file))).problems.map(describeProblem)).toEqual([])
  expect(await playing(file)).toBe('nothing is wrong')
})

it('a game that is frozen is played as any other', async () => {
  const file = writeGame(tempFolder(), 'told', 'return Object.freeze(game)')
  expect(checkGame(await importBundle(await bundleFile(file))).problems).toEqual([])
  expect(await playing(file)).toBe('nothing is wrong')
})
