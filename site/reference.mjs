// TypeDoc as the site uses it: pages and the reference of both entries of the package in one, with one search over all.
import { join } from 'node:path'
import { Application, Comment, CommentTag, Converter, KindRouter, PageEvent, ReflectionKind } from 'typedoc'
import { groupsOf, publicNames } from '../scripts/public-names.mjs'
import { coloured } from './staging.mjs'

/** Pages have the address that they give themselves. */
class PageRouter extends KindRouter {
  getIdealBaseName(reflection) {
    return reflection.isDocument() ? reflection.frontmatter.address : super.getIdealBaseName(reflection)
  }
}

/**
 * Writes the site into `out`. `home`: the first page; `documents`: the others; `groups`: their order.
 * @throws Error where the sources cannot be read
 */
export async function writeSite({ root, stage, out, home, documents, groups, title, links }) {
  const entries = { marlstrom: join(root, 'src/index.ts'), 'marlstrom/tfjs': join(root, 'src/nn/tfjs/backend.ts') }
  const app = await Application.bootstrap({
    name: title,
    entryPoints: Object.values(entries),
    tsconfig: join(root, 'tsconfig.json'),
    basePath: stage,
    readme: home,
    projectDocuments: documents,
    router: 'pages',
    disableSources: true,
    disableGit: true,
    hideGenerator: true,
    includeHierarchySummary: false,
    githubPages: true,
    searchInComments: true,
    searchInDocuments: true,
    categorizeByGroup: false,
    categoryOrder: [...groupsOf(entries.marlstrom).map(shortName), '*'],
    groupOrder: [...groups, '*'],
    navigation: { includeCategories: true, includeGroups: true, includeFolders: false, excludeReferences: true },
    navigationLinks: links,
    headings: { readme: false, document: true },
    sort: ['source-order'],
    highlightLanguages: coloured,
    customCss: join(import.meta.dirname, 'site.css'),
    favicon: join(root, 'viewer/public/favicon.svg'),
    // Links are followed in what was written; what is said of public names is a test.
    validation: {
      notExported: false,
      invalidLink: true,
      invalidPath: false,
      notDocumented: false,
      rewrittenLink: false,
    },
    logLevel: 'Warn',
  })
  app.renderer.defineRouter('pages', PageRouter)
  // Links to the first page name its file: a folder is none where the site is read from a disk.
  app.renderer.on(PageEvent.END, page => {
    page.contents = page.contents?.replace(/ href="((?:\.\.?\/)+)(#[^"]*)?"/g, ' href="$1index.html$2"')
  })
  group(app, entries)
  const project = await app.convert()
  if (project === undefined) throw new Error('the sources cannot be read: see above')
  await app.generateDocs(project, out)
  if (app.logger.hasErrors()) throw new Error('the site was not written: see above')
}

/** Names the modules as they are imported, and puts each name of the first one into the group that it has in src/index.ts. */
function group(app, entries) {
  const groups = new Map(publicNames(entries.marlstrom).map(({ path, group }) => [path, group]))
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getChildrenByKind(ReflectionKind.Module)) {
      const isFirst = module.getChildByName('createRun') !== undefined
      module.name = Object.keys(entries)[isFirst ? 0 : 1]
      said(module, '@group', 'Reference')
      for (const child of isFirst ? (module.children ?? []) : []) {
        const group = groups.get(child.name)
        if (!group) continue
        // Of a function, its signatures carry what is said.
        for (const carrier of child.signatures ?? [child]) said(carrier, '@category', shortName(group))
      }
    }
  })
}

function said(reflection, tag, text) {
  reflection.comment ??= new Comment()
  reflection.comment.blockTags.push(new CommentTag(tag, [{ kind: 'text', text }]))
}

/** `Games: what is played` is listed as `Games`. */
function shortName(group) {
  return group.split(':')[0]
}
