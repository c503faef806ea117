// The live page of a run: session, exhibition game and stream server, wired together.
import { filter, map, of, Subject } from 'rxjs'
import {
  type Command,
  createRandom,
  createSession,
  exhibit,
  type MarkovGame,
  type Policy,
  type SessionState,
  type Show,
} from '../index.ts'
import { openServer, type Serving } from './serving.ts'

export interface Live {
  readonly url: string
  /** A token is needed to open it. */
  readonly guarded: boolean
  readonly session: ReturnType<typeof createSession>
  /** Tells every viewer that it is over and frees the port. */
  close(message: string): Promise<void>
}

/**
 * Serves the page of a game played by policies.
 * @throws ConfigError when the port is taken, FileError when the page is not built.
 */
export async function openLive(
  initial: SessionState,
  game: MarkovGame,
  policies: readonly Policy[],
  serving: Serving,
  port: number | undefined,
): Promise<Live> {
  const session = createSession(initial)
  const commands$ = new Subject<Command>()
  const steps$ = commands$.pipe(filter(command => command.type === 'step'))
  const { schema, frames$ } = exhibit(game, policies, createRandom(initial.run.seed, 'exhibition'), session, steps$)
  const server = await openServer(serving, port)
  const show: Show = {
    schema$: of(schema),
    moments$: frames$.pipe(map(frame => ({ frame, opening: null, fingerprint: () => null }))),
    inspect: () => null,
    command(command) {
      session.dispatch(command)
      commands$.next(command)
    },
    left() {},
  }
  server.add({ id: 'run', title: initial.run.scenario, session, show })
  return { url: server.url, guarded: server.guarded, session, close: message => server.close(message) }
}

/** The session at the start of a run. */
export function initialSession(
  run: SessionState['run'],
  status: SessionState['status'],
  game: { readonly agents: readonly { readonly id: string; readonly team: string }[] },
  totalEpisodes: number | null,
): SessionState {
  return {
    run,
    status,
    message: null,
    roster: game.agents.map(({ id, team }) => ({ id, team })),
    progress: {
      episodes: 0,
      totalEpisodes,
      envSteps: 0,
      updates: 0,
      envStepsPerSecond: 0,
      updatesPerSecond: 0,
      secondsLeft: null,
    },
    curve: { episodes: [], returns: [] },
    metrics: { episodes: [], series: {} },
    evaluations: [],
    exhibition: {
      paused: false,
      speed: 1,
      seed: run.seed,
      options: {},
      optionsAllowed: [],
      choices: {},
      players: {},
      taken: {},
    },
    timeline: { kind: 'live', first: 0, last: 0, position: 0, loop: null },
    recording: null,
  }
}
