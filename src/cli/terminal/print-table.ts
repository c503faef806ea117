// Tables of text, for a terminal or as Markdown.
import Table from 'cli-table3'
import pc from 'picocolors'
import { plainLine } from '../../text/plain-text.ts'

/** The first `labels` columns are words, the others numbers. */
export function tableText(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  labels: number,
  markdown: boolean,
): string {
  // Names of folders, agents and figures are of others; our own cells have no colours.
  return laidOut(
    head.map(plainLine),
    rows.map(row => row.map(plainLine)),
    labels,
    markdown,
  )
}

function laidOut(
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
  const blocks = Array.from({ length: Math.max(1, Math.ceil(rows.length / block)) }, (_, i) =>
    rows.slice(block * i, block * (i + 1)),
  )
  // Blocks are of one width; a single one finds its own.
  const widths = head.map(
    (name, i) => rows.reduce((width, row) => Math.max(width, widthOf(row[i]!)), widthOf(name)) + 2,
  )
  return blocks
    .flatMap((some, i) => {
      const table = new Table({
        head: i === 0 ? [...head] : [],
        colAligns: head.map((_, column) => (column < labels ? 'left' : 'right')),
        ...(blocks.length > 1 ? { colWidths: widths } : {}),
        style: { head: [], border: pc.isColorSupported ? ['dim'] : [], compact: true },
      })
      table.push(...some.map(row => [...row]))
      // Between two blocks is no border.
      return table
        .toString()
        .split('\n')
        .slice(i === 0 ? 0 : 1, i === blocks.length - 1 ? undefined : -1)
    })
    .join('\n')
}

/** Rows that are laid out at once: what that costs grows with the square of their number. */
const block = 100

/** Columns of a terminal that a text takes: Chinese, Japanese, Korean and pictures take two for each character. */
function widthOf(text: string): number {
  return (
    [...text].length +
    (text.match(/\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Extended_Pictographic}/gu)
      ?.length ?? 0)
  )
}
