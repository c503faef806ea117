// Names of teams, agents and games as names of files: they stay in their folder, on every system, and no two are one file.

/** Names that Windows keeps for devices, whatever their ending. */
const devices = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i
const longest = 100

/**
 * File names without an ending, in the order of the names: letters, digits, `_`, `-` and dots within; all else becomes `_`. A name that
 * needs no change keeps it; where two would be one file, also on systems that tell no capitals apart, the later one has a number: `-2`.
 */
export function safeFileNames(names: readonly string[]): string[] {
  const safe = names.map(safeFileName)
  const taken = new Set<string>()
  const files = new Array<string>(names.length)
  const claim = (index: number) => {
    let file = safe[index]!
    for (let n = 2; taken.has(file.toLowerCase()); n++) file = `${safe[index]}-${n}`
    taken.add(file.toLowerCase())
    files[index] = file
  }
  names.forEach((name, index) => {
    if (name === safe[index]) claim(index)
  })
  names.forEach((name, index) => {
    if (name !== safe[index]) claim(index)
  })
  return files
}

/** One such name, where there are no others beside it. */
export function safeFileName(name: string): string {
  const kept = name
    .replace(/[^\w.-]/gu, '_')
    .replace(/^[.]+|[.]+$/g, dots => '_'.repeat(dots.length))
    .slice(0, longest)
    .replace(/[.]+$/, '')
  return kept === '' ? '_' : devices.test(kept) ? `_${kept}` : kept
}
