// Plays every scenario with simple players and prints mean returns and figures as tables: node scripts/scenario-returns.mjs [episodes] [scenario ...]
// "scripted vs random": the row's team is scripted, its opponents act at random. "at the end": figures of last steps.
import { createParticleGame, createRandom, policiesOf, scenarios } from '../dist/src/index.js'

const [count = '1000', ...ids] = process.argv.slice(2)
const episodes = Number(count)

for (const id of ids.length > 0 ? ids : Object.keys(scenarios)) {
  const rows = ['mpe2', 'openai'].flatMap(rules => returnsOf(id, rules).map(row => [rules, ...row]))
  console.log(`\n${id}, ${episodes} episodes\n`)
  console.log(table(['rules', 'team', 'no-op', 'random', 'scripted', 'scripted vs random'], rows))
  const figures = ['mpe2', 'openai'].flatMap(rules => figuresOf(id, rules).map(row => [rules, ...row]))
  console.log(`\n${table(['rules', 'figure', 'no-op', 'random', 'scripted', 'scripted, at the end'], figures)}`)
}

/** Per team: its name and its mean return per agent and episode with each kind of player. */
function returnsOf(id, rules) {
  const { agents } = createParticleGame(scenarios[id], { rules })
  const teams = [...new Set(agents.map(agent => agent.team))]
  return teams.map(team => {
    const against = teams.length > 1 ? played(id, rules, 'random', { [team]: 'scripted' }).returns[team] : null
    const others = ['noop', 'random', 'scripted'].map(kind => played(id, rules, kind).returns[team])
    return [team, ...others.map(figure), against === null ? '' : figure(against)]
  })
}

/** Per figure of the scenario: its name, its mean over all steps with each kind of player, and over last steps. */
function figuresOf(id, rules) {
  const [idle, random, scripted] = ['noop', 'random', 'scripted'].map(kind => played(id, rules, kind))
  return Object.keys(scripted.steps).map(name => [
    name,
    ...[idle.steps, random.steps, scripted.steps, scripted.ends].map(means => means[name].toFixed(3)),
  ])
}

function played(id, rules, kind, special = {}) {
  const game = createParticleGame(scenarios[id], { rules })
  const policies = game.agents.map(({ team }, agent) => policiesOf(special[team] ?? kind, [game], 1)[agent])
  const actions = game.agents.map(({ actionSpace }) => {
    const columns = actionSpace.reduce((sum, part) => sum + part.size, 0)
    return { rows: 1, columns, data: new Float32Array(columns) }
  })
  const random = createRandom(1, 'returns', id)
  const [returns, steps, ends] = [{}, {}, {}]
  const sizes = {}
  for (const { team } of game.agents) sizes[team] = (sizes[team] ?? 0) + 1
  for (let episode = 0; episode < episodes; episode++) {
    game.reset(random)
    while (!game.truncated) {
      for (const [agent, policy] of policies.entries()) policy.act({ actions: actions[agent] })
      game.step(actions, 0)
      game.agents.forEach(({ team }, agent) => {
        returns[team] = (returns[team] ?? 0) + game.rewards[agent] / sizes[team] / episodes
      })
      for (const [name, value] of Object.entries(game.measure())) {
        steps[name] = (steps[name] ?? 0) + value / game.options.maxCycles / episodes
        if (game.truncated) ends[name] = (ends[name] ?? 0) + value / episodes
      }
    }
  }
  return { returns, steps, ends }
}

function figure(value) {
  return value.toFixed(1)
}

function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map(row => `| ${row.join(' | ')} |`).join('\n')
}
