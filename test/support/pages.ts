// Pages of docs as tests take them: their blocks of code, and what their programs say that they print.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../../docs')

export interface Block {
  readonly language: string
  readonly text: string
  /** The file that it is, as its first line says (`// tug.ts: ...`); null: it has no name. */
  readonly file: string | null
  /** Where its text begins in the page, from 1. */
  readonly line: number
}

/** The text of a page, `games.md`. */
export function pageText(page: string): string {
  return readFileSync(join(folder, page), 'utf8')
}

/** All blocks of a page in a language, in order. */
export function blocksOf(page: string, ...languages: readonly string[]): Block[] {
  const text = pageText(page)
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .map(({ index, 1: language, 2: code }) => ({
      language: language!,
      text: code!,
      file: /^(?:\/\/|#) ([\w./-]+\.\w+):/.exec(code!)?.[1] ?? null,
      line: text.slice(0, index).split('\n').length + 1,
    }))
    .filter(({ language }) => languages.includes(language))
}

/** What a program says that it prints: what stands behind each `console.log(...) //` and `// prints:`, in order. */
export function toldBy(program: string): string[] {
  return [...program.matchAll(/^(?:.*console\.log\(.*\) \/\/|\/\/ prints:) (.*)$/gm)].map(match => match[1]!)
}
