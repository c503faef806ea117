// Commands that are printed to be copied: every word stands for itself, whatever characters it has.

/** Controls, marks without a shape, and separators: they are written as bytes. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** A word that a shell reads as it is: in quotes where that needs any. For cmd and PowerShell on Windows, else for POSIX shells. */
export function shellQuoted(word: string, platform: NodeJS.Platform = process.platform): string {
  if (platform === 'win32') return /^[\w./\\:=,+@-]+$/.test(word) ? word : `"${word.replaceAll('"', '""')}"`
  if (/^[\w./:=,+@%-]+$/.test(word)) return word
  if (!unprintable.test(word)) return `'${word.replaceAll("'", "'\\''")}'`
  // Line feeds and the like would tear the command apart where it is printed; bash, zsh and ksh read them like this.
  const inner = word.replace(/[\\']/g, '\\$&').replace(new RegExp(unprintable, 'gu'), character => {
    const bytes = Buffer.from(character, 'utf8')
    return [...bytes].map(byte => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
  })
  // A digit after \xHH would be taken for a part of it by some shells.
  return `$'${inner.replace(/(\\x[0-9a-f]{2})(?=[0-9a-fA-F])/g, (byte: string) => `${byte}'$'`)}'`
}

/** `npx marlstrom ...` with these words. */
export function marlstromCommand(...words: readonly string[]): string {
  return ['npx', 'marlstrom', ...words.map(word => shellQuoted(word))].join(' ')
}
