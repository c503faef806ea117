// Who plays each team: the latest actors, a checkpoint, the scenario's script, chance, or nobody.
import type { SessionState } from '../../src/stream/protocol.ts'
import { element } from '../page/elements.ts'
import type { Watching } from '../page/watching.ts'

type Exhibition = SessionState['exhibition']

export interface PlayersForm {
  show(exhibition: Exhibition): void
}

export function createPlayersForm(watching: Watching): PlayersForm {
  const selects = new Map<string, HTMLSelectElement>()
  let made: Exhibition['choices'] | null = null

  function make(choices: Exhibition['choices']): void {
    selects.clear()
    element('players').replaceChildren(
      ...Object.entries(choices).map(([team, who]) => {
        const label = document.createElement('label')
        const name = document.createElement('span')
        const select = document.createElement('select')
        name.textContent = team
        select.setAttribute('aria-label', team)
        select.replaceChildren(...who.map(each => new Option(NAMES[each] ?? each, each)))
        select.addEventListener('change', async () => {
          const done = await watching.ask({ type: 'play', team, who: select.value })
          if (!done) select.value = watching.view.state?.exhibition.players[team] ?? ''
        })
        selects.set(team, select)
        label.append(name, select)
        return label
      }),
    )
  }

  return {
    show({ choices, players }) {
      element('control-players').hidden = Object.values(choices).every(who => who.length < 2)
      if (choices !== made) make((made = choices))
      for (const [team, select] of selects) {
        if (!select.matches(':focus')) select.value = players[team] ?? ''
      }
    },
  }
}

const NAMES: Readonly<Record<string, string>> = {
  latest: 'the latest actors',
  random: 'random actions',
  noop: 'nobody (no-op)',
  scripted: 'its script',
}
