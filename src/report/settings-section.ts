// Settings of the runs: those in which methods differ, all settings of each group, and what is known of every run.

import { type Child, type Markup, tag } from '../picture/markup.ts'
import { methodName, section, table } from './elements.ts'
import type { Grouping } from './groups.ts'

export function settingsSection({ tasks, methods, groups }: Grouping): Markup {
  const keys = [...new Set(methods.flatMap(({ differences }) => [...differences.keys()]))]
  return section(
    'settings',
    'Settings',
    keys.length === 0
      ? tag('p', {}, 'All runs have the same settings apart from scenario and seed.')
      : table({
          caption: 'Settings in which methods differ',
          head: ['Setting', ...methods.map(({ label }) => label)],
          words: methods.length + 1,
          rows: keys.map((key): Child[] => [
            tag('code', {}, key),
            ...methods.map(({ differences }) => tag('code', {}, differences.get(key)!)),
          ]),
        }),
    groups.map(({ task, method, runs }) =>
      tag(
        'details',
        {},
        tag('summary', {}, `All settings: ${tasks[task]!.label}, ${methods[method]!.label}`),
        table({
          caption: `${tasks[task]!.label}, ${methods[method]!.label}: seeds ${runs.map(({ seed }) => seed).join(', ')}`,
          head: ['Setting', 'Value'],
          words: 2,
          rows: [...runs[0]!.settings]
            .filter(([key]) => key !== 'run.seed')
            .map(([key, value]): Child[] => [tag('code', {}, key), tag('code', {}, JSON.stringify(value))]),
        }),
      ),
    ),
  )
}

export function runsSection({ tasks, methods, groups }: Grouping): Markup {
  const facts = [...new Set(groups.flatMap(({ runs }) => runs.flatMap(run => [...run.facts.keys()])))]
  return section(
    'runs',
    'Runs',
    table({
      caption: 'What is known of every run',
      head: ['Run', 'Task', 'Method', 'Seed', 'Episodes', ...facts],
      words: 3,
      rows: groups.flatMap(({ task, method, runs }) =>
        runs.map((run): Child[] => [
          run.name,
          `${tasks[task]!.label} (version ${run.scenario.version})`,
          methodName(methods[method]!.label, method),
          String(run.seed),
          run.episodes.toLocaleString('en-US'),
          ...facts.map(fact => run.facts.get(fact) ?? '–'),
        ]),
      ),
    }),
  )
}
