// The control panel: commands for the game and the training. Viewers without the right see it disabled, with the reason.
import { RECORDING_PATH } from '../../src/stream/protocol.ts'
import { element, write, writeOrHide } from '../page/elements.ts'
import { forbidden } from '../page/state.ts'
import { isPlayback, type Watching } from '../page/watching.ts'
import { bytes } from '../page/words.ts'
import { createOptionsForm } from './options-form.ts'
import { createPlayersForm } from './players-form.ts'

export interface Control {
  /** Another game. */
  begin(): void
  show(): void
}

const GROUPS = ['control-game', 'control-players', 'control-options', 'control-place', 'control-training'] as const

export function createControl(watching: Watching): Control {
  const options = createOptionsForm(watching)
  const players = createPlayersForm(watching)
  const training = element<HTMLButtonElement>('training')
  const pause = element<HTMLButtonElement>('training-pause')
  const stop = element<HTMLButtonElement>('training-stop')
  const what = element<HTMLSelectElement>('place-what')
  const state = () => watching.view.state

  const togglePause = () => watching.ask({ type: state()?.status === 'paused' ? 'resumeTraining' : 'pauseTraining' })
  training.addEventListener('click', togglePause)
  pause.addEventListener('click', togglePause)
  stop.addEventListener('click', () =>
    watching.ask({ type: state()?.status === 'stopped' ? 'startTraining' : 'stopTraining' }),
  )
  onSubmit('reset-form', () => {
    const seed = element<HTMLInputElement>('seed')
    watching.playhead.goLive()
    watching.ask(seed.value === '' ? { type: 'reset' } : { type: 'reset', seed: Number(seed.value) })
  })
  onSubmit('place-form', () => {
    const [x, y] = ['place-x', 'place-y'].map(id => Number(element<HTMLInputElement>(id).value))
    watching.ask({ type: 'drag', entity: Number(what.value), position: [x!, y!] })
  })

  return {
    begin() {
      what.replaceChildren(...(watching.view.schema?.entities ?? []).map(({ id }, i) => new Option(id, String(i))))
    },
    show() {
      const { view } = watching
      const session = state()
      const reason = forbidden(view)
      writeOrHide('control-hint', reason)
      for (const id of GROUPS) element<HTMLFieldSetElement>(id).disabled = reason !== null
      if (session === null) return
      const playback = isPlayback(view)
      for (const id of ['control-game', 'control-place'] as const) element(id).hidden = playback
      const trains = ['training', 'paused', 'stopped'].includes(session.status)
      element('control-training').hidden = !trains
      training.hidden = session.status !== 'training' && session.status !== 'paused'
      training.disabled = reason !== null
      training.title = reason ?? ''
      training.textContent = session.status === 'paused' ? 'Resume training' : 'Pause training'
      pause.textContent = session.status === 'paused' ? 'Resume' : 'Pause'
      pause.disabled = session.status === 'stopped'
      stop.textContent = session.status === 'stopped' ? 'Start' : 'Stop'
      write('seed-now', String(session.exhibition.seed))
      showRecording()
      options.show(session.exhibition)
      players.show(session.exhibition)
    },
  }

  function showRecording(): void {
    const recording = state()?.recording ?? null
    element('control-recording').hidden = recording === null
    if (recording === null) return
    const link = element<HTMLAnchorElement>('recording')
    const session = watching.view.session?.id
    const query = session === undefined ? '' : `?session=${encodeURIComponent(session)}`
    link.href = `.${RECORDING_PATH}${query}`
    link.download = recording.file.split(/[/\\]/).at(-1) ?? 'recording.mcap'
    write('recording', `Download ${link.download}`)
    write('recording-size', bytes(recording.bytes))
  }
}

function onSubmit(id: string, submitted: () => void): void {
  element<HTMLFormElement>(id).addEventListener('submit', event => {
    event.preventDefault()
    submitted()
  })
}
