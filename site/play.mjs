// A page for every game that ships and can be drawn, with the game itself in it: agents that learnt while the site was built, or the game's own controllers.
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pageDataOf } from '../dist/src/api/export-page.js'
import { pageFile } from '../dist/src/export/page.js'
import { createRun, games, initialSession } from '../dist/src/index.js'
import { pageFolder } from '../dist/src/installation/package.js'

/** What is learnt in seconds, by game: the episodes that it takes. Everything else is played by the controllers that the games ship. */
const episodesOf = { simple: 2000, simple_adversary: 4000, simple_crypto: 4000, simple_push: 3000 }

/**
 * Writes `<folder>/<id>.html` per game and gives the pages around them: each learns or plays with seed 1, so that every build makes the same.
 * `scenarios`: the text of docs/scenarios.md, whose sections are linked to.
 */
export async function playablePages(folder, scenarios) {
  mkdirSync(folder, { recursive: true })
  const pages = []
  for (const id of Object.keys(games)) {
    const definition = games[id]
    const game = definition.create()
    if (game.frames === undefined) continue
    const episodes = episodesOf[id] ?? 0
    if (episodes > 0) exportTrained(folder, id, episodes)
    else writeFileSync(join(folder, `${id}.html`), await scripted(definition, game))
    pages.push({
      file: `scenario-pages/${id}.md`,
      title: id,
      group: 'Scenarios to play',
      text: textOf(definition, game, episodes, scenarios),
    })
  }
  return pages
}

/** As the page's text says that it was made. */
function exportTrained(folder, id, episodes) {
  const run = join(folder, 'run')
  const marlstrom = (...args) =>
    execFileSync(process.execPath, [join(import.meta.dirname, '../dist/src/cli/main.js'), ...args], { stdio: 'pipe' })
  marlstrom('train', id, '--episodes', String(episodes), '--seed', '1', '--out', run)
  marlstrom('export', run, '--format', 'page', '--out', folder)
  rmSync(run, { recursive: true, force: true })
}

/** An export in which nobody has learnt anything. */
async function scripted({ id }, { agents, script }) {
  const run = await createRun({ scenario: { id }, run: { seed: 1, threads: 1 } })
  const baseline = script === undefined ? 'random' : 'scripted'
  const identity = { scenario: id, algorithm: baseline, seed: 1, preset: run.config.run.preset, folder: null }
  const data = pageDataOf(
    { ...run, parts: run.parts.map(part => ({ ...part, baseline })) },
    initialSession(identity, 'playing', { agents }, null),
  )
  run.dispose()
  return pageFile(pageFolder(), { id }, { ...data, title: `${id}, ${baseline}` })
}

function textOf({ id, description, options }, game, episodes, scenarios) {
  const section = new RegExp(`^## ${id}$`, 'm').test(scenarios)
  const who =
    episodes > 0
      ? `The agents learnt with MADDPG for ${episodes.toLocaleString('en-US')} episodes while this site was built, as these commands do it:

\`\`\`sh
npx marlstrom train ${id} --episodes ${episodes} --seed 1 --out runs/${id}
npx marlstrom export runs/${id} --format page
\`\`\``
      : `It is played by ${game.script === undefined ? 'chance' : "the game's own controller"}, as in \`npx marlstrom watch ${id}\`.`
  const rows = Object.entries(options).map(
    ([name, option]) =>
      `| \`${name}\` | ${JSON.stringify(option.default)} | ${option.description.replaceAll('|', '\\|')} |`,
  )
  return `${description[0].toUpperCase()}${description.slice(1)}.

<iframe class="game" src="../play/${id}.html" title="${id}, to be played with" loading="lazy" allowfullscreen></iframe>

${who} *Control* lets others play a team, *Agent* takes an agent over by keys, the mouse drags what lies there.

${section ? `What agents see, do and want, and what is reached: [scenarios](../docs/scenarios.md#${id}).` : 'More games: [scenarios](../docs/scenarios.md).'}

Teams: ${[...new Set(game.agents.map(({ team }) => team))]
    .map(
      team =>
        `\`${team}\` (${game.agents
          .filter(agent => agent.team === team)
          .map(agent => `\`${agent.id}\``)
          .join(', ')})`,
    )
    .join('; ')}.

| option | default | meaning |
| --- | --- | --- |
${rows.join('\n')}
`
}
