// The words and numbers around the game: which run it is, how the training stands, who is in the picture, what has happened.
import type { FrameSchema } from '../src/stream/protocol.ts'
import { element, write, writeOrHide } from './elements.ts'
import type { View } from './state.ts'
import { agentColors, agentsOf, type Theme } from './theme.ts'
import { count, duration, gameNote, rate, status } from './words.ts'

const LINKS = { connecting: 'connecting', open: 'live', lost: 'connection lost', ended: 'run ended' } as const

export function showView(view: View, notice: string | null): void {
  write('banner', banner(view, notice) ?? '')
  const bar = element('banner')
  bar.hidden = bar.textContent === ''
  bar.dataset.kind = notice !== null ? 'notice' : view.link
  element('link').dataset.link = view.link
  element('link').lastElementChild!.textContent = LINKS[view.link]
  if (view.frame) {
    write('episode', count(view.frame.episode))
    write('step', count(view.frame.step))
  }
  if (view.state) showRun(view, view.state)
}

/** Who and what is drawn; made once per schema and scheme. */
export function showCast(schema: FrameSchema, theme: Theme): void {
  const colors = agentColors(schema, theme)
  const agents = agentsOf(schema).map((agent, i) => {
    const item = document.createElement('li')
    const disc = document.createElement('i')
    disc.className = 'disc'
    disc.style.background = colors[i]!
    disc.textContent = String(i)
    item.append(disc, agent.id)
    return item
  })
  const landmarks = schema.entities.filter(entity => entity.kind === 'landmark')
  const kinds = (['ring', 'diamond'] as const)
    .map(kind => ({ kind, names: landmarks.filter(it => it.collides === (kind === 'ring')).length }))
    .filter(({ names }) => names > 0)
    .map(({ kind, names }) => {
      const item = document.createElement('li')
      const mark = document.createElement('i')
      mark.className = kind
      item.append(mark, `${names} ${kind === 'ring' ? 'solid ' : ''}landmark${names === 1 ? '' : 's'}`)
      return item
    })
  element('cast').replaceChildren(...agents, ...kinds)
  element('stage').setAttribute(
    'aria-label',
    `The game, seen from above: ${agents.length} agents, ${landmarks.length} landmarks`,
  )
}

function banner(view: View, notice: string | null): string | null {
  if (view.link === 'ended') return `The run has ended${view.farewell ? `: ${view.farewell}` : '.'}`
  if (notice !== null) return notice
  if (view.link === 'lost') return 'The connection is lost. Trying to come back \u2026'
  return null
}

function showRun({ link }: View, state: NonNullable<View['state']>): void {
  const { run, progress } = state
  document.title = `${run.scenario} \u00b7 marlstrom`
  write('scenario', run.scenario)
  write('recipe', `${run.algorithm} \u00b7 preset ${run.preset} \u00b7 seed ${run.seed}`)
  element('recipe').title = run.folder ?? ''
  write('game-note', gameNote(state))
  write('status', status(state, link === 'ended'))
  element('status').dataset.status = link === 'ended' && state.status !== 'failed' ? 'ended' : state.status
  writeOrHide('message', state.message)
  element('measured').hidden = element('returns-card').hidden = state.status === 'playing'

  const part = progress.totalEpisodes ? Math.min(1, progress.episodes / progress.totalEpisodes) : null
  const bar = element('progress')
  bar.hidden = part === null
  bar.setAttribute('aria-valuemax', String(progress.totalEpisodes ?? 0))
  bar.setAttribute('aria-valuenow', String(progress.episodes))
  bar.querySelector('i')!.style.width = `${100 * (part ?? 0)}%`
  write(
    'episodes',
    `${count(progress.episodes)}${progress.totalEpisodes ? ` of ${count(progress.totalEpisodes)}` : ''} episodes`,
  )
  const going = link !== 'ended' && state.status === 'training'
  write('left', going && progress.secondsLeft !== null ? `${duration(progress.secondsLeft)} left` : '')
  write('env-steps', count(progress.envSteps))
  write('step-rate', rate(progress.envStepsPerSecond))
  write('updates', count(progress.updates))
  write('update-rate', rate(progress.updatesPerSecond))
}
