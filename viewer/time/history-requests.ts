// Past frames that the server has and the page does not: requested piece by piece as the viewer comes near them.
import { MOST_HISTORY } from '../../src/stream/protocol.ts'
import { isPlayback, shownNumber, type Watching } from '../page/watching.ts'

export interface HistoryRequests {
  readonly asking: boolean
  /** After a welcome: the newest past, and back to `wanted` where a link names a moment. Resolves when it has come. */
  begin(wanted: number | null): Promise<void>
  /** Asks for more where it may be wanted soon. */
  wish(): void
}

const PIECE = 1500
/** Nearer to the edge of what is kept than this, the next piece is asked for. */
const NEAR = 300

export function createHistoryRequests(watching: Watching): HistoryRequests {
  let asking = false
  /** The server had nothing older than this. */
  let edge = 0

  async function ask(from: number, to: number): Promise<void> {
    asking = true
    const before = watching.past.first?.number
    await watching.ask({ type: 'history', from, to })
    asking = false
    if (watching.past.first?.number === before) edge = before ?? 0
    watching.touch()
  }

  return {
    get asking() {
      return asking
    },
    async begin(wanted) {
      const { history } = watching.view
      edge = history?.first ?? 0
      if (history === null || isPlayback(watching.view)) return
      const from = Math.min(wanted ?? history.last, history.last - PIECE)
      await ask(Math.max(history.first, from, history.last - MOST_HISTORY + 1), history.last)
    },
    wish() {
      const first = watching.past.first?.number
      const { view, playhead } = watching
      if (asking || playhead.live || view.link !== 'open' || first === undefined || isPlayback(view)) return
      if (first > edge && shownNumber(watching) - first < NEAR) void ask(Math.max(edge, first - PIECE), first - 1)
    },
  }
}
