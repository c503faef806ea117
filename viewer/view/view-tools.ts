// The tools over the picture: which camera, how near, which layers, and what is seen saved as a file.
import { element } from '../page/elements.ts'
import type { Watching } from '../page/watching.ts'
import type { LensMode } from './lens.ts'
import { LAYERS, type PictureLayer } from './marks.ts'

export interface ViewTools {
  choose(mode: LensMode): void
  zoom(factor: number): void
  toggle(layer: PictureLayer): void
  show(): void
}

const NAMES: Readonly<Record<PictureLayer, string>> = {
  trails: 'Trails',
  velocity: 'Velocity',
  contacts: 'Contacts',
  utterances: 'Utterances',
  goals: 'Goals',
  names: 'Names',
  sight: 'What the selected agent sees',
}

export function createViewTools(watching: Watching, changed: () => void): ViewTools {
  const canvas = element<HTMLCanvasElement>('stage')
  const boxes = new Map<PictureLayer, HTMLInputElement>()
  element('layers').replaceChildren(
    ...LAYERS.map(layer => {
      const label = document.createElement('label')
      const box = document.createElement('input')
      box.type = 'checkbox'
      box.addEventListener('change', () => tools.toggle(layer))
      boxes.set(layer, box)
      label.append(box, NAMES[layer])
      return label
    }),
  )
  const tools: ViewTools = {
    choose(mode) {
      if (mode === 'follow' && watching.inspected === null) watching.select(0)
      watching.lens.choose(mode)
      changed()
    },
    zoom(factor) {
      watching.lens.zoomBy(factor, { x: canvas.clientWidth / 2, y: canvas.clientHeight / 2 })
      changed()
    },
    toggle(layer) {
      if (!watching.hidden.delete(layer)) watching.hidden.add(layer)
      changed()
    },
    show() {
      const { mode } = watching.lens
      for (const each of ['fixed', 'fit', 'follow'] as const) {
        const button = element(`view-${each}`)
        button.setAttribute('aria-pressed', String(each === mode))
      }
      for (const [layer, box] of boxes) box.checked = !watching.hidden.has(layer)
    },
  }
  for (const mode of ['fixed', 'fit', 'follow'] as const) {
    element(`view-${mode}`).addEventListener('click', () => tools.choose(mode))
  }
  element('zoom-in').addEventListener('click', () => tools.zoom(1.4))
  element('zoom-out').addEventListener('click', () => tools.zoom(1 / 1.4))
  closeMenusOutside()
  return tools
}

/** A menu closes when somebody presses elsewhere, or Escape. */
function closeMenusOutside(): void {
  const menus = document.querySelectorAll<HTMLDetailsElement>('details.menu')
  document.addEventListener('pointerdown', event => {
    for (const menu of menus) if (!menu.contains(event.target as Node)) menu.open = false
  })
  for (const menu of menus) {
    menu.addEventListener('keydown', event => {
      if (event.key !== 'Escape' || !menu.open) return
      event.stopPropagation()
      menu.open = false
      menu.querySelector('summary')!.focus()
    })
  }
}
