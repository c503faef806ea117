// Why a stream cannot be had. A websocket does not tell; the list of sessions beside it is asked, which answers with a sentence.
import { SESSIONS_PATH, STREAM_PATH } from '../stream/protocol.ts'
import { withoutToken } from './stream-address.ts'

/** What is wrong with a stream, and whether it may pass. */
export interface Problem {
  readonly sentence: string
  /** Asking again would not help. */
  readonly forGood: boolean
}

const PATIENCE_MS = 4000

/** Never rejects. null: the server would answer now. */
export async function whyNot(stream: URL): Promise<Problem | null> {
  const where = withoutToken(stream)
  const list = new URL(stream.href.replace(/^ws/, 'http'))
  list.pathname = list.pathname.slice(0, -STREAM_PATH.length) + SESSIONS_PATH
  const asked = list.searchParams.get('session')
  const token = list.searchParams.get('token')
  list.search = token === null ? '' : `?${new URLSearchParams({ token })}`
  try {
    const answer = await fetch(list, { signal: AbortSignal.timeout(PATIENCE_MS) })
    if (answer.ok) return whichSession(where, asked, (await answer.json()) as readonly { readonly id: string }[])
    if (answer.status === 401) {
      const remedy = token === null ? 'asks for a token: add ?token=<token> to the address' : 'does not know this token'
      return { sentence: `${where} ${remedy}`, forGood: true }
    }
    const reason = (await answer.text()).trim().slice(0, 300)
    return { sentence: `${where} refuses: ${reason}`, forGood: answer.status === 400 || answer.status === 403 }
  } catch {
    return { sentence: `no answer from ${where}: is the server running?${foreign(list)}`, forGood: false }
  }
}

function whichSession(where: string, asked: string | null, there: readonly { readonly id: string }[]): Problem | null {
  const ids = there.map(({ id }) => id).join(', ')
  if (asked === null ? there.length === 1 : there.some(({ id }) => id === asked)) return null
  if (there.length === 0) return { sentence: `${where}: nothing is shown there yet`, forGood: false }
  // A session that is named may still come.
  if (asked !== null) return { sentence: `${where}: no session '${asked}' is there; there are: ${ids}`, forGood: false }
  return { sentence: `${where} has several sessions: add ?session= with one of: ${ids}`, forGood: true }
}

/** Pages of other websites hear nothing of an answer that is not for them. */
function foreign(list: URL): string {
  const { location } = globalThis as { readonly location?: { readonly origin: string } }
  if (location === undefined || location.origin === list.origin) return ''
  return ` It answers pages of ${location.origin} if it was started with --allow-origin ${location.origin}.`
}
