// The public names of the package, read from the text of its entries: where each is declared, in which group of the entry, and what is said of it.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/**
 * What an entry exports, `export *` and `export * as` followed: `{ name, path, file, group, comment, source }` each. `name` is as its file exports it,
 * `path` as users reach it (`maddpgParts.fitCritic`), `group` the heading of the entry above it, `comment` the text before its declaration (null: none),
 * `source` the declaration's own text up to the next comment or declaration. Works on sources and on declarations (`.d.ts`).
 */
export function publicNames(entry) {
  return exportsOf(resolve(entry), '', null)
}

/** The headings of an entry in their order: comments of one line with an empty line before and after. */
export function groupsOf(entry) {
  return [...readFileSync(entry, 'utf8').matchAll(heading)].map(([, group]) => group)
}

const heading = /(?<=\n\n)\/\/ ([^\n]+)(?=\n\n)/g
const exported =
  /^export (?:(type )?\{([^}]*)\}(?: from '([^']+)')?|(?:type )?\* (?:as (\w+) )?from '([^']+)'|(?:declare )?(?:async )?(?:abstract )?(?:function|const|let|class|interface|type|enum) (\w+))/gm

function exportsOf(file, prefix, outer) {
  const text = readFileSync(file, 'utf8')
  const headings = [...text.matchAll(heading)]
  return [...text.matchAll(exported)].flatMap(match => {
    const [, , list, from, namespace, everything, declared] = match
    const group = outer ?? headings.findLast(({ index }) => index < match.index)?.[1] ?? null
    if (everything !== undefined) {
      const target = fileOf(file, everything)
      if (namespace === undefined) return exportsOf(target, prefix, group)
      const own = {
        name: namespace,
        path: prefix + namespace,
        file: target,
        group,
        source: '',
        comment: commentBefore(text, match.index),
      }
      return [own, ...exportsOf(target, `${prefix}${namespace}.`, group)]
    }
    if (declared !== undefined) return [found(declared, declared, file, prefix, group)]
    const target = from === undefined ? file : fileOf(file, from)
    return list
      .split(',')
      .map(each => each.trim().replace(/^type /, ''))
      .filter(each => each !== '')
      .map(each => each.split(' as '))
      .map(([inner, name = inner]) => found(inner, name, target, prefix, group))
  })
}

/** A declaration, or whatever a file gives on under its name. */
function found(inner, name, file, prefix, group) {
  const text = readFileSync(file, 'utf8')
  const at = declarationOf(inner).exec(text)
  if (at === null) {
    for (const [, list, from] of text.matchAll(/^(?:ex|im)port (?:type )?(?:\{([^}]*)\}|\*) from '(\.[^']+)'/gm)) {
      const listed = list?.split(',').some(each => each.trim().replace(/^type /, '') === inner)
      const target = fileOf(file, from)
      if (listed || (list === undefined && declarationOf(inner).test(readFileSync(target, 'utf8'))))
        return found(inner, name, target, prefix, group)
    }
    throw new Error(`${file}: no declaration of ${inner}`)
  }
  const comment = commentBefore(text, at.index)
  const rest = text.slice(at.index)
  return {
    name,
    path: prefix + name,
    file,
    group,
    comment,
    source: rest.slice(0, /\n(?=\/\*\*|export |function |const )/.exec(rest.slice(1))?.index ?? rest.length),
  }
}

/** The text of the comment right before a place, without its stars; null: there is none. */
function commentBefore(text, place) {
  const said = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n(?:\s*\/\/.*\n)*$/.exec(text.slice(0, place))?.[1]
  return said === undefined ? null : said.replace(/^\s*\* ?/gm, '').trim()
}

function declarationOf(name) {
  return new RegExp(
    `^(?:export )?(?:declare )?(?:async )?(?:abstract )?(?:function|const|let|class|interface|type|enum) ${name}\\b`,
    'm',
  )
}

function fileOf(from, specifier) {
  const path = resolve(dirname(from), specifier)
  const declarations = path.replace(/\.[tj]s$/, '.d.ts')
  return from.endsWith('.d.ts') && existsSync(declarations) ? declarations : path
}
