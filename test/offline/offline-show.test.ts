// What plays in a page is what plays in Node.js: every number of the frames, for every kind of actor.
import { describe, expect, it, onTestFinished } from 'vitest'
import { pageDataOf } from '../../src/api/export-page.ts'
import type { Frame } from '../../src/envs/frame.ts'
import { createCurrentGame } from '../../src/exhibition/current-game.ts'
import { episodeFrames } from '../../src/exhibition/episodes.ts'
import { initialSession } from '../../src/experiment/initial-session.ts'
import { foraging } from '../../src/games/foraging.ts'
import { createRun, type Overrides, type Run, scenarios, trainedPolicies } from '../../src/index.ts'
import { createOfflineShow } from '../../src/offline/offline-show.ts'
import { createRandom } from '../../src/random.ts'
import { type Untaught, untaughtName } from '../../src/run/policies.ts'
import { runSetup } from '../../src/run/run-setup.ts'
import { corridorFile } from '../support/corridor-file.ts'
import { corridorDefinition } from '../support/corridor-game.ts'
import { writePolicy } from '../support/player-files.ts'
import { tempFolder } from '../support/temp-folder.ts'

const seed = 7
const frames = 60

const kinds: readonly { readonly name: string; readonly given: Overrides }[] = [
  { name: 'soft choices', given: { scenario: { id: 'simple_tag', rules: 'openai' } } },
  { name: 'one-hot choices and words', given: { scenario: { id: 'simple_reference', rules: 'mpe2' } } },
  {
    name: 'boxes, sampled',
    given: { scenario: { id: 'simple_spread', rules: 'mpe2', actions: 'continuous' }, learner: { algorithm: 'masac' } },
  },
  {
    name: 'boxes without chance',
    given: {
      scenario: { id: 'simple_spread', rules: 'mpe2', actions: 'continuous' },
      learner: { exploration: 'gaussian' },
    },
  },
  { name: 'a memory', given: { scenario: { id: 'simple_spread' }, network: { memory: 8 } } },
  {
    name: 'an ensemble',
    given: { scenario: { id: 'simple_push' }, learner: { subPolicies: 3 }, replay: { draws: 'agent' } },
  },
  { name: 'shared parameters', given: { scenario: { id: 'simple_spread' }, learner: { shareParameters: true } } },
  {
    name: 'normalised layers, a hot temperature and another estimator',
    given: {
      scenario: { id: 'simple_spread' },
      network: { layerNorm: true, activation: 'elu' },
      learner: { temperature: 2, estimator: 'gapped' },
    },
  },
  { name: 'a team that plays by chance', given: { scenario: { id: 'simple_tag' }, team: { adversary: 'random' } } },
  { name: 'a game that is no particle world', given: { scenario: { id: 'foraging' } } },
]

describe('a run in a page', () => {
  it.each(kinds)('plays the very same episodes: $name', async ({ given }) => {
    const run = await tinyRun(given)
    const { show } = await opened(run)
    const current = createCurrentGame(runSetup(run))
    for (let n = 0; n < frames; n++) expectSame(show.current.advance().frame, current.advance().frame)
    expect(show.current.state.players).toEqual(playersIn(run))
    // Sampled as in training: where everybody has learnt, whoever is chance plays by streams of its own in Node.js.
    if (run.parts.some(({ baseline }) => baseline !== null)) return
    for (const [team, choices] of Object.entries(show.current.state.choices)) {
      show.current.setPlayer(team, choices.find(who => who.endsWith('sampling'))!)
    }
    const game = run.createGame()
    const policies = trainedPolicies(run, `exhibition/${seed}`, [game])
    const next = episodeFrames(game, policies, createRandom(seed, 'exhibition'), true)
    expectSame(show.current.reset(seed).frame, next())
    for (let n = 0; n < 20; n++) expectSame(show.current.advance().frame, next())
  })

  it('obeys action masks: the game would refuse anything else', async () => {
    const run = await tinyRun({ scenario: { id: corridorFile() } })
    const { show } = await opened(run)
    const current = createCurrentGame(runSetup(run))
    for (let n = 0; n < frames; n++) expectSame(show.current.advance().frame, current.advance().frame)
    for (let n = 0; n < frames; n++) {
      const { mask, probabilities } = show.inspect(0)!
      probabilities.forEach((p, i) => void (mask![i] === 0 && expect(p).toBe(0)))
      if (n === 5) show.current.setPlayer('walker', 'trained, sampling')
      expect(() => show.current.advance()).not.toThrow()
    }
  })

  it('plays a policy that a user wrote as Node.js does', async () => {
    const run = await tinyRun({ scenario: { id: 'simple_tag' }, team: { adversary: writePolicy(tempFolder()) } })
    const { show } = await opened(run)
    const current = createCurrentGame(runSetup(run))
    for (let n = 0; n < frames; n++) expectSame(show.current.advance().frame, current.advance().frame)
    expect(show.current.state.players.adversary).toBe('jitter')
    expect(show.current.state.choices.adversary).toEqual(['jitter', 'scripted', 'random', 'noop'])
  })

  it('takes options that its actors can play, and refuses others by name', async () => {
    const { show } = await opened(await tinyRun({ scenario: { id: 'simple_tag' } }))
    show.command({ type: 'options', options: { maxCycles: 7 } }, 'you')
    expect(show.current.state.options.maxCycles).toBe(7)
    expect(() => show.command({ type: 'options', options: { adversaries: 5 } }, 'you')).toThrow(
      /adversary_|numbers.*random/,
    )
    expect(show.current.state.options.adversaries).toBe(3)
  })
})

async function tinyRun(given: Overrides): Promise<Run> {
  const run = await createRun({
    ...given,
    network: { hidden: [13, 11], ...given.network },
    learner: { updateAfter: 1024, ...given.learner },
    replay: { capacity: 2048, ...given.replay },
    run: { seed, threads: 1 },
  })
  onTestFinished(() => run.dispose())
  return run
}

/** By way of text, as a page holds it. */
async function opened(run: Run) {
  const identity = { scenario: run.definition.id, algorithm: run.who, seed, preset: 'openai', folder: null }
  const data = pageDataOf(run, initialSession(identity, 'playing', run, null))
  const games: Readonly<Record<string, unknown>> = { foraging, corridor: corridorDefinition() }
  const exports = { default: games[run.definition.id] ?? scenarios[run.definition.id]! }
  const policies = run.agents.flatMap(({ team }, index) => {
    const { baseline } = run.parts[index]!
    return baseline === null || typeof baseline === 'string' ? [] : [[team, baseline.policy] as const]
  })
  return createOfflineShow(exports, JSON.parse(JSON.stringify(data)), Object.fromEntries(policies))
}

function playersIn(run: Run): Record<string, string> {
  const playerOf = (baseline: Untaught | null) => (baseline === null ? 'trained, greedy' : untaughtName(baseline))
  return Object.fromEntries(run.agents.map(({ team }, i) => [team, playerOf(run.parts[i]!.baseline)]))
}

/** Everything but when it was. */
function expectSame(got: Frame, expected: Frame): void {
  expect({ ...got, at: 0, number: 0, episode: 0 }).toEqual({ ...expected, at: 0, number: 0, episode: 0 })
}
