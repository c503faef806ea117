// The keys of the page: what each does, and the help that lists them.
import { element } from './elements.ts'

export interface Key {
  /** As `KeyboardEvent.key`; several for one thing. */
  readonly keys: readonly string[]
  readonly does: string
  press(event: KeyboardEvent): void
  /** Held down, it acts again. */
  readonly repeats?: true
}

/** Groups of keys as the help shows them. */
export type Keys = readonly { readonly title: string; readonly keys: readonly Key[] }[]

/** `first` sees every key before the others do: true when it has taken it. */
export function listenToKeys(groups: Keys, first: (event: KeyboardEvent, down: boolean) => boolean): void {
  const byKey = new Map(groups.flatMap(({ keys }) => keys.flatMap(key => key.keys.map(name => [name, key] as const))))
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || element<HTMLDialogElement>('help').open) return
    const target = event.target as HTMLElement
    if (target.closest('input:not([type=range]), select, textarea')) return
    if (first(event, true)) return event.preventDefault()
    // What a key means to the control that has the focus comes first.
    if (target.closest('input[type=range], [role=tab]') && /^Arrow|^Home|^End|^Page/.test(event.key)) return
    if (event.key === ' ' && target.closest('button, a, summary')) return
    const key = byKey.get(event.key.length === 1 ? event.key.toLowerCase() : event.key)
    if (key === undefined) return
    event.preventDefault()
    if (!event.repeat || key.repeats) key.press(event)
  })
  document.addEventListener('keyup', event => first(event, false))
  showHelp(groups)
}

export function toggleHelp(): void {
  const help = element<HTMLDialogElement>('help')
  if (help.open) help.close()
  else help.showModal()
}

function showHelp(groups: Keys): void {
  element('keys').replaceChildren(
    ...groups.flatMap(({ title, keys }) => {
      const head = document.createElement('h3')
      const list = document.createElement('dl')
      head.textContent = title
      list.append(...keys.map(line))
      return [head, list]
    }),
  )
  element('help-open').addEventListener('click', toggleHelp)
}

function line({ keys, does }: Key): HTMLElement {
  const row = document.createElement('div')
  const names = document.createElement('dt')
  keys.forEach(key => {
    const name = document.createElement('kbd')
    name.textContent = NAMES[key] ?? key.toUpperCase()
    names.append(name)
  })
  const what = document.createElement('dd')
  what.textContent = does
  row.append(names, what)
  return row
}

const NAMES: Readonly<Record<string, string>> = {
  ' ': 'Space',
  ArrowLeft: '\u2190',
  ArrowRight: '\u2192',
  ArrowUp: '\u2191',
  ArrowDown: '\u2193',
  Escape: 'Esc',
  Home: 'Home',
  End: 'End',
}
