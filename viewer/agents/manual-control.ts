// Manual control of an agent: the keys that are held decide its actions until it is released.
import { forbidden as reasonAgainst } from '../page/state.ts'
import { shownNumber, type Watching } from '../page/watching.ts'
import { allowedWish, notAllowed } from './allowed.ts'
import { directionOf, steers } from './steering.ts'

export interface ManualControl {
  /** The agent that this viewer controls, by its index; null: none. */
  readonly agent: number | null
  /** Takes the agent, or lets it go. */
  toggle(agent: number): void
  release(): void
  /** Holds these keys and no others, as the pad does; none: stands still. */
  hold(keys: readonly string[]): void
  /** Says this, or nothing when it was said already. */
  say(channel: number): void
  /** What the agent may do has changed: asks again for what is held, without what is forbidden now. */
  refresh(): void
  /** What the controlled agent may do now, [actionSize], 0 forbids; absent: everything, or nothing is known. */
  readonly mask: Uint8Array | undefined
  /** Sees a key go down or up: true when it steers. */
  key(event: KeyboardEvent, down: boolean): boolean
}

/** Whether there are fingers to touch the screen with. */
export const byTouch = matchMedia('(any-pointer: coarse)')

export function createManualControl(watching: Watching): ManualControl {
  const held = new Set<string>()
  let said: number | null = null
  let told = ''

  const agent = (): number | null => {
    const { state, schema, viewer } = watching.view
    const mine = Object.entries(state?.exhibition.taken ?? {}).find(([, name]) => name === viewer)
    const index = mine === undefined ? -1 : (schema?.agents.findIndex(({ id }) => id === mine[0]) ?? -1)
    return index < 0 ? null : index
  }
  const release = () => {
    const taken = agent()
    if (taken !== null) watching.ask({ type: 'release', agent: taken })
    held.clear()
    said = null
    told = ''
  }
  const maskOf = (taken: number | null) => {
    const { inspected, playhead } = watching
    if (inspected === null || inspected.agent !== taken || !playhead.live) return undefined
    return inspected.at(shownNumber(watching))?.mask
  }
  /** What is forbidden is not sent; `says`: whether the person is told. */
  const act = (taken: number, says = true) => {
    const space = watching.view.schema?.agents[taken]?.actionSpace ?? []
    const { rules } = watching.view.state?.exhibition.options ?? {}
    const wished = { move: directionOf(held), say: said }
    const { wish, forbidden } = allowedWish(space, rules, maskOf(taken), wished)
    if (says && forbidden.length > 0) watching.remark(`${forbidden.join(', ')}: ${notAllowed}`)
    // A game's one choice, where its alternatives have names, is asked for by their numbers.
    const channels = space.some(part => part.name === 'say' || (part.kind === 'choice' && part.names !== undefined))
    const now = JSON.stringify([taken, wish.move, wish.say])
    if (now === told) return
    told = now
    const [right, up] = wish.move
    watching.ask({ type: 'act', agent: taken, move: [right, up], ...(channels && { say: wish.say }) })
  }
  // A key that goes up while the window is away is never heard of.
  window.addEventListener('blur', () => {
    const taken = agent()
    held.clear()
    if (taken !== null) act(taken, false)
  })

  return {
    get agent() {
      return agent()
    },
    async toggle(wanted) {
      const reason = reasonAgainst(watching.view)
      if (reason !== null) return watching.remark(reason)
      const taken = agent()
      if (taken !== null) release()
      if (taken === wanted) return
      watching.playhead.goLive()
      if (await watching.ask({ type: 'take', agent: wanted })) {
        watching.remark(
          byTouch.matches
            ? 'You control it: the pad moves it.'
            : 'You control it: arrow keys or W A S D move it, digits speak, Esc lets it go.',
        )
      }
    },
    release,
    get mask() {
      return maskOf(agent())
    },
    refresh() {
      const taken = agent()
      if (taken !== null && (held.size > 0 || said !== null)) act(taken, false)
    },
    hold(keys) {
      const taken = agent()
      if (taken === null) return
      held.clear()
      for (const key of keys) held.add(key)
      act(taken)
    },
    say(channel) {
      const taken = agent()
      if (taken === null) return
      said = said === channel ? null : channel
      act(taken)
    },
    key(event, down) {
      const taken = agent()
      if (taken === null) return false
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
      if (steers(key)) {
        if (down) held.add(key)
        else held.delete(key)
      } else if (/^[0-9]$/.test(key)) {
        if (down) said = said === Number(key) ? null : Number(key)
      } else if (key === 'Escape') {
        if (down) release()
        return true
      } else return false
      act(taken, down)
      return true
    },
  }
}
