// The menu that saves what is seen: a picture, a GIF, a film.

import { element } from '../page/elements.ts'
import { type CaptureKind, createCapture } from './capture.ts'

const NAMES: Readonly<Record<CaptureKind, string>> = { png: 'Picture (PNG)', gif: 'GIF', webm: 'Film (WebM)' }

/** `name` is asked when a capture begins; `failed` says a sentence to the person. */
export function createSaveMenu(
  canvas: HTMLCanvasElement,
  name: () => string,
  failed: (sentence: string) => void,
): void {
  const buttons = new Map<CaptureKind, HTMLButtonElement>()
  const summary = element('save-menu').querySelector('summary')!
  const capture = createCapture(canvas, {
    name,
    failed,
    changed(state) {
      summary.classList.toggle('taking', state !== null)
      for (const [kind, button] of buttons) {
        const own = state?.kind === kind
        button.disabled = state !== null && !own && kind !== 'png'
        button.textContent = own ? `Stop \u00b7 ${state.seconds.toFixed(0)} s` : NAMES[kind]
      }
    },
  })
  element('save').replaceChildren(
    ...capture.kinds.map(kind => {
      const button = document.createElement('button')
      button.type = 'button'
      button.textContent = NAMES[kind]
      button.addEventListener('click', () => {
        if (capture.state?.kind === kind) void capture.stop()
        else capture.start(kind)
      })
      buttons.set(kind, button)
      return button
    }),
  )
}
