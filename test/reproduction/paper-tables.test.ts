// The tables of the paper are complete: every run can be trained, every figure is measured, every row has all its cells.
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/random.ts'
import { paperRuns } from '../../src/reproduction/paper-runs.ts'
import { episodeSteps, paperTables, runsOf } from '../../src/reproduction/paper-tables.ts'
import { algorithms, games } from '../../src/run/run.ts'

const create = (name: string) => {
  const { id, ...options } = paperRuns[name]!.scenario as { id: string }
  return games[id]!.create(options)
}

describe.each(Object.values(paperTables))('$id', table => {
  const { sides, columns, rows } = table

  it('names runs that there are, of one scenario in each row', () => {
    expect(runsOf(table).filter(name => !Object.hasOwn(paperRuns, name))).toEqual([])
    for (const row of rows) {
      expect(new Set(runsOf({ ...table, rows: [row] }).map(name => create(name).id)).size).toBe(1)
      if (typeof row.players === 'string') continue
      const { agents } = create(runsOf({ ...table, rows: [row] })[0]!)
      expect(Object.keys(row.players).sort()).toEqual([...new Set(agents.map(({ team }) => team))].sort())
    }
  })

  it('has a cell for every side and a place for every figure of the paper', () => {
    for (const row of rows) {
      expect(row.sides.length).toBe(sides.length)
      if (row.paper !== undefined) expect(row.paper.length).toBe(columns.length)
    }
    expect(new Set(rows.map(row => row.sides.join())).size).toBe(rows.length)
  })

  it('shows what its scenarios measure, and says what it is', () => {
    for (const game of runsOf(table).map(create)) {
      game.reset(createRandom(1, 'tables'))
      const known = [...Object.keys(game.measure!()), ...game.agents.map(({ team }) => `return/${team}`)]
      expect(columns.map(({ figure }) => figure).filter(figure => !known.includes(figure))).toEqual([])
    }
    for (const { title, meaning } of columns) expect([title, meaning.length > 20]).toEqual([title, true])
  })
})

describe('the runs', () => {
  it.each(Object.entries(paperRuns))(
    '%s: scenario, algorithms and teams exist, episodes have their length',
    (_, settings) => {
      const { id, ...options } = settings.scenario as { id: string }
      const definition = games[id]!
      expect(definition.options.maxCycles!.default).toBe(episodeSteps)
      const teams = new Set(definition.create(options).agents.map(({ team }) => team))
      const players = Object.entries(settings.team ?? {})
      expect(players.filter(([team]) => !teams.has(team))).toEqual([])
      const used = [
        ...players.map(([, who]) => who),
        ...(settings.learner?.algorithm ? [settings.learner.algorithm] : []),
      ]
      expect(used.filter(who => !Object.hasOwn(algorithms, who as string))).toEqual([])
    },
  )

  it('play in some table', () => {
    const played = new Set(Object.values(paperTables).flatMap(runsOf))
    expect(Object.keys(paperRuns).filter(name => !played.has(name))).toEqual([])
  })
})
