// The pages as TypeDoc is given them: a copy of their tree with a title, a group and an address in front, and links that hold there.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { withLinks } from '../scripts/markdown-links.mjs'
import { addressOf } from './addresses.mjs'

/** Languages of code that TypeDoc colours. */
export const coloured = ['ts', 'js', 'sh', 'json', 'yaml', 'python', 'html', 'diff']

/** Sources that are shown as pages of their own, by ending: the language of their text. */
const languages = { ts: 'ts', py: 'python', mjs: 'js', patch: 'diff' }

/**
 * A tree of pages in `stage` that is filled from `root`. `pages`: files and groups, with their text where they are made for the site. Links to files that
 * are no page make pages of their own, and so do all files of `folders`; files that are no text are copied.
 */
export function stagePages(root, stage, pages, folders) {
  const staged = new Set()
  const known = new Set(pages.map(({ file }) => file))
  const waiting = [...pages]
  const sources = new Set()

  /** The address of a link's target within the staged tree; whatever it needs is staged, too. */
  const placeOf = (from, target) => {
    const [path, anchor = ''] = target.split(/(?=#)/)
    const file = normalize(join(dirname(from), path)).replace(/\/$/, '')
    const place = stageFile(file, from)
    return `${relative(dirname(from), place) || '.'}${anchor}`
  }
  const stageFile = (file, from) => {
    if (known.has(file)) return file
    if (!existsSync(join(root, file))) throw new Error(`${from}: a dead link to ${file}`)
    if (statSync(join(root, file)).isDirectory()) return folderPage(file)
    if (languages[file.split('.').at(-1)] !== undefined) return sourcePage(file)
    mkdirSync(dirname(join(stage, file)), { recursive: true })
    copyFileSync(join(root, file), join(stage, file))
    return file
  }
  const sourcePage = file => {
    const place = `${file}.md`
    if (sources.has(file)) return place
    sources.add(file)
    const text = readFileSync(join(root, file), 'utf8')
    const first = /^(?:\/\/|#) (.*)/.exec(text.replace(/^#!.*\n/, ''))?.[1]
    const code = `\`\`\`\`${languages[file.split('.').at(-1)]}\n${text}\`\`\`\`\n`
    waiting.push({ file: place, title: file, group: 'Sources', text: `${first ?? ''}\n\n${code}` })
    return place
  }
  const folderPage = folder => {
    const place = `${folder}/index.md`
    if (known.has(place)) return place
    known.add(place)
    const files = readdirSync(join(root, folder)).filter(name => /\.(ts|py)$/.test(name))
    const lines = files.map(name => `- [\`${name}\`](${name})`)
    waiting.push({ file: place, title: `${folder}/`, group: 'Sources', text: `${lines.join('\n')}\n` })
    return place
  }

  for (const folder of folders) folderPage(folder)
  while (waiting.length > 0) {
    const { file, group, title, text = readFileSync(join(root, file), 'utf8'), isHome = false } = waiting.shift()
    const heading = /^# (.*)\n/m.exec(text)
    const linked = withLinks(text, ({ kind, text: words, target, whole }) => {
      const place = placeOf(file, target)
      if (kind === 'img') return whole.replace(`"${target}"`, `"${place}"`)
      return `${kind === 'picture' ? '!' : ''}[${words}](${place})`
    })
    const body = plain(title === undefined ? linked.replace(/^# .*\n/m, '') : linked)
    const front = { title: title ?? heading?.[1].replaceAll('`', '') ?? file, group, address: addressOf(file) }
    const matter = Object.entries(front).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    mkdirSync(dirname(join(stage, file)), { recursive: true })
    writeFileSync(join(stage, file), isHome ? body : `---\n${matter.join('')}---\n\n${body}`)
    if (!isHome) staged.add(file)
  }
  return [...staged]
}

/** Headings without code, whose anchors are those of GitHub then; code in languages that are not coloured as text. */
function plain(text) {
  return text.replace(
    /^```([\w-]*)[^\n]*\n([\s\S]*?^```)|^(#{2,6}) (.*)$/gm,
    (whole, language, code, marks, heading) => {
      if (code !== undefined) return coloured.includes(language) ? whole : `\`\`\`text\n${code}`
      const words = heading.replace(/`([^`]*)`/g, (_, inner) => inner.replace(/[_*<[\]]/g, '\\$&'))
      return `${marks} ${words}`
    },
  )
}
