// Which agents share a line of a chart: agents whose numbers are always the same are drawn as one, and the legend says so.

/** One line of a chart and the agents whose numbers it is. */
export interface Curve {
  readonly agents: readonly number[]
  readonly name: string
}

const LINES_MOST = 16

/** Remembers which agents have ever differed, so that lines do not merge again on a few equal numbers. */
export class Curves {
  /** Per agent, the first agent that it has equalled so far. */
  private leader: number[]
  private lines: Curve[] | null = null

  constructor(private readonly ids: readonly string[]) {
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
  list(): Curve[] {
    if (this.lines !== null) return this.lines
    const groups = new Map<number, number[]>()
    this.leader.forEach((leader, agent) => {
      const group = groups.get(leader)
      if (group) group.push(agent)
      else groups.set(leader, [agent])
    })
    // More lines than these nobody tells apart.
    this.lines = [...groups.values()].slice(0, LINES_MOST).map(agents => ({ agents, name: this.name(agents) }))
    return this.lines
  }

  private name(agents: readonly number[]): string {
    if (agents.length === 1) return this.ids[agents[0]!]!
    if (agents.length === this.ids.length) return `all ${agents.length} agents share one line: their numbers are equal`
    return `${agents.map(agent => this.ids[agent]).join(', ')} (equal)`
  }
}

/** Sums in another order differ in the last digits only; that is no difference to the eye. */
function rounded(value: number): string {
  return value.toPrecision(5)
}
