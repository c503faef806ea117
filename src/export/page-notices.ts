// The notices of the packages in a page that plays offline.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageFolder } from '../installation/package-folder.ts'

/** `files`: what the page is made of, absolute. Of a package without a notice: its name, version and license. */
export function pageNotices(files: readonly string[]): string {
  const own = packageFolder()
  const live = readFileSync(join(own, 'dist', 'viewer', 'licenses.md'), 'utf8')
  const folders = files
    .flatMap(file => /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+(?=[\\/])/.exec(file)?.[0] ?? [])
    .filter(folder => folder !== own)
  const license = readFileSync(join(own, 'LICENSE'), 'utf8')
  const notices = [
    ...live.split(/^(?=## )/m).slice(1),
    ...[...new Set(folders)].map(noticeOf),
    // That of the elementary functions stands in the package's own license.
    license.slice(license.indexOf('src/elementary/')),
  ]
  // By their headings: what the live page says of a package in short is said in full by the package.
  const byPackage = new Map(notices.map(notice => [notice.slice(0, notice.indexOf('\n')), notice.trim()]))
  return `${[...byPackage.values()].join('\n\n')}\n`
}

/** As vite writes those of the live page. */
function noticeOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find(entry => /^licen[cs]e/i.test(entry))
  const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim()
  return `## ${name} - ${version} (${license})\n\n${text}`
}
