// From openings and the actions of frames alone, a fresh game comes to the same bits, whatever viewers did in between.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type GameDefinition, particleDefinition } from '../../src/envs/game-definition.ts'
import type { MarkovGame } from '../../src/envs/markov-game.ts'
import { defineScenario, many } from '../../src/envs/scenario.ts'
import { baselineSetup } from '../../src/exhibition/baseline-setup.ts'
import { createExhibition } from '../../src/exhibition/exhibition.ts'
import type { Command } from '../../src/experiment/commands.ts'
import { createSession } from '../../src/experiment/session.ts'
import type { Moment } from '../../src/experiment/show.ts'
import { fingerprint } from '../../src/fingerprint.ts'
import { createRandom } from '../../src/random.ts'
import { games } from '../../src/run/run.ts'
import { actionSize } from '../../src/spaces.ts'
import { tinySession } from '../support/tiny-session.ts'

/** Chance in every step: in what agents do, in what they say, and in what the scenario moves. */
const drift = particleDefinition(
  defineScenario({
    id: 'drift',
    version: 3,
    description: 'noise everywhere',
    options: {},
    world: () => ({
      agents: many(2, i => ({ id: `agent_${i}`, speaks: true, actionNoise: 0.3, utteranceNoise: 0.2 })),
      scriptedAgents: [{ id: 'wind_0' }],
      landmarks: [{ id: 'rock', collides: true, moves: true }],
      channels: 2,
      arena: { half: 1, edge: 'wrap' },
    }),
    reset({ world, random }) {
      for (const { position } of world.entities) position.set(random.between(-1, 1), random.between(-1, 1))
    },
    controls: ({ agent, random }) => agent.thrust.set(random.between(-1, 1), random.between(-1, 1)),
    observe({ agent, world, see }) {
      for (const other of world.others(agent)) see.relative('other', other)
    },
    reward: ({ agent }) => agent.position.x,
    scripted: ({ agent, act }) => act.move(-agent.position.x, 1),
  }),
)

interface Told {
  readonly moment: Moment
  readonly print: bigint
}

/** Everything that is told while viewers do what they like. */
function play(definition: GameDefinition, commands: readonly Command[], who?: 'random'): Told[] {
  const session = createSession({ ...tinySession, status: 'playing' })
  const show = createExhibition(baselineSetup(definition, {}, 5, who), session)
  const told: Told[] = []
  show.moments$.subscribe(moment => told.push({ moment, print: moment.fingerprint()! }))
  session.dispatch({ type: 'pause' })
  for (const command of commands) {
    try {
      void show.command(command, 'viewer 1')
    } catch {
      // Refused: nothing has happened.
    }
    // Looking changes nothing.
    show.inspect(0)
  }
  return told
}

/** Plays what was told again: the number of the first frame whose state is another; null: none is. */
function playAgain(definition: GameDefinition, told: readonly Told[]): number | null {
  let game: MarkovGame | undefined
  for (const { moment, print } of told) {
    const { frame, opening } = moment
    if (opening === null) {
      let at = 0
      const rows = game!.agents.map(({ actionSpace }) => {
        const columns = actionSize(actionSpace)
        at += columns
        return { rows: 1, columns, data: frame.actions.slice(at - columns, at) }
      })
      game!.step(rows, 0)
    } else {
      game = definition.create(opening.options)
      if (opening.cause !== 'drag') {
        // The seed alone gives the same episode.
        game.reset(createRandom(opening.seed, 'exhibition'))
        if (fingerprint(game.save()) !== print) return frame.number
      }
      game.restore(opening.game)
    }
    if (fingerprint(game!.save()) !== print) return frame.number
  }
  return null
}

const steps = (count: number): Command[] => Array.from({ length: count }, () => ({ type: 'step' }))
const everything: readonly Command[] = [
  ...steps(12),
  { type: 'take', agent: 0 },
  { type: 'act', agent: 0, move: [0.7, -1] },
  ...steps(20),
  { type: 'drag', entity: 1, position: [0.3, 0.9] },
  ...steps(3),
  { type: 'reset', seed: 77 },
  ...steps(4),
  { type: 'play', team: 'agent', who: 'random' },
  ...steps(4),
  { type: 'options', options: { maxCycles: 6 } },
  ...steps(15),
  { type: 'release', agent: 0 },
  { type: 'drag', entity: 0, position: [-0.2, 0.1] },
  { type: 'drag', entity: 2, position: [2, 0.1] },
  ...steps(12),
]

describe('what was told can be played again', () => {
  it.each<[string, GameDefinition]>([
    ['simple_tag', games.simple_tag!],
    ['simple_crypto', games.simple_crypto!],
    ['simple_world_comm', games.simple_world_comm!],
    ['drift, with noise and scripted agents', drift],
    ['foraging', games.foraging!],
    ['matrix_game', games.matrix_game!],
  ])('%s', (_, definition) => {
    const told = play(definition, everything)
    expect(told.length).toBeGreaterThan(70)
    expect(told.filter(({ moment }) => moment.opening !== null).length).toBeGreaterThan(4)
    expect(told.map(({ moment }) => moment.frame.number)).toEqual(told.map((_, i) => i))
    expect(playAgain(definition, told)).toBeNull()
  })

  it('whatever viewers do', () => {
    const command = fc.oneof(
      { weight: 12, arbitrary: fc.constant<Command>({ type: 'step' }) },
      fc.record({ type: fc.constant('take' as const), agent: fc.nat(2) }),
      fc.record({
        type: fc.constant('act' as const),
        agent: fc.nat(2),
        move: fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: -1, max: 1, noNaN: true })),
        say: fc.option(fc.nat(2)),
      }),
      fc.record({ type: fc.constant('release' as const), agent: fc.nat(2) }),
      fc.record({
        type: fc.constant('drag' as const),
        entity: fc.nat(4),
        position: fc.tuple(fc.double({ min: -2, max: 2, noNaN: true }), fc.double({ min: -2, max: 2, noNaN: true })),
      }),
      fc.record({ type: fc.constant('reset' as const), seed: fc.nat(9) }),
      fc.constant<Command>({ type: 'reset' }),
      fc.record({
        type: fc.constant('play' as const),
        team: fc.constant('agent'),
        who: fc.constantFrom('random', 'noop'),
      }),
      fc.record({
        type: fc.constant('options' as const),
        options: fc.record({ maxCycles: fc.integer({ min: 1, max: 30 }) }),
      }),
    )
    fc.assert(
      fc.property(fc.array(command, { minLength: 5, maxLength: 80 }), commands => {
        expect(playAgain(drift, play(drift, commands))).toBeNull()
      }),
      { numRuns: 25 },
    )
  })

  it('and is noticed when an action is not the one that was played', () => {
    const told = play(games.simple_tag!, steps(8), 'random')
    const { frame } = told[5]!.moment
    frame.actions.set([0, 1, 0, 0, 0], 0)
    frame.actions.set([0, 0, 1, 0, 0], 5)
    expect(playAgain(games.simple_tag!, told)).toBe(5)
  })
})
