// The text around the game: the run, the progress of the training, the legend, messages.
import type { View } from '../../src/client/view.ts'
import { actorColors, agentsOf, type Theme } from '../../src/picture/colors.ts'
import type { FrameSchema, SessionState } from '../../src/stream/protocol.ts'
import { element, write, writeOrHide } from './elements.ts'
import { landmarksOf, legendOf } from './legend.ts'
import { showTrouble } from './trouble.ts'
import { ago, count, duration, gameNote, heading, rate, recipe, status } from './words.ts'

const NO_PICTURES = 'This game draws no pictures; its curves and numbers are here all the same.'
const LINKS = {
  connecting: 'connecting',
  open: 'connected',
  lost: 'connection lost',
  ended: 'ended',
  refused: 'refused',
} as const

export function showView(view: View, notice: string | null): void {
  write('banner', banner(view, notice) ?? '')
  const bar = element('banner')
  bar.hidden = bar.textContent === ''
  bar.dataset.kind = notice !== null ? 'notice' : view.link
  element('link').dataset.link = view.link
  element('link').lastElementChild!.textContent =
    view.link === 'open' && document.body.dataset.offline ? 'plays in this page' : LINKS[view.link]
  writeOrHide('role', view.link === 'open' && view.role === 'viewer' ? 'viewer' : null)
  element('role').title = 'You can watch everything, and command nothing.'
  if (view.state) showRun(view, view.state)
}

/** Made once per schema and scheme. */
export function showLegend(schema: FrameSchema, theme: Theme): void {
  element('game-legend').replaceChildren(
    ...legendOf(schema, actorColors(schema, theme)).map(({ mark, text, color, sign }) => {
      const item = document.createElement('li')
      const icon = document.createElement('i')
      icon.className = mark
      if (color !== undefined) icon.style.setProperty('--of', color)
      if (sign !== undefined) icon.textContent = sign
      item.append(icon, text)
      return item
    }),
  )
  const landmarks = schema.grid ? schema.entities.filter(({ kind }) => kind === 'landmark') : landmarksOf(schema)
  element('stage').setAttribute(
    'aria-label',
    schema.size === 0
      ? NO_PICTURES
      : `The game, seen from above: ${agentsOf(schema).length} agents, ${landmarks.length} landmarks`,
  )
}

function banner(view: View, notice: string | null): string | null {
  if (view.link === 'ended') return `The run has ended${view.farewell ? `: ${view.farewell}` : '.'}`
  if (notice !== null) return notice
  if (view.link === 'lost') return 'The connection is lost. Trying to come back \u2026'
  return null
}

function showRun(view: View, state: SessionState): void {
  const { link, session } = view
  const { run, progress } = state
  document.title = `${session?.title ?? run.scenario} \u00b7 marlstrom`
  write('scenario', run.scenario)
  write('recipe', recipe(run))
  element('recipe').title = run.folder ?? ''
  write('game-note', view.schema?.size === 0 ? NO_PICTURES : gameNote(state, link === 'ended'))
  write('training-title', heading(state))
  write('status', status(state, link === 'ended'))
  element('status').dataset.status = link === 'ended' && state.status !== 'failed' ? 'ended' : state.status
  showTrouble(state.trouble)
  // What stands over the picture is not said twice.
  writeOrHide('message', state.trouble === null ? state.message : null)
  element('measured').hidden = state.status === 'playing'
  element('returns-card').hidden = state.status === 'playing' && state.curve.episodes.length === 0

  const [done, total] =
    progress.totalSteps === undefined
      ? [progress.episodes, progress.totalEpisodes]
      : [progress.envSteps, progress.totalSteps]
  const part = total ? Math.min(1, done / total) : null
  const bar = element('progress')
  bar.hidden = part === null
  bar.setAttribute('aria-valuemax', String(total ?? 0))
  bar.setAttribute('aria-valuenow', String(done))
  bar.querySelector('i')!.style.width = `${100 * (part ?? 0)}%`
  write(
    'episodes',
    `${count(progress.episodes)}${progress.totalEpisodes ? ` of ${count(progress.totalEpisodes)}` : ''} episodes`,
  )
  const going = link !== 'ended' && state.status === 'training'
  write('left', going ? timeLeft(progress) : '')
  write('env-steps', count(progress.envSteps))
  // A rate is of what goes on.
  write('step-rate', going ? rate(progress.envStepsPerSecond) : '\u2013')
  const { rollouts } = progress
  write('updates-name', rollouts === undefined ? 'updates' : 'rollouts')
  write('updates', count(progress.updates))
  showActors(progress.actors, going)
  write('update-rate', going ? rate(rollouts?.minibatchesPerSecond ?? progress.updatesPerSecond) : '\u2013')
}

/** Who plays for the learners, a row for each; nothing where the games are played between updates. */
function showActors(actors: SessionState['progress']['actors'], going: boolean): void {
  const table = element('actors')
  table.hidden = actors === undefined
  if (actors === undefined) return
  table.title = `${count(actors.count)} actors play the games; the lag of an actor is by how many versions its weights are behind`
  const cell = (text: string) => {
    const made = document.createElement('td')
    made.textContent = text
    return made
  }
  table.querySelector('tbody')!.replaceChildren(
    ...actors.first.map(({ name, lag, envStepsPerSecond, secondsSince }) => {
      const row = document.createElement('tr')
      const seen = secondsSince === null ? '\u2013' : ago(secondsSince)
      row.append(...[name, String(lag), going ? rate(envStepsPerSecond) : '\u2013', seen].map(cell))
      return row
    }),
  )
}

/** What is waited for: experience before learning begins, then the end. */
function timeLeft({ envSteps, learnsAt, secondsLeft, rollouts }: SessionState['progress']): string {
  // Sessions of earlier versions do not say.
  if ((learnsAt ?? null) !== null) {
    if (rollouts !== undefined && envSteps >= learnsAt!) return 'learning from the first rollout'
    const what = rollouts === undefined ? 'experience' : 'the first rollout'
    return `collecting ${what}: ${count(envSteps)} of ${count(learnsAt!)} steps`
  }
  return secondsLeft === null ? '' : `${duration(secondsLeft)} left`
}
