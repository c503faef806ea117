// Buttons, slider and keys: each becomes one command.
import { type Command, SPEED } from '../src/stream/protocol.ts'
import { element, write } from './elements.ts'
import type { View } from './state.ts'
import { times } from './words.ts'

export interface Controls {
  show(view: View): void
}

/** A dragged slider sends at most this often. */
const SLIDER_MS = 80

export function createControls(send: (command: Command) => void, current: () => View): Controls {
  const pause = element<HTMLButtonElement>('pause')
  const single = element<HTMLButtonElement>('single')
  const speed = element<HTMLInputElement>('speed')
  const training = element<HTMLButtonElement>('training')
  let later: ReturnType<typeof setTimeout> | null = null

  // What was heard last, not what was shown last: a key between two pictures counts.
  const open = () => current().link === 'open' && current().state !== null
  const paused = () => current().state?.exhibition.paused === true
  const togglePause = () => open() && send({ type: paused() ? 'resume' : 'pause' })
  const step = () => open() && send({ type: paused() ? 'step' : 'pause' })
  const chosen = () => 2 ** Number(speed.value)

  onPress(pause, togglePause)
  onPress(single, step)
  onPress(training, () => send({ type: current().state?.status === 'paused' ? 'resumeTraining' : 'pauseTraining' }))
  speed.addEventListener('input', () => {
    showSpeed(speed, chosen())
    later ??= setTimeout(() => {
      later = null
      send({ type: 'speed', speed: chosen() })
    }, SLIDER_MS)
  })
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const target = event.target as HTMLElement
    if (event.key === ' ' && !target.closest('button, a')) {
      event.preventDefault()
      if (!event.repeat) togglePause()
    } else if (event.key === '.' || (event.key === 'ArrowRight' && target !== speed)) {
      event.preventDefault()
      step()
    }
  })

  return {
    show({ state }) {
      pause.disabled = speed.disabled = !open()
      single.disabled = !open() || !paused()
      if (!state) return
      write('pause', state.exhibition.paused ? 'Resume' : 'Pause')
      // A slider under somebody's hand is not moved away from it.
      if (later === null && !speed.matches(':active')) {
        speed.value = String(Math.log2(state.exhibition.speed ?? SPEED.most))
        showSpeed(speed, state.exhibition.speed)
      }
      training.hidden = state.status !== 'training' && state.status !== 'paused'
      training.disabled = !open()
      write('training', state.status === 'paused' ? 'Resume training' : 'Pause training')
    },
  }
}

function showSpeed(slider: HTMLInputElement, speed: number | null): void {
  write('speed-shown', times(speed))
  slider.setAttribute('aria-valuetext', `${times(speed)} real time`)
}

/** After a click the keys belong to the page again: space must not press the button a second time. */
function onPress(button: HTMLButtonElement, pressed: () => void): void {
  button.addEventListener('click', event => {
    if (event.detail > 0) button.blur()
    pressed()
  })
}
