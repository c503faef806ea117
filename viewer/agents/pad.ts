// A pad for touch screens: while an agent is controlled, it moves towards where the finger lies on the pad.
import { channelName } from '../../src/picture/layout.ts'
import { element, write } from '../page/elements.ts'
import type { Watching } from '../page/watching.ts'
import { notAllowed } from './allowed.ts'
import { byTouch, type ManualControl } from './manual-control.ts'
import { keysTowards } from './steering.ts'

/** More words than these are not offered. */
const WORDS_MOST = 10

export interface Pad {
  show(): void
}

export function createPad(watching: Watching, manual: ManualControl): Pad {
  const pad = element('pad')
  const cross = element('pad-cross')
  let made: number | null = null

  const towards = (event: PointerEvent) => {
    const { left, top, width, height } = cross.getBoundingClientRect()
    const right = (2 * (event.clientX - left)) / width - 1
    const up = 1 - (2 * (event.clientY - top)) / height
    const keys = keysTowards(right, up)
    cross.dataset.towards = keys.map(key => key.replace('Arrow', '').toLowerCase()).join(' ')
    manual.hold(keys)
  }
  const stop = () => {
    cross.dataset.towards = ''
    manual.hold([])
  }
  cross.addEventListener('pointerdown', event => {
    cross.setPointerCapture(event.pointerId)
    towards(event)
  })
  cross.addEventListener('pointermove', event => {
    if (cross.hasPointerCapture(event.pointerId)) towards(event)
  })
  cross.addEventListener('pointerup', stop)
  cross.addEventListener('pointercancel', stop)
  element('pad-release').addEventListener('click', () => manual.release())

  function makeWords(agent: number): void {
    const say = watching.view.schema?.agents[agent]?.actionSpace.find(({ name }) => name === 'say')
    element('pad-words').replaceChildren(
      ...Array.from({ length: Math.min(say?.size ?? 0, WORDS_MOST) }, (_, channel) => {
        const word = document.createElement('button')
        word.type = 'button'
        word.textContent = channelName(channel)
        word.setAttribute('aria-label', `Say ${channelName(channel)}`)
        word.addEventListener('click', () => manual.say(channel))
        return word
      }),
    )
  }

  /** What may not be said now is grey, with the reason. */
  function greyWords(agent: number): void {
    const { mask } = manual
    const space = watching.view.schema?.agents[agent]?.actionSpace ?? []
    const before = space.findIndex(({ name }) => name === 'say')
    const from = space.slice(0, before).reduce((sum, { size }) => sum + size, 0)
    element('pad-words')
      .querySelectorAll('button')
      .forEach((word, channel) => {
        word.disabled = mask?.[from + channel] === 0
        word.title = word.disabled ? notAllowed : ''
      })
  }

  return {
    show() {
      const { agent } = manual
      pad.hidden = agent === null || !byTouch.matches
      manual.refresh()
      if (agent === null) {
        made = null
        return
      }
      if (agent !== made) {
        made = agent
        write('pad-name', watching.view.schema?.agents[agent]?.id ?? '')
        makeWords(agent)
      }
      greyWords(agent)
    },
  }
}
