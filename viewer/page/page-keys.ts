// The page's keys, by what they act on; the help lists them as they stand here.

import type { ManualControl } from '../agents/manual-control.ts'
import { SPEEDS, type Transport } from '../time/transport.ts'
import type { ViewTools } from '../view/view-tools.ts'
import { type Keys, toggleHelp } from './keyboard.ts'
import { shownNumber, type Watching } from './watching.ts'

export function pageKeys(
  watching: Watching,
  {
    transport,
    tools,
    manual,
  }: { readonly transport: Transport; readonly tools: ViewTools; readonly manual: ManualControl },
): Keys {
  const faster = (by: number) => {
    const at = SPEEDS.indexOf(transport.speed)
    const next = SPEEDS[Math.min(Math.max((at < 0 ? 3 : at) + by, 0), SPEEDS.length - 1)]
    transport.setSpeed(next ?? null)
  }
  const mark = (direction: 1 | -1) => {
    const found = watching.bookmarks.next(shownNumber(watching), direction)
    if (found) transport.seek(found.number)
  }
  const agent = (by: number) => {
    const count = watching.view.schema?.agents.length ?? 0
    if (count === 0) return
    const now = watching.inspected?.agent ?? (by > 0 ? -1 : 0)
    watching.select((now + by + count) % count)
  }
  return [
    {
      title: 'Time',
      keys: [
        { keys: [' '], does: 'pause and go on', press: () => transport.toggle() },
        { keys: ['.', 'ArrowRight'], does: 'one step on', press: () => transport.step(1), repeats: true },
        { keys: [',', 'ArrowLeft'], does: 'one step back', press: () => transport.step(-1), repeats: true },
        { keys: ['Home'], does: 'to the begin of the episode', press: () => transport.jump(-1), repeats: true },
        { keys: ['End'], does: 'to the next episode', press: () => transport.jump(1), repeats: true },
        { keys: ['0'], does: 'back to live', press: () => transport.goLive() },
        { keys: ['['], does: 'slower', press: () => faster(-1) },
        { keys: [']'], does: 'faster', press: () => faster(1) },
        { keys: ['l'], does: 'loop the episode', press: () => transport.toggleLoop() },
        { keys: ['b'], does: 'bookmark this moment', press: () => transport.toggleBookmark() },
        { keys: ['p'], does: 'to the bookmark before', press: () => mark(-1) },
        { keys: ['n'], does: 'to the next bookmark', press: () => mark(1) },
      ],
    },
    {
      title: 'View',
      keys: [
        { keys: ['1'], does: 'the whole world', press: () => tools.choose('fixed') },
        { keys: ['2'], does: 'everybody', press: () => tools.choose('fit') },
        { keys: ['3'], does: 'follow the selected agent', press: () => tools.choose('follow') },
        { keys: ['+', '='], does: 'closer', press: () => tools.zoom(1.25), repeats: true },
        { keys: ['-'], does: 'farther away', press: () => tools.zoom(0.8), repeats: true },
        { keys: ['v'], does: 'trails', press: () => tools.toggle('trails') },
      ],
    },
    {
      title: 'Agents',
      keys: [
        { keys: ['j'], does: 'select the next agent', press: () => agent(1), repeats: true },
        { keys: ['k'], does: 'select the one before', press: () => agent(-1), repeats: true },
        { keys: ['t'], does: 'control the selected agent: arrows or W A S D move it, digits speak', press: take },
        { keys: ['Escape'], does: 'let it go; select nobody', press: () => watching.select(null) },
        { keys: ['?'], does: 'this help', press: toggleHelp },
      ],
    },
  ]

  function take(): void {
    if (watching.inspected === null) agent(1)
    if (watching.inspected !== null) manual.toggle(watching.inspected.agent)
  }
}
