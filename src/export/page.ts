// One HTML file in which a run's actors play: the live page with its show within it.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FileError } from '../errors.ts'
import type { PageData } from '../offline/page-data.ts'
import { type GameSource, type PolicyFiles, pageScript } from './page-bundle.ts'
import { pageDocument } from './page-document.ts'

/**
 * The text of the file. `page`: the folder of the built live page.
 * @throws ConfigError where the scenario needs what no page has, FileError where the package is not built.
 */
export async function pageFile(
  page: string,
  source: GameSource,
  data: PageData,
  policies?: PolicyFiles,
): Promise<string> {
  const index = join(page, 'index.html')
  if (!existsSync(index)) throw new FileError(index, 'the page is not built; build it with: npm run build')
  const read = (...path: string[]) => readFileSync(join(...path), 'utf8')
  const styles = readdirSync(join(page, 'assets')).filter(name => name.endsWith('.css'))
  return pageDocument({
    title: data.title,
    html: read(index),
    styles: styles.map(name => read(page, 'assets', name)).join('\n'),
    icon: read(page, 'favicon.svg'),
    ...(await pageScript(source, data, policies)),
  })
}
