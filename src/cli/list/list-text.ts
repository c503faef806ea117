// Tables of `marlstrom list`: every line fits a terminal of a hundred columns, and text that is longer goes on in the next line.
import Table from 'cli-table3'
import pc from 'picocolors'
import { actionSize } from '../../spaces.ts'
import { plainLine } from '../../text/plain-text.ts'
import type { AgentSpec } from '../../types.ts'

/** Columns of a terminal that a table takes at most. */
export const widest = 100
/** Letters that a column of names may have before it is broken. */
const widestNames = 36

/** A table with a title; its last column takes what the others leave. */
export function sectionText(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map(row => row.map(plainLine))
  const widths = head.map((_, column) => Math.max(...cells.map(row => row[column]!.length)))
  const named = widths.slice(0, -1).map(width => Math.min(width, widestNames))
  // Two blanks and a border for each column, and a border at the end.
  const left = widest - 1 - 3 * head.length - named.reduce((sum, width) => sum + width, 0)
  const fitting = [...named, Math.min(left, widths.at(-1)!)]
  const table = new Table({
    head: cells[0]!,
    colWidths: fitting.map(width => width + 2),
    style: { head: [], border: pc.isColorSupported ? ['dim'] : [], compact: true },
  })
  table.push(...cells.slice(1).map(row => row.map((cell, column) => wrapped(cell, fitting[column]!).join('\n'))))
  return `${pc.bold(plainLine(title))}\n${table.toString()}\n`
}

/** A text in lines of at most so many letters, broken between words where that is possible. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    let rest = word
    if (line !== '' && line.length + 1 + rest.length <= width) {
      line += ` ${rest}`
      continue
    }
    if (line !== '') lines.push(line)
    while (rest.length > width) {
      // Lists and records break after a comma.
      const comma = rest.lastIndexOf(',', width - 1)
      const at = comma > width / 2 ? comma + 1 : width
      lines.push(rest.slice(0, at))
      rest = rest.slice(at)
    }
    line = rest
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line]
}

/** One row for those of a team who see and act alike: team, ids, numbers that they see, how they act. */
export function agentRows(agents: readonly AgentSpec[]): string[][] {
  const kinds = new Map<string, { team: string; ids: string[]; sees: number; acts: string }>()
  for (const { id, team, observationSize, actionSpace } of agents) {
    const parts = actionSpace.map(part =>
      part.kind === 'choice'
        ? `${part.name}: one of ${part.size}`
        : `${part.name}: ${part.size} in ${part.low} ... ${part.high}`,
    )
    const acts = `${actionSize(actionSpace)} (${parts.join('; ')})`
    const key = JSON.stringify([team, observationSize, acts])
    const kind = kinds.get(key) ?? { team, ids: [], sees: observationSize, acts }
    kind.ids.push(id)
    kinds.set(key, kind)
  }
  return [...kinds.values()].map(({ team, ids, sees, acts }) => [team, namesText(ids), String(sees), acts])
}

/** All names where they are few, else the first two and the last. */
function namesText(ids: readonly string[]): string {
  return ids.length <= 4 ? ids.join(', ') : `${ids[0]}, ${ids[1]} ... ${ids.at(-1)} (${ids.length})`
}
