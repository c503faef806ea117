// Which agents share a line of a chart: agents whose numbers are always the same are drawn as one, and the legend says so.

/** One line of a chart and the agents whose numbers it is. */
export interface ChartCurve {
  readonly agents: readonly number[]
  readonly name: string
  /** The mean of agents whose numbers differ: of a team, where there are too many lines to tell apart. */
  readonly mean?: true
}

/** More lines than these nobody tells apart: then each team is one. */
export const LINES_MOST = 16
/** More agents than these are not listed by name. */
const NAMED_MOST = 3

/** What a line shows of a number per agent. */
export function drawnValue(
  { agents, mean }: ChartCurve,
  value: (agent: number) => number | null | undefined,
): number | null {
  if (!mean) return value(agents[0]!) ?? null
  let [sum, count] = [0, 0]
  for (const agent of agents) {
    const own = value(agent)
    if (typeof own !== 'number' || !Number.isFinite(own)) continue
    sum += own
    count++
  }
  return count === 0 ? null : sum / count
}

/** One line per team. */
export function teamCurves(teams: readonly string[]): ChartCurve[] {
  return [...new Set(teams)].map(team => {
    const agents = teams.flatMap((each, agent) => (each === team ? [agent] : []))
    return { agents, name: `${team}: mean of ${agents.length}`, mean: true }
  })
}

/** Remembers which agents have ever differed, so that lines do not merge again on a few equal numbers. */
export class Curves {
  /** Per agent, the first agent that it has equalled so far. */
  private leader: number[]
  private lines: ChartCurve[] | null = null

  /** `teams`: of the agents, in their order. */
  constructor(
    private readonly ids: readonly string[],
    private readonly teams: readonly string[] = ids.map(() => 'agent'),
  ) {
    this.leader = ids.map(() => 0)
  }

  /** Takes one number per agent. True when lines have parted, so that the chart must be made anew. */
  see(values: ArrayLike<number>): boolean {
    const leaders = new Map<string, number>()
    const next = this.leader.map((leader, agent) => {
      const key = `${leader}:${rounded(values[agent]!)}`
      if (!leaders.has(key)) leaders.set(key, agent)
      return leaders.get(key)!
    })
    const parted = next.some((leader, agent) => leader !== this.leader[agent])
    this.leader = next
    if (parted) this.lines = null
    return parted
  }

  /** The lines, in agent order. */
  list(): ChartCurve[] {
    if (this.lines !== null) return this.lines
    const groups = new Map<number, number[]>()
    this.leader.forEach((leader, agent) => {
      const group = groups.get(leader)
      if (group) group.push(agent)
      else groups.set(leader, [agent])
    })
    this.lines =
      groups.size > LINES_MOST
        ? teamCurves(this.teams)
        : [...groups.values()].map(agents => ({ agents, name: this.name(agents) }))
    return this.lines
  }

  private name(agents: readonly number[]): string {
    if (agents.length === 1) return this.ids[agents[0]!]!
    if (agents.length === this.ids.length) return `all ${agents.length} agents share one line: their numbers are equal`
    if (agents.length <= NAMED_MOST) return `${agents.map(agent => this.ids[agent]).join(', ')} (equal)`
    const teams = [...new Set(agents.map(agent => this.teams[agent]!))]
    const of = (team: string, all: readonly number[]) => all.filter(agent => this.teams[agent] === team).length
    const everybody = [...this.ids.keys()]
    return `${teams.map(team => `${of(team, agents)} of ${of(team, everybody)} ${team}`).join(', ')} (equal)`
  }
}

/** Sums in another order differ in the last digits only; that is no difference to the eye. */
function rounded(value: number): string {
  return value.toPrecision(5)
}
