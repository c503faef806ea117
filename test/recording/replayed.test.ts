// Whatever viewers do to a game that is recorded: it is played again bit for bit.
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { baselineSetup } from '../../src/exhibition/baseline-setup.ts'
import { createExhibition } from '../../src/exhibition/exhibition.ts'
import type { GameCommand } from '../../src/experiment/commands.ts'
import { createSession } from '../../src/experiment/session.ts'
import { recordShow } from '../../src/recording/recorder.ts'
import { openRecording } from '../../src/recording/recording.ts'
import type { GameMaker } from '../../src/recording/resimulate.ts'
import { verify } from '../../src/recording/verify.ts'
import { games } from '../../src/run/find-game.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { tinySession } from '../support/tiny-session.ts'
import { about } from './tiny-recording.ts'

const agent = fc.nat(5)
const place = fc.double({ min: -1, max: 1, noNaN: true })
const command: fc.Arbitrary<GameCommand> = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ type: 'step' } as const) },
  fc.record({ type: fc.constant('reset' as const), seed: fc.nat(1000) }),
  fc.constant({ type: 'reset' } as const),
  fc.record({ type: fc.constant('drag' as const), entity: fc.nat(9), position: fc.tuple(place, place) }),
  fc.record({
    type: fc.constant('options' as const),
    options: fc.oneof(
      fc.record({ maxCycles: fc.integer({ min: 2, max: 40 }) }),
      fc.record({ rules: fc.constantFrom('openai', 'mpe2') }),
      fc.record({ adversaries: fc.integer({ min: 1, max: 4 }) }),
    ),
  }),
  fc.record({ type: fc.constant('take' as const), agent }),
  fc.record({ type: fc.constant('release' as const), agent }),
  fc.record({ type: fc.constant('act' as const), agent, move: fc.tuple(place, place) }),
  fc.record({
    type: fc.constant('play' as const),
    team: fc.constantFrom('adversary', 'agent'),
    who: fc.constantFrom('random', 'noop', 'scripted'),
  }),
)

const make: GameMaker = async ({ scenario, options }) => games[scenario]!.create(options)

it.each(['simple_tag', 'simple_world_comm', 'foraging'])('%s, by any commands', async id => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 20, maxLength: 60 }), async commands => {
      const session = createSession({ ...tinySession, exhibition: { ...tinySession.exhibition, paused: true } })
      const show = createExhibition(baselineSetup(games[id]!, {}, 1), session)
      const file = join(tempFolder(), 'x.mcap')
      const recorder = await recordShow(show, { file, about, source: () => null })
      for (const each of commands) {
        try {
          await show.command(each, 'me')
        } catch (error) {
          // Not everything can be done to every game; what is refused changes nothing.
          expect((error as Error).name).toMatch(/^(RangeError|ConfigError|TypeError)$/)
        }
      }
      await recorder.close()
      const recording = await openRecording(file)
      const found = await verify(recording, make)
      await recording.close()
      expect(found).toMatchObject({ same: recording.last - recording.first + 1, unknown: 0, difference: null })
    }),
    { numRuns: 6 },
  )
})
