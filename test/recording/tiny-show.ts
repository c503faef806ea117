// A show by hand: a particle world played at random, whose moments come when a test asks for them.
import { BehaviorSubject, Subject } from 'rxjs'
import { scenarios } from '../../scenarios/index.ts'
import { createRandomPolicy } from '../../src/agents/baseline-policies.ts'
import type { FrameSchema } from '../../src/envs/frame.ts'
import { frameSchema } from '../../src/envs/frame-schema.ts'
import { createParticleGame } from '../../src/envs/particle-game.ts'
import type { Moment, Opening } from '../../src/experiment/show.ts'
import { fingerprint } from '../../src/fingerprint.ts'
import { createRandom } from '../../src/random.ts'
import type { RecordedMoment } from '../../src/recording/recording.ts'
import { actionSize } from '../../src/spaces.ts'

export interface TinyShow {
  readonly schema$: BehaviorSubject<FrameSchema>
  readonly moments$: Subject<Moment>
  /** Everything that was told. */
  readonly told: RecordedMoment[]
  /** So many frames more; a new episode begins where one has ended. */
  play(frames: number): void
  /** Another game with other options. */
  changeSchema(options: Readonly<Record<string, unknown>>): void
}

export function createTinyShow(id = 'simple_tag', options: Readonly<Record<string, unknown>> = {}): TinyShow {
  const scenario = scenarios[id]!
  const random = createRandom(1, 'tiny-show')
  let game = createParticleGame(scenario, options)
  const schema$ = new BehaviorSubject(frameSchema(game))
  const moments$ = new Subject<Moment>()
  const told: RecordedMoment[] = []
  let number = 0
  let episode = 0
  let cause: Opening['cause'] | null = 'first'
  let returns = new Float32Array(game.agents.length)
  const rowsOf = () =>
    game.agents.map(({ actionSpace }) => {
      const columns = actionSize(actionSpace)
      return { rows: 1, columns, data: new Float32Array(columns) }
    })

  const tell = (actions: readonly { readonly data: Float32Array }[], opening: Opening | null) => {
    const row = new Float32Array(game.frames!.schema.size)
    game.frames!.write(row)
    const rewards = Float32Array.from(game.rewards)
    returns = opening === null ? returns.map((sum, i) => sum + rewards[i]!) : rewards
    const frame = {
      number,
      at: 1.7e12 + 7 * number,
      episode,
      step: game.cycles,
      restarted: opening !== null,
      placed: false,
      rewards,
      returns,
      actions: Float32Array.from(actions.flatMap(({ data }) => [...data])),
      row,
    }
    number++
    const state = fingerprint(game.save())
    told.push({ frame, opening, fingerprint: state, game: { schema: schema$.value, source: null } })
    moments$.next({ frame, opening, fingerprint: () => state })
  }
  const step = () => {
    const actions = rowsOf()
    const nothing = { rows: 1, columns: 0, data: new Float32Array(0) }
    game.agents.forEach(({ actionSpace }, i) => {
      const policy = createRandomPolicy(actionSpace, random)
      policy.act({
        observations: nothing,
        restarted: new Uint8Array(1),
        explore: true,
        actions: actions[i]!,
        extras: [],
      })
    })
    game.step(actions, 0)
    tell(actions, null)
  }
  const begin = (why: Opening['cause']) => {
    game.reset(createRandom(++episode, 'exhibition'))
    tell(rowsOf(), {
      cause: why,
      scenario: id,
      version: scenario.version,
      options: game.options,
      seed: episode,
      game: structuredClone(game.save()),
      players: { agent: 'random' },
    })
    cause = null
  }
  return {
    schema$,
    moments$,
    told,
    play(frames) {
      for (let i = 0; i < frames; i++) {
        if (cause !== null || game.truncated) begin(cause ?? 'reset')
        else step()
      }
    },
    changeSchema(next) {
      game = createParticleGame(scenario, next)
      schema$.next(frameSchema(game))
      cause = 'options'
    },
  }
}
