// The timeline: its buttons, and a bar that shows episodes, what they paid, bookmarks, the loop, and where one looks.
import type { Theme } from '../../src/picture/colors.ts'
import { element, write } from '../page/elements.ts'
import { isPlayback, shownNumber, type Watching, wholeTime } from '../page/watching.ts'
import { ago, count, times } from '../page/words.ts'
import type { Stretch } from './frame-memory.ts'
import { drawBar } from './time-bar.ts'
import { WINDOW, windowAt } from './time-window.ts'
import { SPEEDS, type Transport } from './transport.ts'

export interface Timeline {
  /** Called with every picture; draws only what has changed. */
  show(theme: Theme): void
  forget(): void
}

/** A dragged speed slider asks at most this often. */
const SLIDER_MS = 80
/** The bar is drawn at most this often while the game goes on. */
const BAR_MS = 66

export function createTimeline(watching: Watching, transport: Transport): Timeline {
  const pause = element<HTMLButtonElement>('pause')
  const speed = element<HTMLInputElement>('speed')
  const scrub = element<HTMLInputElement>('scrub')
  const bar = element<HTMLCanvasElement>('bar')
  let width: number = WINDOW.first
  let shown: Stretch | null = null
  let drawn = ''
  let drawnAt = 0
  let later: ReturnType<typeof setTimeout> | null = null

  const click = (id: string, act: () => void) => onPress(element<HTMLButtonElement>(id), act)
  click('pause', () => transport.toggle())
  click('single', () => transport.step(1))
  click('step-back', () => transport.step(-1))
  click('episode-back', () => transport.jump(-1))
  click('episode-forth', () => transport.jump(1))
  click('loop', () => transport.toggleLoop())
  click('bookmark', () => transport.toggleBookmark())
  click('live', () => transport.goLive())
  scrub.addEventListener('input', () => transport.seek(Number(scrub.value)))
  scrub.addEventListener(
    'wheel',
    event => {
      event.preventDefault()
      width = Math.max(WINDOW.least, Math.min(1e6, width * Math.exp(event.deltaY / 300)))
      shown = null
      watching.touch()
    },
    { passive: false },
  )
  speed.addEventListener('input', () => {
    showSpeed(speed, SPEEDS[Number(speed.value)]!)
    later ??= setTimeout(() => {
      later = null
      transport.setSpeed(SPEEDS[Number(speed.value)]!)
    }, SLIDER_MS)
  })

  function showButtons(whole: Stretch | null): void {
    const { view, playhead, past } = watching
    const nothing = whole === null
    const playback = isPlayback(view)
    const standing = transport.standing
    for (const id of [
      'pause',
      'single',
      'step-back',
      'episode-back',
      'episode-forth',
      'loop',
      'bookmark',
      'speed',
      'scrub',
    ]) {
      element<HTMLButtonElement>(id).disabled = nothing
    }
    pause.setAttribute('aria-label', standing ? (playhead.live ? 'Resume' : 'Play') : 'Pause')
    pause.title = `${pause.getAttribute('aria-label')} (Space)`
    pause.querySelector('use')!.setAttribute('href', standing ? '#i-play' : '#i-pause')
    element('loop').setAttribute('aria-pressed', String(transport.loop !== null))
    const frame = past.at(shownNumber(watching))
    const marked = watching.bookmarks.all.some(({ number, at }) => number === frame?.number && at === frame.at)
    element('bookmark').setAttribute('aria-pressed', String(marked))
    element('live').hidden = playback
    element('live').setAttribute('aria-pressed', String(playhead.live && view.link === 'open'))
    // What has ended lives no more: the button leads to its last moment.
    element('live').lastElementChild!.textContent = view.link === 'ended' ? 'Last' : 'Live'
    // A slider that is being dragged is not moved.
    if (later === null && !speed.matches(':active')) {
      const slower = SPEEDS.findLastIndex(each => each !== null && each <= (transport.speed ?? Infinity))
      speed.value = String(transport.speed === null ? SPEEDS.length - 1 : Math.max(0, slower))
      showSpeed(speed, transport.speed)
    }
  }

  function showWhen(): void {
    const { view, past, playhead } = watching
    const frame = playhead.live ? view.frame : past.at(shownNumber(watching))
    if (!frame) {
      write('when', '')
      return
    }
    write('episode', count(frame.episode))
    write('step', count(frame.step))
    const place = `Episode ${count(frame.episode)}, step ${count(frame.step)}`
    const behind = view.frame && !playhead.live ? ` \u00b7 ${ago((view.frame.at - frame.at) / 1000)}` : ''
    write('when', `${place}${behind}`)
    scrub.setAttribute('aria-valuetext', `${place}${behind}`)
  }

  return {
    show(theme) {
      const whole = wholeTime(watching)
      showButtons(whole)
      showWhen()
      if (whole === null) return
      const position = shownNumber(watching)
      const { view, past, bookmarks } = watching
      if (isPlayback(view) && shown === null) width = Math.max(width, whole.to - whole.from)
      shown = windowAt(width, whole, position, shown)
      scrub.min = String(shown.from)
      scrub.max = String(shown.to)
      scrub.value = String(Math.round(position))
      const key = [
        shown.from,
        shown.to,
        position,
        bookmarks.all.length,
        past.version,
        theme.dark,
        transport.loop?.from,
      ].join()
      const now = performance.now()
      if (key === drawn || now - drawnAt < BAR_MS) return
      drawn = key
      drawnAt = now
      drawBar(bar, { shown, whole, position, past, loop: transport.loop, marks: bookmarks.all, theme })
    },
    forget() {
      drawn = ''
      shown = null
    },
  }
}

function showSpeed(slider: HTMLInputElement, speed: number | null): void {
  write('speed-shown', times(speed))
  slider.setAttribute('aria-valuetext', speed === null ? 'as fast as possible' : `${times(speed)} real time`)
}

/** After a click the keys belong to the page again: space must not press the button a second time. */
function onPress(button: HTMLButtonElement, pressed: () => void): void {
  button.addEventListener('click', event => {
    if (event.detail > 0) button.blur()
    pressed()
  })
}
