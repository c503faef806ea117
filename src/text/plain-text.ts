// Text of others made harmless where it is printed: what a terminal would obey is shown instead.

/**
 * Control characters of ASCII and Latin-1, separators of lines and paragraphs, marks that turn the direction of writing, and halves of
 * characters. Line feeds and tabs are not among them.
 */
const obeyed =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** The colours of picocolors, and nothing that moves, hides or asks. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the beginning of an escape sequence
const colours = /\u001b\[(?:0|1|2|22|3[1-6]|39|90)m/g

/** Text with every character that a terminal would obey written out, `\u001b`, as JSON writes it; lines and tabs stay. */
export function plainText(text: string): string {
  return text.replace(obeyed, escaped)
}

/** The same for one line, a cell of a table: its line feeds and tabs are written out too. */
export function plainLine(text: string): string {
  return plainText(text).replace(/[\n\t]/g, escaped)
}

/** The same for text that is coloured already: where colours are shown, they stay. */
export function plainColoured(text: string, coloured: boolean): string {
  if (!coloured) return plainText(text)
  let plain = ''
  let end = 0
  for (const match of text.matchAll(colours)) {
    plain += plainText(text.slice(end, match.index)) + match[0]
    end = match.index + match[0].length
  }
  return plain + plainText(text.slice(end))
}

function escaped(character: string): string {
  if (character === '\n') return '\\n'
  if (character === '\t') return '\\t'
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
