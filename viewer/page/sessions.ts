// The start page: the sessions of a server that has several, each a link to its page.
import { SESSIONS_PATH, type SessionSummary } from '../../src/stream/protocol.ts'
import { element } from './elements.ts'
import { amount, count, STATUS } from './words.ts'

const AGAIN_MS = 3000

/** The sessions of the server beside the page. Throws when it does not say. */
export async function fetchSessions(): Promise<SessionSummary[]> {
  const answer = await fetch(new URL(SESSIONS_PATH.slice(1), location.href), { cache: 'no-store' })
  if (!answer.ok) throw new Error(`${SESSIONS_PATH}: ${answer.status}`)
  return (await answer.json()) as SessionSummary[]
}

/** Shows the list, and keeps it up to date. */
export function openStart(sessions: readonly SessionSummary[]): void {
  element('watch').hidden = true
  element('start').hidden = false
  element('link').hidden = element('help-open').hidden = true
  document.body.dataset.start = 'true'
  document.title = 'sessions \u00b7 marlstrom'
  element('scenario').parentElement!.hidden = true
  show(sessions)
  setInterval(async () => {
    try {
      show(await fetchSessions())
    } catch {
      // The list stays as it was last heard.
    }
  }, AGAIN_MS)
}

function show(sessions: readonly SessionSummary[]): void {
  element('sessions').replaceChildren(
    ...sessions.map(session => {
      const { id, title, status, kind } = session
      const item = document.createElement('li')
      const link = document.createElement('a')
      const name = document.createElement('b')
      const what = document.createElement('span')
      const state = document.createElement('span')
      link.href = linkTo(id)
      name.textContent = title
      what.textContent = factsOf(session).join(' \u00b7 ')
      state.className = 'state'
      state.dataset.status = status
      state.textContent = kind === 'playback' ? 'playback' : STATUS[status]
      link.append(name, what, state)
      item.append(link)
      return item
    }),
  )
}

/** The page of a session. What else the address of this page says goes on, as that it only watches. */
function linkTo(id: string): string {
  const query = new URLSearchParams(location.search)
  query.set('session', id)
  return `?${query}`
}

/** What tells a session from others of the same scenario first: its folder, its seed, its returns. */
function factsOf(session: SessionSummary): string[] {
  const { id, title, scenario, algorithm, kind, episodes, viewers, seed, folder, returns } = session
  const facts = [folder, id === title || id === folder ? null : id, title.includes(scenario) ? null : scenario]
  facts.push(title.includes(algorithm) ? null : algorithm, `seed ${seed}`, kind === 'playback' ? 'recording' : null)
  if (episodes > 0) facts.push(`${count(episodes)} episodes`)
  const teams = Object.entries(returns ?? {})
  if (teams.length > 0)
    facts.push(`return ${teams.map(([team, value]) => teamReturn(team, value, teams.length)).join(', ')}`)
  facts.push(`${viewers} ${viewers === 1 ? 'viewer' : 'viewers'}`)
  return facts.filter(fact => fact !== null && fact !== '') as string[]
}

function teamReturn(team: string, value: number, teams: number): string {
  return teams === 1 ? amount(value) : `${team} ${amount(value)}`
}
