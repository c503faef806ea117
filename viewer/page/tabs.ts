// The tabs beside the picture, with the keys that tabs have.
import { element } from './elements.ts'

export const TABS = ['training', 'agent', 'control'] as const
export type Tab = (typeof TABS)[number]

export function openTab(tab: Tab): void {
  for (const each of TABS) {
    const head = element(`tab-${each}`)
    head.setAttribute('aria-selected', String(each === tab))
    head.tabIndex = each === tab ? 0 : -1
    element(`panel-${each}`).hidden = each !== tab
  }
}

export function listenToTabs(opened: () => void): void {
  TABS.forEach((tab, i) => {
    const head = element(`tab-${tab}`)
    head.addEventListener('click', () => {
      openTab(tab)
      opened()
    })
    head.addEventListener('keydown', event => {
      const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
      if (by === 0) return
      event.preventDefault()
      const next = TABS[(i + by + TABS.length) % TABS.length]!
      openTab(next)
      element(`tab-${next}`).focus()
      opened()
    })
  })
}
