// The page's link says the moment, the view and the selected agent; the body and `window.marlstrom` say them to programs.
import { readAddress, writeHash } from './address.ts'
import type { Delays } from './delays.ts'
import { isPlayback, keptTime, shownNumber, type Watching } from './watching.ts'

export interface Link {
  /** The id of the agent that the link names. */
  readonly agent: string | null
  /** The frame that the link names, until it is shown. */
  readonly wanted: number | null
  /** Goes to the moment that the link names, once all that is known of the past is there. */
  arrive(): void
  /** Writes what is looked at into the address. */
  write(): void
  /** Tells the state of the page in the body's data attributes. */
  tell(): void
  /** The moment in a file's name. */
  moment(): string
  publish(delays: Delays): void
}

/** Browsers allow some hundred changes of an address in half a minute. */
const WRITE_MS = 400

export function createLink(watching: Watching): Link {
  const { lens, playhead, past } = watching
  const { at, embed, agent, lens: saved } = readAddress(location.search, location.hash)
  let wanted = at
  let later: ReturnType<typeof setTimeout> | null = null
  if (saved !== null) lens.restore(saved)
  document.body.dataset.embed = String(embed)

  return {
    agent,
    get wanted() {
      return wanted
    },
    arrive() {
      const kept = keptTime(watching)
      if (wanted === null || kept === null) return
      if (isPlayback(watching.view)) watching.ask({ type: 'seek', number: wanted })
      else if (wanted <= kept.to) playhead.seek(wanted, kept)
      wanted = null
    },
    write() {
      if (later !== null) return
      later = setTimeout(() => {
        later = null
        const { view, inspected } = watching
        const paused = isPlayback(view) && view.state?.exhibition.paused
        const hash = writeHash({
          at: paused ? shownNumber(watching) : playhead.position,
          lens: lens.save(),
          agent: inspected === null ? null : (view.schema?.agents[inspected.agent]?.id ?? null),
        })
        if (hash !== location.hash) history.replaceState(null, '', `${location.pathname}${location.search}${hash}`)
      }, WRITE_MS)
    },
    tell() {
      const { view } = watching
      const { dataset } = document.body
      dataset.connected = String(view.link === 'open')
      dataset.ended = String(view.link === 'ended')
      if (view.state) {
        dataset.status = view.state.status
        dataset.paused = String(view.state.exhibition.paused)
      }
      if (view.frame) {
        dataset.episode = String(view.frame.episode)
        dataset.step = String(view.frame.step)
      }
    },
    moment() {
      const frame = past.at(shownNumber(watching))
      return `episode-${frame?.episode ?? 0}-step-${frame?.step ?? 0}`
    },
    publish(delays) {
      const look = {
        /** The newest frame, whatever is shown. */
        get frame() {
          return watching.view.frame
        },
        get state() {
          return watching.view.state
        },
        /** The number of the frame that is shown. */
        get shown() {
          return shownNumber(watching)
        },
        get live() {
          return playhead.live
        },
        get delays() {
          return { drawnAfter: [...delays.drawnAfter], between: [...delays.between] }
        },
      }
      Object.defineProperty(window, 'marlstrom', { value: Object.freeze(look) })
    },
  }
}
