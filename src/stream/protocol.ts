// What travels over the websocket, both ways; docs/protocol.md says it for programs in other languages. Frames and inspections
// travel beside it as binary (frame-codec.ts, inspection-codec.ts).
import type { FrameSchema } from '../envs/frame.ts'
import type { Command, SessionChange, SessionState } from '../experiment/session.ts'

export type {
  Frame,
  FrameAgent,
  FrameEntity,
  FrameField,
  FrameSchema,
  GridPicture,
  PictureSchema,
} from '../envs/frame.ts'
export { MOST_STEPS, SPEED } from '../experiment/commands.ts'
export type { Command, SessionState } from '../experiment/session.ts'
export type { Inspection } from '../experiment/show.ts'
export type { StreamedFrame } from './frame-codec.ts'
export type { StreamedInspection } from './inspection-codec.ts'

/** Rises whenever a message or the layout of a frame changes. The page refuses a server of another version. */
export const PROTOCOL = 4

/** The websocket's address is this path beside the page. Its query, known names alone: `session`, `after` with `began`, `role`, `token`. */
export const STREAM_PATH = '/stream'

/** The list of sessions, a JSON list of `SessionSummary`. */
export const SESSIONS_PATH = '/sessions'

/** The recording of `?session=`, as far as it is written. */
export const RECORDING_PATH = '/recording'

/** Frames per second that a viewer gets: limits of `subscribe`, and what it gets unasked. */
export const RATE = { least: 1, most: 60, usual: 30 } as const

/** Most agents that one viewer has inspected at a time. */
export const MOST_INSPECTED = 8

/** Most frames that one `history` request asks for. */
export const MOST_HISTORY = 20_000

/** An operator commands, a viewer watches. */
export type Role = 'operator' | 'viewer'

/** immer's patches, as they are. */
export type Patches = SessionChange['patches']

/** Server to viewer, as JSON text. */
export type ServerMessage =
  /** Everything a viewer needs; first on each connection, and again where the patches between would not say it. */
  | {
      readonly type: 'welcome'
      readonly protocol: number
      /** `began`: ms since 1970; frame numbers of a session that began at another time mean other frames. */
      readonly session: { readonly id: string; readonly title: string; readonly began: number }
      /** The name of this connection, as in `state.exhibition.taken`. */
      readonly viewer: string
      readonly role: Role
      /** The next patches have the next number. */
      readonly sequence: number
      readonly state: SessionState
      readonly schema: FrameSchema
      /** Numbers of the frames that `history` can ask for; null: none yet. */
      readonly history: FrameRange | null
      /** The frames that follow begin behind the one that `after=` named: nothing was missed. */
      readonly resumed: boolean
    }
  /** `sequence` rises by one from message to message; after a jump a viewer asks for `sync`. */
  | { readonly type: 'patches'; readonly sequence: number; readonly patches: Patches }
  /** The request with this id was carried out. */
  | { readonly type: 'done'; readonly id: number }
  /** A request was not understood or not carried out; `message` is a sentence. `id` is the request's, if it had one. */
  | { readonly type: 'refused'; readonly id?: number; readonly message: string }
  /** The last word of a server that closes on purpose. A server may be there again later. */
  | { readonly type: 'bye'; readonly message: string }

export interface FrameRange {
  readonly first: number
  readonly last: number
}

/** What concerns one connection only, and anyone may ask for. */
export type ViewerRequest =
  /** Frames per second, and the agents whose inspections are sent with each; what is absent stays. */
  | { readonly type: 'subscribe'; readonly rate?: number; readonly inspect?: readonly number[] }
  /** Frames `from` ... `to` as far as they are kept, flagged `past`, then `done`. A later request takes the place of an earlier one. */
  | { readonly type: 'history'; readonly from: number; readonly to: number }
  /** A new welcome. */
  | { readonly type: 'sync' }

/** Viewer to server, as JSON text; a request with an `id` is answered by `done` or `refused` with the same one. */
export type Request = (Command | ViewerRequest) & { readonly id?: number }

/** One entry of `GET /sessions`. */
export interface SessionSummary {
  readonly id: string
  readonly title: string
  /** Milliseconds since 1970. */
  readonly began: number
  readonly scenario: string
  readonly algorithm: string
  readonly status: SessionState['status']
  readonly kind: SessionState['timeline']['kind']
  readonly episodes: number
  readonly viewers: number
  readonly seed: number
  /** Where the run is kept; null: nowhere. */
  readonly folder: string | null
  /** The newest training return, the mean of a team's agents, by team; null: none is known yet. */
  readonly returns: Readonly<Record<string, number>> | null
}
