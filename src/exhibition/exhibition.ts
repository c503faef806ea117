// The game that viewers watch: a separate game on its own clock, never learnt from, and the commands that viewers have.
import {
  BehaviorSubject,
  concat,
  connect,
  defer,
  ignoreElements,
  map,
  merge,
  type Observable,
  of,
  Subject,
  share,
  tap,
  throttleTime,
} from 'rxjs'
import type { FrameSchema } from '../envs/frame.ts'
import { ConfigError } from '../errors.ts'
import { type GameCommand, MOST_STEPS, SPEED } from '../experiment/commands.ts'
import type { ExhibitionState, Session } from '../experiment/session.ts'
import type { Moment, Show } from '../experiment/show.ts'
import { type CurrentGame, createCurrentGame, type ExhibitionStart } from './current-game.ts'
import { inspectAgent } from './inspection.ts'
import { pace } from './pace.ts'
import type { ExhibitionSetup } from './setup.ts'

/** A game played for viewers, step by step as its session says, which can be controlled. */
export interface Exhibition extends Show {
  /** Says that who may play has changed: another checkpoint was written. */
  refresh(): void
  /** The present game. */
  readonly current: CurrentGame
}

/** How often the session is told of what changes with every step, in milliseconds. */
const newsEvery = 500

/**
 * An exhibition, controlled by the session and keeping it up to date. It plays while somebody subscribes to its moments,
 * once for all of them. Nothing in it touches the training: it has a game, policies and streams of random numbers of its own.
 * @throws TypeError when the game cannot be drawn, ConfigError for wrong options or players.
 * @example
 * ```ts
 * import { baselineSetup, createExhibition, createSession, games, initialSession } from 'marlstrom'
 * import { firstValueFrom } from 'rxjs'
 *
 * const definition = games.simple_spread!
 * const setup = baselineSetup(definition, { agents: 4 }, 1, 'scripted')
 * const run = { scenario: definition.id, algorithm: 'scripted', seed: 1, preset: 'openai', folder: null }
 * const session = createSession(initialSession(run, 'playing', definition.create({ agents: 4 }), null))
 * const { frame } = await firstValueFrom(createExhibition(setup, session).moments$)
 * console.log(frame.step, frame.rewards.length) // 0 4
 * ```
 */
export function createExhibition(setup: ExhibitionSetup, session: Session, start?: ExhibitionStart): Exhibition {
  const current = createCurrentGame(setup, start)
  const schema = new BehaviorSubject<FrameSchema>(current.schema)
  const requests = new Subject<number>()
  /** What commands bring about, between the steps. */
  const caused = new Subject<Moment>()
  const tell = (change: Partial<ExhibitionState>) => session.dispatch({ type: 'exhibition', change })
  const tellWhere = ({ frame: { number } }: Moment) => {
    tell({ seed: current.state.seed })
    session.dispatch({ type: 'timeline', change: { last: number, position: number } })
  }
  const steps$ = pace(session, requests).pipe(map(() => current.advance()))
  const played$: Observable<Moment> = merge(steps$, caused).pipe(
    connect(moments$ =>
      merge(
        moments$,
        moments$.pipe(
          throttleTime(newsEvery, undefined, { leading: true, trailing: true }),
          tap(tellWhere),
          ignoreElements(),
        ),
      ),
    ),
    share(),
  )
  const cause = (moment: Moment) => {
    caused.next(moment)
    tellWhere(moment)
  }
  const tellManual = () => tell({ taken: current.manual.taken })
  const agentOf = (index: number) => {
    if (Number.isInteger(index) && index >= 0 && index < current.play.game.agents.length) return index
    throw new RangeError(`there are agents 0 ... ${current.play.game.agents.length - 1}, got ${index}`)
  }

  const does: { readonly [T in GameCommand['type']]: (command: CommandOf<T>, viewer: string) => void } = {
    pause: command => session.dispatch(command),
    resume: command => session.dispatch(command),
    step({ steps = 1 }) {
      if (!session.state.exhibition.paused)
        throw new ConfigError('', 'the game is playing; pause it to make single steps')
      demandWithin('steps', steps, 1, MOST_STEPS)
      requests.next(steps)
    },
    speed(command) {
      if (command.speed !== null) demandWithin('speed', command.speed, SPEED.least, SPEED.most)
      session.dispatch(command)
    },
    reset({ seed }) {
      if (seed !== undefined) demandWithin('seed', seed, 0, Number.MAX_SAFE_INTEGER)
      cause(current.reset(seed))
    },
    options({ options }) {
      const moment = current.change(options)
      tell(current.state)
      schema.next(current.schema)
      cause(moment)
    },
    play({ team, who }) {
      current.setPlayer(team, who)
      tell({ players: current.teamPlayers.players })
    },
    take({ agent }, viewer) {
      current.manual.take(agentOf(agent), viewer)
      tellManual()
    },
    release({ agent }, viewer) {
      current.manual.release(agentOf(agent), viewer)
      tellManual()
    },
    act({ agent, move: [x, y], say = null }, viewer) {
      demandWithin('move', x, -1, 1)
      demandWithin('move', y, -1, 1)
      current.manual.act(agentOf(agent), viewer, [x, y], say)
    },
    drag({ entity, position }) {
      if (!position.every(Number.isFinite)) throw new RangeError(`drag: position must be finite, got (${position})`)
      // A zero has no sign in recordings, which are JSON there.
      cause(current.drag(entity, [position[0] + 0, position[1] + 0]))
    },
  }

  tell(current.state)
  tellWhere(current.present())
  return {
    current,
    schema$: schema.asObservable(),
    // Nothing is missed in between: both are synchronous.
    moments$: defer(() => concat(of(current.present()), played$)),
    inspect: agent => inspectAgent(current.play, current.teamPlayers, agentOf(agent)),
    command(command, viewer) {
      if (!Object.hasOwn(does, command.type)) {
        throw new ConfigError(
          '',
          `nothing here knows the command '${command.type}': this is a game that is played live`,
        )
      }
      ;(does[command.type as GameCommand['type']] as (command: GameCommand, viewer: string) => void)(
        command as GameCommand,
        viewer,
      )
    },
    left(viewer) {
      if (current.manual.left(viewer)) tellManual()
    },
    refresh() {
      tell({ choices: current.state.choices })
    },
  }
}

type CommandOf<T> = Extract<GameCommand, { readonly type: T }>

function demandWithin(what: string, value: number, least: number, most: number): void {
  if (value >= least && value <= most) return
  throw new RangeError(`${what} must be in ${least} ... ${most}, got ${value}`)
}
