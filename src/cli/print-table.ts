// Tables of text, for a terminal or as Markdown.
import Table from 'cli-table3'
import pc from 'picocolors'

/** The first `labels` columns are words, the others numbers. */
export function tableText(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  labels: number,
  markdown: boolean,
): string {
  if (markdown) {
    const line = (cells: readonly string[]) => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
    const rule = head.map((_, i) => (i < labels ? '---' : '---:'))
    return [line(head), line(rule), ...rows.map(line)].join('\n')
  }
  const table = new Table({
    head: [...head],
    colAligns: head.map((_, i) => (i < labels ? 'left' : 'right')),
    style: { head: [], border: pc.isColorSupported ? ['dim'] : [], compact: true },
  })
  table.push(...rows.map(row => [...row]))
  return table.toString()
}
