// A game that is played for viewers in a thread of its own: within that thread, between the exhibition and the port.
import type { MessagePort } from 'node:worker_threads'
import { map, skip } from 'rxjs'
import { demandingSteps } from '../envs/demanding-game.ts'
import type { GameDefinition } from '../envs/game-definition.ts'
import { type Whereabouts, watchHooks } from '../envs/watched-hooks.ts'
import { withinBudget } from '../exhibition/budget.ts'
import { createExhibition, type Exhibition } from '../exhibition/exhibition.ts'
import type { ExhibitionSetup } from '../exhibition/setup.ts'
import { initialSession } from '../experiment/initial-session.ts'
import { createSession, type ExhibitionState, type SessionState } from '../experiment/session.ts'
import type { Inspection } from '../experiment/show.ts'
import { describeError } from './error-place.ts'
import type { GameMessage, PlayRequest, ThreadCommand } from './game-messages.ts'
import type { Flow } from './shared-flow.ts'

/** Inspections per second, while the game plays faster than that. */
const inspectionRate = 30
const mostInspected = 64
/** An agent that nobody has asked about for so many milliseconds is inspected no more. */
const forgetAfter = 3000

export interface PlayedGame {
  readonly request: PlayRequest
  readonly definition: GameDefinition
  /** The exhibition of the definition as it is played here. */
  setup(definition: GameDefinition): ExhibitionSetup
  /** Whether every agent is inspected; else those that somebody looks into. */
  readonly inspectsAll: boolean
  /** Takes what only some games know. */
  hear?(command: ThreadCommand): void
}

/** Where the thread speaks to who started it. */
export interface ThreadLine {
  readonly port: Pick<MessagePort, 'on'>
  readonly say: (message: GameMessage) => void
  /** Says how the thread ended. */
  readonly fail: (error: unknown) => void
  readonly where: Whereabouts
  readonly flow: Flow
}

/** Plays until the thread is ended. @throws whatever the first game throws */
export function playGame({ request, inspectsAll, ...game }: PlayedGame, line: ThreadLine): Exhibition {
  const { port, say, fail, where, flow } = line
  where.seed = request.seed
  const { definition } = game
  const setup: ExhibitionSetup = {
    ...game.setup(demandingSteps(watchHooks(definition, where))),
    limited: budget => demandingSteps(watchHooks(withinBudget(definition, budget), where)),
  }
  const session = createSession(sessionState(request))
  const exhibition = createExhibition(setup, session, { ...request.start, withoutPictures: true })
  const { agents } = exhibition.current.play.game
  say({
    type: 'ready',
    id: definition.id,
    who: whoPlays(exhibition.current.teamPlayers.players),
    schema: exhibition.current.schema,
    roster: agents.map(({ id, team }) => ({ id, team })),
  })
  const looks = createLooks(exhibition, inspectsAll)
  port.on('message', (command: ThreadCommand) => {
    switch (command.type) {
      case 'left':
        exhibition.left(command.viewer)
        break
      case 'command': {
        const refusal = refusalOf(() => exhibition.command(command.command, command.viewer), where)
        say({ type: 'answer', id: command.id, refusal })
        break
      }
      case 'look':
        say({ type: 'inspections', id: command.id, inspections: looks.at(command.agents) })
        break
      case 'training':
        session.dispatch({ type: command.training ? 'resumeTraining' : 'pauseTraining' })
        break
      case 'refresh':
        exhibition.refresh()
        break
      default:
        game.hear?.(command)
    }
  })
  let told: Partial<ExhibitionState> = {}
  session.changes$.subscribe({
    next({ state: { exhibition: now, timeline } }) {
      const keys = Object.keys(now) as (keyof ExhibitionState)[]
      const change = Object.fromEntries(keys.filter(key => now[key] !== told[key]).map(key => [key, now[key]]))
      told = now
      say({ type: 'exhibition', change, timeline })
    },
    error: fail,
  })
  exhibition.schema$.pipe(skip(1)).subscribe({ next: schema => say({ type: 'schema', schema }), error: fail })
  exhibition.moments$
    .pipe(
      map(({ frame, opening, fingerprint }): GameMessage => {
        const inspections = looks.due(frame.at, session.state.exhibition.paused)
        return { type: 'moment', moment: { frame, opening, fingerprint: fingerprint()!, inspections } }
      }),
    )
    .subscribe({
      next(message) {
        flow.begin()
        say(message)
      },
      error: fail,
    })
  return exhibition
}

/** What there is to know about the agents: whenever somebody may look at it. */
function createLooks(exhibition: Exhibition, all: boolean) {
  let last = Number.NEGATIVE_INFINITY
  /** Agent to when somebody asked for it last. */
  const wanted = new Map<number, number>()
  const inspect = (agents: readonly number[]): Inspection[] => {
    const { length } = exhibition.current.play.game.agents
    return agents.filter(agent => agent < length).map(agent => exhibition.inspect(agent)!)
  }
  return {
    at(agents: readonly number[]): Inspection[] {
      for (const agent of agents) wanted.set(agent, Date.now())
      return inspect(agents)
    },
    /** null: those of a moment shortly before are still good enough. */
    due(now: number, paused: boolean): readonly Inspection[] | null {
      if (!paused && now - last < 1000 / inspectionRate) return null
      last = now
      if (all) return inspect(exhibition.current.play.game.agents.slice(0, mostInspected).map((_, agent) => agent))
      if (!paused) for (const [agent, asked] of wanted) if (now - asked > forgetAfter) wanted.delete(agent)
      return inspect([...wanted.keys()])
    },
  }
}

/** Why a command was not done, as a sentence; null: it was. */
function refusalOf(command: () => void, where: Whereabouts): string | null {
  try {
    command()
    return null
  } catch (error) {
    // A hook that threw for a command has come back: the game before it plays on.
    where.hook = ''
    return describeError(error)
  }
}

function sessionState({ seed, exhibition, training }: PlayRequest): SessionState {
  const run = { scenario: '', algorithm: '', seed, preset: '', folder: null }
  const state = initialSession(run, training ? 'training' : 'paused', { agents: [] }, null)
  return { ...state, exhibition: { ...state.exhibition, ...exhibition } }
}

/** In words: the one player, or team by team. */
function whoPlays(players: Readonly<Record<string, string>>): string {
  const names = [...new Set(Object.values(players))]
  return names.length === 1
    ? names[0]!
    : Object.entries(players)
        .map(([team, who]) => `${team}: ${who}`)
        .join(', ')
}
